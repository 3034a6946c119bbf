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

describeLab('lab: pkg states on apt', () => {
  it('pkg.installed fetches lists once, installs with dependencies, foretells it all, and is quiet then', async () => {
    await using node = await boot();
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
    await using node = await boot();
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
    await using node = await boot();
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
    await using node = await boot();
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
    await using node = await boot();
    await offer(node, made);
    const cases = [
      [['hello', 'nosuch'], 'There is no package "nosuch" in the package sources.'],
      [['needy'], 'needy cannot be installed: it depends on nowhere-to-be-had but it is not installable.'],
      [
        ['gamma', 'broken'],
        'The package broken could not be installed or removed: installed broken package post-installation script subprocess returned error exit status 1.',
      ],
      [[{ gamma: '9.9' }], 'The package sources do not offer version 9.9 of gamma.'],
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
    expect(repaired.changes['dpkg']).to.deep.equal(['interrupted: broken', 'configured']);
    expect(await versionOf(node, 'broken')).to.equal('install ok installed 1.0');
  });

  it('pkg.installed keeps configuration files that were changed', async () => {
    await using node = await boot();
    const conf = (version: string): DebSpec => ({
      name: 'conf',
      version,
      files: { '/etc/conf.ini': `of ${version}\n` },
      conffiles: ['/etc/conf.ini'],
    });
    await offer(node, [conf('1')]);
    await applyState(node, 'pkg.installed', { name: 'conf' });
    await node.write('/etc/conf.ini', 'mine\n');
    await offer(node, [conf('2')]);
    expect(await applyState(node, 'pkg.latest', { name: 'conf' })).to.deep.include({
      changes: { conf: ['1', '2'] },
      left: [],
    });
    expect(await node.file('/etc/conf.ini')).to.equal('mine\n');
    expect(await applyState(node, 'pkg.latest', { name: 'conf' })).to.deep.include({
      changes: {},
      commands: [],
    });
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
    await using node = await boot();
    await offer(node, made);
    await applyState(node, 'pkg.installed', { name: 'beta' });
    const foretold = await applyState(node, 'pkg.removed', { name: 'gamma' }, { dry: true });
    const done = await applyState(node, 'pkg.removed', { name: 'gamma' });
    expect(done.changes).to.deep.equal({ gamma: ['1.2', ''], beta: ['1.0', ''] });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect(await versionOf(node, 'beta')).to.not.include('ok installed');
  });

  it('pkg.held, pkg.unheld and holds of pkg.installed', async () => {
    await using node = await boot();
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
    await using node = await boot();
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

  it('pkg.installed takes .deb files', async () => {
    await using node = await boot();
    const delta: DebSpec = { name: 'delta', version: '1:1.0' };
    await offer(node, [delta]);
    const sources = [{ delta: `/srv/made/${debName(delta)}` }];
    const foretold = await applyState(node, 'pkg.installed', { sources }, { dry: true });
    const done = await applyState(node, 'pkg.installed', { sources });
    expect(done).to.deep.include({ changes: { delta: ['', '1:1.0'] }, left: [] });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect((await applyState(node, 'pkg.installed', { sources })).changes).to.deep.equal({});
    const wrong = await applyState(node, 'pkg.installed', { sources: [{ other: sources[0]!.delta }] });
    expect(wrong.refused).to.equal(`${sources[0]!.delta} holds the package "delta", not "other".`);
  });

  it('pkg.installed says why lists cannot be fetched, and waits for another apt', async () => {
    await using node = await boot();
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
