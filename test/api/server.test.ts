import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Running, serve } from '../../api/server.ts';
import { whereToServe } from '../../api/settings.ts';
import { temporaryFolder } from '../helpers/folders.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly agent?: Agent;
}

function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, agent }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, method, headers, agent, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('what the api serves without any data', () => {
  const folder = temporaryFolder();
  const site = join(folder.path, 'site');
  const at = (...addresses: string[]) => ({
    ...whereToServe({ API_LOG: 'off', API_SITE: site, API_PORT: '0' }),
    addresses,
  });
  let running: Running;
  let port: number;

  before(async () => {
    mkdirSync(join(site, 'deep'), { recursive: true });
    writeFileSync(join(folder.path, 'secret.txt'), 'secret');
    for (const [name, text] of [
      ['index.html', '<h1>Hello</h1>'],
      ['deep/index.html', 'deep'],
      ['deep/a b.css', 'a {}'],
      ['.hidden', 'hidden'],
      ['app.0123ABCD.js', 'plain'],
      ['app.0123ABCD.js.gz', 'small'],
      ['app.0123ABCD.js.br', 'smallest'],
    ] as const)
      writeFileSync(join(site, name), text);
    symlinkSync('../secret.txt', join(site, 'link.txt'));
    running = await serve(at('127.0.0.1'));
    port = running.port;
  });
  after(async () => {
    await running.stop(0);
    await folder[Symbol.asyncDispose]();
  });

  it('says that it is well, whatever the query', async () => {
    const { status, headers, text } = await ask(port, '/status?x=1');
    expect({ status, text }).to.deep.equal({ status: 200, text: 'Status: OK\n' });
    expect(headers['cache-control']).to.equal('no-store');
  });

  it('serves the files of the site, by kind', async () => {
    for (const [path, text, kind] of [
      ['/', '<h1>Hello</h1>', 'text/html; charset=utf-8'],
      ['/deep/', 'deep', 'text/html; charset=utf-8'],
      ['/deep/a%20b.css?v=2', 'a {}', 'text/css; charset=utf-8'],
    ] as const) {
      const answer = await ask(port, path);
      expect(answer, path).to.deep.include({ status: 200, text });
      expect(answer.headers['content-type']).to.equal(kind);
    }
  });

  it('brings a file again only where it has changed', async () => {
    const { headers } = await ask(port, '/');
    const again = await ask(port, '/', { headers: { 'If-None-Match': headers.etag! } });
    expect(again).to.deep.include({ status: 304, text: '' });
    writeFileSync(join(site, 'index.html'), '<h1>Hello again</h1>');
    const changed = await ask(port, '/', { headers: { 'If-None-Match': headers.etag! } });
    expect(changed).to.deep.include({ status: 200, text: '<h1>Hello again</h1>' });
    writeFileSync(join(site, 'index.html'), '<h1>Hello</h1>');
  });

  it('answers HEAD without a body, and no method that changes something', async () => {
    expect(await ask(port, '/status', { method: 'HEAD' })).to.deep.include({ status: 200, text: '' });
    const head = await ask(port, '/deep/', { method: 'HEAD' });
    expect(head).to.deep.include({ status: 200, text: '' });
    expect(head.headers['content-length']).to.equal('4');
    expect((await ask(port, '/', { method: 'POST' })).status).to.equal(405);
  });

  it('shows nothing that is missing, hidden or outside of the site', async () => {
    const paths = [
      '/none',
      '/deep',
      '/.hidden',
      '/link.txt',
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
    ];
    for (const path of [...paths, '/deep/..%2f..%2fsecret.txt', '/%00', '/%', '*', 'http://host/'])
      expect(await ask(port, path), path).to.deep.include({ status: 404, text: 'Not found\n' });
  });

  it('lets requests at work come to their end when it stops, over connections that would stay open, too', async () => {
    const other = await serve(at('127.0.0.1'));
    const [server] = other.servers;
    const agent = new Agent({ keepAlive: true });
    await ask(other.port, '/status', { agent });
    const atWork = new Promise<void>((resolve) => server!.prependOnceListener('request', () => resolve()));
    const answer = ask(other.port, '/', { agent });
    await atWork;
    await Promise.all([other.stop(60_000), answer]);
    expect((await answer).status).to.equal(200);
    expect(server!.listening).to.equal(false);
    agent.destroy();
  });

  it('listens on all addresses or on none', async () => {
    const both = await serve(at('127.0.0.1', '127.0.0.2'));
    expect(both.servers).to.have.length(2);
    await both.stop(0);
    const taken = serve({ ...at('127.0.0.2', '127.0.0.1'), port });
    await taken.then(
      () => expect.fail('It listens.'),
      (error) => expect(error).to.include({ code: 'EADDRINUSE' }),
    );
    // What could be had was given back.
    await (await serve({ ...at('127.0.0.2'), port })).stop(0);
  });

  it('says that it goes before it goes, and answers until then', async () => {
    const other = await serve(at('127.0.0.1'));
    other.drain();
    const { status, text, headers } = await ask(other.port, '/status');
    expect({ status, text }).to.deep.equal({ status: 503, text: 'Status: draining\n' });
    expect(headers.connection).to.equal('close');
    expect((await ask(other.port, '/')).status).to.equal(200);
    await other.stop(0);
  });

  it('has no API as long as it is not told where the data is', async () => {
    const { status, headers, text } = await ask(port, '/api/sessions/');
    expect(status).to.equal(503);
    expect(headers['content-type']).to.equal('application/problem+json');
    expect(JSON.parse(text)).to.include({ type: '/problems/unavailable', instance: headers['x-request-id'] });
  });

  it('shows the page of the site where a person asks for a path that is none of a file', async () => {
    const headers = { Accept: 'text/html,*/*' };
    for (const path of ['/account', '/confirm/user?x=1', '/deep/er/']) {
      expect(await ask(port, path, { headers }), path).to.deep.include({
        status: 200,
        text: '<h1>Hello</h1>',
      });
    }
    expect((await ask(port, '/', { headers })).headers['content-security-policy']).to.match(
      /^default-src 'none';/,
    );
    for (const path of ['/none.js', '/.hidden', '/.git/', '/%00'])
      expect(await ask(port, path, { headers }), path).to.deep.include({ status: 404 });
  });

  it('sends what has a hash in its name for good, and packed where the client takes that', async () => {
    const headers = { 'Accept-Encoding': 'gzip, br' };
    const plain = await ask(port, '/app.0123ABCD.js');
    expect(plain.headers['cache-control']).to.equal('public, max-age=31536000, immutable');
    expect(plain).to.deep.include({ text: 'plain' });
    for (const [accepted, encoding, text] of [
      ['gzip, br', 'br', 'smallest'],
      ['gzip', 'gzip', 'small'],
      ['br;q=0, gzip', 'gzip', 'small'],
      ['identity', undefined, 'plain'],
    ] as const) {
      const answer = await ask(port, '/app.0123ABCD.js', { headers: { 'Accept-Encoding': accepted } });
      expect(answer, accepted).to.deep.include({ status: 200, text });
      expect(answer.headers['content-encoding']).to.equal(encoding);
      expect(answer.headers['content-type']).to.equal('text/javascript; charset=utf-8');
      expect(answer.headers.vary).to.equal('Accept-Encoding');
    }
    expect((await ask(port, '/', { headers })).headers['cache-control']).to.equal('no-cache');
  });

  it('tells its figures to this machine alone', async () => {
    const { status, text } = await ask(port, '/metrics');
    expect(status).to.equal(200);
    expect(text).to.include('api_request_seconds_count');
    const headers = { 'X-Forwarded-For': '198.51.100.7' };
    expect((await ask(port, '/metrics', { headers })).status).to.equal(404);
  });

  it('is told by the environment where to serve', () => {
    expect(whereToServe({})).to.deep.include({ addresses: ['127.0.0.1'], port: 8080 });
    expect(
      whereToServe({ API_ADDRESSES: '127.0.0.1, ::1 10.0.0.1', API_PORT: '81', API_SITE: '/srv' }),
    ).to.deep.include({ addresses: ['127.0.0.1', '::1', '10.0.0.1'], port: 81, site: '/srv' });
    for (const [name, value] of [
      ['API_ADDRESSES', ' , '],
      ['API_PORT', 'http'],
      ['API_PORT', '65536'],
    ] as const)
      expect(() => whereToServe({ [name]: value })).to.throw(name);
  });
});
