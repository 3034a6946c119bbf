/** What nodes of several processes say to each other: JSON by HTTP, where both sides prove that they have the cookie. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';

/** Somebody answers, but not as wished: has another cookie, or says that it cannot. */
export class Declined extends Error {}

export type Hear = (what: string, told: never) => Promise<unknown>;

interface Listening {
  readonly host: string;
  readonly port: number;
  readonly cookie: string;
  readonly log?: ((line: string) => void) | undefined;
}

/** Where the others are heard. Its end takes all connections along. */
export async function listen(
  { host, port, cookie, log = () => {} }: Listening,
  hear: Hear,
): Promise<() => Promise<void>> {
  const told = new Set<string>();
  const rejected = (name: string) => {
    if (told.has(name)) return;
    told.add(name);
    log(`** Connection attempt from node '${name}' rejected. Invalid challenge reply. **`);
  };
  const server = http.createServer(async (request, response) => {
    const text = await bodyOf(request).catch(() => undefined);
    if (text === undefined) return;
    const what = request.url!.slice(1);
    const nonce = String(request.headers['x-nonce']);
    if (!isProof(request.headers['x-proof'], proof(cookie, ['ask', nonce, what, text]))) {
      rejected(String(request.headers['x-name']).replace(/[^\w@.-]/g, ''));
      response.writeHead(403).end();
      return;
    }
    const answer = await hear(what, JSON.parse(text) as never).then(
      (said) => JSON.stringify({ told: said }),
      (error) => JSON.stringify({ failed: String(error) }),
    );
    response.writeHead(200, { 'x-proof': proof(cookie, ['answer', nonce, answer]) }).end(answer);
  });
  // Who keeps a connection is not cut off just when it speaks again.
  server.keepAliveTimeout = 0;
  server.listen(port, host);
  await once(server, 'listening');
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

export interface Speaker {
  readonly name: string;
  readonly cookie: string;
  readonly port: number;
}

/** One other node, as this one reaches it. */
export class Line {
  readonly #from: Speaker;
  readonly #host: string;
  #agent = new http.Agent({ keepAlive: true });

  constructor(from: Speaker, to: string) {
    this.#from = from;
    this.#host = to.slice(to.indexOf('@') + 1);
  }

  /** Throws where it is not answered in time, milliseconds. */
  async say<T>(what: string, told: unknown, patience: number): Promise<T> {
    const { name, cookie, port } = this.#from;
    const text = JSON.stringify(told);
    const nonce = randomBytes(12).toString('hex');
    const headers = {
      'x-name': name,
      'x-nonce': nonce,
      'x-proof': proof(cookie, ['ask', nonce, what, text]),
      'content-length': Buffer.byteLength(text),
    };
    const request = http.request({
      ...{ host: this.#host, port, method: 'POST', path: `/${what}`, headers, agent: this.#agent },
      signal: AbortSignal.timeout(patience),
    });
    // Whoever waits is told by what waits.
    request.on('error', () => {}).end(text);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const answer = await bodyOf(response);
    if (response.statusCode === 403) throw new Declined(`${this.#host} has another cookie.`);
    if (!isProof(response.headers['x-proof'], proof(cookie, ['answer', nonce, answer])))
      throw new Declined(`${this.#host} does not prove that it has the cookie.`);
    const { told: answered, failed } = JSON.parse(answer);
    if (failed !== undefined) throw new Declined(failed);
    return answered as T;
  }

  /** What was lost in the network is not waited for by whoever comes next. */
  close(): void {
    this.#agent.destroy();
    this.#agent = new http.Agent({ keepAlive: true });
  }
}

function proof(cookie: string, parts: readonly string[]): string {
  return createHmac('sha256', cookie).update(JSON.stringify(parts)).digest('hex');
}

function isProof(given: unknown, wanted: string): boolean {
  const [one, other] = [Buffer.from(String(given)), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function bodyOf(stream: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
