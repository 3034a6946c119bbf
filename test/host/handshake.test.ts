import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { createLocalHost } from '../../engine/host/local.ts';
import { createIssuer, newKey, pemOfKey } from '../helpers/certificates.ts';
import { startTlsServer } from '../helpers/tls-server.ts';

const key = newKey();
const cert = createIssuer().issue({
  names: ['a.test'],
  key,
  from: Date.now() - 2000,
  until: Date.now() - 1000,
});
const fingerprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');

function placeOf(address: string) {
  return { host: '127.0.0.1', port: Number(address.split(':')[1]), name: 'a.test' };
}

describe('handshakes', () => {
  const host = createLocalHost();

  it('show the whole chain, though nobody trusts it and it is over', async () => {
    await using server = await startTlsServer({ cert, key: pemOfKey(key) });
    const seen = await host.handshake(placeOf(server.address), 5);
    const wanted = cert
      .match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g)!
      .map((pem) => new X509Certificate(pem).raw);
    expect(seen).to.deep.equal({ certificates: wanted });
    expect(server.asked).to.deep.equal(['a.test']);
    const target = { kind: 'certificate', ...placeOf(server.address), fingerprint } as const;
    expect(await host.reach(target, 5)).to.deep.equal({ reached: true, seen: 'the certificate is served' });
    const other = await host.reach({ ...target, fingerprint: 'ff' }, 5);
    expect(other.seen).to.match(/^another certificate, with the serial [0-9a-f]+$/);
  });

  it('say why nothing was seen', async () => {
    expect(await host.handshake(placeOf(':9'), 5)).to.deep.equal({ unseen: 'connection refused' });
    const mute = createServer(() => {});
    const rude = createServer((socket) => socket.end('SSH-2.0-x\r\n'));
    try {
      for (const [server, why] of [
        [mute, /^no answer$/],
        [rude, /^no TLS$/],
      ] as const) {
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as { port: number };
        const seen = await host.handshake({ host: '127.0.0.1', port, name: 'a.test' }, 0.3);
        expect('unseen' in seen && seen.unseen).to.match(why);
      }
    } finally {
      mute.close();
      rude.close();
    }
  });
});
