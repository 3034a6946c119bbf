/** Salt's module `file`, as far as it only looks. */
import type { Stat } from '../../core/host.ts';
import { bind, boolArg } from '../jinja/arguments.ts';
import { digest } from '../jinja/filters-hash.ts';
import { normalPath, templateRegex } from '../jinja/filters-salt.ts';
import { float } from '../jinja/kinds.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import { type FunctionContext, type FunctionModule, unavailable } from './context.ts';

function pathArg(name: string, args: unknown[], kwargs: Keywords): string {
  return str(bind(`file.${name}`, ['path!', 'follow_symlinks'], args, kwargs)[0]);
}

/** What is at the path, links followed. */
function stat(context: FunctionContext, path: string): Stat | undefined {
  const host = context.host();
  return host.stat(host.resolve(path));
}

function must(context: FunctionContext, path: string): Stat {
  const found = stat(context, path);
  if (found === undefined) throw new JinjaError(`There is no file ${path}.`);
  return found;
}

function text(context: FunctionContext, name: string, path: string): string {
  if (!path.startsWith('/')) throw new JinjaError(`file.${name} needs an absolute path, not "${path}".`);
  const content = context.host().content(path);
  if (content === undefined) throw new JinjaError(`There is no file ${path}.`);
  return content.toString('utf8');
}

function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

const KINDS = {
  file: 'file',
  directory: 'dir',
  link: 'link',
  fifo: 'pipe',
  socket: 'socket',
  block: 'block',
  char: 'char',
};

function stats(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [name, , follow] = bind('file.stats', ['path!', 'hash_type', 'follow_symlinks'], args, kwargs);
  const path = str(name);
  const host = context.host();
  const found = boolArg(follow, true) ? must(context, path) : host.stat(path);
  if (found === undefined) throw new JinjaError(`There is no file ${path}.`);
  return new Map<unknown, unknown>([
    ['inode', found.inode],
    ['uid', found.uid],
    ['gid', found.gid],
    ['group', host.group(found.gid)?.name ?? String(found.gid)],
    ['user', host.user(found.uid)?.name ?? String(found.uid)],
    ['atime', float(found.atime / 1000)],
    ['mtime', float(found.mtime / 1000)],
    ['size', found.size],
    ['mode', modeText(found.mode)],
    ['type', KINDS[found.kind]],
    ['target', host.resolve(path)],
  ]);
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/+$/.test(head) ? head : head.replace(/\/+$/, '');
}

function join(args: unknown[]): string {
  let path = '';
  for (const part of args.map((one) => str(one))) {
    if (part.startsWith('/')) path = part;
    else path = path === '' || path.endsWith('/') ? path + part : `${path}/${part}`;
  }
  return path;
}

function readlink(context: FunctionContext, args: unknown[], kwargs: Keywords): string {
  const [name, canonicalize] = bind('file.readlink', ['path!', 'canonicalize'], args, kwargs);
  const path = str(name);
  const target = context.host().link(path);
  if (target === undefined) throw new JinjaError(`A valid link was not specified: ${path}`);
  return boolArg(canonicalize, false) ? context.host().resolve(path) : target;
}

/** Salt: file.grep answers like a command, with `retcode`, `stdout` and `stderr`. */
function grep(context: FunctionContext, args: unknown[]): unknown {
  const [path, pattern, ...options] = args.map((one) => str(one));
  if (path === undefined || pattern === undefined)
    throw new JinjaError('file.grep needs a path and a pattern.');
  if (options.some((option) => option !== '-i' && option !== '-E' && option !== '-v')) {
    throw new JinjaError(
      'file.grep knows the options -i, -E and -v.',
      'template-error',
      "Use salt['cmd.run']('grep …').",
    );
  }
  const regex = templateRegex(pattern, { ignoreCase: options.includes('-i') });
  const wanted = !options.includes('-v');
  const lines = text(context, 'grep', path)
    .split('\n')
    .filter((line, index, all) => (line !== '' || index < all.length - 1) && regex.test(line) === wanted);
  return new Map<unknown, unknown>([
    ['retcode', lines.length > 0 ? 0 : 1],
    ['stdout', lines.join('\n')],
    ['stderr', ''],
  ]);
}

