import { once } from 'node:events';
import * as http from 'node:http';
import type * as net from 'node:net';
import { expect } from 'chai';
import { ArgumentTrouble, HostTrouble } from '../../engine/core/host.ts';
import type { HttpEffect, SettledRequest } from '../../engine/core/http.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';

interface Asked {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** Keeps one text for each path, and refuses some. */
async function startServer() {
  const asked: Asked[] = [];
  const kept = new Map<string, string>();
  const server = http.createServer((request, response) => {
    const { url = '', method, headers } = request;
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const { authorization, 'content-type': type } = headers;
      asked.push({ line: `${method} ${url}`, authorization, type, body });
      if (url === '/silent') return;
      if (url === '/cut') response.destroy();
      else if (url === '/moved') response.writeHead(302, { location: '/a' }).end();
      else if (url === '/refuses')
        response.writeHead(409).end('{"error":"conflict","reason":"Somebody\\nelse."}');
      else if (url === '/plain') response.writeHead(500).end('\nIt broke.\nmore');
      else if (url === '/mute') response.writeHead(503).end();
      else if (method === 'PUT') response.writeHead(201).end(kept.set(url, body) && '{}');
      else response.writeHead(kept.has(url) ? 200 : 404).end(kept.get(url) ?? 'nothing here');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  return {
    url,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function put(url: string, body: string, more: Partial<HttpEffect> = {}): HttpEffect {
  return { kind: 'http', request: { method: 'PUT', url, body }, ...more };
}

describe('requests to an API', () => {
  it('are answered with any status, a redirection too', async () => {
    await using server = await startServer();
    const host = createLocalHost();
    const answer = async (path: string) => await host.request({ url: server.url + path });
    expect(await answer('/a')).to.deep.equal({ status: 404, body: 'nothing here' });
    expect((await answer('/moved')).status).to.equal(302);
    expect((await answer('/plain')).status).to.equal(500);
    expect(server.asked.map(({ line }) => line)).to.deep.equal(['GET /a', 'GET /moved', 'GET /plain']);
  });

  it('are asked once by all states, until anything is changed', async () => {
    await using server = await startServer();
    const host = createLocalHost();
    const url = `${server.url}/a`;
    await Promise.all([host.request({ url }), host.request({ url })]);
    expect(server.asked).to.have.length(1);
    expect(await host.perform(put(url, 'grüße'))).to.deep.equal({ became: 'done' });
    expect(await host.request({ url })).to.deep.equal({ status: 200, body: 'grüße' });
    await host.perform({ kind: 'await', target: { kind: 'http', url }, timeout: 0, every: 1 });
    await host.request({ url });
    expect(server.asked.map(({ line }) => line)).to.deep.equal([
      'GET /a',
      'PUT /a',
      'GET /a',
      'GET /a',
      'GET /a',
    ]);
  });

  it('take a login and headers along', async () => {
    await using server = await startServer();
    const login = { username: 'ädmin', password: 'a:b' };
    await createLocalHost().request({ url: server.url, login, headers: { 'Content-Type': 'text/x' } });
    expect(server.asked[0]).to.include({
      authorization: `Basic ${Buffer.from('ädmin:a:b').toString('base64')}`,
      type: 'text/x',
    });
  });

  it('without an answer are trouble that tells nothing of the login', async () => {
    await using server = await startServer();
    const host = createLocalHost();
    const login = { username: 'admin', password: 'hidden-one' };
    const fails = async (path: string, timeout?: number) =>
      await host.request({ url: server.url + path, login, ...(timeout ? { timeout } : {}) }).then(
        () => 'answered',
        (error: Error) => (error instanceof HostTrouble ? error.message : String(error)),
      );
    expect(await fails('/cut')).to.equal(`GET ${server.url}/cut is not answered: the connection was cut.`);
    expect(await fails('/silent', 0.05)).to.match(/no answer within 0.05 seconds\.$/);
    const { url } = server;
    await server[Symbol.asyncDispose]();
    expect(await host.request({ url: `${url}/x` }).catch((error) => error.message)).to.equal(
      `GET ${url}/x is not answered: connection refused.`,
    );
    for (const bad of ['not an address', 'file:///etc/passwd', '']) {
      expect(await host.request({ url: bad }).catch((error) => error)).to.be.instanceOf(ArgumentTrouble);
    }
  });

  it('that are refused fail with what the server says', async () => {
    await using server = await startServer();
    const host = createLocalHost();
    const reason = async (path: string, more: Partial<HttpEffect> = {}) => {
      const done = await host.perform(put(server.url + path, '', more));
      return done.became === 'failed' ? [done.reason.replace(server.url, ''), done.hint] : done.became;
    };
    expect(await reason('/refuses', { hint: 'Do this.' })).to.deep.equal([
      'PUT /refuses is refused with status 409: Somebody else.',
      'Do this.',
    ]);
    expect(await reason('/plain')).to.deep.equal([
      'PUT /plain is refused with status 500: It broke.',
      undefined,
    ]);
    expect(await reason('/mute')).to.deep.equal(['PUT /mute is refused with status 503.', undefined]);
    expect(await reason('/moved')).to.deep.equal(['PUT /moved is refused with status 302.', undefined]);
    expect(await reason('/refuses', { success: [201, 409] })).to.equal('done');
    expect(await reason('/cut')).to.deep.equal([
      'PUT /cut is not answered: the connection was cut.',
      undefined,
    ]);
  });

  it('that are waited for in vain give a hint', async () => {
    await using server = await startServer();
    const done = await createLocalHost().perform({
      kind: 'await',
      target: { kind: 'http', url: `${server.url}/a` },
      timeout: 0,
      every: 1,
      hint: 'Start it.',
    });
    expect(done).to.deep.equal({
      became: 'failed',
      reason: 'It was not reached; the last answer: HTTP status 404.',
      hint: 'Start it.',
    });
  });

  it('are not sent in a dry run, which knows what they settle', async () => {
    await using server = await startServer();
    const dry = createOverlay(createLocalHost());
    const at = (path: string) => `${server.url}${path}`;
    const settled = (path: string, status: number, more: Partial<SettledRequest> = {}): SettledRequest => ({
      about: 'request',
      request: { url: at(path) },
      answer: { status, body: `${status}` },
      ...more,
    });
    const seen = async (path: string) => (await dry.request({ url: at(path) })).status;
    const effect = put(at('/a'), '{}', {
      settles: [settled('/a', 200), settled('/a/b', 200)],
      foreseen: true,
    });
    expect(await dry.perform(effect)).to.deep.equal({ became: 'predicted' });
    expect([await seen('/a'), await seen('/a/b'), await seen('/a/c'), await seen('/ab')]).to.deep.equal([
      200, 200, 404, 404,
    ]);
    expect(await dry.perform(put(at('/x'), '{}'))).to.deep.equal({ became: 'presumed' });
    await dry.perform(put(at('/a'), '{}', { settles: [settled('/a', 410, { below: true })] }));
    expect([await seen('/a'), await seen('/a/b'), await seen('/a?b'), await seen('/ab')]).to.deep.equal([
      410, 410, 410, 404,
    ]);
    expect((await dry.request({ method: 'POST', url: at('/a') })).status).to.equal(404);
    expect(server.asked.map(({ line }) => line).filter((line) => line.startsWith('PUT'))).to.deep.equal([]);
  });
});
