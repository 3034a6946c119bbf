/** Asks a web server for nothing but its status, at half the cost of a client that understands all of HTTP. */
import type { HttpTarget } from '../core/host.ts';

/** A final status and headers as they have to be. */
const wellFormed = /^HTTP\/1\.[01] ([2-5]\d\d)(?: [^\r\n]*)?\r\n(?:[!#$%&'*+.^`|~\w-]+:[^\r\n\0]*\r\n)*\r\n/;
/** Characters of a head that is looked at. */
const longest = 8192;

/** Seconds to wait. Rejects where there is no connection; undefined: there is more to it, a real client has to ask. */
export async function plainStatus(
  { url: address, method = 'GET', headers, body, match }: HttpTarget,
  timeout: number,
): Promise<number | 'no answer' | undefined> {
  const url = URL.parse(address);
  if (url?.protocol !== 'http:' || url.username !== '' || url.password !== '') return undefined;
  if (method !== 'GET' || headers !== undefined || body !== undefined || match !== undefined)
    return undefined;
  const net = process.getBuiltinModule('node:net');
  return await new Promise((resolve, reject) => {
    let head = '';
    const timer = setTimeout(() => end('no answer'), timeout * 1000);
    const socket = net.connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 80),
      onread: { buffer: Buffer.allocUnsafe(1024), callback: take },
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      // What breaks off was there, and the real client has a name for that.
      if (socket.bytesRead + socket.bytesWritten > 0) resolve(undefined);
      else reject(error);
    });
    socket.once('close', () => end(undefined));
    const path = url.pathname + url.search;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);

    function take(length: number, bytes: Uint8Array): boolean {
      head += Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
      if (!head.includes('\r\n\r\n') && head.length < longest) return true;
      const status = wellFormed.exec(head)?.[1];
      end(status === undefined ? undefined : Number(status));
      return false;
    }
    function end(seen: number | 'no answer' | undefined): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    }
  });
}
