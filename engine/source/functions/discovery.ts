/** The module `discovery`: the nodes that offer a service, found by its SRV records. Salt has no such module. */
import { leavingPriority, type Member } from '../../core/discovery.ts';
import { domainName } from '../../core/dns-name.ts';
import type { Value } from '../../core/value.ts';
import type { Service } from '../discovery.ts';
import { bind } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import { traverse } from '../traverse.ts';
import type { ContextFunction, FunctionContext, FunctionModule } from './context.ts';

/** `app` is `_app._tcp` of the domain of the pillar; names that begin with `_` may be whole. */
export function serviceName(
  call: string,
  written: string,
  { pillar, grains }: Pick<FunctionContext, 'pillar' | 'grains'>,
): string {
  const service = written.startsWith('_') ? written : `_${written}._tcp`;
  if (service.split('.').length > 2) return checked(call, service);
  const domain =
    traverse(pillar, 'discovery:domain') ?? traverse(pillar, 'domain') ?? grains.get('domain') ?? '';
  if (domain === '') {
    throw new JinjaError(
      `${call} does not know the domain of "${written}".`,
      'template-error',
      'Set `discovery: {domain: …}` in the pillar, or give the whole name: _app._tcp.example.org.',
    );
  }
  return checked(call, `${service}.${str(domain)}`);
}

function checked(call: string, name: string): string {
  const known = domainName(name);
  if (known !== undefined) return known;
  throw new JinjaError(`${call}: "${name}" is no name of a service.`, 'template-error');
}

function memberDict(member: Member, isSelf: boolean): Value {
  const { target, port, priority, weight, addresses, internal } = member;
  return new Map<Value, Value>([
    ['name', target],
    ['port', port],
    ['priority', priority],
    ['weight', weight],
    ['address', addresses[0] ?? null],
    ['addresses', [...addresses]],
    ['internal', internal[0] ?? null],
    ['internals', [...internal]],
    ['leaving', priority === leavingPriority],
    ['self', isSelf],
  ]);
}

function membersOf({ members, index }: Service): Value[] {
  return members.map((member, place) => memberDict(member, place === index));
}

function asking(name: string, answer: (service: Service) => Value): ContextFunction {
  const call = `discovery.${name}`;
  return async (context: FunctionContext, args: unknown[], kwargs: Keywords) => {
    const [service] = bind(call, ['service!'], args, kwargs);
    if (!context.discover) throw new JinjaError(`${call} cannot be asked while the pillar is read.`);
    return answer(await context.discover(serviceName(call, str(service), context)));
  };
}

export const functions: FunctionModule = {
  members: asking('members', membersOf),
  others: asking('others', (service) =>
    membersOf({
      ...service,
      members: service.members.filter((_, place) => place !== service.index),
      index: -1,
    }),
  ),
  index: asking('index', ({ index }) => index),
  alone: asking('alone', ({ alone }) => alone),
};
