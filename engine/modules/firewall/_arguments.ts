/** What firewall.ruleset takes. */
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common } from '../../core/state.ts';

const names = { type: ['string', 'array'], items: { type: 'string', minLength: 1 } } as const;

const ports = {
  type: ['integer', 'string', 'array'],
  items: { type: ['integer', 'string'] },
  description: 'A port, a range such as `9100-9200`, or a list of them.',
} as const;

const flowProperties = {
  service: {
    ...names,
    description: 'Name of a service, or a list of names. All traffic where none is given.',
  },
  zone: { ...names, description: 'Zone it comes in from, or a list of zones. Any where none is given.' },
  to_zone: { ...names, description: 'Zone it goes out to; of `forward` and `output`.' },
  from: {
    ...names,
    description:
      'Who may: a set, an address, a network, or a list of them. Anybody where it is not given, and nobody where the list is empty.',
  },
  to: { ...names, description: 'Address of this machine, or beyond it, that it goes to, given as `from`.' },
  rate: {
    type: 'string',
    description:
      'New connections that each source may open, such as `10/minute`; what is above is dropped. IPv6 sources are networks of 64 bits.',
  },
  burst: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    description: 'Connections that may come at once; the number of `rate` unless told.',
  },
  comment: { type: 'string', description: 'Shown in listings; the names of the services unless told.' },
} as const;

const flows = {
  type: 'array',
  items: { type: 'object', properties: flowProperties, additionalProperties: false },
} as const;

const direction = {
  type: 'object',
  additionalProperties: false,
  properties: {
    policy: {
      type: 'string',
      enum: ['accept', 'drop'],
      description: 'What becomes of the rest; `drop` unless told.',
    },
    allow: { ...flows, description: 'Flows as in `allow`.' },
    deny: { ...flows, description: 'Flows as in `deny`.' },
  },
} as const;

export const properties = {
  zones: {
    type: 'object',
    additionalProperties: names,
    description:
      'Names of zones, and the interface or interfaces of each. An asterisk at the end stands for any rest: `wg*`.',
  },
  sets: {
    type: 'object',
    additionalProperties: { type: ['string', 'array'], items: { type: 'string' } },
    description:
      'Names of sets, and the addresses and networks of each, IPv4 and IPv6 mixed. A set may be empty. Members come and go without a rule being touched.',
  },
  services: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { tcp: ports, udp: ports, sctp: ports },
      additionalProperties: false,
    },
    description: 'Names of services, and the ports of each by protocol: `{tcp: [80, 443], udp: 443}`.',
  },
  allow: {
    ...flows,
    description:
      'What may reach this machine, as a list of flows: `service`, `zone`, `from`, `to`, `rate`, `burst`, `comment`.',
  },
  deny: {
    ...flows,
    description: 'Flows that are dropped, whatever `allow` says of them. Open connections go on.',
  },
  ping: { type: 'boolean', default: true, description: 'Answer echo requests (ping).' },
  log: {
    type: ['boolean', 'object'],
    default: false,
    additionalProperties: false,
    properties: {
      prefix: { type: 'string', description: 'Put before each line; `converge drop: ` unless told.' },
      rate: { type: 'string', description: 'Lines that are written at most; `10/minute` unless told.' },
      level: {
        type: 'string',
        enum: ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'],
        description: 'Level of syslog; `info` unless told.',
      },
    },
    description: 'Whether the kernel logs what is dropped: `true`, or `prefix`, `rate` and `level`.',
  },
  forward: {
    ...direction,
    description:
      'What may pass through this machine: `policy`, `allow` and `deny`. Left alone where it is not given.',
  },
  output: {
    ...direction,
    description:
      'What this machine may send: `policy`, `allow` and `deny`. Everything where it is not given.',
  },
  raw: {
    type: 'object',
    additionalProperties: false,
    properties: {
      before: { ...names, description: 'Rules of the input chain before all flows.' },
      after: { ...names, description: 'Rules of the input chain after all flows.' },
      table: { type: 'string', description: 'Further chains, sets and maps of the table.' },
    },
    description:
      'Text in the language of nft: `before` and `after` are rules before and after the flows, `table` is further chains, such as those of NAT. The sets are there as `@name_4` and `@name_6`.',
  },
  persist: {
    type: 'boolean',
    default: true,
    description: 'After a boot, too, before the network is up; false: only now.',
  },
  take_over: {
    type: 'boolean',
    default: false,
    description:
      'Stop and disable firewalld, ufw and the services that load rules of iptables, once this ruleset is in place.',
  },
  allow_lockout: {
    type: 'boolean',
    default: false,
    description: 'Even if the ruleset drops ssh, or the ssh session that this run belongs to.',
  },
} as const;

export type Arguments = ArgumentsOf<typeof properties> & Common;
export type FlowArguments = ArgumentsOf<typeof flowProperties>;
export type DirectionArguments = NonNullable<Arguments['forward']>;
