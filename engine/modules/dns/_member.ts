/** A node's place in a service that is found by SRV records: its names, and which of the records are its own. */
import type { DnsRecord } from '../../core/dns.ts';
import { domainName } from '../../core/dns-name.ts';
import { noName, wrong } from '../../core/dns-service.ts';
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

export const memberProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description:
      'The service and its domain: `_app._tcp.example.org` (RFC 2782). `app` alone is `_app._tcp` of the domain that templates ask, too: the pillar value `discovery:domain`, else `domain`, else the grain `domain`.',
  },
  target: {
    type: 'string',
    minLength: 1,
    description:
      'The full name by which this node is reached. Unless given, the grain `fqdn` where that is in the domain of the service, else the grain `host` in that domain.',
  },
} as const;

export interface Member {
  /** The SRV records are those of this name. */
  readonly service: string;
  readonly target: string;
  /** By which members find this node in the private network. */
  readonly internal: string;
}

export function memberOf(args: { name: string; target?: string }, reader: Reader): Member | Refusal {
  const written = serviceName(args.name, reader);
  if (written === undefined)
    return wrong(
      `The domain of the service "${args.name}" is not known`,
      'Write the whole name, such as _app._tcp.example.org, or set the pillar value discovery:domain.',
    );
  const service = domainName(written);
  const [, domain] = /^_[a-z0-9-]+\._[a-z0-9-]+\.(.+)$/.exec(service ?? '') ?? [];
  if (service === undefined || domain === undefined)
    return wrong(`"${args.name}" is no service`, 'Write it as _service._tcp.domain.');
  const given = args.target ?? ownName(reader, domain);
  if (given === undefined)
    return wrong('This node does not know its own name', 'Set `target`, or the name of the node.');
  const target = domainName(given);
  return target === undefined ? noName(given) : { service, target, internal: `internal.${target}` };
}

/** As `discovery.members` understands it. */
function serviceName(name: string, reader: Reader): string | undefined {
  const service = /^[a-z0-9-]+$/i.test(name) ? `_${name}._tcp` : name;
  if (!/^_[^.]+\._[^.]+$/.test(service)) return service;
  const known = [reader.pillar('discovery:domain'), reader.pillar('domain'), reader.grain('domain')];
  const domain = known.find((one) => typeof one === 'string' && one !== '');
  return domain === undefined ? undefined : `${service}.${domain}`;
}

function ownName(reader: Reader, domain: string): string | undefined {
  const [full, host] = ['fqdn', 'host'].map((grain) => reader.grain(grain));
  if (typeof full === 'string' && domainName(full)?.endsWith(`.${domain}`)) return full;
  return typeof host === 'string' && host !== '' ? `${host.split('.')[0]}.${domain}` : undefined;
}

/** Whether an SRV record is that of the node: no other node answers by its name. */
export function isOwn({ data }: DnsRecord, { target }: Member): boolean {
  return domainName(data.split(' ')[3] ?? '') === target;
}
