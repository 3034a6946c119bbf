import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { AcmeEffect, AcmeNote } from '../../../engine/core/acme.ts';
import type { Host, Reader } from '../../../engine/core/host.ts';
import { processIdOf } from '../../../engine/core/process-id.ts';
import { isRefusal, stepsOf } from '../../../engine/core/state.ts';
import { keptFor } from '../../../engine/modules/acme/_arguments.ts';
import certificate from '../../../engine/modules/acme/certificate.ts';
import { planOf } from '../../helpers/apply.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { startTlsServer } from '../../helpers/tls-server.ts';

const day = 86_400_000;
const file = '/etc/site.pem';
const folder = '/var/lib/converge/acme';
const kept = keptFor(file, folder);
const key = newKey();
const pem = pemOfKey(key);
const issuer = createIssuer();
const domains = ['www.example.test', '*.example.test'];
const server = { dns: { server: '192.0.2.53', zone: 'example.test' } };
const args = { name: file, domains, key: pem, ...server };
const zone = { zone: 'example.test', records: [] };

/** A certificate that lasts for ninety days, some of which are over. */
function chain(passed: number, more: Partial<Parameters<typeof issuer.issue>[0]> = {}): string {
  const from = Date.now() - passed * day;
  return issuer.issue({ names: domains, key, from, until: from + 90 * day, ...more });
}

const fresh = chain(1);
const due = chain(61);
const inPlace = { '/etc/group': '', '/var/lib': { directory: true } } as const;
const whole = (text: string) => ({ content: pem + text, mode: 0o640 });

function refused(title: string, more: Record<string, unknown>, text: RegExp) {
  return {
    title,
    args: { ...args, ...more },
    host: { dns: zone, files: inPlace },
    expects: { refused: text },
  };
}