function search(name: string, perLine: boolean, literal: boolean) {
  return (context: FunctionContext, args: unknown[], kwargs: Keywords): boolean => {
    const names = ['path!', 'pattern!', 'flags', 'bufsize', 'ignore_if_missing', 'multiline'];
    const [path, pattern, , , ignore] = bind(`file.${name}`, names, args, kwargs);
    if (stat(context, str(path)) === undefined && (name !== 'search' || boolArg(ignore, false))) return false;
    const content = text(context, name, str(path));
    if (literal) return content.includes(str(pattern));
    if (!perLine) return templateRegex(pattern, { multiline: true }).test(content);
    const regex = templateRegex(pattern, {});
    return content.split('\n').some((line) => regex.test(line));
  };
}

function getHash(context: FunctionContext, args: unknown[], kwargs: Keywords): string {
  const [path, form] = bind('file.get_hash', ['path!', 'form', 'chunk_size'], args, kwargs);
  const content = context.host().content(str(path));
  if (content === undefined) throw new JinjaError(`There is no file ${str(path)}.`);
  return digest(str(form ?? 'sha256'), content);
}

function names(name: string): (context: FunctionContext, args: unknown[], kwargs: Keywords) => unknown {
  return (context, args, kwargs) => {
    const path = pathArg(name, args, kwargs);
    const list = context.host().list(path);
    if (list === undefined) throw new JinjaError(`${path} is no directory.`);
    return ['.', '..', ...list];
  };
}

const changes = 'a template only looks';

export const functions: FunctionModule = {
  file_exists: (context, args, kwargs) =>
    stat(context, pathArg('file_exists', args, kwargs))?.kind === 'file',
  directory_exists: (context, args, kwargs) =>
    stat(context, pathArg('directory_exists', args, kwargs))?.kind === 'directory',
  exists: (context, args, kwargs) => stat(context, pathArg('exists', args, kwargs)) !== undefined,
  is_link: (context, args, kwargs) => context.host().stat(pathArg('is_link', args, kwargs))?.kind === 'link',
  is_fifo: (context, args, kwargs) => stat(context, pathArg('is_fifo', args, kwargs))?.kind === 'fifo',
  is_blkdev: (context, args, kwargs) => stat(context, pathArg('is_blkdev', args, kwargs))?.kind === 'block',
  is_chrdev: (context, args, kwargs) => stat(context, pathArg('is_chrdev', args, kwargs))?.kind === 'char',
  read: (context, args, kwargs) =>
    text(context, 'read', str(bind('file.read', ['path!', 'binary'], args, kwargs)[0])),
  basename: (_context, args) => {
    const path = str(bind('file.basename', ['path!'], args)[0]);
    return path.slice(path.lastIndexOf('/') + 1);
  },
  dirname: (_context, args) => dirname(str(bind('file.dirname', ['path!'], args)[0])),
  join: (_context, args) => join(args),
  normpath: (_context, args) => normalPath(str(bind('file.normpath', ['path!'], args)[0])),
  readlink,
  stats,
  get_mode: (context, args, kwargs) => modeText(must(context, pathArg('get_mode', args, kwargs)).mode),
  get_uid: (context, args, kwargs) => must(context, pathArg('get_uid', args, kwargs)).uid,
  get_gid: (context, args, kwargs) => must(context, pathArg('get_gid', args, kwargs)).gid,
  get_user: (context, args, kwargs) => {
    const { uid } = must(context, pathArg('get_user', args, kwargs));
    return context.host().user(uid)?.name ?? String(uid);
  },
  get_group: (context, args, kwargs) => {
    const { gid } = must(context, pathArg('get_group', args, kwargs));
    return context.host().group(gid)?.name ?? String(gid);
  },
  grep,
  search: search('search', false, false),
  contains: search('contains', false, true),
  contains_regex: search('contains_regex', true, false),
  get_hash: getHash,
  get_sum: getHash,
  readdir: names('readdir'),
  find: unavailable('file.find', changes, "salt['cmd.run']('find …')"),
  write: unavailable('file.write', changes, 'the state file.managed'),
  append: unavailable('file.append', changes, 'the state file.append'),
  touch: unavailable('file.touch', changes, 'the state file.touch'),
  remove: unavailable('file.remove', changes, 'the state file.absent'),
  mkdir: unavailable('file.mkdir', changes, 'the state file.directory'),
};
