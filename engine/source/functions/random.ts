/** Salt's module `random`: drawn from the node's ID and the arguments, so that every run draws the same. */
import { bind, boolArg, intArg } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { digest, drawn, shuffled } from '../jinja/filters-hash.ts';
import { repr, str } from '../jinja/printing.ts';
import { JinjaError } from '../jinja/values.ts';
import { type FunctionModule, unavailable } from './context.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const WHITESPACE = ' \t\n\r\v\f';

function getStr(id: string, args: unknown[], kwargs: Record<string, unknown>): string {
  const names = [
    'length',
    'chars',
    'lowercase',
    'uppercase',
    'digits',
    'punctuation',
    'whitespace',
    'printable',
  ];
  const [size, chars, lower, upper, digits, punctuation, whitespace] = bind(
    'random.get_str',
    names,
    args,
    kwargs,
  );
  const count = intArg('random.get_str', size, 20);
  if (count < 1) throw new JinjaError('The length must be at least 1');
  let alphabet = chars === undefined || chars === null ? '' : str(chars);
  if (alphabet === '') {
    if (boolArg(lower, true)) alphabet += LOWER;
    if (boolArg(upper, true)) alphabet += UPPER;
    if (boolArg(digits, true)) alphabet += DIGITS;
    if (boolArg(punctuation, true)) alphabet += PUNCTUATION;
    if (boolArg(whitespace, false)) alphabet += WHITESPACE;
  }
  if (alphabet === '') throw new JinjaError('random.get_str has no characters to choose from.');
  const seed = `${id}\0${repr(args)}${repr(new Map(Object.entries(kwargs)))}`;
  return Array.from(
    { length: count },
    (_, index) => alphabet[drawn(alphabet.length, seed, String(index))],
  ).join('');
}

export const functions: FunctionModule = {
  get_str: (context, args, kwargs) => getStr(context.id, args, kwargs),
  rand_int: (context, args, kwargs) => {
    const [start, end, seed] = bind('random.rand_int', ['start', 'end', 'seed'], args, kwargs);
    const low = intArg('random.rand_int', start, 1);
    const high = intArg('random.rand_int', end, 10);
    if (high < low) throw new JinjaError(`empty range for rand_int (${low}, ${high})`);
    return low + drawn(high - low + 1, seed === undefined || seed === null ? context.id : repr(seed), 'int');
  },
  // Salt: this one is seeded by the ID of the node there too.
  seed: (context, args, kwargs) => {
    const [range, hash] = bind('random.seed', ['range', 'hash'], args, kwargs);
    const words = hash === undefined || hash === null ? context.id : str(hash);
    return drawn(intArg('random.seed', range, 10), words, 'seed');
  },
  hash: (_context, args, kwargs) => {
    const [value, algorithm] = bind('random.hash', ['value!', 'algorithm'], args, kwargs);
    return digest(str(algorithm ?? 'sha512'), str(value));
  },
  str_encode: (_context, args, kwargs) => {
    const [value, encoder] = bind('random.str_encode', ['value!', 'encoder'], args, kwargs);
    const way = str(encoder ?? 'base64');
    if (way !== 'base64' && way !== 'hex')
      throw new JinjaError(`random.str_encode knows base64 and hex, not ${way}.`);
    return Buffer.from(str(value), 'utf8').toString(way);
  },
  shuffle: (context, args, kwargs) => {
    const [list, seed] = bind('random.shuffle', ['value!', 'seed'], args, kwargs);
    return shuffled(members(list), seed === undefined || seed === null ? context.id : repr(seed));
  },
  sample: (context, args, kwargs) => {
    const [list, size, seed] = bind('random.sample', ['value!', 'size!', 'seed'], args, kwargs);
    const words = seed === undefined || seed === null ? context.id : repr(seed);
    return shuffled(members(list), words).slice(0, intArg('random.sample', size, 0));
  },
  shadow_hash: unavailable(
    'random.shadow_hash',
    'it needs a fresh salt on every call',
    'a hash from the pillar',
  ),
};
