/** A small cluster on this machine: app nodes in processes of their own behind a proxy, db nodes, and a server of mail. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as esbuild from 'esbuild';
import { buildSite } from '../../api/web/build.ts';
import { startStore } from '../helpers/couchdb/store.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { type Mailbox, startMailbox } from '../helpers/mailbox.ts';

const api = join(import.meta.dirname, '../../api');

export interface Platform extends AsyncDisposable {
  readonly url: string;
  readonly mailbox: Mailbox;
  readonly apps: readonly { readonly name: string; kill(): void; start(): Promise<void> }[];
  readonly dbs: readonly { readonly name: string; die(): Promise<void>; revive(): Promise<void> }[];
}

export async function startPlatform(appNodes: number): Promise<Platform> {
  await using made = new AsyncDisposableStack();
  const folder = made.use(temporaryFolder());
  const mailbox = made.use(await startMailbox());
  const store = made.use(await startStore({ members: 3 }));
  const site = join(folder.path, 'site');
  await buildSite({ esbuild, source: join(api, 'web'), out: site });
  const backends = new Map<string, number>();
  const proxy = made.use(await startProxy(() => [...backends.values()]));
  const apps = await Promise.all(
    Array.from({ length: appNodes }, async (_, index) => {
      const name = `app${index + 1}`;
      const environment = {
        API_NODE: name,
        API_PORT: '0',
        API_SITE: site,
        API_URL: proxy.url,
        API_SECRET: 'a secret of these tests that is long enough',
        API_DRAIN: '0',
        API_LIMITS: '1000',
        API_LOG: 'off',
        COUCHDB_MEMBERS: store.urls.join(),
        COUCHDB_USER: store.username,
        COUCHDB_PASSWORD: store.password,
        SMTP_HOST: '127.0.0.1',
        SMTP_PORT: String(mailbox.port),
        STATE_DIRECTORY: join(folder.path, name),
      };
      let child: ChildProcess | undefined;
      made.defer(() => void child?.kill('SIGKILL'));
      const start = async () => {
        const begun = await startApp(environment);
        child = begun.child;
        backends.set(name, begun.port);
      };
      await start();
      return { name, start, kill: () => void child?.kill('SIGKILL') };
    }),
  );
  const all = made.move();
  return {
    url: proxy.url,
    mailbox,
    apps,
    dbs: store.nodes,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startApp(environment: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [join(api, 'server.ts')], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout!.on('data', (part) => {
      text += String(part);
      const told = /Listening on .*"port":(\d+)/.exec(text)?.[1];
      if (told !== undefined) resolve(Number(told));
    });
    child.on('exit', () => reject(new Error(`The API ended:\n${text}`)));
  });
  return { child, port };
}

/** One after the other, as haproxy does: a node that takes no connection is left out, and the request goes to the next. */
async function startProxy(
  ports: () => readonly number[],
): Promise<AsyncDisposable & { readonly url: string }> {
  let turn = 0;
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer(async (request, response) => {
    const body = await buffer(request);
    const backends = ports();
    turn += 1;
    pass(backends.map((_, index) => backends[(turn + index) % backends.length]!));

    function pass([port, ...others]: readonly number[]): void {
      const { method, url: path, headers } = request;
      const forwarded = { ...headers, 'x-forwarded-for': request.socket.remoteAddress };
      const onward = http.request({ host: '127.0.0.1', port, method, path, headers: forwarded, agent });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode!, answer.rawHeaders);
        answer.on('error', () => response.destroy()).pipe(response);
      });
      onward.on('error', (error: NodeJS.ErrnoException) => {
        if (response.headersSent) response.destroy();
        else if (error.code === 'ECONNREFUSED' && others.length > 0) pass(others);
        else response.writeHead(502).end();
      });
      onward.end(body);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
