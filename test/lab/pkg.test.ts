/** pkg states on apt, on Debian 12 and 13; those on dnf are in `pkg-dnf.test.ts`. */
import { expect } from 'chai';
import { type DebSpec, debName, offer } from './debs.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

const made: DebSpec[] = [
  { name: 'alpha', version: '1.0' },
  { name: 'alpha', version: '1.5' },
  { name: 'alpha', version: '2:0.9' },
  { name: 'beta', version: '1.0', fields: { Depends: 'gamma (>= 1)', Provides: 'greek-letter' } },
  { name: 'gamma', version: '1.2' },
  { name: 'broken', version: '1.0', scripts: { postinst: 'echo it hurts >&2; exit 1' } },
  { name: 'rival', version: '1.0', fields: { Conflicts: 'gamma' } },
  { name: 'foe', version: '1.0', files: { '/opt/x': 'a' } },
  { name: 'friend', version: '1.0', files: { '/opt/x': 'b' } },
  { name: 'slow', version: '1.0', scripts: { postinst: 'touch /run/slow; sleep 2; touch /run/done' } },
  { name: 'slower', version: '1.0', scripts: { preinst: 'touch /run/slow; sleep 2' } },
  { name: 'needy', version: '1.0', fields: { Depends: 'nowhere-to-be-had' } },
  {
    name: 'conf',
    version: '1.0',
    files: { '/etc/conf.ini': 'one\n' },
    conffiles: ['/etc/conf.ini'],
    fields: { Provides: 'configured' },
  },
];

async function versionOf(node: Node, name: string): Promise<string> {
  return (await node.run(['dpkg-query', '-W', '-f', '${Status} ${Version}', name])).stdout;
}

/** As if nothing had been made or fetched. */
const clean = `
rm -f /run/slow /run/done
dpkg --configure -a --force-confold >/dev/null 2>&1
made=$(dpkg-query -W -f '\${Package} \${Maintainer}\\n' | sed -n 's/ Lab <.*//p')
for name in $made; do printf '#!/bin/sh\\n' | tee /var/lib/dpkg/info/$name.prerm /var/lib/dpkg/info/$name.postrm >/dev/null; done
[ -z "$made" ] || dpkg --purge --force-all $made
rm -rf /var/lib/apt/lists /var/cache/apt/*.bin /srv/made /etc/apt/sources.list.d/made.list /var/cache/apt/archives/*.deb
apt-get clean
`;

