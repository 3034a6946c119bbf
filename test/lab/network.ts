/** The networks of a lab: two bridges in a namespace of their own, and a namespace with eth0 and eth1 per node. */
import { execFileSync } from 'node:child_process';
import { namespaces, prefix } from './own.ts';

/** Public (eth0) and private (eth1). Nothing of them is seen by the machine, and nodes reach nothing beyond. */
const networks = [
  { name: 'pub', subnet: '198.51.100' },
  { name: 'priv', subnet: '10.77.0' },
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
  for (const { name } of networks) {
    execFileSync('bridge', ['-n', fabric, 'link', 'set', 'dev', `${node}-${name}`, 'state', '0']);
  }
}

function makeFabric(): void {
  ip('netns', 'add', fabric);
  ip('-n', fabric, 'link', 'set', 'lo', 'up');
  for (const { name } of networks) {
    const bridge = `br${name}`;
    // Without the learning delay and the spanning tree: a port forwards at once.
    ip(
      '-n',
      fabric,
      'link',
      'add',
      bridge,
      'type',
      'bridge',
      'forward_delay',
      '0',
      'stp_state',
      '0',
      'mcast_snooping',
      '0',
    );
    ip('-n', fabric, 'link', 'set', bridge, 'up');
  }
}

function ip(...argv: string[]): void {
  execFileSync('ip', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
}
