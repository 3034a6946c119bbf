/** Template source to the JavaScript that renders it. Only loaded for templates that are not in the cache. */
import { generate } from './generate.ts';
import { type LexerOptions, SyntaxTrouble } from './lexer.ts';
import { parse } from './parser.ts';

export { SyntaxTrouble };

/** Throws SyntaxTrouble. */
export function compile(text: string, options: LexerOptions): string {
  try {
    return generate(parse(text, options));
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxTrouble('The template is nested too deeply.', 0);
    throw error;
  }
}
