/** Salt's module `cp`: files of the file roots. */
import type { Source } from '../../core/host.ts';
import { bind } from '../jinja/arguments.ts';
import { digest } from '../jinja/filters-hash.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError } from '../jinja/values.ts';
import { type FunctionContext, type FunctionModule, unavailable } from './context.ts';

function find(context: FunctionContext, url: unknown): Source {
  const found = context.source(str(url));
  if ('missing' in found) throw new JinjaError(`${found.missing}.`, 'template-error', found.hint);
  return found;
}

function below(
  name: string,
): (context: FunctionContext, args: unknown[], kwargs: Record<string, unknown>) => string[] {
  return (context, args, kwargs) => {
    const [, prefix] = bind(`cp.${name}`, ['saltenv', 'prefix'], args, kwargs);
    const start = prefix === undefined || prefix === null ? '' : str(prefix);
    return [...context.names()].filter((path) => path.startsWith(start)).sort();
  };
}

const changes = 'a template only looks';

export const functions: FunctionModule = {
  get_file_str: (context, args, kwargs) =>
    find(context, bind('cp.get_file_str', ['path!', 'saltenv'], args, kwargs)[0]).content.toString('utf8'),
  hash_file: (context, args, kwargs) => {
    const { content } = find(context, bind('cp.hash_file', ['path!', 'saltenv'], args, kwargs)[0]);
    return new Map<unknown, unknown>([
      ['hsum', digest('sha256', content)],
      ['hash_type', 'sha256'],
    ]);
  },
  list_master: below('list_master'),
  list_minion: below('list_minion'),
  list_master_dirs: (context, args, kwargs) => {
    const names = below('list_master_dirs')(context, args, kwargs);
    const folders = names
      .filter((name) => name.includes('/'))
      .map((name) => name.slice(0, name.lastIndexOf('/')));
    return [...new Set(folders)].sort();
  },
  get_file: unavailable('cp.get_file', changes, 'the state file.managed'),
  cache_file: unavailable('cp.cache_file', changes, "salt['cp.get_file_str']"),
  get_url: unavailable('cp.get_url', changes, 'the state file.managed with a https source'),
};
