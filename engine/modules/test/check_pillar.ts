/** test.check_pillar: fails unless pillar values are there and of the right kind. */
import type { Schema } from '../../core/schema.ts';
import { defineState } from '../../core/state.ts';
import { Float, isDict, toPlain, type Value } from '../../core/value.ts';
import { watchFired } from './_pretend.ts';

function keys(description: string) {
  return { type: ['string', 'array'], items: { type: 'string' }, description } as const satisfies Schema;
}

const kinds: { readonly [argument: string]: readonly [string, (value: Value) => boolean] } = {
  present: ['present', () => true],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  integer: ['an integer', (value) => typeof value === 'bigint' || Number.isInteger(value)],
  string: ['a string', (value) => typeof value === 'string'],
  listing: ['a list', (value) => Array.isArray(value)],
  dictionary: ['a dictionary', isDict],
};

export default defineState({
  summary: 'the pillar holds these values, each of its kind',
  description: 'Keys are colon paths, such as `haproxy:port`. It looks only, in a dry run as in a real one.',
  properties: {
    present: keys('Keys that must be there, whatever they hold.'),
    boolean: keys('Keys that must hold true or false.'),
    integer: keys('Keys that must hold an integer.'),
    string: keys('Keys that must hold text.'),
    listing: keys('Keys that must hold a list.'),
    dictionary: keys('Keys that must hold a dictionary.'),
    verbose: {
      type: 'boolean',
      default: false,
      description: 'Whether a complaint also shows what was found.',
    },
  },
  examples: [
    {
      title: 'what the rest of the tree relies on',
      sls: `pillar-is-complete:
  test.check_pillar:
    - present:
        - app:domain
    - integer: app:port
`,
      pillar: { app: { domain: 'example.org', port: 8080 } },
    },
  ],
  read(args, reader) {
    const found = new Map<string, Value | undefined>();
    for (const key of asked(args).map(([, name]) => name)) found.set(key, reader.pillar(key));
    return found;
  },
  plan(args, now) {
    const complaints: string[] = [];
    for (const [argument, key] of asked(args)) {
      const value = now.get(key);
      const [kind, matches] = kinds[argument]!;
      if (value === undefined) complaints.push(`The pillar has no "${key}".`);
      else if (!matches(value)) {
        const shown = args.verbose ? `: ${JSON.stringify(toPlain(value))}` : '';
        complaints.push(`Pillar "${key}" is ${kindOf(value)}, not ${kind}${shown}.`);
      }
    }
    if (complaints.length > 0) return { refused: [...new Set(complaints)].join(' '), certain: true };
    return { steps: [], comment: 'The pillar holds all that was asked for.' };
  },
  react: watchFired,
});

function asked(args: object): readonly (readonly [string, string])[] {
  const told: { readonly [argument: string]: unknown } = { ...args };
  return Object.keys(kinds).flatMap((argument) =>
    [told[argument] ?? []].flat().map((key) => [argument, String(key)] as const),
  );
}

function kindOf(value: Value): string {
  if (value === null) return 'empty';
  if (value instanceof Float) return 'a float';
  for (const [argument, [kind, matches]] of Object.entries(kinds)) {
    if (argument !== 'present' && matches(value)) return kind;
  }
  return 'a number';
}
