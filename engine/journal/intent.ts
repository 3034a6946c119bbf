/** Digests of what states ask for: they tell whether it is the same as before, and nothing of what it is. */
import type { Runnable } from '../core/chunk.ts';
import type { SourceEntry } from '../core/host.ts';

/** What a state took from elsewhere: bytes, a rendered text, the entries of a folder. */
export type Input = Buffer | string | readonly SourceEntry[];

/** By where that lies. */
export type Inputs = ReadonlyMap<string, Input>;

/** Beyond so many (a folder of thousands of files) they are told apart as a whole. */
const most = 32;

export interface Digester {
  intent(runnable: Runnable): string;
  inputs(inputs: Inputs): { readonly [source: string]: string };
}

/** Keyed by the node: an argument may be a password that is easily guessed. */
export function createDigester(key: Buffer): Digester {
  // Slow to load: only where something is to be compared or kept.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  function digest(content: Buffer | string, length: number): string {
    return createHmac('sha256', key).update(content).digest('base64url').slice(0, length);
  }
  return {
    intent: (runnable) => digest(intentText(runnable), 16),
    inputs(inputs) {
      const all = [...inputs].map(([url, content]): [string, string] => {
        const bytes = typeof content === 'string' || Buffer.isBuffer(content) ? content : textOf(content);
        return [digest(url, 8), digest(bytes, 16)];
      });
      if (all.length <= most) return Object.fromEntries(all);
      const together = all
        .map(([url, content]) => url + content)
        .sort()
        .join('');
      return { all: digest(together, 16) };
    },
  };
}

/** All that its author decides about a state, but for when and whether it runs. */
export function intentText({ chunk, args }: Runnable): string {
  return `${chunk.state}.${chunk.fun}\0${textOf(args)}`;
}

/**
 * One number for all that a run asks for, made without cryptography, which takes longer to load than a small run takes.
 * Two multiplications in the manner of MurmurHash3 for each character, on two lanes that begin with the key.
 */
export class RunDigest {
  #high: number;
  #low: number;

  constructor(key: Buffer) {
    this.#high = key.readInt32LE(0);
    this.#low = key.readInt32LE(4);
  }

  add(text: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      high = Math.imul(high ^ code, 0x9e3779b1);
      low = Math.imul(low ^ code, 0x5f356495);
      high ^= high >>> 15;
      low ^= low >>> 13;
    }
    // The end of a text counts: "ab", "c" is not "a", "bc".
    this.#high = Math.imul(high ^ 0x10000, 0x9e3779b1);
    this.#low = Math.imul(low ^ 0x10000, 0x5f356495);
  }

  toString(): string {
    return [this.#high, this.#low].map((lane) => (lane >>> 0).toString(36)).join('-');
  }
}

/** Different values have different texts: 1 is not '1', and no text can look like two. */
export function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `${value.length}'${value}`;
    case 'object':
      break;
    default:
      return `${value};`;
  }
  if (value === null) return '~';
  if (Array.isArray(value)) return `[${value.map(textOf).join('')}]`;
  if (value instanceof Map) {
    let text = '(';
    for (const [key, member] of value) text += textOf(key) + textOf(member);
    return `${text})`;
  }
  // A number that is boxed because it is a float.
  if ('toJSON' in value) return `.${String(value)};`;
  let text = '{';
  for (const key of Object.keys(value).sort())
    text += textOf(key) + textOf((value as { [key: string]: unknown })[key]);
  return `${text}}`;
}
