/** One db node: the connections to it, how it is, and how much it has to do. */
import { Pool } from 'undici';
import type { Place } from './discover.ts';

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Encoded. */
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: unknown;
  /** Name of the db node that answered. */
  readonly db: string;
}

/** So many failures in a row, and it is asked for nothing any more until its health check succeeds. */
const threshold = 3;
const checkTimeout = 2000;

/**
 *            `threshold` failures, or a check that fails
 *   ┌────────┐ ─────────────────────────────────────▶ ┌──────┐
 *   │  well  │                                        │ open │ asked only where no other is left
 *   └────────┘ ◀───────────────────────────────────── └──────┘
 *                     a check that succeeds
 */
export class Member {
  /** As it was found last. */
  place: Place;
  readonly #verify: boolean;
  #pool: Pool;
  #failures = 0;
  /** Until its first check it may have been asked for before it has joined. */
  isWell = false;
  inFlight = 0;
  served = 0;
  /** When it last answered anything: milliseconds as of performance.now(). */
  lastHeard = 0;

  constructor(place: Place, verify: boolean) {
    this.place = place;
    this.#verify = verify;
    this.#pool = this.#connections();
  }

  get name(): string {
    return this.place.name;
  }

  #connections(): Pool {
    const { origin, servername } = this.place;
    return new Pool(origin, {
      connections: 128,
      headersTimeout: 15_000,
      bodyTimeout: 15_000,
      // Shorter than those who answer keep them, so that none is closed just as a question goes out.
      keepAliveTimeout: 3000,
      connect: { timeout: 2000, servername, rejectUnauthorized: this.#verify },
    });
  }

  /** Throws where there was no answer. */
  async ask({ method, path, headers, body }: Question): Promise<Reply> {
    this.inFlight++;
    try {
      const answer = await this.#pool.request({ method, path, headers, body });
      const text = await answer.body.text();
      this.lastHeard = performance.now();
      // Of a proxy before a CouchDB that is away.
      if ([502, 503, 504].includes(answer.statusCode)) throw new Error(`status ${answer.statusCode}`);
      this.#failures = 0;
      this.served++;
      return { status: answer.statusCode, headers: answer.headers, body: parsed(text), db: this.name };
    } catch (error) {
      if (++this.#failures >= threshold) this.isWell = false;
      throw error;
    } finally {
      this.inFlight--;
    }
  }

  /** Where it is ill, what it has not answered yet fails now, so that others are asked. */
  async check(): Promise<void> {
    const pool = this.#pool;
    try {
      const answer = await pool.request({
        method: 'GET',
        path: '/_up',
        signal: AbortSignal.timeout(checkTimeout),
      });
      await answer.body.dump();
      this.lastHeard = performance.now();
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
      this.#failures = 0;
      this.isWell = true;
    } catch (error) {
      this.isWell = false;
      if (pool !== this.#pool) return;
      this.#pool = this.#connections();
      await pool.destroy(error as Error);
    }
  }

  /** What is at work comes to its end. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('an answer that is no JSON');
  }
}
