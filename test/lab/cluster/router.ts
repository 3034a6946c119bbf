/** The router before the cluster: it takes the floating address from every node that announces it. */
import type { Node } from '../node.ts';

export const floating = '203.0.113.50';
export const nodesAsn = 64601;
export const upstreamAsn = 64515;

/** Connections are spread over all that announce the address. */
export async function startRouter(node: Node): Promise<void> {
  await node.write(
    '/etc/bird/bird.conf',
    `router id ${node.addresses[0]};
log syslog all;
protocol device {}
protocol kernel { merge paths on; ipv4 { import none; export where source = RTS_BGP; }; }
protocol bfd { interface "*" { interval 100 ms; multiplier 3; }; }
protocol bgp {
  local as ${upstreamAsn};
  neighbor range 198.51.100.0/24 as ${nodesAsn};
  dynamic name "app";
  hold time 9; keepalive time 3; bfd on;
  ipv4 { import where net = ${floating}/32; export none; };
}
`,
  );
  await node.must('chown bird: /etc/bird/bird.conf; chmod 640 /etc/bird/bird.conf; bird -p');
  // By the ports of a connection, too: else all that comes from one address goes one way.
  await node.must('sysctl -qw net.ipv4.fib_multipath_hash_policy=1');
  await node.must('systemctl restart bird');
}

/** Waits until so many nodes announce the address. */
export async function announcedBy(node: Node, count: number, seconds = 60): Promise<void> {
  await node.until(`[ "$(ip route show ${floating} | grep -c via)" = ${count} ]`, { seconds });
}
