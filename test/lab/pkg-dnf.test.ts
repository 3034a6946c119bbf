/** pkg states on the real dnf and rpm of the RPM node. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { offerRpms, type RpmSpec, rpmPath } from './rpms.ts';
import { applyState } from './state.ts';

const beta: RpmSpec = {
  name: 'beta',
  version: '1.0',
  requires: ['gamma >= 1'],
  provides: ['greek-letter', 'perl(Greek)'],
};

const made: RpmSpec[] = [
  { name: 'alpha', version: '1.0' },
  { name: 'alpha', version: '1.5' },
  { name: 'alpha', version: '0.9', epoch: 2 },
  beta,
  { name: 'gamma', version: '1.2' },
  { name: 'conf', version: '1.0', files: { '/etc/conf.ini': 'one\n' }, config: ['/etc/conf.ini'] },
  { name: 'broken', version: '1.0', scripts: { pre: 'echo it hurts >&2; exit 1' } },
  { name: 'limping', version: '1.0', scripts: { post: 'echo it hurts >&2; exit 1' } },
  { name: 'clinging', version: '1.0', scripts: { preun: 'exit 1' } },
  { name: 'needy', version: '1.0', requires: ['nowhere-to-be-had'] },
  { name: 'rival', version: '1.0', conflicts: ['gamma'] },
  { name: 'foe', version: '1.0', files: { '/opt/x': 'a' } },
  { name: 'friend', version: '1.0', files: { '/opt/x': 'b' } },
  { name: 'slow', version: '1.0', scripts: { post: 'touch /run/slow; sleep 2' } },
  { name: 'big', version: '1.0', scripts: { pre: 'touch /run/slow; sleep 2' } },
];

const groups = [{ id: 'letters', name: 'Greek Letters', packages: ['alpha', 'beta'], optional: ['gamma'] }];

/** What is made here is not there. */
const clean = `
rm -f /run/slow
made=$(rpm -qa --qf '%{NAME}\\n' ${[...new Set(made.map(({ name }) => name))].map((name) => `'${name}'`).join(' ')})
[ -z "$made" ] || rpm -e --nodeps --noscripts --allmatches $made
: > /etc/dnf/plugins/versionlock.list
rm -f /etc/conf.ini*
`;

async function versionOf(node: Node, name: string): Promise<string> {
  const { stdout } = await node.run(['rpm', '-q', '--qf', '%{EVR}\n', name]);
  return stdout.trim();
}

async function locks(node: Node): Promise<string> {
  return (await node.file('/etc/dnf/plugins/versionlock.list')) ?? '';
}

const quiet = { refresh: false };

