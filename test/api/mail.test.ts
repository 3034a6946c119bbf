import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { compose, type Mail } from '../../api/mail/compose.ts';
import { MailQueue } from '../../api/mail/queue.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';
import { startMailbox } from '../helpers/mailbox.ts';

const mail = (to: string): Mail => ({ kind: 'registration', to, name: 'anna', token: 'secret-token' });

describe('mails', () => {
  let folder: TemporaryFolder;
  let logged: string[];
  const queues: MailQueue[] = [];

  beforeEach(() => {
    folder = temporaryFolder();
    logged = [];
  });
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
    await folder[Symbol.asyncDispose]();
  });

  function queueTo(port: number): MailQueue {
    const queue = new MailQueue({
      settings: { host: '127.0.0.1', port, from: 'Example <no-reply@example.org>', folder: folder.path },
      url: 'https://www.example.org',
      log: (what, details) => logged.push(JSON.stringify({ what, ...details })),
      pause: 20,
    });
    queues.push(queue);
    return queue;
  }

  const files = () => readdirSync(folder.path);
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await wait(5);
  }

  /** A port where nobody listens. */
  async function closedPort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  it('say the same in text and HTML, and carry the link', async () => {
    await using mailbox = await startMailbox();
    await queueTo(mailbox.port).add(mail('anna@example.org'));
    expect(await mailbox.link('anna@example.org')).to.equal(
      'https://www.example.org/confirm/user#secret-token',
    );
    const source = mailbox.mails[0]!.source;
    expect(source).to.match(/^From: Example <no-reply@example\.org>\r$/m);
    expect(source).to.match(/^Subject: Please confirm your account at www\.example\.org\r$/m);
    expect(source).to.include('text/plain').and.include('text/html');
    await until(() => files().length === 0);
  });

  it('of all kinds are composed, and what a name holds is no markup', () => {
    const kinds = ['registration', 'email', 'password', 'changed-email', 'changed-password'] as const;
    for (const kind of kinds) {
      const { subject, text, html } = compose(
        { kind, to: 'a@example.org', name: '<b>', token: 't' },
        'https://x.org',
      );
      expect(subject, kind).to.match(/^\S.*x\.org/);
      expect(text, kind).to.include('Hello <b>,');
      expect(html, kind).to.include('Hello &lt;b&gt;,').and.not.include('<b>');
      expect(html)
        .to.include('</html>')
        .and.not.match(/<script|<link|<img|https?:\/\/(?!x\.org)/);
    }
  });

  it('wait on the disk, for nobody else to read, until the server is there; a process that ended loses none', async () => {
    const port = await closedPort();
    const first = queueTo(port);
    await first.add(mail('anna@example.org'));
    await until(() => logged.length >= 2);
    await first.close();
    expect(files()).to.have.length(1);
    expect(statSync(`${folder.path}/${files()[0]}`).mode & 0o777).to.equal(0o600);
    expect(JSON.parse(readFileSync(`${folder.path}/${files()[0]}`, 'utf8')).attempts).to.be.at.least(1);
    expect(logged.join()).to.not.include('anna').and.not.include('secret-token');
    await using mailbox = await startMailbox();
    const second = queueTo(mailbox.port);
    expect(await mailbox.link('anna@example.org')).to.include('#secret-token');
    await until(async () => (await second.waiting()) === 0);
  });

  it('that the server will never take are dropped, those that it may take later are not', async () => {
    let attempts = 0;
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo({ address }, _session, done) {
        attempts++;
        const responseCode = address.startsWith('never') ? 550 : 451;
        done(attempts > 4 ? null : Object.assign(new Error('no'), { responseCode }));
      },
      onData(stream, _session, done) {
        stream.resume().on('end', done);
      },
    });
    const listening = server.listen(0, '127.0.0.1');
    await new Promise((resolve) => listening.once('listening', resolve));
    const queue = queueTo((listening.address() as { port: number }).port);
    await queue.add(mail('never@example.org'));
    await until(() => logged.some((line) => line.includes('dropped')));
    await queue.add(mail('later@example.org'));
    await until(() => files().length === 0);
    expect(attempts).to.equal(5);
    expect(logged.filter((line) => line.includes('has to wait'))).to.have.length(3);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it('that cannot be read are dropped, and hold up no others', async () => {
    for (const [name, text] of [
      ['1-a.json', '{'],
      ['2-b.json', '{"mail": {"to": 1}}'],
      ['3-c.json', '{"mail": {"to": "x@example.org", "kind": "gone"}, "since": 0, "attempts": 0, "next": 0}'],
      ['4-d.json.part', 'never finished'],
    ] as const)
      writeFileSync(`${folder.path}/${name}`, text);
    await using mailbox = await startMailbox();
    await queueTo(mailbox.port).add(mail('anna@example.org'));
    await mailbox.link('anna@example.org');
    await until(() => files().filter((name) => name.endsWith('.json')).length === 0);
    expect(mailbox.mails).to.have.length(1);
  });
});
