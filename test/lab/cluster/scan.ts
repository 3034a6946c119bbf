/** Which ports of a node can be connected to from another, whoever is behind them. */
import type { Node } from '../node.ts';

/** All that anything of ours listens on, and some more. Port 22 is where sshd is, if there is one. */
const ports = [21, 25, 53, 80, 111, 179, 443, 4369, 5984, 5986, 6984, 8080, 8081, 8404, 9100, 9101];

const script = `
const { connect } = require('node:net');
const [address, ...ports] = process.argv.slice(1);
Promise.all(ports.map((port) => new Promise((resolve) => {
  const socket = connect({ host: address, port, timeout: 1500 });
  const end = (open) => { socket.destroy(); resolve(open ? Number(port) : undefined); };
  socket.once('connect', () => end(true)).once('error', () => end(false)).once('timeout', () => end(false));
}))).then((open) => console.log(JSON.stringify(open.filter(Boolean))));
`;

export async function openPorts(from: Node, address: string): Promise<number[]> {
  return JSON.parse(await from.must(['node', '-e', script, address, ...ports.map(String)]));
}
