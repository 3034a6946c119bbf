import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { serve, stop, whereToServe } from '../../api/server.ts';
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

describe('the api', () => {
  const folder = temporaryFolder();
  const site = join(folder.path, 'site');
  let servers: Server[];
  let port: number;

  before(async () => {
    mkdirSync(join(site, 'deep'), { recursive: true });
    writeFileSync(join(folder.path, 'secret.txt'), 'secret');
    for (const [name, text] of [
      ['index.html', '<h1>Hello</h1>'],
      ['deep/index.html', 'deep'],
      ['deep/a b.css', 'a {}'],
      ['.hidden', 'hidden'],
    ] as const)
      writeFileSync(join(site, name), text);
    symlinkSync('../secret.txt', join(site, 'link.txt'));
    servers = await serve({ addresses: ['127.0.0.1'], port: 0, site });
    port = (servers[0]!.address() as AddressInfo).port;
  });
  after(async () => {
    await stop(servers, 0);
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
    const [server] = await serve({ addresses: ['127.0.0.1'], port: 0, site });
    const at = (server!.address() as AddressInfo).port;
    const agent = new Agent({ keepAlive: true });
    await ask(at, '/status', { agent });
    const atWork = new Promise<void>((resolve) => server!.prependOnceListener('request', () => resolve()));
    const answer = ask(at, '/', { agent });
    await atWork;
    await Promise.all([stop([server!], 60_000), answer]);
    expect((await answer).status).to.equal(200);
    expect(server!.listening).to.equal(false);
    agent.destroy();
  });

  it('listens on all addresses or on none', async () => {
    const both = await serve({ addresses: ['127.0.0.1', '127.0.0.2'], port: 0, site });
    expect(both).to.have.length(2);
    await stop(both, 0);
    const taken = serve({ addresses: ['127.0.0.2', '127.0.0.1'], port, site });
    await taken.then(
      () => expect.fail('It listens.'),
      (error) => expect(error).to.include({ code: 'EADDRINUSE' }),
    );
    // What could be had was given back.
    await stop(await serve({ addresses: ['127.0.0.2'], port, site }), 0);
  });

  it('is told by the environment where to serve', () => {
    expect(whereToServe({})).to.deep.include({ addresses: ['127.0.0.1'], port: 8080 });
    expect(
      whereToServe({ API_ADDRESSES: '127.0.0.1, ::1 10.0.0.1', API_PORT: '81', API_SITE: '/srv' }),
    ).to.deep.equal({ addresses: ['127.0.0.1', '::1', '10.0.0.1'], port: 81, site: '/srv' });
    for (const [name, value] of [
      ['API_ADDRESSES', ' , '],
      ['API_PORT', 'http'],
      ['API_PORT', '65536'],
    ] as const)
      expect(() => whereToServe({ [name]: value })).to.throw(name);
  });
});