describeLab('lab: pkg states on apt', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'apt' });
  });
  beforeEach(async () => {
    await node.must(clean);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('pkg.installed fetches lists once, installs with dependencies, foretells it all, and is quiet then', async () => {
    await offer(node, made);
    await node.must('apt-get update -q');
    const foretold = await applyState(node, 'pkg.installed', { pkgs: ['beta', 'conf'] }, { dry: true });
    expect(foretold.changes).to.deep.equal({ beta: ['', '1.0'], conf: ['', '1.0'] });
    expect(foretold.comment).to.equal('With that come gamma 1.2.');
    expect(foretold.left).to.deep.equal([]);
    expect(await versionOf(node, 'beta')).to.equal('');
    const done = await applyState(node, 'pkg.installed', { pkgs: ['beta', 'conf'] });
    expect(done.changes).to.deep.equal(foretold.changes);
    expect(done.left).to.deep.equal([]);
    expect(done.commands.filter((command) => command.endsWith(' update'))).to.have.length(1);
    for (const name of ['beta', 'gamma', 'configured', 'greek-letter']) {
      const again = await applyState(node, 'pkg.installed', { name });
      expect(again.changes, name).to.deep.equal({});
      expect(again.commands, name).to.deep.equal([]);
      expect(again.comment).to.equal('All specified packages are already installed');
    }
  });

  it('pkg.installed works on a node that never fetched a list', async () => {
    await offer(node, made);
    const foretold = await applyState(node, 'pkg.installed', { name: 'gamma' }, { dry: true });
    expect(foretold).to.deep.include({ changes: { gamma: ['', 'newest'] }, left: [] });
    expect((await node.run('ls /var/lib/apt/lists')).stdout).to.not.include('Packages');
    expect((await applyState(node, 'pkg.installed', { name: 'gamma', refresh: false })).explained).to.equal(
      'There is no package "gamma" in the package sources.',
    );
    expect((await applyState(node, 'pkg.installed', { name: 'gamma' })).left).to.deep.equal([]);
    expect(await versionOf(node, 'gamma')).to.equal('install ok installed 1.2');
  });

  it('pkg.installed brings the version that is asked for, older or newer', async () => {
    await offer(node, made);
    await node.must('apt-get update -q');
    const steps = [
      ['1.0', '1.0'],
      ['>=1.2', '1.5'],
      ['1.0*', '1.0'],
      ['<1.5', '1.0'],
      ['<1.0', '2:0.9'],
      ['0.9', '2:0.9'],
      ['>=0:1.2,<1:0', '1.5'],
      ['latest', '2:0.9'],
      ['!=0.9', '1.5'],
    ] as const;
    for (const [wanted, version] of steps) {
      const { changes, left, failed } = await applyState(node, 'pkg.installed', {
        name: 'alpha',
        version: wanted,
      });
      expect(failed, wanted).to.equal(undefined);
      expect(left, wanted).to.deep.equal([]);
      expect(await versionOf(node, 'alpha'), wanted).to.equal(`install ok installed ${version}`);
      expect(Object.keys(changes).every((name) => name === 'alpha')).to.equal(true);
    }
  });

  it('pkg.installed finds out which versions there are before it installs one of several', async () => {
    await offer(node, made);
    const bounded = await applyState(node, 'pkg.installed', { name: 'alpha', version: '<2,!=0.9' });
    expect(bounded).to.deep.include({ changes: { alpha: ['', '1.5'] }, left: [] });
    expect((await applyState(node, 'pkg.installed', { name: 'alpha', version: '>=9' })).refused).to.equal(
      'No version of alpha that is on offer meets ">=9" (on offer: 2:0.9, 1.5, 1.0).',
    );
    expect((await applyState(node, 'pkg.installed', { name: 'nosuch', version: '1.*' })).refused).to.equal(
      'No version of nosuch that is on offer meets "1.*" (on offer: none).',
    );
  });

  it('pkg.installed names the guilty package', async () => {
    await offer(node, made);
    const cases = [
      [['hello', 'nosuch'], 'There is no package "nosuch" in the package sources.'],
      [['needy'], 'needy cannot be installed: it depends on nowhere-to-be-had but it is not installable.'],
      [
        ['gamma', 'broken'],
        'The package broken could not be installed or removed: installed broken package post-installation script subprocess returned error exit status 1.',
      ],
      [[{ gamma: '9.9' }], 'The package sources do not offer version 9.9 of gamma.'],
      [
        ['foe', 'friend'],
        "The package friend_1.0_all.deb could not be installed or removed: trying to overwrite '/opt/x', which is also in package foe 1.0.",
      ],
    ] as const;
    for (const [pkgs, explained] of cases) {
      const done = await applyState(node, 'pkg.installed', { pkgs });
      expect(done, JSON.stringify(pkgs)).to.deep.include({ explained });
      expect(done.failed).to.include('ended with exit status');
    }
    // What apt left half way is finished as soon as it can be, by a step with a name.
    expect(await versionOf(node, 'broken')).to.equal('install ok half-configured 1.0');
    await node.must("sed -i 's/exit 1/exit 0/' /var/lib/dpkg/info/broken.postinst");
    const repaired = await applyState(node, 'pkg.installed', { name: 'alpha' });
    expect(repaired.failed).to.equal(undefined);
    expect(repaired.left).to.deep.equal([]);
    expect(repaired.changes['dpkg']).to.deep.equal(['interrupted: broken, foe', 'configured']);
    expect(await versionOf(node, 'broken')).to.equal('install ok installed 1.0');
  });

  it('pkg.installed keeps configuration files that were changed', async () => {
    const conf = (version: string): DebSpec => ({
      name: 'conf',
      version,
      files: { '/etc/conf.ini': `of ${version}\n` },
      conffiles: ['/etc/conf.ini'],
    });
    await offer(node, [conf('1')]);
    await applyState(node, 'pkg.installed', { name: 'conf' });
    await node.write('/etc/conf.ini', 'mine\n');
    await offer(node, [conf('1'), conf('2')]);
    expect(await applyState(node, 'pkg.latest', { name: 'conf' })).to.deep.include({
      changes: { conf: ['1', '2'] },
      left: [],
    });
    expect(await node.file('/etc/conf.ini')).to.equal('mine\n');
    expect(await applyState(node, 'pkg.latest', { name: 'conf' })).to.deep.include({
      changes: {},
      commands: [],
    });
    const theirs = { name: 'conf', version: '1', force_conf_new: true };
    expect((await applyState(node, 'pkg.installed', theirs)).left).to.deep.equal([]);
    expect(await node.file('/etc/conf.ini')).to.equal('of 1\n');
    await node.write('/etc/conf.ini', 'mine\n');
    expect((await applyState(node, 'pkg.latest', { name: 'conf' })).left).to.deep.equal([]);
    const removed = await applyState(node, 'pkg.removed', { pkgs: ['conf', 'nosuch'] });
    expect(removed).to.deep.include({ changes: { conf: ['2', ''] }, left: [] });
    expect(await node.file('/etc/conf.ini')).to.equal('mine\n');
    expect((await applyState(node, 'pkg.removed', { name: 'conf' })).changes).to.deep.equal({});
    const purged = await applyState(node, 'pkg.purged', { name: 'conf' });
    expect(purged).to.deep.include({ changes: { conf: ['2', ''] }, left: [] });
    expect(await node.file('/etc/conf.ini')).to.equal(undefined);
    expect(await applyState(node, 'pkg.purged', { name: 'conf' })).to.deep.include({
      changes: {},
      commands: [],
    });
  });

  it('pkg.removed tells what goes along', async () => {
    await offer(node, made);
    await applyState(node, 'pkg.installed', { name: 'beta' });
    const foretold = await applyState(node, 'pkg.removed', { name: 'gamma' }, { dry: true });
    const done = await applyState(node, 'pkg.removed', { name: 'gamma' });
    expect(done.changes).to.deep.equal({ gamma: ['1.2', ''], beta: ['1.0', ''] });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect(await versionOf(node, 'beta')).to.not.include('ok installed');
  });

  it('pkg.held, pkg.unheld and holds of pkg.installed', async () => {
    await offer(node, made);
    expect((await applyState(node, 'pkg.held', { name: 'alpha' })).refused).to.equal(
      'Not installed, so not held: alpha.',
    );
    const installed = await applyState(node, 'pkg.installed', { name: 'alpha', version: '1.0', hold: true });
    expect(installed).to.deep.include({
      left: [],
      changes: { alpha: ['', '1.0'], 'alpha held': [false, true] },
    });
    const heldNow = async () => (await node.must('apt-mark showhold')).trim();
    expect(await heldNow()).to.equal('alpha');
    expect((await applyState(node, 'pkg.latest', { name: 'alpha' })).refused).to.equal(
      'Held, so not changed: alpha (1.0).',
    );
    expect((await applyState(node, 'pkg.uptodate', {})).changes).to.not.have.property('alpha');
    const moved = await applyState(node, 'pkg.installed', {
      name: 'alpha',
      version: '1.5',
      update_holds: true,
    });
    expect(moved).to.deep.include({ left: [], changes: { alpha: ['1.0', '1.5'] } });
    expect(await heldNow()).to.equal('alpha');
    const free = await applyState(node, 'pkg.installed', { name: 'alpha', version: 'latest', hold: false });
    expect(free).to.deep.include({
      left: [],
      changes: { alpha: ['1.5', '2:0.9'], 'alpha held': [true, false] },
    });
    expect(await heldNow()).to.equal('');
    await node.must('apt-get install -qy gamma');
    expect((await applyState(node, 'pkg.held', { pkgs: ['alpha', 'gamma'] })).left).to.deep.equal([]);
    expect((await applyState(node, 'pkg.held', { name: 'alpha' })).changes).to.deep.equal({});
    const replaced = await applyState(node, 'pkg.held', { name: 'alpha', replace: true });
    expect(replaced).to.deep.include({ left: [], changes: { 'gamma held': [true, false] } });
    expect((await applyState(node, 'pkg.unheld', { all: true })).changes).to.deep.equal({
      'alpha held': [true, false],
    });
    expect((await applyState(node, 'pkg.unheld', { name: 'alpha' })).changes).to.deep.equal({});
  });

  it('pkg.uptodate upgrades everything, or what is named', async () => {
    await offer(node, [
      { name: 'alpha', version: '1' },
      { name: 'gamma', version: '1' },
    ]);
    await applyState(node, 'pkg.installed', { pkgs: ['alpha', 'gamma'] });
    await offer(node, [
      { name: 'alpha', version: '2' },
      { name: 'gamma', version: '2' },
    ]);
    const some = await applyState(node, 'pkg.uptodate', { pkgs: ['alpha', 'nosuch'] });
    expect(some).to.deep.include({ changes: { alpha: ['1', '2'] }, left: [] });
    const foretold = await applyState(node, 'pkg.uptodate', {}, { dry: true });
    const rest = await applyState(node, 'pkg.uptodate', {});
    expect(rest).to.deep.include({ changes: { gamma: ['1', '2'] }, left: [] });
    expect(foretold).to.deep.include({ changes: rest.changes, left: [] });
    expect(await applyState(node, 'pkg.uptodate', {})).to.deep.include({
      changes: {},
      comment: 'System is already up-to-date',
    });
  });

  it('pkg.installed takes .deb files, from here or from the web, and looks at their hash', async () => {
    const delta: DebSpec = { name: 'delta', version: '1:1.0' };
    await offer(node, [delta, { name: 'delta', version: '0.5' }]);
    const place = `/srv/made/${debName(delta)}`;
    const sources = [{ delta: place }];
    const foretold = await applyState(node, 'pkg.installed', { sources }, { dry: true });
    const done = await applyState(node, 'pkg.installed', { sources });
    expect(done).to.deep.include({ changes: { delta: ['', '1:1.0'] }, left: [] });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect(await applyState(node, 'pkg.installed', { sources })).to.deep.include({
      changes: {},
      processes: [],
    });
    const wrong = await applyState(node, 'pkg.installed', { sources: [{ other: place }] });
    expect(wrong.refused).to.equal(`${place} holds the package "delta", not "other".`);
    await node.must(
      'systemd-run -q --unit=web node -e \'require("node:http").createServer((q, a) => a.end(require("node:fs").readFileSync("/srv/made/delta_0.5_all.deb"))).listen(8082, "127.0.0.1")\'',
    );
    await node.until('curl -s -o /dev/null http://127.0.0.1:8082/');
    const source = 'http://127.0.0.1:8082/pool/delta_0.5_all.deb';
    const sum = (await node.must('sha256sum /srv/made/delta_0.5_all.deb')).split(' ')[0];
    const bad = { sources: [{ delta: { source, source_hash: `sha256=${'0'.repeat(64)}` } }] };
    expect((await applyState(node, 'pkg.installed', bad)).refused).to.include('0000');
    const good = { sources: [{ delta: { source, source_hash: sum } }] };
    expect(await applyState(node, 'pkg.installed', good)).to.deep.include({
      changes: { delta: ['1:1.0', '0.5'] },
      left: [],
    });
    expect((await node.must('ls /var/cache/apt/archives')).includes('.deb')).to.equal(false);
    await node.must('systemctl stop web');
    expect(await applyState(node, 'pkg.installed', good)).to.deep.include({ changes: {}, processes: [] });
  });

  it('pkg.downloaded fills the cache and installs nothing', async () => {
    await offer(node, made);
    await node.must("sed -i 's/file:/copy:/' /etc/apt/sources.list.d/made.list");
    const args = { pkgs: ['beta', { alpha: '1.0' }] };
    const foretold = await applyState(node, 'pkg.downloaded', args, { dry: true });
    const done = await applyState(node, 'pkg.downloaded', args);
    expect(done.left, done.explained).to.deep.equal([]);
    expect(done.changes).to.deep.equal({ beta: ['', 'downloaded'], alpha: ['', '1.0'] });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect((await node.must('ls /var/cache/apt/archives')).match(/\S+\.deb/g)).to.deep.equal([
      'alpha_1.0_all.deb',
      'beta_1.0_all.deb',
      'gamma_1.2_all.deb',
    ]);
    expect(await versionOf(node, 'beta')).to.equal('');
    expect(await applyState(node, 'pkg.downloaded', args)).to.deep.include({ changes: {}, processes: [] });
    await node.must('apt-get install -qy gamma; apt-get clean');
    const again = await applyState(node, 'pkg.downloaded', { name: 'gamma' });
    expect(again.left, again.explained).to.deep.equal([]);
  });

  for (const [name, moment] of [
    ['slow', 'configured'],
    ['slower', 'unpacked'],
  ] as const) {
    it(`pkg.installed repairs a dpkg that was killed while a package was ${moment}, and says so`, async () => {
      await offer(node, made);
      await node.must('apt-get update -q');
      const killed = node.run(['apt-get', 'install', '-qy', name]);
      await node.until('test -e /run/slow');
      // Its own command line must not be matched, so no shell.
      for (const what of [
        ['-x', 'dpkg'],
        ['-x', 'apt-get'],
        ['-f', '^/bin/sh /var/lib/dpkg/'],
      ])
        await node.run(['pkill', '-9', ...what]);
      expect((await killed).status).to.not.equal(0);
      expect(await node.must('ls /var/lib/dpkg/updates')).to.match(/^0000$/m);
      const other = await applyState(node, 'pkg.installed', { name: 'alpha', version: '1.0' });
      expect(other.left, other.explained ?? other.failed).to.deep.equal([]);
      expect(other.changes).to.deep.equal({
        dpkg: [`interrupted: ${name}`, 'configured'],
        alpha: ['', '1.0'],
      });
      const itself = await applyState(node, 'pkg.installed', { name });
      expect(itself.left, itself.explained).to.deep.equal([]);
      expect(await versionOf(node, name)).to.equal('install ok installed 1.0');
    });
  }

  it('what must go for it is a change, what comes along is told', async () => {
    await offer(node, made);
    await applyState(node, 'pkg.installed', { name: 'gamma' });
    const foretold = await applyState(node, 'pkg.installed', { name: 'rival' }, { dry: true });
    const done = await applyState(node, 'pkg.installed', { name: 'rival' });
    expect(done).to.deep.include({ changes: { rival: ['', '1.0'], gamma: ['1.2', ''] }, left: [] });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect(done.explained).to.equal('gamma removed, rival 1.0 installed.');
  });

  it('states next to each other are one transaction, and the guilty one is named', async () => {
    await offer(node, made);
    const tree = {
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web.yaml': [
        'beta: pkg.installed',
        "alpha:\n  pkg.installed:\n    version: '1.0'",
        'conf: pkg.installed',
        'bad:\n  pkg.installed:\n    name: needy',
        'tree: pkg.installed',
        '',
      ].join('\n'),
    };
    const dry = await node.converge(tree, { test: true });
    expect(dry.changed, dry.stdout).to.have.length(5);
    const good = await node.converge({
      ...tree,
      'states/web.yaml': tree['states/web.yaml'].replace(/bad:\n.*\n.*\n/, ''),
    });
    expect(good.failed, good.stdout).to.deep.equal([]);
    expect(good.changed).to.have.length(4);
    expect(
      good.processes.filter((line) => / install -- /.test(line) && !/--simulate/.test(line)),
    ).to.have.length(1);
    const again = await node.converge(tree);
    expect(again.failed).to.deep.equal(['pkg.installed bad']);
    expect(again.results.find(({ id }) => id === 'bad')?.comment).to.include('nowhere-to-be-had');
    await node.must(clean);
    await offer(node, made);
    const mixed = await node.converge(tree);
    expect(mixed.failed, mixed.stdout).to.deep.equal(['pkg.installed bad']);
    expect(mixed.changed).to.deep.equal(['pkg.installed beta', 'pkg.installed alpha', 'pkg.installed conf']);
  });

  it('starts no process where nothing changes', async () => {
    await offer(node, made);
    const tree = {
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web.yaml': [
        "pinned:\n  pkg.installed:\n    name: alpha\n    version: '1.*'\n    hold: true",
        'several:\n  pkg.installed:\n    pkgs: [beta, greek-letter, conf]',
        'gone:\n  pkg.removed:\n    pkgs: [nosuch, needy]',
        'purged:\n  pkg.purged:\n    name: broken',
        'kept:\n  pkg.held:\n    name: alpha',
        'free:\n  pkg.unheld:\n    name: beta',
        '',
      ].join('\n'),
    };
    const first = await node.converge(tree);
    expect(first.failed, first.stdout).to.deep.equal([]);
    const second = await node.converge(tree);
    expect(second.changed, second.stdout).to.deep.equal([]);
    expect(second.processes).to.deep.equal([]);
  });

  it('pkg.installed says why lists cannot be fetched, and waits for another apt', async () => {
    await offer(node, made);
    // dpkg locks by fcntl(2), which flock(1) cannot.
    const lock =
      'use Fcntl; open(F, ">", $ARGV[0]); my $l = pack("s s x4 l! l! i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die;';
    const perl = `${lock} open(G, ">", "/run/locked"); close G; sleep 2`;
    const waiting = node.run(['perl', '-e', perl, '/var/lib/dpkg/lock-frontend']);
    await node.until('test -e /run/locked');
    const installed = await applyState(node, 'pkg.installed', { name: 'gamma' });
    expect(installed.left, installed.explained).to.deep.equal([]);
    expect((await waiting).status).to.equal(0);
    await node.must('rm -rf /srv/made');
    const { failed, explained } = await applyState(node, 'pkg.installed', { name: 'hello' });
    expect(failed).to.equal('"apt-get" ended with exit status 100.');
    expect(explained).to.match(/^(The repository 'file:\/srv\/made|file:\/srv\/made)/);
  });
});

