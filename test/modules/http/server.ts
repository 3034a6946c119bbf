/** A web server on this machine for the tests of the http states. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  readonly url: string;
  /** `METHOD /path?query authorization x-token body`, in the order they came. */
  readonly requests: string[];
  close(): void;
}

/** `/n/CODE` answers with that status; `/later` with 503 twice, then 200 for ever; all else with 200. */
export async function startServer(): Promise<TestServer> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { authorization = '-', 'x-token': token = '-' } = request.headers;
      requests.push(
        `${request.method} ${request.url} ${authorization} ${token} ${Buffer.concat(parts)}`.trim(),
      );
      const [, code] = /^\/n\/(\d+)/.exec(request.url ?? '') ?? [];
      const early = request.url === '/later' && requests.length <= 2;
      response.writeHead(code ? Number(code) : early ? 503 : 200).end('{"state": "up", "load": 1.5}\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
