/** A real SMTP server that keeps the mails it is given, to read the links in them. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly to: readonly string[];
  readonly source: string;
  /** Whether it came by TLS. */
  readonly secure: boolean;
}

/** Mails as they come. */
export class Mails {
  /** Oldest first. */
  readonly mails: Mail[] = [];
  #tell = Promise.withResolvers<void>();

  add(mail: Mail): void {
    this.mails.push(mail);
    this.#tell.resolve();
    this.#tell = Promise.withResolvers();
  }

  /** The link of the newest mail to somebody; waits for one where there is none after `since`. */
  async link(to: string, since = 0): Promise<string> {
    for (;;) {
      const mail = this.mails.slice(since).findLast((one) => one.to.includes(to));
      const found = mail && /https?:\/\/[^\s"<]+#[^\s"<]+/.exec(readable(mail.source));
      if (found) return found[0];
      await this.#tell.promise;
    }
  }
}

export interface Mailbox extends AsyncDisposable, Pick<Mails, 'mails' | 'link'> {
  readonly port: number;
}

export interface MailboxOptions {
  readonly host?: string;
  readonly port?: number;
  /** With these there is STARTTLS. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
  readonly onMail?: (mail: Mail) => void;
}

export async function startMailbox(options: MailboxOptions = {}): Promise<Mailbox> {
  const { host = '127.0.0.1', port = 0, tls, onMail } = options;
  const kept = new Mails();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: tls ? ['AUTH'] : ['STARTTLS', 'AUTH'],
    ...tls,
    onData(stream, session, callback) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const mail = { to, source: Buffer.concat(parts).toString(), secure: session.secure };
        callback();
        kept.add(mail);
        onMail?.(mail);
      });
    },
  });
  const listening = server.listen(port, host);
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    mails: kept.mails,
    link: (to, since) => kept.link(to, since),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Quoted-printable, undone (RFC 2045, section 6.7). */
function readable(source: string): string {
  return source
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
