/** Mails wait in a folder until the server has taken them: neither it nor this process has to be there all the time. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type Transporter } from 'nodemailer';
import type { MailSettings } from '../settings.ts';
import { compose, type Mail } from './compose.ts';

/** Links are of no use any more then. */
const patience = 24 * 3600 * 1000;

interface Waiting {
  readonly mail: Mail;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly attempts: number;
  readonly next: number;
}

export interface QueueOptions {
  readonly settings: MailSettings;
  /** Of the site. */
  readonly url: string;
  /** Never told an address or a link. */
  readonly log: (what: string, details: object) => void;
  /** Milliseconds before a second attempt; each further one waits twice as long, up to a quarter of an hour. */
  readonly pause?: number;
}

export class MailQueue {
  readonly #options: QueueOptions;
  readonly #transport: Transporter;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    const { host, port, user, password } = options.settings;
    const isHere = /^(localhost|127\..*|::1)$/.test(host);
    this.#transport = createTransport({
      host,
      port,
      secure: port === 465,
      // The relay of this machine has a certificate that nobody signed, if any.
      requireTLS: !isHere && port !== 465,
      tls: { rejectUnauthorized: !isHere },
      auth: user === undefined ? undefined : { user, pass: password ?? '' },
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.#soon(0);
  }

  /** Returns once it is on the disk. */
  async add(mail: Mail): Promise<void> {
    const now = Date.now();
    await this.#write(`${now}-${randomUUID()}.json`, { mail, since: now, attempts: 0, next: now });
    this.#soon(0);
  }

  async waiting(): Promise<number> {
    return (await this.#files()).length;
  }

  /** What is being sent comes to its end. The rest waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#work;
    this.#transport.close();
  }

  #soon(milliseconds: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#round());
    }, milliseconds);
  }

  async #files(): Promise<string[]> {
    const names = await readdir(this.#options.settings.folder).catch(() => []);
    return names.filter((name) => name.endsWith('.json')).sort();
  }

  /** All that are due; then it sleeps until the next one is. */
  async #round(): Promise<void> {
    let next = Number.POSITIVE_INFINITY;
    for (const file of await this.#files()) {
      if (this.#isClosed) return;
      next = Math.min(next, await this.#attempt(file).catch(() => Date.now() + 60_000));
    }
    if (Number.isFinite(next)) this.#soon(Math.max(10, next - Date.now()));
  }

  /** When it is to be tried again: never, where it is gone. */
  async #attempt(file: string): Promise<number> {
    const path = join(this.#options.settings.folder, file);
    const waiting = waitingIn(await readFile(path, 'utf8'));
    if (waiting === undefined) {
      this.#options.log('A mail that cannot be read is dropped', { file });
      await rm(path, { force: true });
      return Number.POSITIVE_INFINITY;
    }
    if (waiting.next > Date.now()) return waiting.next;
    const trouble = await this.#send(waiting.mail);
    if (trouble === undefined || trouble.isFinal || Date.now() - waiting.since > patience) {
      if (trouble)
        this.#options.log('A mail is dropped', { kind: waiting.mail.kind, reason: trouble.reason });
      await rm(path, { force: true });
      return Number.POSITIVE_INFINITY;
    }
    const attempts = waiting.attempts + 1;
    const pause = Math.min((this.#options.pause ?? 5000) * 2 ** waiting.attempts, 15 * 60_000);
    this.#options.log('A mail has to wait', { kind: waiting.mail.kind, attempts, reason: trouble.reason });
    const next = Date.now() + pause;
    await this.#write(file, { ...waiting, attempts, next });
    return next;
  }

  async #send(mail: Mail): Promise<{ isFinal: boolean; reason: string } | undefined> {
    try {
      const { settings, url } = this.#options;
      const from = settings.from;
      // As an object it cannot be taken for a list.
      const to = { name: '', address: mail.to };
      const headers = { 'Auto-Submitted': 'auto-generated' };
      await this.#transport.sendMail({ from, to, headers, ...compose(mail, url) });
      return undefined;
    } catch (error) {
      const { responseCode = 0, code = '' } = error as { responseCode?: number; code?: string };
      return { isFinal: responseCode >= 500 && code !== 'EAUTH', reason: `${code} ${responseCode}` };
    }
  }

  async #write(file: string, waiting: Waiting): Promise<void> {
    const { folder } = this.#options.settings;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const part = join(folder, `${file}.part`);
    {
      await using handle = await open(part, 'w', 0o600);
      await handle.writeFile(JSON.stringify(waiting));
      await handle.sync();
    }
    await rename(part, join(folder, file));
  }
}

function waitingIn(text: string): Waiting | undefined {
  try {
    const { mail, since, attempts, next } = JSON.parse(text);
    const isOne = typeof mail?.to === 'string' && typeof mail.kind === 'string';
    return isOne && [since, attempts, next].every(Number.isFinite)
      ? { mail, since, attempts, next }
      : undefined;
  } catch {
    return undefined;
  }
}
