/** Salt's module `timezone`, as far as it only looks. */
import { type FunctionContext, type FunctionModule, unavailable } from './context.ts';

function zone(context: FunctionContext): string {
  const host = context.host();
  const linked = host.link('/etc/localtime');
  const found = linked?.split('/zoneinfo/')[1] ?? host.content('/etc/timezone')?.toString('utf8').trim();
  return found === undefined || found === '' ? 'UTC' : found;
}

export const functions: FunctionModule = {
  get_zone: zone,
  set_zone: unavailable(
    'timezone.set_zone',
    'a template only looks',
    'the state file.symlink for /etc/localtime',
  ),
};
