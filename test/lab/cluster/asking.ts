/** Asks the cluster again and again, inside a node, as browsers would, and writes down what came of it. Arguments: host, address. */
import { appendFileSync } from 'node:fs';
import { Agent, type AgentOptions, request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';

/** What came of one request. */
export interface Asked {
  /** When it began. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  readonly kept: boolean;
  readonly trouble?: string;
  /** Of the certificate it was answered with. */
  readonly serial?: string;
  /** Our ports, of which there are two where it was asked anew. By them it is found in what was seen of the network. */
  readonly ports: readonly number[];
  /** How far the last one came. */
  readonly reached: Reached;
}

type Reached = 'nothing' | 'connected' | 'secure' | 'head';

/** What is known of a request while it is under way. */
interface Way {
  readonly ports: number[];
  reached: Reached;
}

/** One of these for each line. */
export const log = '/run/asked.ndjson';

/** Milliseconds after which a person would have gone. */
const patience = 3000;
const paths = ['/status', '/'];

async function ask(
  host: string,
  address: string,
  path: string,
  agent: Agent,
  way: Way,
): Promise<string | undefined> {
  way.reached = 'nothing';
  return await new Promise((resolve, reject) => {
    const options = {
      host: address,
      path,
      agent,
      servername: host,
      headers: { host },
      rejectUnauthorized: false,
    };
    const sent = request(options, (answer) => {
      way.reached = 'head';
      const { serialNumber } = (answer.socket as TLSSocket).getPeerCertificate();
      answer.resume();
      answer.once('error', reject);
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve(serialNumber) : reject(new Error(String(answer.statusCode))),
      );
    });
    const late = setTimeout(() => {
      if (way.reached === 'nothing') way.ports.push(sent.socket?.localPort ?? 0);
      sent.destroy(new Error('no answer'));
    }, patience);
    sent.once('socket', (socket) => follow(socket as TLSSocket, way));
    sent.once('error', reject);
    sent.once('close', () => clearTimeout(late));
    sent.end();
  });
}

function follow(socket: TLSSocket, way: Way): void {
  const connected = () => {
    way.ports.push(socket.localPort!);
    way.reached = 'connected';
  };
  const secure = () => {
    way.reached = 'secure';
  };
  if (socket.connecting) socket.once('connect', connected).once('secureConnect', secure);
  else {
    connected();
    secure();
  }
}

/** Kept connections are closed by a server when it goes; then nothing was done yet, and clients ask anew. */
const isClosed = (error: Error & { code?: string }) => error.code === 'ECONNRESET' || error.code === 'EPIPE';

async function work(host: string, address: string, options: AgentOptions): Promise<never> {
  const agent = new Agent({ ...options, maxCachedSessions: 0 });
  const kept = options.keepAlive === true;
  for (let count = 0; ; count++) {
    const at = Date.now();
    const path = paths[count % paths.length]!;
    const way: Way = { ports: [], reached: 'nothing' };
    const once = () => ask(host, address, path, agent, way);
    const result = await once()
      .catch((error) => {
        if (kept && isClosed(error)) return once();
        throw error;
      })
      .then(
        (serial) => ({ serial }),
        (error) => ({ trouble: `${error.code ?? ''} ${error.message}`.trim() }),
      );
    appendFileSync(log, `${JSON.stringify({ at, took: Date.now() - at, kept, ...way, ...result })}\n`);
    await pause(Math.random() * 60);
  }
}

if (import.meta.main) {
  const [host = '', address = ''] = process.argv.slice(2);
  const workers = Array.from({ length: 6 }, (_, index) =>
    work(host, address, index % 2 === 0 ? { keepAlive: true, maxSockets: 1 } : {}),
  );
  await Promise.all(workers);
}
