/** A node with the tree states/bird and nothing else of ours, and the API whose health is checked. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Converged, type ConvergeOptions, putTree, treeFolder } from './converge.ts';
import { boot, type Node } from './node.ts';

const top = join(import.meta.dirname, '../..');

/** Only the tree itself, as in somebody else's project. */
const files = Object.fromEntries(
  ['states/bird', 'templates/bird'].flatMap((folder) =>
    readdirSync(join(top, folder)).map((name) => [
      `${folder}/${name}`,
      readFileSync(join(top, folder, name), 'utf8'),
    ]),
  ),
);

export const floating = '203.0.113.50';
export const floating6 = '2001:db8::50';
export const password = 'md5-s3cret of both #1';

/** Where everything is a secret: docs/secrets.md. */
const secretFolder = '/etc/converge/pillar';

/** What the API does is told by the word in this file. */
const mode = '/run/api-mode';
export const api = 'http://127.0.0.1:8080/status';

const server = `
const { readFileSync, writeFileSync } = require('node:fs');
const head = (status, rest = '') => 'HTTP/1.1 ' + status + '\\r\\nContent-Type: text/plain\\r\\n' + rest + '\\r\\n';
const good = head('200 OK', 'Content-Length: 10\\r\\n') + 'Status: OK';
const endless = good.replace(/Content-Length.*\\n/, '') + 'x'.repeat(1e6);
let asked = 0;
const answers = {
  ok: good, 503: head('503 Service Unavailable'), redirect: head('302 Found', 'Location: /x\\r\\n'),
  cut: 'HTTP/1.1 200 O', headless: 'HTTP/1.1 200 OK\\r\\nContent-', short: head('200 OK', 'Content-Length: 99\\r\\n') + 'Status: OK',
  garbage: Buffer.from(Array.from({ length: 300 }, (_, at) => at & 255)), other: head('200 OK') + 'Status: broken',
  empty: '', big: endless, lines: 'HTTP/1.0 200 OK\\n\\nStatus: OK',
};
require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (data) => {
    if (data.toString().startsWith('open')) return socket.write('open\\n').valueOf() && socket.on('data', (more) => socket.write(more));
    const mode = readFileSync('${mode}', 'utf8').trim();
    // Once in each round.
    if (socket.remoteAddress.endsWith('127.0.0.1')) asked++;
    if (mode === 'silent') return;
    if (mode === 'reset') return socket.resetAndDestroy();
    if (mode === 'every-second') return socket.end(answers[asked % 2 || socket.remoteAddress === '::1' ? 'ok' : 503]);
    if (mode === 'slow') return setTimeout(() => socket.end(good), 600);
    if (mode === 'trickle') {
      let at = 0;
      const timer = setInterval(() => at < good.length ? socket.write(good[at++]) : (clearInterval(timer), socket.end()), 1);
      return;
    }
    socket.end(answers[mode]);
  });
}).listen(8080, '::');
`;

/** The node and what stands on it before the tree comes: an API, haproxy on port 80, addresses of IPv6. */
export async function bootApp(name: string, family: 'debian' | 'trixie' | 'rpm' = 'debian'): Promise<Node> {
  const node = await boot({ name, family, packages: family === 'rpm' ? [] : ['haproxy'] });
  await setMode(node, 'ok');
  await node.write('/root/api.cjs', server);
  await node.must(`ip -6 address add ${address6(node)}/64 dev eth1 nodad`);
  if (family !== 'rpm') {
    await node.write('/etc/haproxy/haproxy.cfg', haproxy);
    await node.must('systemctl restart haproxy');
  }
  await putBird(node);
  return node;
}

const haproxy = `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind *:80
  http-request redirect scheme https
`;

export function address6(node: Node): string {
  return `fd00:77::${node.addresses[1]!.replace(/.*\./, '')}`;
}

export async function startApi(node: Node): Promise<void> {
  await node.must('systemd-run -q --unit=api /usr/local/bin/node /root/api.cjs');
}

export async function setMode(node: Node, word: string): Promise<void> {
  await node.write(mode, word);
}

/** What a user writes, for a neighbour that is this node. */
export function pillarOf(
  upstream: Node,
  more: object = {},
): { readonly bird: Readonly<Record<string, unknown>> } {
  return {
    bird: {
      asn: 64601,
      addresses: [floating],
      neighbours: { upstream: { address: upstream.addresses[0], asn: 64515, multihop: 2 } },
      ...more,
    },
  };
}

/** A run of the tree. */
export async function applyBird(
  node: Node,
  pillar: object,
  options: ConvergeOptions = {},
): Promise<Converged> {
  return await node.converge(undefined, {
    verb: ['apply', 'bird'],
    ...options,
    pillar,
    options: ['--templates', `${treeFolder}/templates`, '--pillar', secretFolder, ...(options.options ?? [])],
  });
}

/** The tree in place of what was there, and the password as a secret of the pillar. */
export async function putBird(node: Node): Promise<void> {
  await putTree(node, { ...files, 'pillar/top.yaml': "base: {'*': [secrets]}\n" });
  await putPassword(node, password);
}

export async function putPassword(node: Node, text: string): Promise<void> {
  const secrets = { bird: { neighbours: { upstream: { password: text } } } };
  await node.write(`${secretFolder}/secrets.yaml`, JSON.stringify(secrets));
  await node.must(`chmod 700 ${secretFolder}; chmod 600 ${secretFolder}/secrets.yaml`);
}

export interface Health {
  readonly announced: boolean;
  readonly addresses: readonly string[];
  readonly problem: string;
}

/** As bird-health tells it. */
export async function healthOf(node: Node): Promise<Health> {
  return JSON.parse((await node.file('/run/bird-health/state.json')) ?? '{}');
}

/** Waits until bird-health announces the addresses, or has withdrawn them. */
export async function announces(node: Node, yes: boolean): Promise<void> {
  await node.until(`grep -q '"announced":${yes},' /run/bird-health/state.json`, { seconds: 15 });
}
