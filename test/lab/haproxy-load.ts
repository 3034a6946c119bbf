/** Asks a server again and again, inside a node, and counts what gets no answer. Arguments: host, how often at least. */
import { existsSync } from 'node:fs';
import { connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

export interface Load {
  /** Requests, and those of them that were lost, by the kind of connection. */
  readonly [kind: string]: { readonly asked: number; readonly lost: readonly string[] };
}

/** Ends the load, when it was asked often enough. */
export const enough = '/run/enough';

type Ask = (method: string) => Promise<number>;

const [host = '', least = '0'] = process.argv.slice(2);
/** Milliseconds between two requests of a client, at most. */
const longest = 20;
const insecure = { host, port: 443, servername: 'www.example.test', rejectUnauthorized: false };

/** A client as they are: what it was told not to use again it does not use again. */
function overHttp1(agent: Agent | false): Ask {
  return (method) =>
    new Promise((resolve, reject) => {
      const body = method === 'POST' ? 'x'.repeat(2000) : '';
      const sent = request({ ...insecure, agent, method, path: '/api/x', timeout: 15_000 }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode!));
        answer.once('error', reject);
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer')));
      sent.once('error', reject);
      sent.end(body);
    });
}

function overHttp2(): Ask {
  let session: ReturnType<typeof connect> | undefined;
  return (method) =>
    new Promise((resolve, reject) => {
      if (session === undefined || session.closed || session.destroyed) {
        const fresh = connect(`https://${host}`, insecure);
        fresh.on('error', () => {});
        fresh.on('goaway', () => fresh.close());
        session = fresh;
      }
      const stream = session.request({ ':method': method, ':path': '/api/x' });
      let status = 0;
      stream.on('response', (headers) => {
        status = headers[':status']!;
      });
      stream.on('error', reject);
      stream.on('close', () => (status ? resolve(status) : reject(new Error('closed without an answer'))));
      stream.resume();
      stream.end(method === 'POST' ? 'x' : undefined);
    });
}

/** A stream that was refused was not looked at, so clients ask anew by themselves (RFC 9113, 8.7). */
async function again(ask: Ask, method: string): Promise<number> {
  try {
    return await ask(method);
  } catch (error) {
    if (!String(error).includes('REFUSED_STREAM')) throw error;
    return await ask(method);
  }
}

let asked = 0;

async function work(ask: Ask, counted: { asked: number; lost: string[] }): Promise<void> {
  while (asked < Number(least) || !existsSync(enough)) {
    asked += 1;
    const method = counted.asked % 4 === 0 ? 'POST' : 'GET';
    counted.asked += 1;
    const at = Date.now();
    const trouble = await again(ask, method).then(
      (status) => (status === 200 ? undefined : String(status)),
      (error) => `${error.code ?? ''} ${error.message}`,
    );
    if (trouble) counted.lost.push(`${method} ${trouble} after ${Date.now() - at} ms`);
    await pause(Math.random() * longest);
  }
}

if (process.argv[1] === import.meta.filename) {
  const load = Object.fromEntries(
    ['new', 'kept', 'http2'].map((kind) => [kind, { asked: 0, lost: [] as string[] }]),
  );
  const workers = Array.from({ length: 4 }, (_, index) => [
    // Handshakes are dear.
    ...(index % 2 === 0 ? [work(overHttp1(false), load['new']!)] : []),
    work(overHttp1(new Agent({ keepAlive: true, maxSockets: 1 })), load['kept']!),
    work(overHttp2(), load['http2']!),
  ]);
  await Promise.all(workers.flat());
  console.log(JSON.stringify(load));
}
