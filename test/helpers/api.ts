/** App nodes in this process over a store, or a real CouchDB (COUCHDB_URL), and people who use them. */
import { randomBytes } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { type Running, serve } from '../../api/server.ts';
import { backing, whereToServe } from '../../api/settings.ts';
import type { DoubleNode } from './couchdb/server.ts';
import { type StoreOptions, startStore } from './couchdb/store.ts';
import { temporaryFolder } from './folders.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  readonly body: any;
}

export interface Asked {
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
}

export interface Platform extends AsyncDisposable {
  readonly apps: readonly Running[];
  readonly mailbox: Mailbox;
  readonly databases: Databases;
  /** A node more, with other settings. */
  start(environment?: NodeJS.ProcessEnv): Promise<Running>;
}

export interface Databases {
  readonly urls: readonly string[];
  readonly nodes: readonly Pick<DoubleNode, 'url' | 'asked' | 'die' | 'revive'>[];
  /** Method, path and body, as the administrator. */
  ask(method: string, path: string, body?: object): Promise<Answer>;
}

export const isReal = process.env.COUCHDB_URL !== undefined;

/** Of this run alone, where the database is one that others use as well. */
export const run = isReal ? randomBytes(3).toString('hex') : '';

export async function startPlatform(
  count = 2,
  environment: NodeJS.ProcessEnv = {},
  members = 1,
  settings: StoreOptions['settings'] = {},
): Promise<Platform> {
  await using made = new AsyncDisposableStack();
  const folder = made.use(temporaryFolder());
  const mailbox = made.use(await startMailbox());
  const real = process.env.COUCHDB_URL;
  const store = real === undefined ? made.use(await startStore({ members, settings })) : undefined;
  const { username, password } = real === undefined ? store! : new URL(real);
  const urls = real === undefined ? store!.urls : [new URL(real).origin];
  const database = `api${run}`;
  let number = 0;
  const started: Running[] = [];
  made.defer(async () => {
    for (const running of started) await running.stop(0);
  });

  async function start(more: NodeJS.ProcessEnv = {}): Promise<Running> {
    const name = `app${++number}`;
    const told = {
      API_NODE: name,
      API_PORT: '0',
      API_LOG: 'off',
      API_URL: 'https://www.example.org',
      API_SECRET: 'a secret of these tests that is long enough',
      COUCHDB_MEMBERS: urls.join(' '),
      COUCHDB_USER: username,
      COUCHDB_PASSWORD: password,
      COUCHDB_DATABASE: database,
      SMTP_PORT: `${mailbox.port}`,
      STATE_DIRECTORY: join(folder.path, name),
      API_SITE: folder.path,
      ...environment,
      ...more,
    };
    const running = await serve(whereToServe(told), backing(told));
    started.push(running);
    return running;
  }

  const apps: Running[] = [];
  for (let index = 0; index < count; index++) apps.push(await start());
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const databases: Databases = {
    urls,
    nodes: store?.nodes ?? [],
    ask: (method, path, body) =>
      ask(new URL(urls[0]!), method, path, {
        headers: { Authorization: authorization, 'Content-Type': 'application/json' },
        body,
      }),
  };
  if (isReal) made.defer(() => cleanUp(databases, database));
  const all = made.move();
  return { apps, mailbox, databases, start, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Others may use the same databases of the system. */
async function cleanUp({ ask }: Databases, database: string): Promise<void> {
  await ask('DELETE', `/${database}`);
  const rows = (await ask('GET', '/_users/_all_docs')).body.rows as { id: string; value: { rev: string } }[];
  for (const { id, value } of rows) {
    if (!id.endsWith(run)) continue;
    await ask('DELETE', `/_users/${encodeURIComponent(id)}?rev=${value.rev}`);
    await ask('DELETE', `/userdb-${Buffer.from(id.replace('org.couchdb.user:', '')).toString('hex')}`);
  }
}

const agent = new Agent({ keepAlive: false });

/** The path goes out as it is written. */
export function ask(
  { hostname, port }: { readonly hostname: string; readonly port: string | number },
  method: string,
  path: string,
  { headers = {}, body, raw }: Asked = {},
): Promise<Answer> {
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const length = text === undefined ? {} : { 'Content-Length': `${Buffer.byteLength(text)}` };
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: hostname, port, method, path, headers: { ...length, ...headers }, agent },
      (response) => {
        let got = '';
        response.setEncoding('utf8').on('data', (part) => {
          got += part;
        });
        response.on('end', () => {
          let parsed: unknown;
          try {
            parsed = JSON.parse(got);
          } catch {}
          resolve({ status: response.statusCode!, headers: response.headers, text: got, body: parsed });
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

let lastAddress = 0;

/** A browser, as far as it matters: it keeps cookies, and the page in it the token. */
export class Person {
  readonly cookies = new Map<string, string>();
  token = '';
  /** Which node gets the next request. */
  app: Pick<Running, 'port'>;
  readonly address = `198.51.${(++lastAddress >> 8) & 255}.${lastAddress & 255}`;

  constructor(app: Pick<Running, 'port'>) {
    this.app = app;
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await ask({ hostname: '127.0.0.1', port: this.app.port }, method, path, {
      ...asked,
      headers: {
        'X-Forwarded-For': this.address,
        ...(asked.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(this.cookies.size === 0 ? {} : { Cookie: this.cookieLine() }),
        ...(this.token === '' ? {} : { 'C-Token': this.token }),
        ...asked.headers,
      },
    });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '') this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    return answer;
  }

  cookieLine(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async signIn(name: string, password: string): Promise<Answer> {
    const answer = await this.ask('POST', '/api/sessions/', { body: { name, password } });
    if (answer.status === 200) this.token = answer.body.token;
    return answer;
  }
}

export const password = 'correct horse battery';

/** What stands behind `#` in the newest mail to somebody. */
export async function tokenFor(mailbox: Mailbox, email: string, since = 0): Promise<string> {
  return (await mailbox.link(email, since)).split('#')[1]!;
}

/** Registers, follows the link and signs in. */
export async function settle({ apps, mailbox }: Platform, name: string): Promise<Person> {
  const person = new Person(apps[0]!);
  const email = `${name}@example.org`;
  const since = mailbox.mails.length;
  await person.ask('POST', '/api/users/', { body: { name, email, password } });
  const token = await tokenFor(mailbox, email, since);
  await person.ask('GET', `/api/users/confirmation/user/${token}`);
  await person.signIn(name, password);
  return person;
}
