/** Whether a ruleset would lock out whoever manages the machine: the port of ssh, and the session of this run. */
import type { Reader } from '../../core/host.ts';
import { canonicalAddress } from '../../core/ip-address.ts';
import { join } from '../../core/path.ts';
import type { Refusal } from '../../core/state.ts';
import { holds, type Networks } from './_addresses.ts';
import { hasPort } from './_ports.ts';
import type { Ends, Flow, Wanted } from './_wanted.ts';

interface Session {
  readonly peer: string;
  readonly own: string;
  readonly port: number;
}

/** Looks only where the ruleset is to be changed. Raw rules are not understood: whoever lets ssh in by one says so. */
export async function refuseLockout(wanted: Wanted, reader: Reader): Promise<Refusal | undefined> {
  const session = sessionOf(reader);
  const hint = 'Allow it, or set `allow_lockout: true`.';
  if (session && session.peer !== session.own && !/^(127\.|::1$)/.test(session.peer)) {
    const from = await interfaceOf(session.own, reader);
    if (!admits(wanted, session.port, { ...session, from })) {
      return {
        refused: `The ssh session of this run comes from ${session.peer} to port ${session.port}${from ? ` of ${from}` : ''}, which the ruleset drops.`,
        hint,
      };
    }
  }
  for (const port of await sshPorts(reader)) {
    if (admits(wanted, port)) continue;
    return { refused: `sshd listens on port ${port}, which the ruleset drops for everybody.`, hint };
  }
  return undefined;
}

interface Visitor {
  readonly peer: string;
  readonly own: string;
  readonly from: string | undefined;
}

