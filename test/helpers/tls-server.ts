/** A server that shows certificates in TLS handshakes. */
import { once } from 'node:events';
import { createServer } from 'node:tls';

export interface TlsServer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Names that were asked for. */
  readonly asked: string[];
  /** From now on it shows this one. */
  show(files: { readonly cert: string; readonly key: string }): void;
}

export async function startTlsServer(files: { cert: string; key: string }): Promise<TlsServer> {
  const asked: string[] = [];
  const server = createServer(
    {
      ...files,
      SNICallback(name, done) {
        asked.push(name);
        done(null);
      },
    },
    (socket) => {
      socket.on('error', () => {});
      socket.end();
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    asked,
    show: (next) => server.setSecureContext(next),
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
