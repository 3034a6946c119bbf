/** The router before the cluster, which takes the floating address from every node that announces it, and who is beyond it. */
import { boot, type Node } from '../node.ts';
import { serve, startUpstream } from '../upstream.ts';

export const floating = '203.0.113.50';
export const nodesAsn = 64601;
export const upstreamAsn = 64515;

/**
 * Addresses, protocol and ports, read from the packet (ip-sysctl, fib_multipath_hash_fields). By policy 1 the kernel
 * goes by what the sender's kernel noted beside the packet, if that is the same kernel, as it is here: a reset has no
 * such note and takes another way than its connection. No wire carries that note.
 */
const spreading = ['net.ipv4.fib_multipath_hash_policy=3', `net.ipv4.fib_multipath_hash_fields=${0x37}`];

/** Connections are spread over all that announce the address, by their ports, too: all come from one address here. */
export async function startRouter(router: Node, nodes: readonly Node[]): Promise<void> {
  await router.must(['sysctl', '-qw', ...spreading]);
  await startUpstream(router, sessionsWith(router, nodes));
}

/**
 * A node beyond the router, which routes what it asks. Where a router asks by itself, its resets go astray whatever the
 * policy: the nodes keep halves of connections, and a later one from the same port runs into such a half and waits in vain.
 */
export async function bootBeyond(router: Node, name: string): Promise<Node> {
  const node = await boot({ name });
  await node.must(`ip route add ${floating} via ${router.addresses[0]}`);
  // The nodes are on the same network: nobody is to be told of the shorter way.
  const redirects = ['all', 'eth0'].map((where) => `net.ipv4.conf.${where}.send_redirects=0`);
  await router.must(['sysctl', '-qw', ...redirects, 'net.ipv4.ip_forward=1']);
  return node;
}

/** As a provider does it: each server has its session. */
export async function routeTo(router: Node, nodes: readonly Node[]): Promise<void> {
  await serve(router, sessionsWith(router, nodes));
}

function sessionsWith(router: Node, nodes: readonly Node[]) {
  return nodes.map((node) => ({
    name: node.name,
    local: router.addresses[0]!,
    neighbour: node.addresses[0]!,
    asn: upstreamAsn,
    neighbourAsn: nodesAsn,
    // As pillar/settings.yaml has it.
    multihop: true,
    bfd: true,
  }));
}

/** Waits until so many nodes announce the address. */
export async function announcedBy(router: Node, count: number, seconds = 60): Promise<void> {
  // The route to one alone is a line of its own.
  const paths = `ip route show ${floating} | grep -c via`;
  await router.until(`[ "$(${paths})" = ${count} ]`, { seconds });
}
