/** What haproxy stands before, inside a node: answers with its name, and with what it was asked. Arguments: name, port. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

/** While it is there, the health check fails. */
export const ill = '/run/ill';

const [name = '', port = '8080'] = process.argv.slice(2);

if (process.argv[1] === import.meta.filename) {
  createServer((request, response) => {
    const isIll = ['/status', '/_up'].includes(request.url!) && existsSync(ill);
    request.resume();
    request.once('end', () => {
      response.writeHead(isIll ? 503 : 200, { 'content-type': 'text/plain', from: name });
      response.end(
        request.url === '/status'
          ? 'Status: OK'
          : JSON.stringify({ from: name, url: request.url, headers: request.headers }),
      );
    });
  }).listen(Number(port), '0.0.0.0');
}
