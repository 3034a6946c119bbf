import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { expect } from 'chai';
import type { HttpTarget } from '../../engine/core/host.ts';
import { reach } from '../../engine/host/reach.ts';

const means = {
  run: () => Promise.reject(new Error('no command is needed')),
  render: () => Promise.reject(new Error('no template is needed')),
};

async function look(url: string, more: Partial<HttpTarget> = {}, timeout = 5) {
  return await reach({ kind: 'http', url, ...more }, timeout, means);
}

async function listening(server: net.Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

describe('asking a web server', () => {
  let plain: http.Server;
  let secure: https.Server;
  let other: http.Server;
  let base: string;
  let safe: string;
  let elsewhere: string;
  let ca: string;
  let requests: string[] = [];

  function told(request: http.IncomingMessage): string {
    const { authorization = '-', 'x-token': token = '-', 'content-type': type = '-' } = request.headers;
    return `${request.method} ${request.url} ${authorization} ${token} ${type}`;
  }

  function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { url = '' } = request;
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      requests.push(`${told(request)} ${body}`.trim());
      const [, status] = /^\/status\/(\d+)$/.exec(url) ?? [];
      const [, code, to] = /^\/to\/(\d+)\/(.*)$/.exec(url) ?? [];
      if (status) response.writeHead(Number(status)).end('well');
      else if (code) response.writeHead(Number(code), { location: decodeURIComponent(to!) }).end();
      else if (url === '/circle') response.writeHead(302, { location: '/circle' }).end();
      else if (url === '/silent') return;
      else if (url === '/slow') response.write('ready, but');
      else if (url === '/cut') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('ready', () => response.destroy());
      } else if (url === '/split') {
        // A euro sign in two parts, and a word too.
        response.write(Buffer.from('alp'));
        response.write(Buffer.from([0x68, 0x61, 0xe2, 0x82]), () => response.end(Buffer.from([0xac])));
      } else if (url === '/huge') {
        const pour = (): void => {
          while (response.write(Buffer.alloc(1 << 16, 'x')));
          response.once('drain', pour);
        };
        pour();
      } else response.end('it is ready\nand well');
    });
  }

  before(async () => {
    const tls = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), 'utf8');
    ca = tls('cert');
    plain = http.createServer(answer);
    other = http.createServer(answer);
    secure = https.createServer({ key: tls('key'), cert: ca }, answer);
    base = `http://127.0.0.1:${await listening(plain)}`;
    elsewhere = `http://127.0.0.1:${await listening(other)}`;
    safe = `https://127.0.0.1:${await listening(secure)}`;
  });
  after(() => {
    for (const server of [plain, other, secure]) {
      server.closeAllConnections();
      server.close();
    }
  });
  beforeEach(() => {
    requests = [];
  });

  it('accepts any status below 400 unless told which', async () => {
    expect(await look(`${base}/`)).to.deep.equal({ reached: true, seen: 'HTTP status 200' });
    expect(await look(`${base}/status/204`)).to.deep.equal({ reached: true, seen: 'HTTP status 204' });
    expect(await look(`${base}/status/404`)).to.deep.equal({ reached: false, seen: 'HTTP status 404' });
    expect((await look(`${base}/status/404`, { status: [200, 404] })).reached).to.equal(true);
    expect((await look(`${base}/`, { status: [204] })).reached).to.equal(false);
  });

  it('looks for a match in the whole body', async () => {
    expect((await look(`${base}/`, { match: 'ready' })).reached).to.equal(true);
    expect((await look(`${base}/`, { match: 'READY', matchFlags: 'iv' })).reached).to.equal(true);
    expect(await look(`${base}/`, { match: '^well$' })).to.deep.equal({
      reached: false,
      seen: 'HTTP status 200, and the body does not match',
    });
    expect((await look(`${base}/split`, { match: 'alpha€$' })).reached, 'over the borders').to.equal(true);
    expect((await look(`${base}/status/500`, { match: 'well' })).reached, 'of an error').to.equal(false);
    expect((await look(`${base}/status/500`, { match: 'well', status: [500] })).reached).to.equal(true);
  });

  it('looks at no more than the start of a body without end', async () => {
    expect((await look(`${base}/huge`)).reached).to.equal(true);
    expect((await look(`${base}/huge`, { match: 'y' })).reached).to.equal(false);
    expect((await look(`${base}/huge`, { match: 'x{20}' })).reached).to.equal(true);
  });

  it('gives up on what does not answer in time', async () => {
    const none = { reached: false, seen: 'no answer' };
    expect(await look(`${base}/silent`, {}, 0.123_456)).to.deep.equal(none);
    expect(await look(`${base}/slow`, { match: 'ready' }, 0.2)).to.deep.equal(none);
    expect((await look(`${base}/slow`, {}, 0.2)).reached, 'where the body does not matter').to.equal(true);
    expect(await look(`${base}/to/302/%2Fsilent`, {}, 0.2)).to.deep.equal(none);
  });

  it('says why there is no answer', async () => {
    expect((await look(`${base}/cut`, { match: 'ready' })).reached).to.equal(false);
    expect(await look('http://127.0.0.1:1/')).to.deep.equal({ reached: false, seen: 'connection refused' });
    expect(await look('http://no-such-name.invalid/')).to.deep.equal({
      reached: false,
      seen: 'the name is not found',
    });
    expect(await look('http://[bad/')).to.deep.equal({ reached: false, seen: 'Invalid URL' });
    expect((await look('ftp://localhost/')).reached).to.equal(false);
    expect(await look(`${safe.replace('https', 'http')}/`)).to.have.property('reached', false);
    expect(await look(`${base.replace('http', 'https')}/`)).to.have.property('reached', false);
    expect((await look(`${base}/`, { headers: { 'x-a': 'a\nb' } })).reached).to.equal(false);
  });

  it('is not taken in by what is no web server', async () => {
    const greetings: [greeting: string, seen: string][] = [
      ['SSH-2.0-OpenSSH_9.2\r\n', 'no HTTP'],
      ['HTTP/1.1 200 OK\r\nbad header\r\n\r\n', 'no HTTP'],
      [`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1 << 20)}\r\n\r\n`, 'no HTTP'],
      ['', 'the connection was cut'],
    ];
    for (const [greeting, seen] of greetings) {
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined).once('data', () => socket.end(greeting));
      });
      const port = await listening(server);
      expect(await look(`http://127.0.0.1:${port}/`), seen).to.deep.equal({ reached: false, seen });
      server.close();
    }
  });

  it('follows redirections, though not without end', async () => {
    expect((await look(`${base}/to/302/%2F`, { match: 'ready' })).reached).to.equal(true);
    expect(await look(`${base}/to/302/%2Fstatus%2F503`)).to.deep.equal({
      reached: false,
      seen: 'HTTP status 503',
    });
    expect(await look(`${base}/circle`)).to.deep.equal({ reached: false, seen: 'redirections without end' });
    expect((await look(`${base}/circle`, { status: [302] })).reached).to.equal(true);
    const there = `${base}/to/302/${encodeURIComponent(`${safe}/`)}`;
    expect((await look(there, { ca, match: 'ready' })).reached, 'to https').to.equal(true);
    expect((await look(there)).reached, 'to a server that is not trusted').to.equal(false);
    const back = `${safe}/to/302/${encodeURIComponent(`${base}/circle`)}`;
    expect((await look(back, { verify: false })).seen).to.equal('redirections without end');
    expect((await look(`${base}/to/302/http:%2F%2F[`)).reached).to.equal(false);
  });

  it('tells another server no secrets, and asks by GET where a POST leads', async () => {
    const headers = { Authorization: 'Basic x', 'X-Token': 't', 'Content-Type': 'text/plain' };
    const asked = { method: 'POST', headers, body: 'données' };
    await look(`${base}/to/303/%2F`, asked);
    expect(requests).to.deep.equal(['POST /to/303/%2F Basic x t text/plain données', 'GET / Basic x t -']);
    requests = [];
    await look(`${base}/to/307/%2F`, asked);
    expect(requests[1]).to.equal('POST / Basic x t text/plain données');
    requests = [];
    await look(`${base}/to/307/${encodeURIComponent(`${elsewhere}/`)}`, asked);
    expect(requests[1]).to.equal('POST / - t text/plain données');
  });

  it('sends the login of the address', async () => {
    await look(`${base.replace('//', '//me:p%40ss@')}/`);
    expect(requests).to.deep.equal([`GET / Basic ${Buffer.from('me:p@ss').toString('base64')} - -`]);
  });

  it('trusts a certificate only where it may', async () => {
    expect(await look(`${safe}/`)).to.deep.equal({
      reached: false,
      seen: 'the certificate is not trusted (self-signed)',
    });
    expect((await look(`${safe}/`, { verify: false })).reached).to.equal(true);
    expect((await look(`${safe}/`, { ca })).reached).to.equal(true);
    const named = `${safe.replace('127.0.0.1', 'localhost')}/`;
    expect((await look(named, { ca })).seen).to.equal('the certificate is for another name');
  });

  it('asks over IPv6 (needs IPv6 on this machine)', async function () {
    const six = http.createServer(answer);
    let port: number;
    try {
      port = await listening(six, '::1');
    } catch {
      return this.skip();
    }
    expect((await look(`http://[::1]:${port}/`)).reached).to.equal(true);
    six.close();
  });
});
