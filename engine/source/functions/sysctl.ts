/** Salt's module `sysctl`, as far as it only looks. */
import { bind } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import { type FunctionModule, unavailable } from './context.ts';

const changes = 'a template only looks';

export const functions: FunctionModule = {
  // Salt: a setting that there is not is an empty text.
  get: (context, args, kwargs) => {
    const name = str(bind('sysctl.get', ['name!'], args, kwargs)[0]);
    // sysctl(8): with a slash in the name, dots belong to its parts.
    const path = name.includes('/') ? name : name.replaceAll('.', '/');
    if (path.split('/').includes('..')) return '';
    return context.host().content(`/proc/sys/${path}`)?.toString('utf8').trim() ?? '';
  },
  assign: unavailable('sysctl.assign', changes, 'a file below /etc/sysctl.d and a command that loads it'),
  persist: unavailable('sysctl.persist', changes, 'a file below /etc/sysctl.d and a command that loads it'),
};
