/** A neighbour that speaks BGP: a node with a real BIRD, and what became of its routes at which time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Node } from './node.ts';

export interface Session {
  /** Of the protocol of its BIRD. */
  readonly name: string;
  /** Its own end, and that of the node that is served. */
  readonly local: string;
  readonly neighbour: string;
  readonly asn: number;
  readonly neighbourAsn: number;
  readonly password?: string;
  readonly multihop?: boolean;
  readonly bfd?: boolean;
}

/** What the kernel said of the routes to an address. */
export interface Heard {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly gone: boolean;
}

const heard = '/run/heard-routes';

/** Starts listening to the kernel, and BIRD with these sessions. All that is announced gets into the kernel. */
export async function startUpstream(node: Node, sessions: readonly Session[]): Promise<void> {
  await node.must(`systemd-run -q --unit=heard sh -c 'exec ip -ts monitor route > ${heard}'`);
  await node.must('mkdir -p /etc/systemd/system/bird.service.d');
  await serve(node, sessions);
  await node.must('systemctl restart bird');
}

/** Other sessions from now on. */
export async function serve(node: Node, sessions: readonly Session[]): Promise<void> {
  await node.write('/etc/bird/bird.conf', configuration(node, sessions));
  await node.must('chown bird: /etc/bird/bird.conf; chmod 640 /etc/bird/bird.conf; bird -p');
  await node.run('birdc configure');
}

function configuration(node: Node, sessions: readonly Session[]): string {
  return `router id ${node.addresses[0]};
log syslog all;
protocol device { scan time 10; }
protocol direct { ipv4; ipv6; interface "eth*"; }
protocol kernel { merge paths on; ipv4 { import none; export where source = RTS_BGP; }; }
protocol kernel { ipv6 { import none; export where source = RTS_BGP; }; }
protocol bfd {
  interface "*" { interval 100 ms; multiplier 3; };
  multihop { interval 100 ms; multiplier 3; };
}
${sessions.map(protocol).join('')}`;
}

function protocol(session: Session): string {
  const { name, local, neighbour, asn, neighbourAsn, password, multihop, bfd } = session;
  return `protocol bgp ${name} {
  local ${local} as ${asn};
  neighbor ${neighbour} as ${neighbourAsn};
  ${multihop ? 'multihop 2;' : ''} ${password === undefined ? '' : `password "${password}";`} ${bfd ? 'bfd on;' : ''}
  hold time 9; keepalive time 3; connect retry time 2; connect delay time 1; error wait time 1, 2;
  graceful restart on; graceful restart time 120;
  ${local.includes(':') ? 'ipv6' : 'ipv4'} { import all; export none; };
}
`;
}

/** Waits until its session with this name is up. */
export async function established(node: Node, name: string): Promise<void> {
  await node.until(`birdc show protocols ${name} | grep -q Established`, { seconds: 30 });
}

/** Waits until it has a route to this address, or has none. */
export async function hasRoute(node: Node, address: string, seconds = 20): Promise<void> {
  await node.until(`${ipOf(address)} route show ${prefixOf(address)} | grep -q .`, { seconds });
}

export async function hasNoRoute(node: Node, address: string, seconds = 20): Promise<void> {
  await node.until(`! ${ipOf(address)} route show ${prefixOf(address)} | grep -q .`, { seconds });
}

function ipOf(address: string): string {
  return address.includes(':') ? 'ip -6' : 'ip -4';
}

function prefixOf(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}

/** All that was heard of an address since then. */
export async function heardOf(node: Node, address: string, since: number): Promise<Heard[]> {
  const text = await node.must(['cat', heard]);
  const lines = [...text.matchAll(/^\[([^\]]+)\] (Deleted )?(?:unicast )?([0-9a-f.:]+) .*$/gm)];
  return lines
    .filter(([, , , what]) => what === address)
    .map(([, at, gone]) => ({ at: Date.parse(`${at}Z`), gone: gone !== undefined }))
    .filter(({ at }) => at >= since);
}

/** Milliseconds from the beginning of an action until the route to an address is gone, or there, by the kernel's clock. */
export async function timeUntil(
  node: Node,
  what: 'gone' | 'there',
  address: string,
  action: () => unknown,
  seconds = 20,
): Promise<number> {
  const began = Date.now();
  await action();
  for (;;) {
    const found = (await heardOf(node, address, began)).find(({ gone }) => gone === (what === 'gone'));
    if (found) return found.at - began;
    if (Date.now() > began + seconds * 1000) throw new Error(`The route to ${address} is never ${what}.`);
    await pause(20);
  }
}