describeLab('lab: pkg states on the apt of Debian 13', () => {
  it('install, hold, upgrade, repair and remove', async () => {
    await using node = await boot({ family: 'trixie' });
    await offer(node, made);
    const held = { name: 'alpha', version: '1.0', hold: true };
    const foretold = await applyState(node, 'pkg.installed', { pkgs: ['beta'] }, { dry: true });
    const done = await applyState(node, 'pkg.installed', { pkgs: ['beta'] });
    expect(done.left, done.explained).to.deep.equal([]);
    expect(done.explained).to.equal('gamma 1.2 installed, beta 1.0 installed.');
    expect(Object.keys(foretold.changes)).to.deep.equal(Object.keys(done.changes));
    expect((await applyState(node, 'pkg.installed', held)).left).to.deep.equal([]);
    expect(await applyState(node, 'pkg.installed', held)).to.deep.include({ changes: {}, processes: [] });
    expect((await applyState(node, 'pkg.latest', { name: 'alpha' })).refused).to.equal(
      'Held, so not changed: alpha (1.0).',
    );
    const moved = await applyState(node, 'pkg.installed', { ...held, version: '1.5' });
    expect(moved).to.deep.include({ changes: { alpha: ['1.0', '1.5'] }, left: [] });
    expect((await node.must('apt-mark showhold')).trim()).to.equal('alpha');
    const guilty = await applyState(node, 'pkg.installed', { name: 'broken' });
    expect(guilty.explained).to.match(
      /^The package broken could not be installed or removed: .*exit status 1\.$/,
    );
    await node.must("sed -i 's/exit 1/exit 0/' /var/lib/dpkg/info/broken.postinst");
    expect((await applyState(node, 'pkg.installed', { name: 'conf' })).changes).to.deep.equal({
      dpkg: ['interrupted: broken', 'configured'],
      conf: ['', '1.0'],
    });
    const needy = await applyState(node, 'pkg.installed', { name: 'needy' });
    expect(needy.explained).to.include('needy').and.include('nowhere-to-be-had');
    const nosuch = await applyState(node, 'pkg.installed', { name: 'nosuch' });
    expect(nosuch.explained).to.equal('There is no package "nosuch" in the package sources.');
    const gone = await applyState(node, 'pkg.purged', { pkgs: ['gamma', 'conf'] });
    expect(gone.left, gone.explained).to.deep.equal([]);
    expect(Object.keys(gone.changes)).to.deep.equal(['gamma', 'conf', 'beta']);
  });
});
