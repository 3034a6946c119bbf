/** Asks the cluster again and again, inside a node, as browsers would, and writes down what came of it. Arguments: host, address. */
import { appendFileSync } from 'node:fs';
import { Agent, type AgentOptions, request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';

/** What came of one request: when it began, its milliseconds, its trouble, and the certificate it was answered with. */
export interface Asked {
  readonly at: number;
  readonly took: number;
  readonly kept: boolean;
  readonly trouble?: string;
  readonly serial?: string;
}

/** One of these for each line. */
export const log = '/run/asked.ndjson';

/** Milliseconds after which a person would have gone. */
const patience = 3000;
const paths = ['/status', '/'];

async function ask(host: string, address: string, path: string, agent: Agent): Promise<string | undefined> {
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
      const { serialNumber } = (answer.socket as TLSSocket).getPeerCertificate();
      answer.resume();
      answer.once('error', reject);
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve(serialNumber) : reject(new Error(String(answer.statusCode))),
      );
    });
    const late = setTimeout(() => sent.destroy(new Error('no answer')), patience);
    sent.once('error', reject);
    sent.once('close', () => clearTimeout(late));
    sent.end();
  });
}

/** Kept connections are closed by a server when it goes; then nothing was done yet, and clients ask anew. */
const isClosed = (error: Error & { code?: string }) => error.code === 'ECONNRESET' || error.code === 'EPIPE';

async function work(host: string, address: string, options: AgentOptions): Promise<never> {
  const agent = new Agent({ ...options, maxCachedSessions: 0 });
  const kept = options.keepAlive === true;
  for (let count = 0; ; count++) {
    const at = Date.now();
    const path = paths[count % paths.length]!;
    const once = () => ask(host, address, path, agent);
    const result = await once()
      .catch((error) => {
        if (kept && isClosed(error)) return once();
        throw error;
      })
      .then(
        (serial) => ({ serial }),
        (error) => ({ trouble: `${error.code ?? ''} ${error.message}`.trim() }),
      );
    appendFileSync(log, `${JSON.stringify({ at, took: Date.now() - at, kept, ...result })}\n`);
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