stateTester('acme.certificate', certificate, [
  {
    title: 'leaves a certificate alone that is valid for long, and keeps a copy',
    args,
    host: { files: { ...inPlace, [file]: whole(fresh) } },
    expects: {
      changes: ['/var/lib/converge', folder, kept.chain],
      files: {
        [file]: whole(fresh),
        [kept.chain]: { content: fresh, mode: 0o600 },
        [folder]: { mode: 0o700 },
      },
    },
  },
  {
    title: 'has nothing to do where the copy is there, too',
    args,
    host: { files: { ...inPlace, [file]: whole(fresh), [kept.chain]: fresh } },
    expects: { changes: [] },
  },
  {
    title: 'heals a damaged file by the copy, without an order',
    args: { ...args, mode: '0600' },
    host: { dns: zone, files: { ...inPlace, [file]: `${pem}-----BEGIN`, [kept.chain]: fresh } },
    expects: { changes: [file], files: { [file]: { content: pem + fresh, mode: 0o600 } } },
  },
  {
    title: 'mends permissions alone',
    args,
    host: { files: { ...inPlace, [file]: { content: pem + fresh, mode: 0o666 }, [kept.chain]: fresh } },
    expects: { changes: [`mode of ${file}`], files: { [file]: whole(fresh) } },
  },
  {
    title: 'puts key and issuers into files of their own',
    args: { ...args, key_file: '/etc/private/site.key', chain_file: '/etc/issuers.pem', makedirs: true },
    host: { files: { ...inPlace, [kept.chain]: fresh } },
    expects: {
      changes: ['/etc/private', '/etc/private/site.key', file, '/etc/issuers.pem'],
      files: {
        '/etc/private/site.key': { content: pem, mode: 0o640 },
        [file]: { content: fresh, mode: 0o644 },
        '/etc/issuers.pem': { content: fresh.slice(fresh.indexOf('-----BEGIN', 5)), mode: 0o644 },
      },
    },
  },
  {
    title: 'below a root it leaves one that is self-signed',
    args,
    host: { files: inPlace },
    expects: {
      changes: [file],
      files: { [file]: { mode: 0o640 } },
      comment: /^It is self-signed: nothing is ordered/,
    },
  },
  {
    title: 'orders one where there is none, with something to start with',
    args,
    host: { dns: zone, files: inPlace },
    expects: {
      changes: ['/var/lib/converge', folder, file, 'certificate'],
      files: { [file]: { mode: 0o640 } },
    },
  },
  {
    title: 'renews one at two thirds of its lifetime',
    args,
    host: { dns: zone, files: { ...inPlace, [file]: whole(due), [kept.chain]: due } },
    expects: { changes: ['certificate'], files: { [file]: whole(due) } },
  },
  {
    title: 'keeps the certificate for other names in service until there is the one that is wanted',
    args: { ...args, domains: ['new.example.test'] },
    host: { dns: zone, files: { ...inPlace, [file]: whole(fresh), [kept.chain]: fresh } },
    expects: { changes: ['certificate'], files: { [file]: whole(fresh) } },
  },
  {
    title: 'waits for its turn where another node may order the first one',
    args: { ...args, turn: 2 },
    host: { dns: zone, files: inPlace },
    expects: {
      changes: [file],
      files: { [file]: { mode: 0o640 } },
      warnings: [/^Until 20.* it is left to another node to order the certificate\.$/],
    },
  },
  {
    title: 'waits for its turn to renew, and says nothing',
    args: { ...args, turn: 1 },
    host: { dns: zone, files: { ...inPlace, [file]: whole(due), [kept.chain]: due } },
    expects: { changes: [] },
  },
  {
    title: 'replaces a certificate of the staging environment that nobody trusts',
    args,
    host: {
      dns: zone,
      files: {
        ...inPlace,
        [file]: whole(
          createIssuer('(STAGING) X').issue({
            names: domains,
            key,
            from: Date.now() - 1000,
            until: Date.now() + day,
          }),
        ),
      },
    },
    expects: { changes: ['/var/lib/converge', folder, kept.chain, 'certificate'], files: {} },
  },
  refused(
    'refuses a name with a quote',
    { domains: 'w"w.example.test' },
    /is no name that a certificate can be for/,
  ),
  refused('refuses a name of one label', { domains: 'localhost' }, /is no name that/),
  refused('refuses a wildcard in the middle', { domains: 'a.*.example.test' }, /is no name that/),
  refused('refuses a name with an underscore', { domains: '_a.example.test' }, /is no name that/),
  refused(
    'refuses a key that is none, without telling it',
    { key: 'hello' },
    /^The `key` is no private key that can be used/,
  ),
  refused('refuses two keys', { secret: 'sixteen or more characters' }, /Both `key` and `secret`/),
  refused(
    'refuses a wildcard by a web server',
    { webroot: '/srv' },
    /^\*\.example\.test cannot be shown to be ours by a web server\.$/,
  ),
  refused('refuses to order without agreement', { terms_agreed: false }, /^Without agreement to the terms/),
  refused('refuses a peer that is none', { peers: ['a b:443'] }, /is no address of a server/),
  refused('refuses port 0 of a peer', { peers: ['192.0.2.1:0'] }, /is no address of a server/),
  refused('refuses a header in an address of e-mail', { email: 'a@b.test\nx: y' }, /is no address of e-mail/),
  refused(
    'refuses a folder that is not there',
    { name: '/srv/none/site.pem' },
    /^There is no folder \/srv\/none\.$/,
  ),
  refused('refuses an unknown user', { user: 'nobody-here' }, /^There is no user "nobody-here"\.$/),
  refused('refuses a directory in place of the file', { name: '/var/lib' }, /^\/var\/lib is no file\.$/),
]);

interface Planned {
  readonly effects: readonly string[];
  readonly order?: AcmeEffect;
  readonly warnings: readonly string[];
  readonly refused?: string;
  readonly content: (path: string) => string | undefined;
}

