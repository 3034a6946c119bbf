/** A mirror of Node's downloads on this machine, which can be told to misbehave. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Mirror {
  readonly requests: string[] = [];
  /** Ends the next answer after so many bytes. */
  cutAfter: number | undefined;
  /** What the list of checksums says instead of the truth. */
  checksum: string | undefined;
  readonly #content: Buffer;
  readonly #server: Server;

  constructor(tarball: string) {
    this.#content = readFileSync(tarball);
    this.#server = createServer((request, response) => {
      const range = /bytes=(\d+)-/.exec(request.headers.range ?? '');
      this.requests.push(request.url! + (range ? ` from ${range[1]}` : ''));
      const file = `node-v24.21.0-linux-${process.arch}.tar.gz`;
      if (request.url === '/v24.21.0/SHASUMS256.txt') {
        const sum = this.checksum ?? createHash('sha256').update(this.#content).digest('hex');
        response.end(`${'0'.repeat(64)}  node-v24.21.0.pkg\n${sum}  ${file}\n`);
      } else if (request.url === `/v24.21.0/${file}`) {
        const start = range ? Number(range[1]) : 0;
        const body = this.#content.subarray(start);
        const headers = { 'content-length': String(body.length) };
        if (range) {
          const all = `bytes ${start}-${this.#content.length - 1}/${this.#content.length}`;
          response.writeHead(206, { ...headers, 'content-range': all });
        } else response.writeHead(200, headers);
        if (this.cutAfter === undefined) response.end(body);
        else response.write(body.subarray(0, this.cutAfter), () => response.destroy());
        this.cutAfter = undefined;
      } else {
        response.writeHead(404);
        response.end();
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
