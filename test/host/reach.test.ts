import { once } from 'node:events';
import * as net from 'node:net';
import { expect } from 'chai';
import { Trouble } from '../../engine/core/diagnostic.ts';
import { type AwaitEffect, HostTrouble, type Target } from '../../engine/core/host.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { awaitTarget, type Means, reach } from '../../engine/host/reach.ts';

const nothing: Means = {
  run: () => Promise.reject(new HostTrouble('There is no user "eve".')),
  render: () => ({ text: ' yes\n', place: () => undefined }),
};

const request = {
  engine: 'jinja',
  source: { url: 'here', content: Buffer.from('') },
  context: new Map(),
  id: 'id',
  sls: 'sls',
};

async function serving(host: string): Promise<net.Server & { port: number }> {
  const server = net.createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, host);
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as net.AddressInfo).port });
}

/** Renders one text after the other, and the last one for ever. */
function saying(...texts: (string | Error)[]): Means & { asked: number[] } {
  const asked: number[] = [];
  return {
    ...nothing,
    asked,
    render() {
      asked.push(performance.now());
      const text = texts[Math.min(asked.length, texts.length) - 1]!;
      if (text instanceof Error) throw text;
      return { text, place: () => undefined };
    },
  };
}

function trouble(code: 'template-error' | 'unknown-salt-function' | 'template-syntax'): Trouble {
  return new Trouble([{ code, message: 'It went wrong.' }]);
}

const wanted: Target = { kind: 'template', request, equals: 'yes' };

function waiting(more: Partial<AwaitEffect> = {}): AwaitEffect {
  return { kind: 'await', target: wanted, timeout: 5, every: 0.01, ...more };
}

describe('one look', () => {
  it('at a port: connected, refused, without such a name', async () => {
    const server = await serving('127.0.0.1');
    const look = (host: string, port = server.port) => reach({ kind: 'tcp', host, port }, 2, nothing);
    expect(await look('127.0.0.1')).to.deep.equal({ reached: true, seen: 'connected' });
    expect(await look('localhost'), 'whatever its first address').to.have.property('reached', true);
    expect(await look('127.0.0.1', 1)).to.deep.equal({ reached: false, seen: 'connection refused' });
    expect(await look('localhost', 1)).to.deep.equal({ reached: false, seen: 'connection refused' });
    const unknown = { reached: false, seen: 'the name is not found' };
    expect(await look('no-such-name.invalid')).to.deep.equal(unknown);
    expect(await look('a\nb')).to.have.property('reached', false);
    expect(await look('a\0b')).to.have.property('reached', false);
    expect(await look('127.0.0.1', 70_000)).to.have.property('reached', false);
    server.close();
  });

  it('at a port over IPv6 (needs IPv6 on this machine)', async function () {
    const server = await serving('::1').catch(() => undefined);
    if (!server) return this.skip();
    expect((await reach({ kind: 'tcp', host: '::1', port: server.port }, 2, nothing)).reached).to.equal(true);
    server.close();
  });

  it('at a port that takes no more connections', async () => {
    // The kernel answers for a program that does not accept until its queue is full.
    const server = net.createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 0 });
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    expect((await reach({ kind: 'tcp', host: '127.0.0.1', port }, 2, nothing)).reached).to.equal(true);
    server.close();
  });

  it('at a command', async () => {
    const { probe } = createLocalHost();
    const look = (script: string, timeout = 5, more: object = {}) =>
      reach({ kind: 'command', command: { argv: ['sh', '-c', script] }, ...more }, timeout, {
        ...nothing,
        run: probe,
      });
    expect(await look('exit 0')).to.deep.equal({ reached: true, seen: 'exit status 0' });
    expect(await look('echo no >&2; echo never >&2; exit 3')).to.deep.equal({
      reached: false,
      seen: 'exit status 3 (never)',
    });
    expect((await look('exit 3', 5, { success: [0, 3] })).reached).to.equal(true);
    expect(await look('sleep 60', 0.1)).to.deep.equal({ reached: false, seen: 'no answer' });
    const long: Target = { kind: 'command', command: { argv: ['sleep', '60'], timeout: 60 } };
    expect(await reach(long, 0.1, { ...nothing, run: probe }), 'its own time is longer').to.have.property(
      'seen',
      'no answer',
    );
  });

  it('at a command of a user that is not there yet', async () => {
    const target: Target = { kind: 'command', command: { argv: ['id'], user: 'eve' } };
    expect(await reach(target, 1, nothing)).to.deep.equal({
      reached: false,
      seen: 'There is no user "eve".',
    });
  });

  it('at a template', async () => {
    expect(await reach(wanted, 1, nothing)).to.deep.equal({ reached: true, seen: 'yes' });
    expect(await reach(wanted, 1, saying(''))).to.deep.equal({ reached: false, seen: 'nothing' });
    const { seen } = await reach(wanted, 1, saying(`a\n${'b'.repeat(500)}`));
    expect(seen)
      .to.match(/^a b+…$/)
      .and.have.length(120);
    expect(await reach(wanted, 1, saying(trouble('template-error')))).to.deep.equal({
      reached: false,
      seen: 'It went wrong',
    });
  });

  it('at a template that can never be rendered', async () => {
    for (const code of ['unknown-salt-function', 'template-syntax'] as const) {
      const thrown = await reach(wanted, 1, saying(trouble(code))).catch((error) => error);
      expect(thrown).to.be.instanceOf(Trouble);
    }
  });
});

