/** Salt's module `environ`. */
import { bind } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { str } from '../jinja/printing.ts';
import { type FunctionModule, unavailable } from './context.ts';

export const functions: FunctionModule = {
  get: (context, args, kwargs) => {
    const [key, usual] = bind('environ.get', ['key!', 'default'], args, kwargs);
    return context.host().environment()[str(key)] ?? usual ?? '';
  },
  has_value: (context, args, kwargs) => {
    const [key, value] = bind('environ.has_value', ['key!', 'value'], args, kwargs);
    const found = context.host().environment()[str(key)];
    return value === undefined || value === null ? found !== undefined : found === str(value);
  },
  item: (context, args, kwargs) => {
    const [keys, usual] = bind('environ.item', ['keys!', 'default'], args, kwargs);
    const environment = context.host().environment();
    const names = typeof keys === 'string' ? [keys] : members(keys);
    return new Map(names.map((name) => [name, environment[str(name)] ?? usual ?? '']));
  },
  items: (context) => {
    const known = Object.entries(context.host().environment()).filter(([, value]) => value !== undefined);
    return new Map<unknown, unknown>(known);
  },
  setval: unavailable('environ.setval', 'a template only looks', 'the state environ.setenv'),
};
