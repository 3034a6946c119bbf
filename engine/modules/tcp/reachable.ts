/** tcp.reachable: a port accepts connections. */
import type { Reached, Target } from '../../core/host.ts';
import { defineState, type Refusal } from '../../core/state.ts';

type Address = Omit<Extract<Target, { kind: 'tcp' }>, 'kind'>;

interface Now {
  readonly address: Address | Refusal;
  readonly found?: Reached;
}

export default defineState({
  summary: 'the port accepts connections',
  description: `A guard for other states to require: it waits until something accepts connections at the port, and changes
nothing. A dry run looks once; what is not reached yet is unknown until applied.

Unlike Salt: tcp.reachable is not one of Salt's states.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description:
        'Host and port as `host:port`; an IPv6 address in brackets. Any text where `port` is given.',
    },
    host: {
      type: ['string', 'null'],
      minLength: 1,
      description: 'Name or address, instead of that in `name`.',
    },
    port: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 65_535,
      description: 'Number of the port, instead of that in `name`.',
    },
    timeout: {
      type: 'number',
      minimum: 0,
      maximum: 604_800,
      default: 60,
      description: 'Seconds after which it has failed. 0: it looks once.',
    },
    interval: {
      type: 'number',
      minimum: 0,
      maximum: 86_400,
      default: 1,
      description: 'Seconds between two attempts.',
    },
    backoff: {
      type: 'number',
      minimum: 1,
      maximum: 10,
      default: 1,
      description: 'How many times longer each pause is than the one before.',
    },
    max_interval: {
      type: 'number',
      minimum: 0.05,
      maximum: 86_400,
      default: 60,
      description: 'Seconds a pause grows to at most by `backoff`.',
    },
    attempt_timeout: {
      type: 'number',
      minimum: 0.1,
      maximum: 3600,
      default: 5,
      description: 'Seconds a single attempt may take.',
    },
  },
  examples: [
    {
      title: 'a database that other states need',
      sls: `127.0.0.1:5432:
  tcp.reachable:
    - timeout: 30
`,
    },
    {
      title: 'another node, asked less and less often',
      sls: `the other node answers:
  tcp.reachable:
    - host: localhost
    - port: 9100
    - timeout: 300
    - backoff: 2
    - max_interval: 20
`,
    },
  ],
  async read({ name, host, port, attempt_timeout }, reader): Promise<Now> {
    const address = addressOf(name, host ?? undefined, port ?? undefined);
    if ('refused' in address) return { address };
    return { address, found: await reader.reach({ kind: 'tcp', ...address }, attempt_timeout) };
  },
  plan(args, { address, found }) {
    if ('refused' in address) return address;
    if (found!.reached) return { steps: [], comment: `${shown(address)} accepts connections` };
    return {
      comment: `${shown(address)} is not reached now: ${found!.seen}.`,
      steps: [
        {
          effect: {
            kind: 'await',
            target: { kind: 'tcp', ...address },
            timeout: args.timeout,
            every: args.interval,
            backoff: args.backoff,
            most: Math.max(args.interval, args.max_interval),
            attempt: args.attempt_timeout,
          },
        },
      ],
    };
  },
});

function addressOf(name: string, host: string | undefined, port: number | undefined): Address | Refusal {
  const [, inBrackets, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(name.trim()) ?? [];
  const found = { host: bare(host ?? inBrackets ?? plain ?? ''), port: port ?? Number(digits) };
  // Where the port is given by itself the name may be the host, or just a name.
  if (host === undefined && port !== undefined && digits === undefined) found.host = bare(name.trim());
  if (found.host !== '' && !/[\s\0/]/.test(found.host) && found.port >= 1 && found.port <= 65_535)
    return found;
  return {
    refused: `"${name}" does not tell which port of which host is meant.`,
    hint: 'Write host:port, with an IPv6 address in brackets, or give host and port.',
    certain: true,
  };
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function shown({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
