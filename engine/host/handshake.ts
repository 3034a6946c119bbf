/** Sees which certificates a server shows, whoever issued them. */
import type { TLSSocket } from 'node:tls';
import type { Handshake, HandshakeQuery } from '../core/acme.ts';
import type { Reached } from '../core/host.ts';

/** Never rejects: that nothing is seen is an answer. */
export async function handshake(
  { host, port, name }: HandshakeQuery,
  timeout: number,
  phraseOf: (error: unknown) => string,
): Promise<Handshake> {
  const tls = process.getBuiltinModule('node:tls');
  return await new Promise((resolve) => {
    const servername = process.getBuiltinModule('node:net').isIP(name) === 0 ? { servername: name } : {};
    // Whose it is, and whether it is valid, is for whoever asks to judge.
    const socket = tls.connect({ host, port, ...servername, rejectUnauthorized: false });
    const timer = setTimeout(() => finish({ unseen: 'no answer' }), timeout * 1000);
    function finish(seen: Handshake): void {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve(seen);
    }
    socket.once('secureConnect', () => finish(shown(socket)));
    socket.once('error', (error) => finish({ unseen: phraseOf(error) }));
    socket.once('close', () => finish({ unseen: 'the connection was cut' }));
  });
}

function shown(socket: TLSSocket): Handshake {
  const certificates: Buffer[] = [];
  let one = socket.getPeerX509Certificate();
  // The last one is its own issuer.
  while (one && !certificates.some((known) => known.equals(one!.raw))) {
    certificates.push(one.raw);
    one = one.issuerCertificate;
  }
  return certificates.length > 0 ? { certificates } : { unseen: 'no certificate' };
}

/** Whether the certificate with this SHA-256 is shown. */
export async function showsCertificate(
  { fingerprint, ...query }: HandshakeQuery & { readonly fingerprint: string },
  timeout: number,
  phraseOf: (error: unknown) => string,
): Promise<Reached> {
  const seen = await handshake(query, timeout, phraseOf);
  if ('unseen' in seen) return { reached: false, seen: seen.unseen };
  const { createHash, X509Certificate } = process.getBuiltinModule('node:crypto');
  const [first] = seen.certificates;
  if (createHash('sha256').update(first!).digest('hex') === fingerprint)
    return { reached: true, seen: 'the certificate is served' };
  const { serialNumber } = new X509Certificate(first!);
  return { reached: false, seen: `another certificate, with the serial ${serialNumber.toLowerCase()}` };
}
