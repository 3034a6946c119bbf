/** Salt's module `user`, as far as it only looks. */
import { bind } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import type { FunctionContext, FunctionModule } from './context.ts';

/** Lines of /etc/passwd or /etc/group as fields. */
export function records(context: FunctionContext, path: string): string[][] {
  const text = context.host().content(path)?.toString('utf8') ?? '';
  return text
    .split('\n')
    .filter((line) => line.includes(':') && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function groupsOf(context: FunctionContext, name: string, gid: number | undefined): string[] {
  const groups = records(context, '/etc/group')
    .filter(([, , number, list]) => Number(number) === gid || (list ?? '').split(',').includes(name))
    .map(([group]) => group!);
  return [...new Set(groups)].sort();
}

function info(context: FunctionContext, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const name = str(bind('user.info', ['name!'], args, kwargs)[0]);
  const found = context.host().user(name);
  if (found === undefined) return new Map();
  const fields = records(context, '/etc/passwd').find(([login]) => login === found.name);
  const [fullname = '', room = '', work = '', home = ''] = (fields?.[4] ?? '').split(',');
  return new Map<unknown, unknown>([
    ['gid', found.gid],
    ['groups', groupsOf(context, found.name, found.gid)],
    ['home', found.home],
    ['name', found.name],
    ['passwd', fields?.[1] ?? 'x'],
    ['shell', found.shell],
    ['uid', found.uid],
    ['fullname', fullname],
    ['roomnumber', room],
    ['workphone', work],
    ['homephone', home],
    ['other', ''],
  ]);
}

export const functions: FunctionModule = {
  info,
  list_users: (context) =>
    records(context, '/etc/passwd')
      .map(([name]) => name!)
      .sort(),
  list_groups: (context, args) => {
    const name = str(bind('user.list_groups', ['name!'], args)[0]);
    return groupsOf(context, name, context.host().user(name)?.gid);
  },
  primary_group: (context, args) => {
    const found = context.host().user(str(bind('user.primary_group', ['name!'], args)[0]));
    return found === undefined ? '' : (context.host().group(found.gid)?.name ?? String(found.gid));
  },
};
