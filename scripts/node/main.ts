/** What bootstrap.sh does on a node once its engine is installed. */
import { decommission } from './decommission.ts';
import { type Options, readOptions } from './options.ts';
import { setUp } from './set-up.ts';
import { share } from './share.ts';
import { Trouble } from './trouble.ts';
import { update } from './update.ts';

const verbs: { readonly [verb: string]: (options: Options) => number | Promise<number> } = {
  app: (options) => setUp('app', options),
  db: (options) => setUp('db', options),
  update,
  decommission,
  share,
};

const [verb = '', ...args] = process.argv.slice(2);
try {
  process.exitCode = await verbs[verb]!(readOptions(verb, args));
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  process.stderr.write(`error: ${error.message}\n${error.hints.map((hint) => `  ${hint}\n`).join('')}`);
  process.exitCode = 1;
}
