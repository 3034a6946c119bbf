/** Everything on this machine: three db nodes in memory, a server of mail that prints it, the API and the site, which follow their sources. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, watch } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as esbuild from 'esbuild';
import { SMTPServer } from 'smtp-server';
import { startStore } from '../test/helpers/couchdb/store.ts';
import { buildSite } from './web/build.ts';

const here = import.meta.dirname;
const port = process.env.API_PORT ?? '8080';
const state = join(here, '../sandbox/api');
mkdirSync(state, { recursive: true });

const store = await startStore({ members: 3 });
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  async onData(stream, session, done) {
    const source = await text(stream);
    const plain = source.replace(/=\r?\n/g, '').replace(/=3D/g, '=');
    const link = /https?:\S+#\S+/.exec(plain)?.[0] ?? '(no link)';
    console.log(`Mail to ${session.envelope.rcptTo.map(({ address }) => address)}: ${link}`);
    done();
  },
});
const listening = smtp.listen(0, '127.0.0.1');
await once(listening, 'listening');

const build = () =>
  buildSite({ esbuild, source: join(here, 'web'), out: join(here, 'dist/site') }).catch((error: Error) =>
    console.error(error.message),
  );
mkdirSync(join(here, 'dist'), { recursive: true });
await build();
let soon: NodeJS.Timeout | undefined;
watch(join(here, 'web'), { recursive: true }, () => {
  clearTimeout(soon);
  soon = setTimeout(build, 100);
});

const api = spawn(process.execPath, ['--watch', '--watch-preserve-output', join(here, 'server.ts')], {
  stdio: 'inherit',
  env: {
    ...process.env,
    API_PORT: port,
    API_SECRET: 'only for the development on one machine',
    API_DRAIN: '0',
    API_LOG: process.env.API_LOG ?? 'off',
    COUCHDB_MEMBERS: process.env.COUCHDB_MEMBERS ?? store.urls.join(' '),
    COUCHDB_USER: process.env.COUCHDB_USER ?? store.username,
    COUCHDB_PASSWORD: process.env.COUCHDB_PASSWORD ?? store.password,
    SMTP_PORT: `${(listening.address() as AddressInfo).port}`,
    STATE_DIRECTORY: state,
  },
});
console.log(`http://localhost:${port}: the site and the API. Stores: ${store.urls.join(' ')}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => api.kill());
api.on('exit', () => process.exit());
