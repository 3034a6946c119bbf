import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { AcmeEffect, AcmeNote } from '../../engine/core/acme.ts';
import type { Performed } from '../../engine/core/host.ts';
import { processIdOf } from '../../engine/core/process-id.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { type AcmeServer, startAcmeServer } from '../helpers/acme-server.ts';
import { newKey, pemOfKey } from '../helpers/certificates.ts';
import { temporaryFolder, treeOf } from '../helpers/folders.ts';

const key = pemOfKey(newKey());
const target = 'what-is-wanted';

interface Stage extends AsyncDisposable {
  readonly path: string;
  readonly server: AcmeServer;
  order(more?: Partial<AcmeEffect>): Promise<Performed>;
  note(): AcmeNote;
  read(name: string): string;
}

async function stage(offered: Parameters<typeof startAcmeServer>[0] = {}): Promise<Stage> {
  const folder = temporaryFolder();
  const server = await startAcmeServer(offered);
  const { path } = folder;
  const read = (name: string) => readFileSync(`${path}/${name}`, 'utf8');
  return {
    path,
    server,
    read,
    note: () => JSON.parse(read('note.json')),
    order: (more = {}) => createLocalHost().perform(effectOf(path, server, more)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function effectOf(path: string, { directory }: AcmeServer, more: Partial<AcmeEffect>): AcmeEffect {
  return {
    kind: 'acme',
    directory,
    names: ['www.example.test'],
    key,
    account: { file: `${path}/account.key`, emails: [] },
    challenge: { type: 'http-01', webroot: path },
    copy: `${path}/copy.pem`,
    files: [
      { path: `${path}/site.pem`, before: key, certificates: 'all', mode: 0o640 },
      { path: `${path}/issuers.pem`, before: '', certificates: 'issuers', mode: 0o644 },
    ],
    note: { path: `${path}/note.json`, content: { target } },
    pause: { first: 900, most: 21_600 },
    tolerant: false,
    presumes: [
      {
        kind: 'write',
        path: `${path}/note.json`,
        content: Buffer.from(JSON.stringify({ target, foretold: true })),
      },
    ],
    ...more,
  };
}

function reasonOf(performed: Performed): string {
  return performed.became === 'failed' ? performed.reason : performed.became;
}

const limited = {
  status: 429,
  type: 'rateLimited',
  detail: 'too many certificates already issued for "example.test"',
};

describe('orders of certificates', () => {
  it('writes key and chain, leaves no token, and forgets earlier failures', async () => {
    await using one = await stage();
    const content = { target, failures: 3, next: 1, reason: 'It failed.' };
    const done = await one.order({ note: { path: `${one.path}/note.json`, content } });
    expect(done).to.deep.equal({ became: 'done' });
    const [issued = ''] = one.server.issued;
    expect(one.read('site.pem')).to.equal(key + issued);
    expect(one.read('copy.pem')).to.equal(issued);
    expect(one.read('issuers.pem')).to.equal(issued.slice(issued.indexOf('-----BEGIN', 10)));
    expect(one.note()).to.have.all.keys('target', 'next');
    expect((one.note().next! - Date.now()) / 1000, 'until another one may be ordered').to.be.within(
      21_500,
      21_600,
    );
    expect(treeOf(one.path)).to.not.have.property('/.well-known/acme-challenge/a-token_1');
    expect(one.read('account.key')).to.match(/PRIVATE KEY/);
  });

  it('keeps its account', async () => {
    await using one = await stage();
    await one.order();
    const account = one.read('account.key');
    await one.order();
    expect(one.read('account.key')).to.equal(account);
    expect(one.server.issued).to.have.length(2);
  });

  it('gets by although nonce after nonce is turned down', async () => {
    await using one = await stage();
    one.server.badNonces = 12;
    expect(await one.order()).to.deep.equal({ became: 'done' });
  });

  it('asks for a profile, and says which there are where there is no such', async () => {
    await using one = await stage({ profiles: { classic: 'as ever', shortlived: 'six days' } });
    expect(await one.order({ profile: 'shortlived' })).to.deep.equal({ became: 'done' });
    expect(one.server.of('newOrder')[0]!['profile']).to.equal('shortlived');
    const refused = await one.order({ profile: 'toString' });
    expect(reasonOf(refused)).to.match(/has no profile "toString"/);
    expect(refused).to.have.property('hint', 'It has: classic, shortlived.');
  });

  it('tells what it replaces where the authority knows of that, and orders without where it was told before', async () => {
    await using plain = await stage();
    await plain.order({ replaces: 'a.b' });
    expect(plain.server.of('newOrder')).to.deep.equal([
      { identifiers: [{ type: 'dns', value: 'www.example.test' }] },
    ]);
    await using one = await stage({ ari: true });
    await one.order({ replaces: 'a.b' });
    expect(one.server.of('newOrder')[0]!['replaces']).to.equal('a.b');
    one.server.faults.set('newOrder', { status: 409, type: 'alreadyReplaced', detail: 'replaced before' });
    expect(await one.order({ replaces: 'a.b' })).to.deep.equal({ became: 'done' });
    expect(one.server.of('newOrder').map(({ replaces }) => replaces)).to.deep.equal([
      'a.b',
      'a.b',
      undefined,
    ]);
  });

  it('failing, it waits twice as long each time, up to a limit, and leaves the files alone', async () => {
    await using one = await stage();
    const pauses: number[] = [];
    let content: AcmeNote = { target };
    for (let attempt = 0; attempt < 8; attempt++) {
      one.server.faults.set('newOrder', { status: 500, type: 'serverInternal', detail: 'Out of order' });
      const before = Date.now();
      const done = await one.order({ note: { path: `${one.path}/note.json`, content } });
      expect(reasonOf(done)).to.match(
        /^127\.0\.0\.1:\d+ refuses: Out of order \(serverInternal\)\. It is tried again after 20\d\d-/,
      );
      content = one.note();
      expect(content.failures).to.equal(attempt + 1);
      pauses.push((content.next! - before) / 1000);
    }
    pauses.forEach((pause, index) => {
      const wanted = Math.min(900 * 2 ** index, 21_600);
      expect(pause, `pause ${index}`).to.be.within(wanted * 0.74, wanted * 1.26);
    });
    expect(treeOf(one.path)).to.not.have.property('/site.pem');
  });

  it('waits for as long as the authority says', async () => {
    await using one = await stage();
    one.server.faults.set('newOrder', { ...limited, headers: { 'retry-after': '100000' } });
    const before = Date.now();
    expect(reasonOf(await one.order())).to.match(/was asked too often: too many certificates/);
    expect((one.note().next! - before) / 1000).to.be.within(100_000, 100_100);
    const date = new Date(before + 200_000_000).toUTCString();
    one.server.faults.set('newOrder', { ...limited, headers: { 'retry-after': date } });
    await one.order();
    expect((one.note().next! - before) / 1000).to.be.within(199_998, 200_100);
    one.server.faults.set('newOrder', limited);
    await one.order({ pause: { first: 1, most: 1 } });
    expect((one.note().next! - Date.now()) / 1000, 'where it does not say').to.be.within(3500, 3700);
  });

  it('is only a warning while the certificate at hand will do', async () => {
    await using one = await stage();
    one.server.faults.set('newAccount', {
      status: 403,
      type: 'unauthorized',
      detail: 'Account is\nnot valid.',
    });
    const done = await one.order({ tolerant: true });
    expect(done.became).to.equal('postponed');
    expect((done as { warning: string }).warning).to.match(
      /^The certificate could not be renewed, and the one at hand stays: 127\S+ refuses: Account is not valid \(unauthorized\)\. It is tried again after /,
    );
    expect(one.note().failures).to.equal(1);
  });

  it('counts as failed from its beginning, so that a run that is killed does not order again at once', async () => {
    await using one = await stage();
    let meanwhile: AcmeNote | undefined;
    const { faults } = one.server;
    const get = faults.get.bind(faults);
    faults.get = (resource) => {
      if (resource === 'newOrder') meanwhile = one.note();
      return get(resource);
    };
    await one.order();
    const by = processIdOf(process.pid, readFileSync('/proc/self/stat', 'latin1'));
    expect(meanwhile).to.deep.include({ failures: 1, reason: 'The run was ended in the middle.', by });
    expect(one.note(), 'afterwards').to.not.have.property('by');
    expect(meanwhile!.next).to.be.greaterThan(Date.now() + 600_000);
  });

  it('says what is wrong with an address that is no directory, or where nobody answers', async () => {
    await using one = await stage();
    one.server.faults.set('directory', { status: 404, type: '', detail: '' });
    expect(reasonOf(await one.order())).to.match(/answers with HTTP status 404|does not say why/);
    const nobody = await one.order({ directory: 'http://127.0.0.1:9/directory' });
    expect(reasonOf(nobody)).to.match(/^127\.0\.0\.1:9 cannot be reached: /);
  });

  it('takes no certificate that is over, for another key or other names, and none at all', async () => {
    const cases: readonly (readonly [Partial<AcmeServer['instead']>, RegExp])[] = [
      [{ until: Date.now() - 500 }, /issued a certificate that is over already\./],
      [{ key: newKey() }, /issued a certificate for another key\./],
      [{ names: ['other.example.test'] }, /issued a certificate without www\.example\.test\./],
    ];
    await using one = await stage();
    for (const [instead, why] of cases) {
      one.server.instead = instead;
      expect(reasonOf(await one.order())).to.match(why);
    }
    one.server.faults.set('cert', { status: 200, type: 'none', detail: 'no certificate here' });
    expect(reasonOf(await one.order())).to.match(/^The order at \S+ failed: /);
    expect(treeOf(one.path)).to.not.have.any.keys('/site.pem', '/copy.pem', '/issuers.pem');
    expect(one.note().failures).to.equal(1);
    one.server.instead = {};
    expect(await one.order()).to.deep.equal({ became: 'done' });
  });

  it('does not order at all where it could not remember that', async () => {
    await using one = await stage();
    const done = await one.order({ note: { path: `${one.path}/none/note.json`, content: { target } } });
    expect(done.became).to.equal('failed');
    expect(one.server.asked).to.deep.equal([]);
  });

  it('in a dry run it asks nobody, and leaves what it presumes', async () => {
    await using one = await stage();
    const overlay = createOverlay(createLocalHost());
    expect(await overlay.perform(effectOf(one.path, one.server, {}))).to.deep.equal({ became: 'presumed' });
    expect(JSON.parse(overlay.content(`${one.path}/note.json`)!.toString()).foretold).to.equal(true);
    expect(one.server.asked).to.deep.equal([]);
    expect(Object.keys(treeOf(one.path))).to.deep.equal(['/']);
  });
});
