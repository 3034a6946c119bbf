/** Digests of what states ask for: they tell whether it is the same as before, and nothing of what it is. */
import type { Runnable, RunOrder } from '../core/chunk.ts';
import type { SourceEntry } from '../core/host.ts';
import { keyedHash } from '../core/keyed-hash.ts';

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
  const digest = (content: Buffer | string, length: number) => hmac(key, content, length);
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

function hmac(key: Buffer, content: Buffer | string, length: number): string {
  // Slow to load: only where something is to be compared or kept.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  return createHmac('sha256', key).update(content).digest('base64url').slice(0, length);
}

/** All that its author decides about a state, but for when and whether it runs. */
export function intentText({ chunk, args }: Runnable): string {
  return `${chunk.state}.${chunk.fun}\0${textOf(args)}`;
}

/**
 * One digest for all that a run asks for, from the SLS files as they were rendered: quick, as every run has to make it.
 * A CRC tells one version of a file from the next, and is all that is hashed with the key.
 */
export function runDigest({ files = [] }: RunOrder, circumstances: string, key: Buffer): string {
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const sums = files.map(({ name, text = '' }) => `${name} ${text.length} ${crc32(text)}`);
  return keyedHash(key, [circumstances, ...sums].join('\n'));
}

/** Different values have different texts: 1 is not '1', and no text can look like two. */
export function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `${value.length}'${value}'`;
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