describe('waiting', () => {
  it('is over at once where nothing has to be waited for', async () => {
    expect(await awaitTarget(waiting({ every: 1000 }), nothing)).to.deep.equal({
      became: 'done',
      comment: 'Reached after one look: yes.',
    });
  });

  it('looks until it is reached', async () => {
    const means = saying('no', trouble('template-error'), 'yes');
    expect(await awaitTarget(waiting(), means)).to.deep.equal({
      became: 'done',
      comment: 'Reached after 3 looks: yes.',
    });
  });

  it('notices a server that starts to listen', async () => {
    const first = await serving('127.0.0.1');
    const { port } = first;
    first.close();
    await once(first, 'close');
    const target: Target = { kind: 'tcp', host: '127.0.0.1', port };
    const waited = awaitTarget(waiting({ target }), nothing);
    const second = net.createServer();
    second.listen(port, '127.0.0.1');
    expect((await waited).became).to.equal('done');
    second.close();
  });

  it('fails in time, and tells the last answer', async () => {
    const began = performance.now();
    const performed = await awaitTarget(waiting({ timeout: 0.2, every: 0.15 }), saying('no', 'not yet'));
    // One at the beginning, one after 0.15 seconds unless the machine is very busy, and one at the end.
    expect(performed.became).to.equal('failed');
    expect('reason' in performed && performed.reason).to.match(
      /^It was not reached within 0\.2 seconds \([23] looks\); the last answer: not yet\.$/,
    );
    expect(performance.now() - began).to.be.above(190);
  });

  it('looks once where no time is given, and that as long as a look may take', async () => {
    expect(await awaitTarget(waiting({ timeout: 0 }), saying('no'))).to.deep.equal({
      became: 'failed',
      reason: 'It was not reached; the last answer: no.',
    });
    const silent = await serving('127.0.0.1');
    const url = `http://127.0.0.1:${silent.port}/`;
    const began = performance.now();
    await awaitTarget(waiting({ timeout: 0, target: { kind: 'http', url }, attempt: 0.3 }), nothing);
    expect(performance.now() - began).to.be.within(290, 2000);
    silent.close();
  });

  it('waits longer each time, up to a limit, and never a negative time', async () => {
    const means = saying('no', 'no', 'no', 'no', 'yes');
    await awaitTarget(waiting({ every: 0.1, backoff: 2, most: 0.2 }), means);
    const pauses = means.asked.slice(1).map((at, index) => (at - means.asked[index]!) / 1000);
    for (const [index, seconds] of [0.1, 0.2, 0.2, 0.2].entries())
      expect(pauses[index]).to.be.within(seconds - 0.01, seconds + 0.15);
    expect((await awaitTarget(waiting({ every: -1 }), saying('no', 'yes'))).became).to.equal('done');
  });

  it('does not keep a processor busy', async () => {
    const means = saying('no');
    await awaitTarget(waiting({ timeout: 0.3, every: 0 }), means);
    expect(means.asked.length).to.be.within(2, 8);
  });

  it('begins after the delay', async () => {
    const began = performance.now();
    const means = saying('yes');
    await awaitTarget(waiting({ delay: 0.1 }), means);
    expect(means.asked[0]! - began).to.be.at.least(95);
  });

  it('is given up for what can never be', async () => {
    const thrown = await awaitTarget(waiting(), saying('no', trouble('template-syntax'))).catch((e) => e);
    expect(thrown).to.be.instanceOf(Trouble);
  });
});
