import { expect } from 'chai';
import type { DnsKey } from '../../engine/core/dns.ts';
import { type Answered, askServer, type Patience } from '../../engine/host/dns-ask.ts';
import { type Nameserver, replyTo, startNameserver } from '../helpers/nameserver.ts';

const question = { name: 'www.example.test', type: 'A' } as const;
const answer = [{ ...question, class: 'IN', ttl: 60, data: '192.0.2.1' }] as const;
const key: DnsKey = { name: 'k', algorithm: 'hmac-sha256', secret: 'c2l4dGVlbiBieXRlcyEhIQ==' };
const patience = { attempts: [0.05, 0.1, 0.2] };

function ask(
  { port }: Pick<Nameserver, 'port'>,
  { signedBy, within = patience }: { signedBy?: DnsKey; within?: Patience } = {},
): Promise<Answered> {
  const server = { title: 'ns.example.test', addresses: ['127.0.0.1'], port };
  return askServer(server, { opcode: 'QUERY', question, payload: 1232 }, signedBy, within);
}

async function unusedPort(): Promise<number> {
  await using server = await startNameserver(() => []);
  return server.port;
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

describe('asking a nameserver', () => {
  it('takes the answer', async () => {
    await using server = await startNameserver((asked) => [replyTo(asked, { answer })]);
    const { message, inDoubt } = await ask(server);
    expect(message.answer.map(({ data }) => data)).to.deep.equal(['192.0.2.1']);
    expect(inDoubt).to.equal(false);
  });

  it('asks again where no answer comes, and knows that it may have been heard', async () => {
    await using server = await startNameserver((asked) => (asked.count < 3 ? [] : [replyTo(asked)]));
    expect((await ask(server)).inDoubt).to.equal(true);
    expect(new Set(server.asked.map(({ message }) => message.id)).size).to.be.greaterThan(1);
  });

  it('asks again where the server has trouble, and says so if that does not end', async () => {
    await using server = await startNameserver((asked) => [
      replyTo(asked, { rcode: asked.count < 2 ? 2 : 0 }),
    ]);
    expect((await ask(server)).message.rcode).to.equal('NOERROR');
    await using ill = await startNameserver((asked) => [replyTo(asked, { rcode: 2 })]);
    expect((await ask(ill)).message.rcode).to.equal('SERVFAIL');
    expect(ill.asked).to.have.length(3);
  });

  it('asks by TCP where the answer is too long, and takes it in parts', async () => {
    await using server = await startNameserver((asked) => [
      asked.by === 'udp' ? replyTo(asked, { isTruncated: true }) : replyTo(asked, { answer }),
    ]);
    const { message } = await ask(server);
    expect(message.answer).to.have.length(1);
    expect(server.asked.map(({ by }) => by)).to.deep.equal(['udp', 'tcp']);
  });

  it('asks again where the connection is cut', async () => {
    await using server = await startNameserver((asked) => {
      if (asked.by === 'udp') return [replyTo(asked, { isTruncated: true })];
      return asked.count < 4 ? [] : [replyTo(asked, { answer })];
    });
    expect((await ask(server)).message.answer).to.have.length(1);
  });

  it('passes over what answers something else', async () => {
    await using server = await startNameserver((asked) => [
      Buffer.from('no message'),
      asked.bytes,
      replyTo(asked, { id: asked.message.id ^ 1, rcode: 5 }),
      replyTo(asked, { question: { name: 'other.test', type: 'A' }, rcode: 5 }),
      replyTo(asked, { answer }),
    ]);
    expect((await ask(server)).message.answer).to.have.length(1);
    expect(server.asked).to.have.length(1);
  });

  it('believes no answer to a signed question that is not signed', async () => {
    await using server = await startNameserver((asked) => [replyTo(asked, { answer })]);
    expect(await failure(ask(server, { signedBy: key }))).to.equal(
      'The nameserver ns.example.test does not answer: what came is not signed by the key.',
    );
  });

  it('hears a refusal that is not signed', async () => {
    await using server = await startNameserver((asked) => [replyTo(asked, { rcode: 5 })]);
    expect((await ask(server, { signedBy: key })).message.rcode).to.equal('REFUSED');
  });

  it('says what is wrong where nobody answers', async () => {
    await using silent = await startNameserver(() => []);
    expect(await failure(ask(silent))).to.equal('The nameserver ns.example.test does not answer: no answer.');
    expect(await failure(ask({ port: await unusedPort() }))).to.match(
      /does not answer: connection refused\.$/,
    );
  });

  it('says so where there is no way to the server', async () => {
    const request = { opcode: 'QUERY', question } as const;
    for (const address of ['255.255.255.255', 'fe80::1%no-such-link']) {
      const server = { title: 'ns', addresses: [address], port: 53 };
      expect(await failure(askServer(server, request, undefined, { attempts: [0.05] })), address).to.match(
        /^The nameserver ns does not answer: ./,
      );
    }
  });

  it('waits less for what did not answer before, until it does', async () => {
    let ill = true;
    await using server = await startNameserver((asked) => (ill ? [] : [replyTo(asked)]));
    const within = { ...patience, silent: new Set<string>() };
    await failure(ask(server, { within }));
    expect(server.asked).to.have.length(3);
    await failure(ask(server, { within }));
    expect(server.asked).to.have.length(4);
    ill = false;
    await ask(server, { within });
    expect(within.silent.size).to.equal(0);
  });

  it('stops with the run', async () => {
    await using silent = await startNameserver(() => []);
    const within = { ...patience, stoppedBy: () => (silent.asked.length > 0 ? 'SIGTERM' : undefined) };
    await failure(ask(silent, { within }));
    expect(silent.asked).to.have.length(1);
  });

  it('tries the addresses of a server in turn', async () => {
    await using server = await startNameserver((asked) => [replyTo(asked, { answer })]);
    const addresses = ['127.0.0.2', '127.0.0.1'];
    const request = { opcode: 'QUERY', question } as const;
    const { message } = await askServer(
      { title: 'ns', addresses, port: server.port },
      request,
      undefined,
      patience,
    );
    expect(message.answer).to.have.length(1);
  });
});
