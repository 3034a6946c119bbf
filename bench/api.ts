/** How many requests the API answers, and how many one core would, beside plain Fastify: node bench/api.ts [seconds]. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { settle, startPlatform } from '../test/helpers/api.ts';

const duration = Number(process.argv[2] ?? 5);
const plain = `
import fastify from 'fastify';
const app = fastify();
app.get('/status', (_, reply) => reply.type('text/plain').send('Status: OK\\n'));
console.log('Listening on', JSON.stringify({ port: Number(new URL(await app.listen({ port: 0 })).port) }));
`;

interface Begun extends Disposable {
  readonly port: number;
  /** Seconds of a core that it has used. */
  readonly used: () => number;
}

async function begin(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Begun> {
  const cwd = join(import.meta.dirname, '../api');
  const child = spawn(process.execPath, words, { cwd, env: { ...process.env, ...env } });
  let log = '';
  for (;;) {
    const [part] = await once(child.stdout, 'data');
    log += part;
    const port = /"port":(\d+)/.exec(log)?.[1];
    if (!port) continue;
    const used = () => {
      const [, , ...fields] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };
    return { port: Number(port), used, [Symbol.dispose]: () => void child.kill('SIGKILL') };
  }
}

async function measure(what: string, server: Begun, path: string, headers = {}): Promise<void> {
  const options = { url: `http://127.0.0.1:${server.port}${path}`, headers, connections: 32 };
  await autocannon({ ...options, duration: 1 });
  const before = server.used();
  const { requests, latency, non2xx, errors } = await autocannon({ ...options, duration });
  const perCore = Math.round(requests.total / (server.used() - before));
  const figures = [
    `${Math.round(requests.average)}/s`,
    `${perCore} per second of a core`,
    `median ${latency.p50} ms`,
  ];
  console.log(`${what}: ${figures.join(', ')}, 99 % ${latency.p99} ms, failed ${non2xx + errors}`);
}

await using platform = await startPlatform(1);
const anna = await settle(platform, 'anna');
const session = { Cookie: anna.cookieLine(), 'C-Token': anna.token };
const env = {
  API_PORT: '0',
  API_LOG: 'off',
  API_LIMITS: '1000000',
  API_SECRET: 'a secret of these tests that is long enough',
  COUCHDB_MEMBERS: platform.databases.urls.join(),
  COUCHDB_PASSWORD: 'secret',
  STATE_DIRECTORY: '/tmp',
};
using fastify = await begin(['--input-type=module', '-e', plain]);
using app = await begin(['server.ts'], env);
await measure('plain Fastify, /status', fastify, '/status');
await measure('the API, /status', app, '/status');
await measure('the API, who am I', app, '/api/sessions/', session);
await measure('the API, a uuid kept', app, '/api/sessions/uuid', session);
await measure('the API, 100 uuids kept', app, '/api/sessions/uuid?count=100', session);
