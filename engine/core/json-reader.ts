/** JSON as Python's json reads it: keys in order, 3.0 told from 3, large integers whole, NaN and Infinity known. */
import { type Dict, Float, floatOf, intOf, type Value } from './value.ts';

/** Text that is no JSON; the message says from which place on. */
export class JsonSyntax extends Error {
  readonly offset: number;
  constructor(message: string, offset = 0) {
    super(message);
    this.offset = offset;
  }
}

const pattern =
  /[ \t\n\r]*(?:([{}[\],:])|("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|(true|false|null|NaN|-?Infinity))/y;

/** Throws JsonSyntax. */
export function parseJson(text: string): Value {
  const token = new RegExp(pattern, 'y');
  let position = 0;
  const fail = (at = position): never => {
    const start = at + (/^[ \t\n\r]*/.exec(text.slice(at))?.[0].length ?? 0);
    const before = text.slice(0, start).split('\n');
    throw new JsonSyntax(
      start >= text.length
        ? 'The JSON text ends too early.'
        : `The text is no JSON at line ${before.length} column ${before.at(-1)!.length + 1}.`,
      start,
    );
  };
  const next = (): RegExpExecArray => {
    token.lastIndex = position;
    const found = token.exec(text);
    if (found === null) return fail();
    position = token.lastIndex;
    return found;
  };
  const unquoted = (quoted: string): string => {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return fail(position - quoted.length);
    }
  };
  const value = (found: RegExpExecArray, depth: number): Value => {
    if (depth > 900) throw new JsonSyntax('The JSON text is nested too deeply.');
    if (found[2] !== undefined) return unquoted(found[2]);
    if (found[3] !== undefined) {
      return /[.eE]/.test(found[3]) ? floatOf(Number(found[3])) : intOf(BigInt(found[3]));
    }
    if (found[4] !== undefined) return words[found[4]]!;
    if (found[1] === '[') return list(depth);
    if (found[1] === '{') return dict(depth);
    return fail(token.lastIndex - found[0].length);
  };
  const list = (depth: number): Value[] => {
    const made: Value[] = [];
    let found = next();
    if (found[1] === ']') return made;
    for (;;) {
      made.push(value(found, depth + 1));
      const end = next();
      if (end[1] === ']') return made;
      if (end[1] !== ',') fail(token.lastIndex - end[0].length);
      found = next();
    }
  };
  const dict = (depth: number): Dict => {
    const made: Dict = new Map();
    let found = next();
    if (found[1] === '}') return made;
    for (;;) {
      if (found[2] === undefined) fail(token.lastIndex - found[0].length);
      const key = unquoted(found[2]!);
      const colon = next();
      if (colon[1] !== ':') fail(token.lastIndex - colon[0].length);
      made.set(key, value(next(), depth + 1));
      const end = next();
      if (end[1] === '}') return made;
      if (end[1] !== ',') fail(token.lastIndex - end[0].length);
      found = next();
    }
  };
  const result = value(next(), 0);
  if (/[^ \t\n\r]/.test(text.slice(position))) fail();
  return result;
}

const words: { readonly [word: string]: Value } = {
  true: true,
  false: false,
  null: null,
  NaN: new Float(Number.NaN),
  Infinity: new Float(Number.POSITIVE_INFINITY),
  '-Infinity': new Float(Number.NEGATIVE_INFINITY),
};
