/** Salt's module `dnsutil`: DNS questions. */
import { createRequire } from 'node:module';
import { bind, intArg } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import type { ContextFunction, FunctionContext, FunctionModule, Resolver } from './context.ts';

const require = createRequire(import.meta.url);

function resolverOf(context: FunctionContext, nameserver: unknown): Resolver {
  const servers =
    nameserver === undefined || nameserver === null || nameserver === ''
      ? undefined
      : (typeof nameserver === 'string' ? [nameserver] : members(nameserver)).map((one) => str(one));
  if (context.resolver) return context.resolver(servers);
  const { Resolver: NodeResolver } = require('node:dns').promises as typeof import('node:dns/promises');
  const resolver = new NodeResolver({ timeout: 3000, tries: 2 });
  if (servers) resolver.setServers([...servers]);
  return resolver;
}

/** No such name or no such record is an empty answer; a name server that does not answer is an error. */
const EMPTY = new Set(['ENOTFOUND', 'ENODATA', 'NOTFOUND', 'NODATA']);

function question<T>(
  name: string,
  parameters: readonly string[],
  ask: (resolver: Resolver, host: string) => Promise<T[]>,
  answer: (list: T[], values: unknown[]) => unknown,
): ContextFunction {
  return async (context: FunctionContext, args: unknown[], kwargs: Keywords) => {
    const values = bind(`dnsutil.${name}`, parameters, args, kwargs);
    const host = str(values[0]);
    const nameserver = values[parameters.indexOf('nameserver')];
    let list: T[] = [];
    try {
      list = await ask(resolverOf(context, nameserver), host);
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (!EMPTY.has(code)) {
        throw new JinjaError(`dnsutil.${name} got no answer for "${host}": ${code || String(error)}.`);
      }
    }
    return answer(list, values);
  };
}

const HOST = ['host!', 'nameserver'];
const DOMAIN = ['domain!', 'resolve', 'nameserver'];

function sortedTexts(list: string[]): string[] {
  return [...list].sort();
}

// Unlike Salt: answers of the module `dnsutil` are sorted, so that a name server that rotates them changes nothing.
export const functions: FunctionModule = {
  A: question('A', HOST, (resolver, host) => resolver.resolve4(host), sortedTexts),
  AAAA: question('AAAA', HOST, (resolver, host) => resolver.resolve6(host), sortedTexts),
  CNAME: question(
    'CNAME',
    HOST,
    (resolver, host) => resolver.resolveCname(host),
    (list) => list[0] ?? '',
  ),
  NS: question('NS', DOMAIN, (resolver, host) => resolver.resolveNs(host), sortedTexts),
  PTR: question('PTR', HOST, (resolver, host) => resolver.resolvePtr(host), sortedTexts),
  TXT: question(
    'TXT',
    HOST,
    (resolver, host) => resolver.resolveTxt(host),
    (list) => sortedTexts(list.map((parts) => parts.join(''))),
  ),
  MX: question(
    'MX',
    DOMAIN,
    (resolver, host) => resolver.resolveMx(host),
    (list) =>
      list
        .map((one) => [one.priority, one.exchange] as const)
        .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))
        .map((pair) => [...pair]),
  ),
  SRV: question(
    'SRV',
    ['name!', 'nameserver', 'default_port'],
    (resolver, host) => resolver.resolveSrv(host),
    (list, values) => {
      const port = intArg('dnsutil.SRV', values[2], 0);
      return list
        .map((one) => ({ ...one, port: one.port || port }))
        .sort(
          (a, b) => a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.port - b.port),
        )
        .map(
          (one) =>
            new Map<unknown, unknown>([
              ['priority', one.priority],
              ['weight', one.weight],
              ['port', one.port],
              ['name', one.name],
            ]),
        );
    },
  ),
};
