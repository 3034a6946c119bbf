/** Salt's module `test`. */
import { bind } from '../jinja/arguments.ts';
import { toTuple } from '../jinja/values.ts';
import type { FunctionModule } from './context.ts';

export const functions: FunctionModule = {
  ping: () => true,
  true: () => true,
  true_: () => true,
  false: () => false,
  false_: () => false,
  echo: (_context, args, kwargs) => bind('test.echo', ['text!'], args, kwargs)[0],
  arg: (_context, args, kwargs) =>
    new Map<unknown, unknown>([
      ['args', toTuple(args)],
      ['kwargs', new Map(Object.entries(kwargs))],
    ]),
  kwarg: (_context, _args, kwargs) => new Map(Object.entries(kwargs)),
  // Templates ask for the version to choose between ways of writing; ours are those of this release.
  version: () => '3007.0',
};