describeLab('lab: pkg states on dnf', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'dnf', family: 'rpm' });
    await offerRpms(node, made, { groups });
  });
  beforeEach(async () => {
    await node.must(clean);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('pkg.installed and pkg.group_installed tell what they would do before any list was fetched', async () => {
    await node.must('dnf -q clean all');
    const foretold = await applyState(node, 'pkg.installed', { pkgs: ['beta', 'conf'] }, { dry: true });
    expect(foretold.changes).to.deep.equal({ beta: ['', 'newest'], conf: ['', 'newest'] });
    const pattern = await applyState(node, 'pkg.installed', { name: 'alpha', version: '1.*' }, { dry: true });
    expect(pattern.changes).to.deep.equal({ alpha: ['', 'newest'] });
    const group = await applyState(node, 'pkg.group_installed', { name: 'letters' }, { dry: true });
    expect(group).to.deep.include({ changes: { letters: ['', 'installed'] } });
    const latest = await applyState(node, 'pkg.latest', { name: 'bash' }, { dry: true });
    expect(latest.warnings[0]).to.match(/never fetched/);
    expect((await node.must('find /var/cache/dnf -name repomd.xml')).trim()).to.equal('');
    const done = await applyState(node, 'pkg.installed', { name: 'alpha', version: '1.*' });
    expect(done).to.deep.include({ changes: { alpha: ['', '1.5-1'] }, left: [] });
    expect(done.processes.filter((line) => line.includes('makecache'))).to.have.length(1);
  });

  it('pkg.installed installs with dependencies, foretells it all, and is quiet then', async () => {
    await node.must('dnf -q makecache');
    const foretold = await applyState(node, 'pkg.installed', { pkgs: ['beta', 'conf'] }, { dry: true });
    expect(foretold).to.deep.include({
      changes: { beta: ['', '1.0-1'], conf: ['', '1.0-1'] },
      comment: 'With that come gamma 1.2-1.',
      left: [],
    });
    expect(await versionOf(node, 'beta')).to.include('not installed');
    const done = await applyState(node, 'pkg.installed', { pkgs: ['beta', 'conf'] });
    expect(done.changes).to.deep.equal(foretold.changes);
    expect(done.left).to.deep.equal([]);
    expect(done.explained).to.equal('beta 1.0-1 installed, conf 1.0-1 installed, gamma 1.2-1 installed.');
    for (const name of ['beta', 'gamma', 'beta.noarch', 'greek-letter', 'perl(Greek)']) {
      const again = await applyState(node, 'pkg.installed', { name });
      expect(again, name).to.deep.include({ changes: {}, commands: [] });
      expect(
        again.processes.every((line) => line.startsWith('rpm -qa ')),
        name,
      ).to.equal(true);
    }
  });

  it('pkg.installed brings the version that is asked for, older or newer', async () => {
    const steps = [
      ['1.0', '1.0-1'],
      ['>=1.2', '1.5-1'],
      ['1.0*', '1.0-1'],
      ['<1.5', '1.0-1'],
      ['<1.0', '2:0.9-1'],
      ['1.0-1', '1.0-1'],
      ['latest', '2:0.9-1'],
      ['!=0.9', '1.5-1'],
    ] as const;
    for (const [wanted, version] of steps) {
      const done = await applyState(node, 'pkg.installed', { name: 'alpha', version: wanted, ...quiet });
      expect(done, `${wanted}: ${done.explained}`).to.deep.include({ left: [] });
      expect(await versionOf(node, 'alpha'), wanted).to.equal(version);
    }
    expect(
      (await applyState(node, 'pkg.installed', { name: 'alpha', version: '>=9', ...quiet })).refused,
    ).to.equal('No version of alpha that is on offer meets ">=9" (on offer: 2:0.9-1, 1.5-1, 1.0-1).');
  });

  it('pkg.installed names the guilty package', async () => {
    await node.must('dnf -q -y install gamma');
    const cases = [
      [['hello', 'nosuch'], 'There is no package "hello", "nosuch" in the package sources.'],
      [
        ['needy'],
        'needy-1.0-1.noarch cannot be installed: it depends on nowhere-to-be-had, which nothing provides.',
      ],
      [['rival'], 'rival-1.0-1.noarch cannot be installed beside gamma-1.2-1.noarch.'],
      [['conf', 'broken'], 'The script %pre of broken failed: it hurts.'],
      [
        ['foe', 'friend'],
        'foe-1.0-1.noarch cannot be installed beside friend-1.0-1.noarch: both bring /opt/x.',
      ],
      [[{ gamma: '9.9' }], 'There is no package "gamma-9.9" in the package sources.'],
    ] as const;
    for (const [pkgs, explained] of cases) {
      const done = await applyState(node, 'pkg.installed', { pkgs, ...quiet });
      expect(done, JSON.stringify(pkgs)).to.deep.include({ explained });
      expect(done.failed).to.equal('"dnf" ended with exit status 1.');
    }
    const limping = await applyState(node, 'pkg.installed', { name: 'limping', ...quiet });
    expect(limping.left).to.deep.equal([]);
    expect(limping.explained).to.equal(
      'limping 1.0-1 installed. The script %post of limping failed: it hurts.',
    );
    await node.must('dnf -q -y install clinging');
    const clinging = await applyState(node, 'pkg.removed', { name: 'clinging' });
    expect(clinging.explained).to.equal('The script %preun of clinging failed.');
  });

  it('pkg.removed and pkg.purged tell what goes along, and leave what nothing needs any more', async () => {
    await node.must('dnf -q -y install beta conf');
    await node.write('/etc/conf.ini', 'mine\n');
    const foretold = await applyState(node, 'pkg.removed', { name: 'gamma' }, { dry: true });
    expect(foretold.changes).to.deep.equal({ gamma: ['1.2-1', ''], beta: ['1.0-1', ''] });
    const done = await applyState(node, 'pkg.removed', { name: 'beta' });
    expect(done).to.deep.include({ changes: { beta: ['1.0-1', ''] }, left: [] });
    expect(await versionOf(node, 'gamma')).to.equal('1.2-1');
    const purged = await applyState(node, 'pkg.purged', { pkgs: ['conf', 'nosuch'] });
    expect(purged).to.deep.include({ changes: { conf: ['1.0-1', ''] }, left: [] });
    expect((await applyState(node, 'pkg.purged', { pkgs: ['conf', 'nosuch'] })).changes).to.deep.equal({});
  });

  it('pins, holds and upgrades are one state', async () => {
    const pinned = { name: 'alpha', version: '1.0', hold: true, ...quiet };
    const foretold = await applyState(node, 'pkg.installed', pinned, { dry: true });
    const done = await applyState(node, 'pkg.installed', pinned);
    expect(done).to.deep.include({
      changes: { alpha: ['', '1.0-1'], 'alpha held': [false, true] },
      left: [],
    });
    expect(foretold.changes).to.deep.equal(done.changes);
    expect((await node.must('dnf -q versionlock list')).trim()).to.equal('alpha-0:1.0-1.*');
    expect((await node.must('dnf -q upgrade -y; dnf -q check-update')).trim()).to.equal('');
    const again = await applyState(node, 'pkg.installed', pinned);
    expect(again).to.deep.include({ changes: {}, commands: [] });
    expect(again.processes).to.have.length(1);
    expect((await applyState(node, 'pkg.latest', { name: 'alpha', ...quiet })).refused).to.equal(
      'Held, so not changed: alpha (1.0-1).',
    );
    const refused = { name: 'alpha', version: '1.5', ...quiet };
    expect((await applyState(node, 'pkg.installed', refused)).refused).to.match(/^Held/);
    const moved = await applyState(node, 'pkg.installed', { ...pinned, version: '1.5' });
    expect(moved).to.deep.include({ changes: { alpha: ['1.0-1', '1.5-1'] }, left: [] });
    expect(await locks(node)).to.equal('alpha-0:1.5-1.*\n');
    const kept = await applyState(node, 'pkg.latest', { name: 'alpha', update_holds: true, ...quiet });
    expect(kept).to.deep.include({ changes: { alpha: ['1.5-1', '2:0.9-1'] }, left: [] });
    expect(await locks(node)).to.equal('alpha-2:0.9-1.*\n');
    const free = await applyState(node, 'pkg.installed', {
      name: 'alpha',
      version: '1.0',
      hold: false,
      ...quiet,
    });
    expect(free).to.deep.include({
      changes: { alpha: ['2:0.9-1', '1.0-1'], 'alpha held': [true, false] },
      left: [],
    });
    expect(await locks(node)).to.equal('');
  });

  it('pkg.held and pkg.unheld keep the list of versionlock', async () => {
    expect((await applyState(node, 'pkg.held', { name: 'alpha' })).refused).to.equal(
      'Not installed, so not held: alpha.',
    );
    await node.must('dnf -q -y install alpha gamma; dnf -q versionlock add gamma');
    expect((await applyState(node, 'pkg.held', { pkgs: ['alpha', 'gamma'] })).changes).to.deep.equal({
      'alpha held': [false, true],
    });
    expect((await applyState(node, 'pkg.held', { name: 'alpha' })).changes).to.deep.equal({});
    const replaced = await applyState(node, 'pkg.held', { name: 'alpha', replace: true });
    expect(replaced).to.deep.include({ left: [], changes: { 'gamma held': [true, false] } });
    expect((await node.must('dnf -q versionlock list')).trim()).to.equal('alpha-2:0.9-1.*');
    expect((await applyState(node, 'pkg.unheld', { all: true })).changes).to.deep.equal({
      'alpha held': [true, false],
    });
    expect((await applyState(node, 'pkg.unheld', { name: 'alpha' })).changes).to.deep.equal({});
    await node.must('mv /etc/dnf/plugins/versionlock.conf /root/');
    const without = await applyState(node, 'pkg.held', { name: 'alpha' });
    await node.must('mv /root/versionlock.conf /etc/dnf/plugins/');
    expect(without.refused).to.match(/plugin versionlock is not there/);
  });

  it('pkg.latest and pkg.uptodate upgrade what is named, or everything', async () => {
    await node.must('dnf -q -y install alpha-1.0 gamma');
    const latest = await applyState(node, 'pkg.latest', { pkgs: ['alpha', 'gamma'] });
    expect(latest).to.deep.include({ changes: { alpha: ['1.0-1', '2:0.9-1'] }, left: [] });
    expect((await applyState(node, 'pkg.latest', { pkgs: ['alpha', 'gamma'] })).commands).to.deep.equal([]);
    await node.must('dnf -q -y install alpha-1.0');
    const foretold = await applyState(node, 'pkg.uptodate', {}, { dry: true });
    const some = await applyState(node, 'pkg.uptodate', { pkgs: ['gamma', 'nosuch'] });
    expect(some.changes).to.deep.equal({});
    const all = await applyState(node, 'pkg.uptodate', {});
    expect(all).to.deep.include({ changes: { alpha: ['1.0-1', '2:0.9-1'] }, left: [] });
    expect(foretold.changes).to.deep.equal(all.changes);
    expect((await applyState(node, 'pkg.uptodate', { security: true })).comment).to.equal(
      'System is already up-to-date',
    );
  });

  it('pkg.group_installed brings the packages of a group', async () => {
    const some = { name: 'letters', skip: ['beta'], include: ['conf'], ...quiet };
    const foretold = await applyState(node, 'pkg.group_installed', some, { dry: true });
    const done = await applyState(node, 'pkg.group_installed', some);
    expect(done).to.deep.include({ changes: { alpha: ['', '2:0.9-1'], conf: ['', '1.0-1'] }, left: [] });
    expect(foretold.changes).to.deep.equal(done.changes);
    const whole = await applyState(node, 'pkg.group_installed', { name: 'Greek Letters', ...quiet });
    expect(whole).to.deep.include({ changes: { beta: ['', '1.0-1'] }, left: [] });
    expect((await applyState(node, 'pkg.group_installed', { name: 'letters' })).commands).to.deep.equal([]);
    const nosuch = await applyState(node, 'pkg.group_installed', { name: 'nosuch' });
    expect(nosuch.refused).to.equal('There is no group "nosuch".');
  });

  it('pkg.installed takes .rpm files with their hash, and installs again', async () => {
    const place = rpmPath(beta);
    const sum = (await node.must(['sha256sum', place])).split(' ')[0];
    const wrong = { sources: [{ beta: { source: place, source_hash: `sha256=${'0'.repeat(64)}` } }] };
    expect((await applyState(node, 'pkg.installed', wrong)).refused).to.match(/does not have the hash/);
    const sources = [{ beta: { source: place, source_hash: sum } }];
    const done = await applyState(node, 'pkg.installed', { sources });
    expect(done).to.deep.include({ changes: { beta: ['', '1.0-1'] }, left: [] });
    const again = await applyState(node, 'pkg.installed', { sources });
    expect(again).to.deep.include({ changes: {}, commands: [] });
    expect(again.processes).to.have.length(1);
    const other = await applyState(node, 'pkg.installed', { sources: [{ other: place }] });
    expect(other.refused).to.equal(`${place} holds the package "beta", not "other".`);
    await node.must('mkdir -p /srv/states');
    await node.must(['cp', place, '/srv/states/odd.rpm']);
    const odd = await applyState(node, 'pkg.installed', { sources: [{ beta: 'salt://odd.rpm' }] });
    expect(odd).to.deep.include({ changes: {}, commands: [] });
    const reinstalled = await applyState(node, 'pkg.installed', { name: 'beta', reinstall: true, ...quiet });
    expect(reinstalled).to.deep.include({ left: [], explained: 'beta 1.0-1 installed again.' });
  });

  it('pkg.downloaded fills the cache, and fetch errors name what could not be had', async () => {
    const web = ['[web]', 'name=web', 'baseurl=http://127.0.0.1:8099', 'enabled=1', 'gpgcheck=0', ''];
    await node.must('mv /etc/yum.repos.d/made.repo /root/; dnf -q clean all');
    await node.write('/etc/yum.repos.d/web.repo', web.join('\n'));
    await node.must('systemd-run -q --unit=web --working-directory=/srv/made python3 -m http.server 8099');
    try {
      await node.until('curl -s -o /dev/null http://127.0.0.1:8099/');
      const args = { pkgs: ['beta', { alpha: '1.5' }] };
      const foretold = await applyState(node, 'pkg.downloaded', args, { dry: true });
      const done = await applyState(node, 'pkg.downloaded', args);
      expect(done.left, done.explained).to.deep.equal([]);
      expect(foretold.changes).to.deep.equal(done.changes);
      const files = await node.must("find /var/cache/dnf -name '*.rpm' -printf '%f\\n' | sort");
      expect(files.trim().split('\n')).to.deep.equal([
        'alpha-1.5-1.noarch.rpm',
        'beta-1.0-1.noarch.rpm',
        'gamma-1.2-1.noarch.rpm',
      ]);
      expect((await applyState(node, 'pkg.downloaded', args)).commands).to.deep.equal([]);
      await node.must('mv /srv/made/noarch/conf-1.0-1.noarch.rpm /root/');
      const missing = await applyState(node, 'pkg.installed', { name: 'conf', ...quiet });
      await node.must('mv /root/conf-1.0-1.noarch.rpm /srv/made/noarch/');
      expect(missing.explained).to.equal(
        'http://127.0.0.1:8099/noarch/conf-1.0-1.noarch.rpm could not be fetched: Status code: 404.',
      );
      await node.must('systemctl stop web');
      const down = await applyState(node, 'pkg.installed', { name: 'gamma' });
      expect(down.explained).to.match(/^The lists of the repository "web" could not be fetched: /);
      const fromMade = { name: 'gamma', fromrepo: 'nosuch', ...quiet };
      expect((await applyState(node, 'pkg.installed', fromMade)).explained).to.equal(
        'There is no repository "nosuch".',
      );
    } finally {
      await node.must(
        'rm /etc/yum.repos.d/web.repo; mv /root/made.repo /etc/yum.repos.d/; systemctl stop web; true',
      );
    }
  });

  it('pkg.installed goes by the repositories and settings it is told', async () => {
    const noted: RpmSpec = {
      name: 'conf',
      version: '3.0',
      files: { '/usr/share/doc/conf/README': 'x', '/etc/conf.ini': 'three\n' },
    };
    await offerRpms(node, [noted], { folder: '/srv/extra', repository: 'extra' });
    await node.must("sed -i 's/enabled=1/enabled=0/; s/gpgcheck=0/gpgcheck=1/' /etc/yum.repos.d/extra.repo");
    const extra = { name: 'conf', version: '3.0', ...quiet };
    expect((await applyState(node, 'pkg.installed', extra)).explained).to.equal(
      'There is no package "conf-3.0" in the package sources.',
    );
    const unsigned = await applyState(node, 'pkg.installed', { ...extra, enablerepo: 'extra' });
    expect(unsigned.explained).to.equal('conf-3.0-1.noarch.rpm is not signed.');
    const done = await applyState(node, 'pkg.installed', {
      ...extra,
      enablerepo: ['extra'],
      disablerepo: 'made',
      skip_verify: true,
      setopt: ['tsflags=nodocs'],
    });
    expect(done.left, done.explained).to.deep.equal([]);
    const other = await applyState(node, 'pkg.installed', { ...extra, version: '1.0', fromrepo: 'made' });
    expect(other).to.deep.include({ changes: { conf: ['3.0-1', '1.0-1'] }, left: [] });
    const newest = { name: 'conf', fromrepo: 'extra', skip_verify: true, ...quiet };
    expect(await applyState(node, 'pkg.latest', newest)).to.deep.include({
      changes: { conf: ['1.0-1', '3.0-1'] },
      left: [],
    });
  });

  it('another dnf is waited for, and one that was killed leaves nothing undone', async () => {
    const other = node.run('dnf -q -y install slow');
    await node.until('test -e /run/slow');
    const waited = await applyState(node, 'pkg.installed', { name: 'gamma', ...quiet });
    expect(waited.left, waited.explained).to.deep.equal([]);
    expect((await other).status).to.equal(0);
    await node.must('rm /run/slow');
    const killed = node.run('dnf -q -y install big');
    await node.until('test -e /run/slow');
    await node.run(['pkill', '-9', '-x', 'dnf']);
    expect((await killed).status).to.equal(137);
    const big = await applyState(node, 'pkg.installed', { name: 'big', ...quiet });
    expect(big.left, big.explained).to.deep.equal([]);
    expect(await versionOf(node, 'big')).to.equal('1.0-1');
  });

  it('two versions of a package, as an interrupted upgrade leaves them, are mended, and that is told', async () => {
    await node.must(
      'cd /srv/made/noarch; rpm -i --force gamma-1.2-1* alpha-1.0-1*; rpm -i --force --replacefiles alpha-0.9-1*',
    );
    expect((await node.must('rpm -q alpha')).trim().split('\n')).to.have.length(2);
    const other = await applyState(node, 'pkg.installed', { name: 'gamma' });
    expect(other.changes).to.deep.equal({});
    const mended = await applyState(node, 'pkg.installed', { name: 'alpha', version: '1.0', ...quiet });
    expect(mended.left, mended.explained).to.deep.equal([]);
    expect(mended.changes['rpm']).to.deep.equal(['interrupted: alpha', 'repaired']);
    expect(await versionOf(node, 'alpha')).to.equal('1.0-1');
    expect((await node.run('rpm -V alpha; dnf -q check')).stdout).to.equal('');
  });

  it('asks rpm once where nothing changes', async () => {
    const tree = {
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web.yaml': [
        "pinned:\n  pkg.installed:\n    name: alpha\n    version: '1.*'\n    hold: true",
        'several:\n  pkg.installed:\n    pkgs: [beta, conf]',
        'one:\n  pkg.installed:\n    name: gamma',
        'gone:\n  pkg.removed:\n    pkgs: [nosuch, needy]',
        'purged:\n  pkg.purged:\n    name: broken',
        'kept:\n  pkg.held:\n    name: alpha',
        'free:\n  pkg.unheld:\n    name: beta',
        '',
      ].join('\n'),
    };
    const dry = await node.converge(tree, { test: true });
    const first = await node.converge(tree);
    expect(first.failed, first.stdout).to.deep.equal([]);
    expect(first.changed).to.deep.equal(dry.changed);
    expect(first.processes.filter((line) => line.startsWith('dnf -y install'))).to.have.length(2);
    const second = await node.converge(tree);
    expect(second.changed, second.stdout).to.deep.equal([]);
    expect(second.processes).to.have.length(1);
  });

  it('says that the database of rpm is damaged', async () => {
    await node.must('cp -a /var/lib/rpm /root/rpm');
    await node.write('/var/lib/rpm/rpmdb.sqlite', 'junk');
    const run = await node.converge({
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web.yaml': 'gamma: pkg.installed\n',
    });
    await node.must('rm -rf /var/lib/rpm; mv /root/rpm /var/lib/rpm');
    expect(run.failed).to.deep.equal(['pkg.installed gamma']);
    expect(run.results[0]!.comment).to.include('rpm cannot list the packages').and.include('--rebuilddb');
  });
});
