/** Salt's module `group`, as far as it only looks. */
import { bind } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import type { FunctionModule } from './context.ts';
import { records } from './user.ts';

export const functions: FunctionModule = {
  info: (context, args, kwargs) => {
    const found = context.host().group(str(bind('group.info', ['name!'], args, kwargs)[0]));
    if (found === undefined) return new Map();
    return new Map<unknown, unknown>([
      ['name', found.name],
      ['passwd', 'x'],
      ['gid', found.gid],
      ['members', [...found.members]],
    ]);
  },
  getent: (context) =>
    records(context, '/etc/group').map(
      ([name, passwd, gid, members]) =>
        new Map<unknown, unknown>([
          ['name', name],
          ['passwd', passwd],
          ['gid', Number(gid)],
          ['members', (members ?? '').split(',').filter((member) => member !== '')],
        ]),
    ),
};