/** Somebody, or this visitor, may open a connection. Of a visitor whose interface is not known any zone counts. */
function admits({ input, sets }: Wanted, port: number, visitor?: Visitor): boolean {
  const reaches = ({ ports, from, to, incoming }: Flow): boolean => {
    if (ports && !hasPort(ports, 'tcp', port)) return false;
    if (!visitor) return !isNobody(from, sets);
    const comes = !visitor.from || !incoming || incoming.some((name) => matches(name, visitor.from!));
    return comes && among(visitor.peer, from, sets) && among(visitor.own, to, sets);
  };
  if (visitor && input.deny.some(reaches)) return false;
  if (
    input.deny.some(
      ({ ports, from, to, incoming }) => !from && !to && !incoming && (!ports || hasPort(ports, 'tcp', port)),
    )
  )
    return false;
  return input.policy === 'accept' || input.allow.some(reaches);
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

type Sets = ReadonlyMap<string, Networks>;

function networks(ends: Ends, sets: Sets): Networks[] {
  return [ends.own, ...ends.sets.map((name) => sets.get(name)!)];
}

function isNobody(ends: Ends | undefined, sets: Sets): boolean {
  return ends !== undefined && networks(ends, sets).every(({ v4, v6 }) => v4.length + v6.length === 0);
}

function among(address: string, ends: Ends | undefined, sets: Sets): boolean {
  return ends === undefined || networks(ends, sets).some((one) => holds(one, address));
}

/** sudo drops SSH_CONNECTION, so the processes above this one are asked for it. */
function sessionOf(reader: Reader): Session | undefined {
  const told = reader.environment()['SSH_CONNECTION'] ?? inherited(reader);
  const [peer, , own, port] = (told ?? '').split(' ').map((part) => part.replace(/^::ffff:(?=\d+\.)/, ''));
  const found = {
    peer: canonicalAddress((peer ?? '').replace(/%.*$/, '')),
    own: canonicalAddress((own ?? '').replace(/%.*$/, '')),
  };
  if (!found.peer || !found.own || !/^\d+$/.test(port ?? '')) return undefined;
  return { peer: found.peer, own: found.own, port: Number(port) };
}

function inherited(reader: Reader): string | undefined {
  let pid = parentPid('self', reader);
  for (let depth = 0; pid !== undefined && pid > 1 && depth < 32; depth++) {
    const environment = reader.content(`/proc/${pid}/environ`)?.toString('latin1').split('\0') ?? [];
    const found = environment.find((one) => one.startsWith('SSH_CONNECTION='));
    if (found) return found.slice('SSH_CONNECTION='.length);
    pid = parentPid(String(pid), reader);
  }
  return undefined;
}

/** proc(5): the name, in parentheses, may hold anything. */
function parentPid(pid: string, reader: Reader): number | undefined {
  const stat = reader.content(`/proc/${pid}/stat`)?.toString('latin1');
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Shared with the states of the network. */
async function interfaceOf(address: string, reader: Reader): Promise<string | undefined> {
  const { status, stdout } = await reader.ask({ argv: ['ip', '-j', '-d', 'addr', 'show'] });
  if (status !== 0) return undefined;
  try {
    const links = JSON.parse(stdout || '[]') as { ifname?: string; addr_info?: { local?: string }[] }[];
    return links.find(({ addr_info = [] }) => addr_info.some(({ local }) => local === address))?.ifname;
  } catch {
    return undefined;
  }
}

/** Ports on which sshd, or systemd in its place, waits for others than this machine. */
async function sshPorts(reader: Reader): Promise<readonly number[]> {
  const configured = configuredPorts(reader);
  const { status, stdout } = await reader.ask({ argv: ['ss', '-Hltnp'] });
  if (status !== 0) return reader.stat('/usr/sbin/sshd') ? configured : [];
  const listeners = stdout.split('\n').flatMap((line) => {
    const local = line.trim().split(/\s+/)[3] ?? '127.';
    if (/^(127\.|\[::1\])/.test(local)) return [];
    return [{ port: Number(local.slice(local.lastIndexOf(':') + 1)), line }];
  });
  const portsOf = (program: string): number[] =>
    listeners.filter(({ line }) => line.includes(`"${program}"`)).map(({ port }) => port);
  const daemon = portsOf('sshd');
  // A session of sshd may listen as well, for what it forwards.
  const own = daemon.filter((port) => configured.includes(port));
  const socket = [22, ...configured, ...socketPorts(reader)];
  return [
    ...new Set([
      ...(own.length > 0 ? own : daemon),
      ...portsOf('systemd').filter((port) => socket.includes(port)),
    ]),
  ];
}

/** What somebody set for ssh.socket. */
function socketPorts(reader: Reader): number[] {
  const units = ['ssh.socket', 'sshd.socket'].map((name) => `/etc/systemd/system/${name}`);
  const files = units.flatMap((unit) => [unit, ...included(`${unit}.d/*.conf`, reader)]);
  return files.flatMap((file) => {
    const text = reader.content(file)?.toString('latin1') ?? '';
    return [...text.matchAll(/^\s*ListenStream\s*=\s*(?:\S*:)?(\d+)\s*$/gm)].map(([, port]) => Number(port));
  });
}

/** sshd_config(5): `Port` and `ListenAddress`, also in files that are included. */
function configuredPorts(reader: Reader): number[] {
  const ports: number[] = [];
  function read(path: string, depth: number): void {
    for (const line of reader.content(path)?.toString('latin1').split('\n') ?? []) {
      const [, keyword = '', value = ''] = /^\s*(\w+)(?:\s+|\s*=\s*)"?([^"\s#]+)/.exec(line) ?? [];
      const port =
        keyword.toLowerCase() === 'port'
          ? value
          : keyword.toLowerCase() === 'listenaddress'
            ? (/^(?:\[[^\]]*\]|[^:\s]+):(\d+)$/.exec(value)?.[1] ?? '')
            : '';
      if (/^\d+$/.test(port)) ports.push(Number(port));
      if (keyword.toLowerCase() === 'include' && depth < 4) {
        for (const file of included(value.startsWith('/') ? value : join('/etc/ssh', value), reader))
          read(file, depth + 1);
      }
    }
  }
  read('/etc/ssh/sshd_config', 0);
  return ports.length > 0 ? ports : [22];
}

function included(pattern: string, reader: Reader): string[] {
  const [, folder, start, end] = /^(.*)\/([^/*]*)\*([^/*]*)$/.exec(pattern) ?? [];
  if (folder === undefined) return [pattern];
  const names = reader.list(folder) ?? [];
  return names
    .filter((name) => name.startsWith(start!) && name.endsWith(end!))
    .map((name) => `${folder}/${name}`);
}
