import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import { expect } from 'chai';
import type { HttpTarget } from '../../engine/core/host.ts';
import { plainStatus } from '../../engine/host/plain-status.ts';
import { reach } from '../../engine/host/reach.ts';

const means = {
  run: () => Promise.reject(new Error('no command is needed')),
  render: () => Promise.reject(new Error('no template is needed')),
};

async function port(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** What a server that says just this is taken for. */
async function statusOf(pieces: readonly string[], timeout = 5): Promise<number | string | undefined> {
  const server = net.createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        const [first, ...rest] = pieces;
        socket.setNoDelay().write(first!, () => setImmediate(() => socket.end(rest.join(''))));
      });
  });
  try {
    return await plainStatus({ kind: 'http', url: `http://127.0.0.1:${await port(server)}/` }, timeout);
  } finally {
    server.close();
  }
}

describe('asking for a status only', () => {
  it('tells that of a web server', async () => {
    expect(await statusOf(['HTTP/1.1 200 OK\r\nx-a: b\r\n\r\nbody'])).to.equal(200);
    expect(await statusOf(['HTTP/1.0 503\r\n\r\n'])).to.equal(503);
    expect(await statusOf(['HTTP/1.', '1 204 No Content\r\n\r\n']), 'in pieces').to.equal(204);
  });

  it('leaves to a real client whatever is not plain', async () => {
    const answers = [
      'SSH-2.0-OpenSSH_9.2\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
      'HTTP/1.1 200 OK\r\nbad header\r\n\r\n',
      'HTTP/1.1 2000 OK\r\n\r\n',
      'HTTP/2 200\r\n\r\n',
      'HTTP/1.1 200 OK\r\nbreaks: off',
      `HTTP/1.1 200 OK\r\nlong: ${'x'.repeat(10_000)}\r\n\r\n`,
      '\0\0',
    ];
    for (const answer of answers) expect(await statusOf([answer]), answer.slice(0, 40)).to.equal(undefined);
    const target: HttpTarget = { kind: 'http', url: 'http://127.0.0.1:1/' };
    const others: HttpTarget[] = [
      { ...target, method: 'HEAD' },
      { ...target, headers: {} },
      { ...target, body: '' },
      { ...target, match: '.' },
      { ...target, url: 'https://127.0.0.1:1/' },
      { ...target, url: 'http://a:b@127.0.0.1:1/' },
      { ...target, url: 'http://[bad' },
    ];
    for (const other of others)
      expect(await plainStatus(other, 1), JSON.stringify(other)).to.equal(undefined);
  });

  it('waits no longer than it may', async () => {
    const server = net.createServer((socket) => void socket.on('error', () => undefined));
    const url = `http://127.0.0.1:${await port(server)}/`;
    expect(await plainStatus({ kind: 'http', url }, 0.05)).to.equal('no answer');
    server.close();
  });

  it('sends what any client sends, and follows redirections by another', async () => {
    const seen: string[] = [];
    const server = http.createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`);
      if (request.url === '/to') response.writeHead(302, { location: '/other' }).end();
      else response.writeHead(request.url === '/other' ? 404 : 200).end('well');
    });
    const host = `127.0.0.1:${await port(server)}`;
    const look = (path: string, more = {}) =>
      reach({ kind: 'http', url: `http://${host}${path}`, ...more }, 5, means);
    expect(await look('/a b?c=ü#d')).to.deep.equal({ reached: true, seen: 'HTTP status 200' });
    expect(seen).to.deep.equal([`GET /a%20b?c=%C3%BC ${host}`]);
    expect(await look('/to')).to.deep.equal({ reached: false, seen: 'HTTP status 404' });
    expect(await look('/to', { status: [302] })).to.deep.equal({ reached: true, seen: 'HTTP status 302' });
    server.close();
    server.closeAllConnections();
  });
});
