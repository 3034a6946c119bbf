/** The networks of a lab: two bridges in a namespace of their own, and a namespace with eth0 and eth1 per node. */
import { execFileSync } from 'node:child_process';
import { namespaces, prefix } from './own.ts';

export type Network = 'public' | 'private';

/** On eth0 and eth1. Nothing of them is seen by the machine, and nodes reach nothing beyond. */
const networks: readonly { readonly kind: Network; readonly name: string; readonly subnet: string }[] = [
  { kind: 'public', name: 'pub', subnet: '198.51.100' },
  { kind: 'private', name: 'priv', subnet: '10.77.0' },
];

const fabric = `${prefix}-fab`;

export function namespaceOf(node: string): string {
  return `${prefix}-${node}`;
}

/** Addresses of the node with this number: on eth0, on eth1. */
export function addressesOf(number: number): string[] {
  return networks.map(({ subnet }) => `${subnet}.${number}`);
}

/** A fresh network for a node, as after power-on. */
export function plug(node: string, number: number): void {
  if (!namespaces().includes(fabric)) makeFabric();
  unplug(node);
  const namespace = namespaceOf(node);
  ip('netns', 'add', namespace);
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  for (const [i, { name, subnet }] of networks.entries()) {
    const port = `${node}-${name}`;
    ip('-n', namespace, 'link', 'add', `eth${i}`, 'type', 'veth', 'peer', 'name', port, 'netns', fabric);
    ip('-n', fabric, 'link', 'set', port, 'master', `br${name}`, 'up');
    ip('-n', namespace, 'addr', 'add', `${subnet}.${number}/24`, 'dev', `eth${i}`);
    ip('-n', namespace, 'link', 'set', `eth${i}`, 'up');
  }
}

/** Removes the ports first: the kernel takes its time with a namespace, and their names would stay in use. */
export function unplug(node: string): void {
  const namespace = namespaceOf(node);
  if (!namespaces().includes(namespace)) return;
  for (const { name } of networks) ip('-n', fabric, 'link', 'del', `${node}-${name}`);
  ip('netns', 'del', namespace);
}

/** Cuts a node off without a sign: its links stay up and nothing it sends arrives, not even the end of a connection. */
export function cutOff(node: string): void {
  for (const { kind } of networks) cut(node, kind);
}

/** Cuts a node off from a network or, where another is named, the two from each other. */
export function cut(node: string, network: Network, other?: string): void {
  const { name } = networks.find(({ kind }) => kind === network)!;
  if (other === undefined) setPort(`${node}-${name}`, 'disabled');
  else {
    const [here, there] = [`"${node}-${name}"`, `"${other}-${name}"`];
    nft(`add element bridge lab cut { ${here} . ${there}, ${there} . ${here} }`);
  }
}

/** Undoes every cut of a node. */
export function heal(node: string): void {
  for (const { name } of networks) {
    const port = `${node}-${name}`;
    setPort(port, 'forwarding');
    const pairs = cutPairs().filter((pair) => pair.includes(port));
    if (pairs.length > 0)
      nft(`delete element bridge lab cut { ${pairs.map(([a, b]) => `"${a}" . "${b}"`).join(', ')} }`);
  }
}

function setPort(port: string, state: 'disabled' | 'forwarding'): void {
  const number = { disabled: '0', forwarding: '3' }[state];
  execFileSync('bridge', ['-n', fabric, 'link', 'set', 'dev', port, 'state', number]);
}

/** Ports between which nothing passes. */
function cutPairs(): string[][] {
  const { nftables } = JSON.parse(nft('list set bridge lab cut', '-j'));
  const elements = nftables.flatMap(
    ({ set }: { set?: { elem?: { concat: string[] }[] } }) => set?.elem ?? [],
  );
  return elements.map(({ concat }: { concat: string[] }) => concat);
}

function nft(command: string, ...options: string[]): string {
  return execFileSync('ip', ['netns', 'exec', fabric, 'nft', ...options, command], { encoding: 'utf8' });
}

function makeFabric(): void {
  ip('netns', 'add', fabric);
  ip('-n', fabric, 'link', 'set', 'lo', 'up');
  for (const { name } of networks) {
    const bridge = `br${name}`;
    // Without the learning delay and the spanning tree: a port forwards at once.
    const options = 'forward_delay 0 stp_state 0 mcast_snooping 0'.split(' ');
    ip('-n', fabric, 'link', 'add', bridge, 'type', 'bridge', ...options);
    ip('-n', fabric, 'link', 'set', bridge, 'up');
  }
  nft(`table bridge lab {
    set cut { type ifname . ifname; }
    chain forwarding { type filter hook forward priority 0; policy accept; iifname . oifname @cut drop; }
  }`);
}

function ip(...argv: string[]): void {
  execFileSync('ip', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
}
