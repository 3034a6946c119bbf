/** A real SMTP server that keeps the mails it is given, to read the links in them. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mailbox extends AsyncDisposable {
  readonly port: number;
  /** As they came, oldest first. */
  readonly mails: readonly { readonly to: readonly string[]; readonly source: string }[];
  /** The link of the newest mail to somebody; waits for one where there is none after `since`. */
  link(to: string, since?: number): Promise<string>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: { to: string[]; source: string }[] = [];
  let tell = Promise.withResolvers<void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, callback) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, source: Buffer.concat(parts).toString() });
        callback();
        tell.resolve();
        tell = Promise.withResolvers();
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');

  async function link(to: string, since = 0): Promise<string> {
    for (;;) {
      const mail = mails.slice(since).findLast((one) => one.to.includes(to));
      const found = mail && /https?:\/\/[^\s"<]+#[^\s"<]+/.exec(readable(mail.source));
      if (found) return found[0];
      await tell.promise;
    }
  }

  return {
    port: (listening.address() as AddressInfo).port,
    mails,
    link,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Quoted-printable, undone (RFC 2045, section 6.7). */
function readable(source: string): string {
  return source
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
