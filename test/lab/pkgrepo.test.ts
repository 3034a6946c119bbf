import { expect } from 'chai';
import { fingerprintsOf } from '../../engine/modules/pkgrepo/_openpgp.ts';
import { converge } from './converge.ts';
import { offer } from './debs.ts';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { offerRpms } from './rpms.ts';
import { makeKey, serve, sign } from './signed-debs.ts';
import { signRpms } from './signed-rpms.ts';
import { applyState } from './state.ts';

describeLab('lab: repositories of apt', () => {
  let node: Node;
  let fingerprint: string;
  let other: string;
  before(async () => {
    node = await boot({ name: 'pkgrepo', packages: ['gnupg'] });
    fingerprint = await makeKey(node, 'made');
    other = await makeKey(node, 'other');
    await offer(node, [{ name: 'alpha', version: '1.0' }]);
    await node.must('rm /etc/apt/sources.list.d/made.list');
    await sign(node, 'made');
    await serve(node);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const made = {
    name: 'made',
    uris: 'http://127.0.0.1:8081/',
    suites: 'stable',
    components: 'main',
    key_url: 'salt://made.asc',
  };
  const isOffered = "apt-cache policy alpha | grep -q 'http://127.0.0.1:8081 stable/main'";

  it('are described in the format deb822, with a key of their own', async () => {
    await expectLife(node, {
      state: 'pkgrepo.managed',
      args: { ...made, fingerprint },
      changes: ['/etc/apt/keyrings/made.asc', 'repository', 'lists'],
      check: `apt-get update 2>&1 | grep '^[WE]:' && exit 1; ${isOffered}`,
      damage:
        "sed -i 's/^Suites:.*/Suites: nosuch/; s/Signed.*/Trusted: yes/' /etc/apt/sources.list.d/made.sources",
      absent: {
        state: 'pkgrepo.absent',
        args: { name: 'made', remove_key: true },
        check: '! ls /etc/apt/keyrings/made.asc /etc/apt/sources.list.d/made.sources',
      },
    });
  });

  it('start no process where nothing changes', async () => {
    await applyState(node, 'pkgrepo.managed', { ...made, fingerprint });
    const again = await applyState(node, 'pkgrepo.managed', { ...made, fingerprint });
    expect(again).to.deep.include({ changes: {}, processes: [] });
    await applyState(node, 'pkgrepo.absent', { name: 'made', remove_key: true });
  });

  it('are described in one line, where another file does so already too', async () => {
    const name = 'deb [signed-by=/etc/apt/keyrings/k.gpg] http://127.0.0.1:8081/ ./';
    await node.write('/etc/apt/sources.list.d/old.list', 'deb [trusted=yes] http://127.0.0.1:8081 ./\n');
    await expectLife(node, {
      state: 'pkgrepo.managed',
      args: { name, file: '/etc/apt/sources.list.d/new.list', key_url: 'salt://made.asc' },
      changes: ['/etc/apt/keyrings/k.gpg', 'repository', '/etc/apt/sources.list.d/old.list', 'lists'],
      check: 'apt-get update 2>&1 | grep "^[WE]:" && exit 1; apt-cache policy alpha | grep 127.0.0.1',
      damage: 'echo > /etc/apt/sources.list.d/new.list',
      absent: {
        state: 'pkgrepo.absent',
        args: { name },
        check: '! ls /etc/apt/sources.list.d/new.list',
      },
    });
  });

  it('of this machine itself', async () => {
    const args = { name: 'deb [trusted=yes] file:/srv/made ./' };
    await expectApplied(
      node,
      { state: 'pkgrepo.managed', args, check: 'apt-cache policy alpha | grep -q file:/srv/made' },
      ['repository', 'lists'],
    );
    await applyState(node, 'pkgrepo.absent', args);
    await node.must('! grep -rq srv/made /etc/apt/sources.list.d');
  });

  it('take no key but the right one, whether it comes from the file roots or the web', async () => {
    await node.must('cp /srv/states/made.asc /srv/made/key.asc');
    const web = 'http://127.0.0.1:8081/key.asc';
    const wrong = await applyState(node, 'pkgrepo.managed', { ...made, key_url: web, fingerprint: other });
    expect(wrong.refused).to.equal(
      `${web} holds the key ${fingerprint}, which is not among the fingerprints asked for.`,
    );
    expect((await applyState(node, 'pkgrepo.managed', { ...made, key_url: web })).refused).to.match(
      /^Anybody/,
    );
    const right = await applyState(node, 'pkgrepo.managed', { ...made, key_url: web, fingerprint });
    expect(right).to.deep.include({ left: [] });
    await applyState(node, 'pkgrepo.absent', { name: 'made', remove_key: true });
    await node.must('mkdir -p /srv/made/pks && cp /srv/states/made.asc /srv/made/pks/lookup');
    const { key_url: _, ...keyless } = made;
    const asked = { ...keyless, keyserver: 'http://127.0.0.1:8081', keyid: `0x${fingerprint.slice(-16)}` };
    expect(await applyState(node, 'pkgrepo.managed', asked)).to.deep.include({ left: [], warnings: [] });
    expect((await applyState(node, 'pkgrepo.managed', { ...asked, keyid: other })).refused).to.match(
      /which is not among/,
    );
    await applyState(node, 'pkgrepo.absent', { name: 'made', remove_key: true });
  });

  it('warn of another entry that makes apt give up', async () => {
    await node.write(
      '/etc/apt/sources.list.d/old.list',
      'deb [trusted=yes] http://127.0.0.1:8081 stable contrib\n',
    );
    const done = await applyState(node, 'pkgrepo.managed', { ...made, fingerprint });
    expect(done.left, done.failed).to.deep.equal([]);
    expect(done.warnings.join()).to.match(/^\S+old.list describes the same release with signed-by nothing/);
    expect((await node.run('apt-get update')).stderr).to.match(/^E: Conflicting values set for option/);
    await node.must('rm /etc/apt/sources.list.d/old.list');
    await applyState(node, 'pkgrepo.absent', { name: 'made', remove_key: true });
  });

  it('have keys with the fingerprints that gpg tells', async () => {
    const paths = (await node.must('ls /usr/share/keyrings/*.gpg /etc/apt/trusted.gpg.d/*'))
      .trim()
      .split('\n');
    expect(paths.length).to.be.greaterThan(3);
    for (const path of paths) {
      const content = Buffer.from(await node.must(['base64', path]), 'base64');
      const shown = await node.must(['gpg', '--show-keys', '--with-colons', path]);
      const told = [...shown.matchAll(/^pub:.*\n(?:rvk:.*\n)*fpr:+([0-9A-F]+)/gm)].map(([, one]) => one);
      expect(fingerprintsOf(content), path).to.deep.equal(told);
    }
  });

  it('that are not signed by their key fail, in the next run too, until they are', async () => {
    const args = { ...made, key_url: 'salt://other.asc', fingerprint: other };
    for (const run of ['first', 'second']) {
      const { failed } = await applyState(node, 'pkgrepo.managed', args);
      expect(failed, run).to.equal('"apt-get" ended with exit status 100.');
    }
    await sign(node, 'other');
    const done = await applyState(node, 'pkgrepo.managed', args);
    expect(done).to.deep.include({ left: [], changes: { lists: ['missing', 'fetched'] } });
    await node.must(isOffered);
    await applyState(node, 'pkgrepo.absent', { name: 'made', remove_key: true });
    await sign(node, 'made');
  });

  it('offer packages to the states that follow, even where lists were fetched before', async () => {
    const tree = {
      'states/top.sls': "base:\n  '*':\n    - web\n",
      'states/web.sls': [
        'tree:',
        '  pkg.installed',
        'made:',
        '  pkgrepo.managed:',
        '    uris: http://127.0.0.1:8081/',
        '    suites: stable',
        '    components: main',
        '    key_url: salt://made.asc',
        '    refresh: false',
        'alpha:',
        '  pkg.installed:',
        "    version: '1.*'",
        '',
      ].join('\n'),
      'states/made.asc': await node.must('cat /srv/states/made.asc'),
    };
    const foretold = await converge(node, tree, { test: true });
    expect(foretold.failed, foretold.stdout).to.deep.equal([]);
    const first = await converge(node, tree, {});
    expect(first.failed, first.stdout).to.deep.equal([]);
    expect(first.changed, first.stdout + first.stderr).to.have.length(3);
    const second = await converge(node, undefined, {});
    expect(second.changed).to.deep.equal([]);
    expect(second.processes).to.deep.equal([]);
  });
});

describeLab('lab: repositories of apt on Debian 13', () => {
  it('are signed by keys that its apt takes, armoured or not', async () => {
    await using node = await boot({ name: 'pkgrepo13', family: 'trixie', packages: ['gnupg'] });
    const fingerprint = await makeKey(node, 'made');
    await offer(node, [{ name: 'alpha', version: '1.0' }]);
    await node.must('rm /etc/apt/sources.list.d/made.list');
    await sign(node, 'made');
    const args = { name: 'made', uris: 'file:/srv/made', suites: 'stable', components: 'main', fingerprint };
    for (const signedby of ['/etc/apt/keyrings/made.asc', '/etc/apt/keyrings/made.gpg']) {
      await expectLife(node, {
        state: 'pkgrepo.managed',
        args: { ...args, signedby, key_url: 'salt://made.asc' },
        changes: [signedby, 'repository', 'lists'],
        check:
          'apt-get update 2>&1 | grep "^[WE]:" && exit 1; apt-cache policy alpha | grep -q file:/srv/made',
        damage: `echo > ${signedby}`,
        absent: {
          state: 'pkgrepo.absent',
          args: { name: 'made', remove_key: true },
          check: `! ls ${signedby} /etc/apt/sources.list.d/made.sources`,
        },
      });
    }
  });
});

describeLab('lab: repositories of dnf', () => {
  let node: Node;
  let fingerprint: string;
  before(async () => {
    node = await boot({ name: 'dnfrepo', family: 'rpm' });
    fingerprint = await makeKey(node, 'made');
    await offerRpms(node, [{ name: 'alpha', version: '1.0' }], { unlisted: true });
    await signRpms(node, '/srv/made', 'made');
    await serve(node);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const args = () => ({
    name: 'made',
    humanname: 'Made here',
    baseurl: 'http://127.0.0.1:8081/',
    gpgcheck: true,
    repo_gpgcheck: true,
    key_url: 'salt://made.asc',
    fingerprint,
  });

  it('are sections of a file, with a key of their own', async () => {
    await node.write(
      '/etc/yum.repos.d/more.repo',
      '# mine\n[more]\nname=more\nbaseurl=file:///nosuch\nenabled=0\n',
    );
    await expectLife(node, {
      state: 'pkgrepo.managed',
      args: { ...args(), file: '/etc/yum.repos.d/more.repo' },
      changes: [
        '/etc/pki',
        '/etc/pki/rpm-gpg',
        '/etc/pki/rpm-gpg/RPM-GPG-KEY-made',
        'name',
        'baseurl',
        'gpgcheck',
        'repo_gpgcheck',
        'gpgkey',
        'enabled',
        'lists',
      ],
      check:
        "dnf -q repoquery --disablerepo='*' --enablerepo=made alpha | grep -q alpha-0:1.0 && grep -q '^# mine' /etc/yum.repos.d/more.repo",
      damage: "sed -i 's,^baseurl=http.*,baseurl=file:///nosuch,' /etc/yum.repos.d/more.repo",
      absent: {
        state: 'pkgrepo.absent',
        args: { name: 'made', remove_key: true },
        check: '! grep made /etc/yum.repos.d/more.repo; ! ls /etc/pki/rpm-gpg/RPM-GPG-KEY-made',
      },
    });
    const done = await applyState(node, 'pkgrepo.managed', args());
    expect(done.left, done.failed).to.deep.equal([]);
    const again = await applyState(node, 'pkgrepo.managed', args());
    expect(again).to.deep.include({ changes: {}, processes: [] });
    await node.must("dnf -q -y --disablerepo='*' --enablerepo=made install alpha && rpm -q alpha");
  });

  it('may have a key for packages, and another one for what is told of them', async () => {
    await makeKey(node, 'packager');
    const folder = '/srv/made/two';
    await offerRpms(node, [{ name: 'omega', version: '1.0' }], { folder, unlisted: true });
    await signRpms(node, folder, 'packager', 'made');
    await node.must('cp /srv/states/made.asc /srv/states/packager.asc /srv/made/');
    const keys = ['made', 'packager'].map((name) => `http://127.0.0.1:8081/${name}.asc`);
    const two = { name: 'two', baseurl: 'http://127.0.0.1:8081/two/', gpgcheck: 1, repo_gpgcheck: 1 };
    const [lacking, done] = [
      await applyState(node, 'pkgrepo.managed', { ...two, gpgkey: keys[1] }),
      await applyState(node, 'pkgrepo.managed', { ...two, gpgkey: keys[0] }),
    ];
    expect(lacking.failed).to.equal('"dnf" ended with exit status 1.');
    expect(done.left, done.failed).to.deep.equal([]);
    const install = () => applyState(node, 'pkg.installed', { name: 'omega', fromrepo: 'two' });
    expect((await install()).explained).to.contain(
      'omega-1.0-1.noarch is signed by none of the keys that the repository "two" names.',
    );
    await applyState(node, 'pkgrepo.managed', { ...two, gpgkey: keys });
    expect((await install()).changes).to.deep.equal({ omega: ['', '1.0-1'] });
  });

  it('that cannot be reached fail', async () => {
    const { failed } = await applyState(node, 'pkgrepo.managed', {
      name: 'far',
      baseurl: 'http://127.0.0.1:9/',
      skip_if_unavailable: true,
      retries: 1,
    });
    expect(failed).to.equal('"dnf" ended with exit status 1.');
  });
});
