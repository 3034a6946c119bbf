/** The router before the cluster: it takes the floating address from every node that announces it. */
import type { Node } from '../node.ts';
import { serve, startUpstream } from '../upstream.ts';

export const floating = '203.0.113.50';
export const nodesAsn = 64601;
export const upstreamAsn = 64515;

/** Connections are spread over all that announce the address, by their ports, too: all come from one address here. */
export async function startRouter(router: Node, nodes: readonly Node[]): Promise<void> {
  await router.must('sysctl -qw net.ipv4.fib_multipath_hash_policy=1');
  await startUpstream(router, sessionsWith(router, nodes));
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