/** What is planned on a machine with these files. */
async function planned(
  files: Record<string, string>,
  more: Record<string, unknown> = {},
  reader: Partial<Reader> = {},
): Promise<Planned> {
  await using stage = await hostOf({ host: { dns: zone, files: { ...inPlace, ...files } } });
  const host: Host = { ...stage.host, ...reader };
  const { plan } = await planOf(certificate, { ...args, mode: '0644', ...more }, host);
  if (isRefusal(plan)) return { effects: [], warnings: [], refused: plan.refused, content: () => undefined };
  const effects = stepsOf(plan).map(({ effect }) => effect);
  return {
    effects: effects.map(({ kind }) => kind),
    order: effects.find((one): one is AcmeEffect => one.kind === 'acme'),
    warnings: 'steps' in plan ? (plan.warnings ?? []) : [],
    content: (path) => {
      const found = effects.find((one) => one.kind === 'write' && one.path === path);
      return found?.kind === 'write' ? found.content.toString() : undefined;
    },
  };
}

const noteOf = (note: AcmeNote) => ({ [kept.note]: JSON.stringify(note) });
const existing = (text: string) => ({ [file]: pem + text, [kept.chain]: text });

describe('acme.certificate, in time', () => {
  let target = '';
  before(async () => {
    target = (await planned(existing(due))).order!.note.content.target;
  });

  it('tells which certificate is replaced, and orders for key and names', async () => {
    const { order } = await planned(existing(due), {
      profile: 'shortlived',
      staging: true,
      email: 'a@example.test',
    });
    expect(order).to.deep.include({
      directory: 'https://acme-staging-v02.api.letsencrypt.org/directory',
      names: ['*.example.test', 'www.example.test'],
      key: pem,
      profile: 'shortlived',
      tolerant: true,
    });
    expect(order!.replaces).to.match(/^aYhba4dGQEHhs3uEe6CuLN4ByNQ\./);
    expect(order!.account.emails).to.deep.equal(['a@example.test']);
    expect([order!.copy, ...order!.files.map(({ path }) => path)]).to.deep.equal([kept.chain, file]);
    expect(order!.previous!.content.toString()).to.equal(pem + due);
  });

  it('after a failure it waits: a warning while there is time, then a failure', async () => {
    const note = { target, failures: 1, next: Date.now() + 100_000, reason: 'It was closed.' };
    const early = await planned({ ...existing(due), ...noteOf(note) });
    expect(early.effects).to.deep.equal([]);
    expect(early.warnings.join()).to.match(
      /^The certificate could not be renewed, .*: It was closed\. It is tried again after/,
    );
    const late = await planned({ ...existing(chain(80)), ...noteOf(note) });
    expect(late.refused).to.match(/^It was closed\. It is tried again after 20/);
    const over = await planned({ ...existing(due), ...noteOf({ ...note, next: Date.now() - 1 }) });
    expect(over.effects).to.deep.equal(['acme']);
    expect(over.order!.note.content.failures).to.equal(1);
  });

  it('tells an order that another run is at from one that was ended in the middle', async () => {
    const by = processIdOf(process.pid, readFileSync('/proc/self/stat', 'latin1'))!;
    const reason = 'The run was ended in the middle.';
    const note = { target, failures: 1, next: Date.now() + 100_000, reason, by };
    const proc = { [`/proc/${by.pid}/stat`]: readFileSync('/proc/self/stat', 'latin1') };
    const going = await planned({ ...existing(due), ...noteOf(note), ...proc });
    expect(going.effects).to.deep.equal([]);
    expect(going.warnings).to.deep.equal([
      `Another run is ordering the certificate now (process ${by.pid}).`,
    ]);
    // Its number is another's now, or nobody's.
    const another = { ...note, by: { ...by, started: '1' } };
    for (const files of [noteOf(note), { ...noteOf(another), ...proc }]) {
      const ended = await planned({ ...existing(due), ...files });
      expect(ended.warnings.join()).to.include(reason);
    }
  });

  it('does not order again soon after it has, whatever seems to ask for it', async () => {
    const note = noteOf({ target, next: Date.now() + 100_000 });
    expect((await planned({ ...existing(due), ...note })).effects).to.deep.equal([]);
    expect((await planned({ ...existing(chain(95)), ...note })).refused).to.match(
      /^One was ordered a short while ago/,
    );
  });

  it('a note of something else, or one that is damaged, counts for nothing', async () => {
    const note = { target: 'another', failures: 9, next: Date.now() + 1e9 };
    for (const text of [
      JSON.stringify(note),
      '{',
      'null',
      '[]',
      `{"target":"${target}","next":"soon"}`,
      '\0',
    ])
      expect((await planned({ ...existing(due), [kept.note]: text })).effects, text).to.deep.equal(['acme']);
  });

  it('the second node orders when its turn has come, the third later', async () => {
    const turn = async (number: number, passed: number) =>
      (await planned(existing(chain(passed)), { turn: number })).effects;
    expect(await turn(1, 62.9)).to.deep.equal([]);
    expect(await turn(1, 63.1)).to.deep.equal(['acme']);
    expect(await turn(2, 65.9)).to.deep.equal([]);
    expect(await turn(2, 66.1)).to.deep.equal(['acme']);
  });

  it('for other names than before, a node notes when it began to wait', async () => {
    const more = { domains: ['new.example.test'], turn: 1 };
    const first = await planned(existing(fresh), more);
    expect(first.effects).to.deep.equal(['write']);
    const note: AcmeNote = JSON.parse(first.content(kept.note)!);
    expect(Date.now() - note.since!).to.be.within(0, 60_000);
    expect((await planned({ ...existing(fresh), ...noteOf(note) }, more)).effects).to.deep.equal([]);
    const later = { ...note, since: note.since! - 601_000 };
    expect((await planned({ ...existing(fresh), ...noteOf(later) }, more)).effects).to.deep.equal(['acme']);
  });

  it('a certificate that was put back is not put in place again until its time has come', async () => {
    const { createHash, X509Certificate } = await import('node:crypto');
    const rejected = createHash('sha256').update(new X509Certificate(fresh).raw).digest('hex');
    const note = { target: '', rejected, next: Date.now() + 100_000, reason: 'It was not served.' };
    const files = { [file]: pem + due, [kept.chain]: fresh };
    const now = await planned({ ...files, ...noteOf(note) });
    expect(now.effects).to.deep.equal([]);
    expect(now.warnings.join()).to.include('It was not served.');
    const then = await planned({ ...files, ...noteOf({ ...note, next: 1 }) });
    expect(then.content(file)).to.equal(pem + fresh);
    expect(then.order).to.equal(undefined);
  });

  it('a key is made, kept, and the same when it is looked at again', async () => {
    const own = { key: undefined };
    const first = await planned({}, own);
    const made = first.content(kept.key)!;
    expect(first.content(file)).to.match(/^-----BEGIN PRIVATE KEY/);
    expect(first.content(file)!.startsWith(made)).to.equal(true);
    expect(first.order!.key).to.equal(made);
    const again = await planned({ [kept.key]: made, [file]: first.content(file)! }, own);
    expect(again.order!.key).to.equal(made);
    expect(again.effects).to.deep.equal(['acme']);
  });

  it('a certificate of another tool is taken over with its key', async () => {
    const found = await planned({ [file]: pem + fresh }, { key: undefined });
    expect(found.order).to.equal(undefined);
    expect(found.content(kept.key)).to.equal(pem);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const from = Date.now() - day;
    const other = issuer.issue({ names: domains, key: rsa, from, until: from + 90 * day });
    const kind = await planned({ [file]: pemOfKey(rsa) + other }, { key: undefined });
    expect(kind.order, 'a key of another kind than is asked for').to.not.equal(undefined);
    expect(kind.content(file), 'stays in service').to.equal(undefined);
  });
});

