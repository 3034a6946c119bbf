/** Serves what app nodes have to offer: the REST API, `/status`, and the site. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, startApi } from './api.ts';
import { createApp } from './app.ts';
import { type Backing, backing, missing, type Where, whereToServe } from './settings.ts';

export interface Running {
  readonly servers: readonly Server[];
  /** Of the first address. */
  readonly port: number;
  readonly api: Api | undefined;
  /** /status says so from now on, and all else goes on. */
  drain(): void;
  /** No new connections; those at work have so many milliseconds left. */
  stop(patience: number): Promise<void>;
}

/** One server for each address; all listen, or none. */
export async function serve(where: Where, backing?: Backing): Promise<Running> {
  let isDraining = false;
  const api =
    backing &&
    startApi(backing, {
      node: where.node,
      log: (what, details) => where.log && console.log(JSON.stringify({ what, ...details })),
    });
  const app = await createApp({ where, api, isDraining: () => isDraining });
  const servers = where.addresses.map(() =>
    createServer(
      // haproxy is the one who closes connections that it does not need.
      { keepAliveTimeout: 75_000, requestTimeout: 30_000 },
      (request, response) => app.routing(request, response),
    ),
  );

  async function end(patience: number): Promise<void> {
    isDraining = true;
    const ends = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    const late = setTimeout(() => {
      for (const server of servers) server.closeAllConnections();
    }, patience);
    // Connections that have become idle since.
    const idle = setInterval(() => {
      for (const server of servers) server.closeIdleConnections();
    }, 50);
    await Promise.all(ends);
    clearInterval(idle);
    clearTimeout(late);
    await api?.close();
    await app.close();
  }

  let ending: Promise<void> | undefined;
  const stop = (patience: number) => {
    ending ??= end(patience);
    return ending;
  };

  const results = await Promise.allSettled(
    servers.map((server, index) => listening(server, where.port, where.addresses[index]!)),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop(0);
    throw failed.reason;
  }
  const { port } = servers[0]!.address() as AddressInfo;
  const drain = () => {
    isDraining = true;
  };
  return { servers, port, api, drain, stop };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => resolve());
  });
}

/** Those before it see by /status that it goes, and send nothing more, before it takes nothing more. */
async function main(): Promise<void> {
  const where = whereToServe(process.env);
  const lacking = missing(process.env);
  if (lacking.length > 0) {
    console.log(`Only /status and the site are served: there is no ${lacking.join(', no ')}.`);
  }
  const running = await serve(where, lacking.length === 0 ? backing(process.env) : undefined);
  const addresses = running.servers.map((server) => JSON.stringify(server.address()));
  console.log(`Listening on ${addresses.join(', ')}`);
  let isEnding = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (isEnding) return;
      isEnding = true;
      running.drain();
      await wait(where.drain);
      await running.stop(10_000);
    });
  }
}

if (import.meta.main) await main();
