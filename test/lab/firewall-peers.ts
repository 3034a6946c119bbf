/** Programs that run on nodes beside a firewall: who listens, who scans, and who asks without pause. */

/** Echoes whatever comes in by TCP and UDP. */
export function listener(tcp: readonly number[], udp: readonly number[]): string {
  return `
const net = require('node:net'), dgram = require('node:dgram');
for (const port of ${JSON.stringify(tcp)}) net.createServer((one) => one.on('error', () => {}).pipe(one)).listen(port, '::');
for (const port of ${JSON.stringify(udp)}) {
  const socket = dgram.createSocket({ type: 'udp6', recvBufferSize: 1 << 22 });
  socket.on('message', (text, { port, address }) => socket.send(text, port, address)).bind(port, '::');
}`;
}

/** Prints the TCP ports of a host that accept a connection, of 1 to 10240 unless told. A lost packet is sent again after a second. */
export function scan(host: string, ports = Array.from({ length: 10_240 }, (_, at) => at + 1)): string {
  return `
const net = require('node:net');
const open = [];
Promise.all(${JSON.stringify(ports)}.map((port) => new Promise((done) => {
  const socket = net.connect({ host: '${host}', port });
  const end = () => { socket.destroy(); done(); };
  // After whatever came in while so many were being opened.
  setTimeout(() => setImmediate(end), ${ports.length > 100 ? 2500 : 1500});
  socket.on('connect', () => { open.push(port); end(); }).on('error', end);
}))).then(() => process.stdout.write(JSON.stringify(open.sort((a, b) => a - b)), () => process.exit()));`;
}

/** Prints whether a UDP port answers, asked three times. */
export function ask(host: string, port: number): string {
  return `
const socket = require('node:dgram').createSocket('${host.includes(':') ? 'udp6' : 'udp4'}');
const say = (text) => process.stdout.write(text, () => process.exit());
socket.on('message', () => say('yes')).on('error', () => {});
let times = 0;
setInterval(() => (times++ < 3 ? socket.send('?', ${port}, '${host}') : say('no')), 300);`;
}

/** How many of so many connections to a port, one after the other, are accepted within half a second. */
export function knock(host: string, port: number, times: number): string {
  return `
const net = require('node:net');
const once = () => new Promise((done) => {
  const socket = net.connect({ host: '${host}', port: ${port} });
  const end = (made) => { socket.destroy(); done(made); };
  setTimeout(end, 500, 0);
  socket.on('connect', () => end(1)).on('error', () => end(0));
});
(async () => {
  let made = 0;
  for (let at = 0; at < ${times}; at++) made += await once();
  process.stdout.write(String(made), () => process.exit());
})();`;
}

/** Asks by UDP, by new connections and by one that stays, until there is a file; prints what was asked and answered. */
export function load(host: string, { tcp, udp, until }: { tcp: number; udp: number; until: string }): string {
  return `
const net = require('node:net'), dgram = require('node:dgram'), fs = require('node:fs');
const counts = { asked: 0, answered: 0, connected: 0, failed: 0, sent: 0, echoed: 0 };
let stopping = false;
const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
socket.on('message', () => counts.answered++);
const sending = setInterval(() => { counts.asked++; socket.send('?', ${udp}, '${host}'); }, 1);
const long = net.connect({ host: '${host}', port: ${tcp} });
long.on('data', (text) => { counts.echoed += text.length; }).on('error', () => counts.failed++);
const talking = setInterval(() => { counts.sent += 4; long.write('ping'); }, 2);
const once = () => new Promise((done) => {
  const one = net.connect({ host: '${host}', port: ${tcp} });
  one.on('connect', () => one.write('x')).on('data', () => { counts.connected++; one.destroy(); done(); });
  one.on('error', () => { counts.failed++; done(); });
});
const loop = async () => {
  while (!stopping) { await once(); await new Promise((done) => setTimeout(done, 3)); }
};
const loops = [loop(), loop(), loop()];
const looking = setInterval(async () => {
  if (!fs.existsSync('${until}') || stopping) return;
  stopping = true;
  clearInterval(sending);
  clearInterval(talking);
  await Promise.all(loops);
  const deadline = Date.now() + 5000;
  const all = () => counts.answered === counts.asked && counts.echoed === counts.sent;
  while (!all() && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
  process.stdout.write(JSON.stringify(counts), () => process.exit());
}, 20);`;
}

/**
 * Connects to the echo of an address that several nodes have, is moved by the route to the last of them in the middle,
 * and prints what comes of it then. What connected from the same port before, to the nodes named first, was ended there.
 */
export function moved(address: string, port: number, nodes: readonly string[]): string {
  return `
const net = require('node:net');
const { once } = require('node:events');
const nodes = ${JSON.stringify(nodes)};
const localPort = 20000 + nodes.length;
const goTo = (node) => require('node:child_process').execFileSync('ip', ['route', 'replace', '${address}', 'via', node]);
const connect = async (node) => {
  goTo(node);
  const socket = net.connect({ host: '${address}', port: ${port}, localPort });
  await once(socket.on('error', () => {}), 'connect');
  socket.write('.');
  await once(socket, 'data');
  return socket;
};
(async () => {
  const last = nodes.pop();
  const present = nodes.pop();
  for (const node of nodes) await once((await connect(node)).resetAndDestroy(), 'close');
  const socket = await connect(present);
  goTo(last);
  const say = (text) => process.stdout.write(text, () => process.exit());
  socket.on('data', () => say('echo')).on('error', ({ code }) => say(code));
  setTimeout(say, 3000, 'nothing');
  socket.write('.');
})();`;
}