describe('acme.certificate, asking others', () => {
  it('takes a newer certificate from a peer that has the key, and orders none', async () => {
    const newer = chain(0);
    await using peer = await startTlsServer({ cert: newer, key: pem });
    const found = await planned(existing(due), { peers: [peer.address] });
    expect(found.order).to.equal(undefined);
    expect(found.content(file)).to.equal(pem + newer);
    expect(found.content(kept.previous)).to.equal(pem + due);
    expect(peer.asked).to.deep.equal(['www.example.test']);
    const first = await planned({}, { peers: [peer.address] });
    expect([first.order, first.content(file)]).to.deep.equal([undefined, pem + newer]);
  });

  it('orders one where that of the peer is due itself', async () => {
    const newer = chain(65);
    await using peer = await startTlsServer({ cert: newer, key: pem });
    const found = await planned(existing(chain(80)), { peers: [peer.address] });
    expect([found.content(file), found.order?.kind]).to.deep.equal([pem + newer, 'acme']);
  });

  it('asks nobody while its own is good', async () => {
    await using peer = await startTlsServer({ cert: chain(0), key: pem });
    await planned(existing(fresh), { peers: [peer.address] });
    expect(peer.asked).to.deep.equal([]);
  });

  it('takes none that is older, self-signed, over, not whole, or for other names or keys', async () => {
    const other = newKey();
    const cases: Record<string, { cert: string; key: string }> = {
      older: { cert: chain(70), key: pem },
      over: { cert: chain(95), key: pem },
      names: { cert: chain(0, { names: ['www.example.test'] }), key: pem },
      key: { cert: chain(0, { key: other }), key: pemOfKey(other) },
      whole: { cert: `${chain(0).split(/(?<=END CERTIFICATE-----)\n/)[0]}\n`, key: pem },
      staging: {
        cert: createIssuer('(STAGING) X').issue({
          names: domains,
          key,
          from: Date.now() - 1000,
          until: Date.now() + 99 * day,
        }),
        key: pem,
      },
    };
    for (const [title, files] of Object.entries(cases)) {
      await using peer = await startTlsServer(files);
      const found = await planned(existing(due), { peers: [peer.address, '127.0.0.1:9'] });
      expect([found.effects, peer.asked.length], title).to.deep.equal([['acme'], 1]);
    }
  });

  it('follows a window that the authority suggests, and does without where it has none', async () => {
    const at = (from: number, until: number): Partial<Reader> => ({
      grain: () => undefined,
      fetch: async (url) => {
        const content = url.endsWith('/directory')
          ? { renewalInfo: 'https://ca.test/info' }
          : { suggestedWindow: { start: new Date(from).toISOString(), end: new Date(until).toISOString() } };
        return { url, content: Buffer.from(JSON.stringify(content)) };
      },
    });
    const now = Date.now();
    // Of a short life: then it is asked for at each run.
    const from = now - 3_600_000;
    const short = existing(issuer.issue({ names: domains, key, from, until: now + 2 * 3_600_000 }));
    const effects = async (reader: Partial<Reader>, more = {}) =>
      (await planned(short, more, reader)).effects;
    expect(await effects(at(now - 2000, now - 1000))).to.deep.equal(['acme']);
    expect(await effects(at(now + 1000, now + 2000))).to.deep.equal([]);
    expect(await effects(at(now - 2000, now - 1000), { turn: 1 }), 'it notes that it waits').to.deep.equal([
      'write',
    ]);
    const { target } = (await planned(existing(due))).order!.note.content;
    const failing = {
      ...existing(fresh),
      ...noteOf({ target, failures: 1, next: Date.now() - 1000, reason: 'It failed.' }),
    };
    const again = await planned(failing, {}, at(now - 2000, now - 1000));
    expect(again.effects, 'as long as it has not got what it wished for').to.deep.equal(['acme']);
    expect(await effects(at(now + 2000, now - 1000)), 'a window that makes no sense').to.deep.equal([]);
    expect(await effects({ fetch: async () => ({ missing: 'nothing' }) })).to.deep.equal([]);
    const garbage = { fetch: async (url: string) => ({ url, content: Buffer.from('<html>') }) };
    expect(await effects(garbage)).to.deep.equal([]);
  });
});
