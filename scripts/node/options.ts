/** What the command line says, once the shell has taken its part. */
import { parseArgs } from 'node:util';
import { Trouble } from './trouble.ts';

const options = {
  domain: { type: 'string' },
  answers: { type: 'string' },
  first: { type: 'boolean' },
  test: { type: 'boolean' },
  yes: { type: 'boolean' },
  wait: { type: 'string' },
  // These were for the shell.
  source: { type: 'string' },
  sha256: { type: 'string' },
  without: { type: 'string', multiple: true },
} as const;

const meant: { readonly [verb: string]: readonly string[] } = {
  app: ['domain', 'answers', 'first', 'test', 'source', 'sha256', 'without'],
  db: ['domain', 'answers', 'first', 'test', 'source', 'sha256', 'without'],
  update: ['answers', 'first', 'yes', 'test', 'source', 'sha256'],
  decommission: ['yes', 'wait'],
  share: [],
};

export type Options = ReturnType<typeof read>['values'];

function read(args: string[]) {
  try {
    return parseArgs({ args, options, strict: true });
  } catch (error) {
    throw new Trouble((error as Error).message, './bootstrap.sh --help has all verbs and options.');
  }
}

export function readOptions(verb: string, args: readonly string[]): Options {
  const known = meant[verb];
  if (known === undefined) throw new Trouble(`There is no verb "${verb}".`);
  const { values } = read([...args]);
  const other = Object.keys(values).find((name) => !known.includes(name));
  if (other !== undefined) throw new Trouble(`"${verb}" knows no --${other}.`);
  return values;
}
