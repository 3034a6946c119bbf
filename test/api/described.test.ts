import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask, Person, type Platform, password, run, startPlatform } from '../helpers/api.ts';

const api = join(import.meta.dirname, '../../api');

describe('what the API tells of itself', function () {
  this.timeout(30_000);
  let platform: Platform;

  before(async () => {
    platform = await startPlatform(1, { API_STATUS_TOKEN: 'a token of operators' });
  });
  after(() => platform?.[Symbol.asyncDispose]());

  const at = (path: string, headers = {}) =>
    ask({ hostname: '127.0.0.1', port: platform.apps[0]!.port }, 'GET', path, { headers });

  it('is a description of every route of its README, by OpenAPI', async () => {
    const { status, body } = await at('/api/openapi.json');
    expect(status).to.equal(200);
    expect(body.openapi).to.equal('3.1.0');
    const described = Object.entries(body.paths as { [path: string]: object }).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\/$/, '')}`),
    );
    const readme = readFileSync(join(api, 'README.md'), 'utf8');
    const told = [...readme.matchAll(/^\| `([A-Z]+) (\/api\/[^`?]*)/gm)].map(
      ([, method, path]) => `${method} ${path!.replace(/\/$/, '')}`,
    );
    expect(described).to.have.members(told.filter((route) => !route.endsWith('openapi.json')));
    const { requestBody, responses } = body.paths['/api/users/'].post;
    const { properties } = requestBody.content['application/json'].schema;
    expect(properties).to.have.keys('name', 'email', 'password');
    expect(responses).to.include.keys('202', '400', '409', '429', '503');
  });

  it('is more at /status for who has the token', async () => {
    expect((await at('/status')).text).to.equal('Status: OK\n');
    expect((await at('/status', { Authorization: 'Bearer x' })).text).to.equal('Status: OK\n');
    const { body } = await at('/status', { Authorization: 'Bearer a token of operators' });
    expect(body).to.deep.include({ status: 'OK', node: 'app1', mails: 0 });
    expect(body.db[0]).to.include({ isWell: true });
  });

  it('is figures by routes and db nodes, without any name', async () => {
    await new Person(platform.apps[0]!).ask('GET', '/api/users/somebody');
    const { text } = await at('/metrics');
    expect(text).to.match(
      /api_request_seconds_count\{method="GET",route="\/api\/users\/:name",status="401"\} 1/,
    );
    expect(text).to.match(/api_db_well\{db="[^"]+"\} 1/);
    expect(text).to.include('api_mails_waiting 0').and.not.include('somebody');
  });
});

describe('the process of the API', function () {
  this.timeout(30_000);

  it('logs neither who, nor from where, nor any secret, and drains when it is told to end', async () => {
    await using platform = await startPlatform(0);
    const child = spawn(process.execPath, [join(api, 'server.ts')], {
      env: {
        PATH: process.env.PATH,
        API_PORT: '0',
        API_DRAIN: '0.5',
        API_SECRET: 'a secret of these tests that is long enough',
        COUCHDB_MEMBERS: platform.databases.urls.join(),
        COUCHDB_PASSWORD: 'not the right one',
        COUCHDB_DATABASE: `api${run}`,
        STATE_DIRECTORY: '/nowhere',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (log += part));
    const said = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(log);
        if (found) return found;
        await once(child.stdout, 'data');
      }
    };
    const port = Number((await said(/Listening on .*"port":(\d+)/))[1]);
    const person = new Person({ port });
    // The database lets nobody in, so this ends as an error of ours, and that is logged.
    const body = { name: 'isolde', email: 'isolde@example.org', password };
    expect((await person.ask('POST', '/api/users/', { body })).status).to.equal(500);
    expect((await person.signIn('isolde', password)).status).to.equal(500);
    await person.ask('GET', '/api/users/isolde');
    await person.ask('GET', '/api/users/confirmation/user/a-very-secret-token');
    const [, id] = await said(/"request":"([^"]+)","method":"GET","route":"\/api\/users\/confirmation/);
    expect(id).to.match(/^[0-9a-f-]{36}$/);
    child.kill('SIGTERM');
    const status = async () => (await ask({ hostname: '127.0.0.1', port }, 'GET', '/status')).status;
    while ((await status()) !== 503);
    const [code] = await once(child, 'exit');
    expect(code).to.equal(0);
    for (const word of ['isolde', 'horse', 'very-secret', person.address, 'not the right one'])
      expect(log).to.not.include(word);
  });

  it('does not begin with settings that cannot be meant', async () => {
    for (const [name, value] of [
      ['API_SECRET', 'short'],
      ['COUCHDB_MEMBERS', 'db1'],
      ['API_DRAIN', 'soon'],
      ['SMTP_PORT', 'smtp'],
    ] as const) {
      const env = {
        API_SECRET: 'x'.repeat(40),
        COUCHDB_PASSWORD: 'x',
        COUCHDB_MEMBERS: 'http://127.0.0.1:1',
      };
      const child = spawn(process.execPath, [join(api, 'server.ts')], {
        env: { ...env, API_PORT: '0', [name]: value },
      });
      let log = '';
      child.stderr.on('data', (part) => (log += part));
      const [code] = await once(child, 'exit');
      expect(code, name).to.equal(1);
      expect(log).to.include(name);
    }
  });
});
