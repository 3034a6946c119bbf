/** Types of ports in the policy: those that were added on this node, those it has anyway, and what changes them. */
import type { Command, Reader } from '../../core/host.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { isContextPart, refuseTool, refuseWithout, storeFolder } from './_policy.ts';

export const portProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'Protocol and port: `tcp/8080`, or a range: `udp/5000-5010`.',
  },
  protocol: { type: 'string', description: 'The protocol, where the name is only a name.' },
  port: {
    type: ['string', 'integer'],
    description: 'The port or range, where the name is only a name.',
  },
  sel_range: { type: 'string', minLength: 1, description: 'Level of the label; `s0` unless given.' },
} as const;

export interface PortArguments {
  readonly name: string;
  readonly protocol?: string;
  readonly port?: string | number;
  readonly sel_type?: string;
  readonly sel_range?: string;
}

export interface PortNow {
  readonly refused: Refusal | undefined;
  readonly protocol: string;
  readonly port: string;
  readonly path: string;
  readonly local: string;
  /** Type that was added here. */
  readonly added: string | undefined;
  /** Type that the policy has for exactly this port, where nothing was added. */
  readonly own: string | undefined;
}

/** Everything the policy says of ports, for all states of the run. */
const listing: Command = { argv: ['semanage', 'port', '--list', '--noheading'], env: { LC_ALL: 'C' } };

export async function readPort(args: PortArguments, reader: Reader): Promise<PortNow> {
  const [, named, number] = /^([a-z]+)\/(.+)$/.exec(args.name) ?? [];
  const protocol = args.protocol ?? named ?? '';
  const port = String(args.port ?? number ?? '').replaceAll(' ', '');
  const path = `${storeFolder(reader)}/ports.local`;
  const local = reader.content(path)?.toString('utf8') ?? '';
  const refused =
    refuseArguments(args, protocol, port) ??
    refuseWithout(reader) ??
    refuseTool('semanage', 'policycoreutils-python-utils', reader);
  const added = typeIn(local, protocol, port);
  const own =
    refused || added !== undefined || args.sel_type === undefined
      ? undefined
      : typeListed((await reader.ask(listing)).stdout, protocol, port);
  return { refused, protocol, port, path, local, added, own };
}

function refuseArguments(args: PortArguments, protocol: string, port: string): Refusal | undefined {
  if (!['tcp', 'udp', 'dccp', 'sctp'].includes(protocol) || !/^\d{1,5}(-\d{1,5})?$/.test(port)) {
    return {
      refused: `"${args.name}" is no protocol and port.`,
      hint: 'Write them as in tcp/8080, or give protocol and port.',
      certain: true,
    };
  }
  const bad = [args.sel_type, args.sel_range].find((one) => one !== undefined && !isContextPart(one));
  return bad === undefined ? undefined : { refused: `"${bad}" cannot be part of a label.`, certain: true };
}

/** The store has lines as `portcon tcp 8080 system_u:object_r:http_port_t:s0`. */
function typeIn(local: string, protocol: string, port: string): string | undefined {
  for (const line of local.split('\n')) if (isOf(line, protocol, port)) return line.split(':')[2];
  return undefined;
}

function isOf(line: string, protocol: string, port: string): boolean {
  const [, its, first, last] = /^portcon\s+(\S+)\s+(\d+)\s*(?:-\s*(\d+))?\s/.exec(line.trim()) ?? [];
  return its === protocol && (last === undefined ? first : `${first}-${last}`) === port;
}

function typeListed(output: string, protocol: string, port: string): string | undefined {
  for (const line of output.split('\n')) {
    const [type, its, ...ports] = line.trim().split(/[\s,]+/);
    if (its === protocol && ports.includes(port)) return type;
  }
  return undefined;
}

export function portStep(
  verb: '-a' | '-m' | '-d',
  { sel_type, sel_range }: PortArguments,
  { protocol, port, path, local, added }: PortNow,
): Step {
  const rest = local
    .split('\n')
    .filter((line) => line !== '' && !isOf(line, protocol, port))
    .map((line) => `${line}\n`)
    .join('');
  const line = `portcon ${protocol} ${port.replace('-', ' - ')} system_u:object_r:${sel_type}:${sel_range ?? 's0'}\n`;
  const content = Buffer.from(verb === '-d' ? rest : `${rest}${line}`);
  const words = [
    ...(verb === '-d' ? [] : ['-t', sel_type!]),
    ...(verb === '-d' || sel_range === undefined ? [] : ['-r', sel_range]),
  ];
  return {
    change: {
      subject: `${protocol}/${port}`,
      ...(added !== undefined && { old: added }),
      ...(verb !== '-d' && { new: sel_type }),
    },
    effect: {
      kind: 'exec',
      command: { argv: ['semanage', 'port', verb, ...words, '-p', protocol, port] },
      settles: [{ about: 'file', effect: { kind: 'write', path, content } }],
      foreseen: true,
    },
  };
}
