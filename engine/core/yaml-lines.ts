/** The lines a YAML text grows by: where they are broken, and what stands before what, by the rules of libyaml's emitter. */
import { escaped, isBreak, mustEscape } from './yaml-styles.ts';

const blankOrBreak = /[ \n\r\x85\u2028\u2029]/;

export class Lines {
  readonly #width: number;
  readonly #unicode: boolean;
  text = '';
  column = 0;
  /** The last thing written was a blank, or a line just began. */
  blank = true;
  /** Nothing but indentation and indicators such as `- ` stand in the line so far. */
  indention = true;

  constructor({ width, unicode }: { readonly width: number; readonly unicode: boolean }) {
    this.#width = width;
    this.#unicode = unicode;
  }

  get full(): boolean {
    return this.column > this.#width;
  }

  /** Plain and single-quoted text: a lone space beyond the width becomes a line break, a newline becomes two. */
  folded(text: string, indent: number, mayFold: boolean, quoted: boolean): void {
    if (!blankOrBreak.test(text)) {
      this.put(text);
      return;
    }
    let breaks = false;
    const last = text.length - 1;
    for (let at = 0; at <= last; at++) {
      const character = text[at]!;
      if (character === ' ') {
        const lone = text[at - 1] !== ' ' && text[at + 1] !== ' ';
        const inside = !quoted || (at > 0 && at < last);
        if (mayFold && lone && inside && this.full) this.newLine(indent);
        else this.put(' ');
      } else if (isBreak(character)) {
        if (!breaks && character === '\n') this.lineBreak('\n');
        this.lineBreak(character);
        this.indention = true;
        breaks = true;
        continue;
      } else {
        if (breaks) this.newLine(indent);
        this.put(character);
        this.indention = false;
      }
      breaks = false;
    }
    // Text that ends in a newline is never plain; between quotes the closing one stands on a line of its own.
    if (breaks) this.newLine(indent);
  }

  doubleQuoted(text: string, indent: number, mayFold: boolean): void {
    const characters = [...text];
    let spaces = false;
    for (const [index, character] of characters.entries()) {
      if (mustEscape(character, this.#unicode)) {
        this.put(escaped(character));
        spaces = false;
      } else if (character === ' ') {
        const inside = index > 0 && index < characters.length - 1;
        if (mayFold && !spaces && inside && this.full) {
          this.newLine(indent);
          if (characters[index + 1] === ' ') this.put('\\');
        } else this.put(' ');
        spaces = true;
      } else {
        this.put(character);
        spaces = false;
      }
    }
  }

  put(text: string): void {
    this.text += text;
    this.column += text.length === 1 ? 1 : [...text].length;
  }

  lineBreak(character: string): void {
    this.text += character;
    this.column = 0;
    this.blank = true;
  }

  indicator(text: string, needsBlank: boolean, keepsIndention = false): void {
    if (needsBlank && !this.blank) this.put(' ');
    this.put(text);
    this.blank = false;
    this.indention = this.indention && keepsIndention;
  }

  /** Begins a line at a column, unless the line holds nothing beyond indicators and has not come so far. */
  newLine(indent: number): void {
    const begun = this.column > indent || (this.column === indent && !this.blank);
    if (!this.indention || begun) {
      // `- ` right before a nested list or mapping leaves its blank to the indentation.
      if (this.text !== '') this.lineBreak('\n');
    }
    if (this.column < indent) this.put(' '.repeat(indent - this.column));
    this.blank = true;
    this.indention = true;
  }
}
