import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NodeSandbox } from './node-sandbox.ts';
import { fakeNode, write } from './sandbox.ts';

const key = 'dns: {key: {name: k, secret: "s{{ecret"}}\n';
const requirements = ['system', 'systemd', 'public', 'private', 'names', 'time', 'hostname', 'disk'];
const complete = `domain: our.test\n${key}letsencrypt: {secret: shared-by-all}\n`;

describe('bootstrap.sh app|db', function () {
  this.timeout(30_000);
  let box: NodeSandbox;
  beforeEach(() => {
    box = new NodeSandbox();
  });
  afterEach(() => {
    box.clear();
  });
  const mode = (path: string) => statSync(join(box.prefix, path)).mode & 0o777;
  const version = () => realpathSync(join(box.prefix, 'opt/converge/current'));

  describe('requirements', () => {
    it('that are missing are told all at once, with what helps, and nothing is set up', async () => {
      box.stub('ip', 'true');
      box.stub('getent', 'exit 2');
      box.stub('timedatectl', 'echo no');
      box.stub('uname', 'echo localhost');
      box.stub('df', 'printf "Filesystem 1024-blocks Used Available\\n/dev/sda 99999 1 2048\\n"');
      rmSync(join(box.prefix, 'run/systemd'), { recursive: true });
      write(join(box.prefix, 'etc/os-release'), 'ID=arch\nPRETTY_NAME="Some other"\n');
      const { status, output } = await box.run(['app']);
      expect(status).to.equal(1);
      for (const name of requirements)
        expect(output).to.match(new RegExp(`missing \\(${name}\\): .*\\n  \\S`));
      expect(output).to.contain('This is Some other').and.to.contain('has 2 MiB left');
      expect(output).to.contain('9 of the requirements are not met');
      expect(box.has('etc/converge')).to.equal(false);
      expect(box.has('opt/converge/versions')).to.equal(false);
      const without = ['app', '--without', requirements.join(',')];
      expect((await box.run(without)).output)
        .to.contain('The domain is not known')
        .and.not.contain('missing');
    });

    it('are EPEL, too, where packages are those of RHEL', async () => {
      write(join(box.prefix, 'etc/os-release'), 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\n');
      const { status, output } = await box.run(['app']);
      expect(status).to.equal(1);
      expect(output).to.match(/missing \(epel\): .*\n {2}dnf install epel-release/);
      expect(output).to.contain('1 of the requirements are not met');
      write(join(box.prefix, 'etc/yum.repos.d/mirror.repo'), '[x]\nname=x\n[Our_EPEL_9]\nname=y\n');
      expect((await box.run(['app'])).output).to.contain('The domain is not known');
    });

    it('are that no firewall is there but that of the tree', async () => {
      box.stub('systemctl', '[ "$1 $3" = "is-active firewalld" ]');
      const { status, output } = await box.run(['app']);
      expect(status).to.equal(1);
      expect(output).to.match(/missing \(firewall\): firewalld .*\n {2}systemctl disable --now firewalld/);
      expect((await box.run(['app', '--without', 'firewall'])).output).to.contain('The domain is not known');
    });

    it('are looked for by ip, whose absence is told, too', async () => {
      box.without('ip');
      const { output } = await box.run(['app']);
      expect(output).to.contain('missing (iproute2)').and.contain('Install iproute2');
    });

    it('begin with root', async () => {
      box.without('id');
      box.stub('id', 'echo 1000');
      const { status, output } = await box.run(['app'], { env: { CONVERGE_PREFIX: '' } });
      expect(status, output).to.equal(1);
      expect(output).to.contain('"app" changes this machine, so it has to be run as root');
    });

    it('can be passed over by name', async () => {
      box.stub('timedatectl', 'echo no');
      const { output } = await box.run(['app', '--without=time']);
      expect(output).to.contain('passed over: The clock is not in sync');
      expect(output).to.contain('The domain is not known');
    });

    it('know the family of RHEL 9, and no other version', async () => {
      const release = (id: string) =>
        write(
          join(box.prefix, 'etc/os-release'),
          `ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="${id}"\n`,
        );
      write(join(box.prefix, 'etc/yum.repos.d/epel.repo'), '[epel]\n');
      release('9.4');
      expect((await box.run(['app'])).output).to.not.contain('missing');
      release('8.9');
      expect((await box.run(['app'])).output).to.contain('missing (system)');
    });
  });

  it('installs the engine, writes settings and secrets where they belong, and converges', async () => {
    const { status, output } = await box.run(['app', '--answers', box.answers(complete)]);
    expect(status, output).to.equal(0);
    expect(readlinkSync(join(box.prefix, 'usr/local/bin/converge'))).to.equal(
      join(box.prefix, 'opt/converge/current/converge'),
    );
    expect(version()).to.match(/versions\/0\.1\.0-[0-9a-f]{10}$/);
    expect(box.file('etc/converge/grains.yaml')).to.equal('role: app\n');
    expect(box.file('etc/converge/settings/node.yaml'))
      .to.contain('domain: "our.test"')
      .and.not.contain('ecret"');
    // What the tree says of the domain of the examples is said of this one.
    expect(box.file('etc/converge/settings/node_fitted.yaml')).to.contain('["www.our.test"]');
    const secrets = box.file('etc/converge/pillar/node_secrets.yaml');
    expect(secrets).to.contain('secret: "s{{ecret"').and.contain('secret: "shared-by-all"');
    expect(secrets).to.match(/password: "[0-9a-f]{32}"/);
    expect(mode('etc/converge/pillar')).to.equal(0o700);
    expect(mode('etc/converge/pillar/node_secrets.yaml')).to.equal(0o600);
    expect(box.calls()).to.have.length(1);
    expect(box.calls()[0]).to.match(/^highstate --wait 3600 --config /);
    expect(output).to.contain('This node is there.').and.contain('our.test is delegated');
    expect(output).to.not.contain('s{{ecret');
  });

  it('asks nothing twice: without answers a second time, nothing changes', async () => {
    await box.run(['db', '--first', '--answers', box.answers(`domain: our.test\n${key}`)]);
    const files = [
      'settings/node.yaml',
      'settings/node_fitted.yaml',
      'pillar/node_secrets.yaml',
      'converge.yaml',
    ];
    const before = files.map((file) => box.file(`etc/converge/${file}`));
    const engine = version();
    const { status, output } = await box.run(['db']);
    expect(status, output).to.equal(0);
    expect(files.map((file) => box.file(`etc/converge/${file}`))).to.deep.equal(before);
    expect(version()).to.equal(engine);
    const secrets = box.file('etc/converge/pillar/node_secrets.yaml');
    for (const name of ['password', 'cookie', 'secret', 'salt', 'uuid'])
      expect(secrets).to.match(new RegExp(`^ {2,4}${name}: "[0-9a-f]{32}"`, 'm'));
  });

  it('goes on where a failed one stopped', async () => {
    write(join(box.prefix, 'fails'), '');
    const failed = await box.run(['app', '--answers', box.answers(complete)]);
    expect(failed.status).to.equal(1);
    expect(failed.output).to.contain('nothing is asked twice').and.not.contain('This node is there');
    rmSync(join(box.prefix, 'fails'));
    // By now the answers are gone, and it is run from what was installed.
    rmSync(join(box.folder, 'answers.yaml'));
    const { status, output } = await box.run(['app'], { installed: true });
    expect(status, output).to.equal(0);
    expect(box.calls()).to.have.length(2);
  });

  it('leaves settings alone that are somebody’s own, and grains beside the role', async () => {
    const own = `states: ${box.prefix}/opt/converge/tree/states\npillar: [${box.prefix}/opt/converge/tree/pillar, ${box.prefix}/etc/converge/settings, ${box.prefix}/etc/converge/pillar]\nsecret_pillar: ${box.prefix}/etc/converge/pillar\nidentity: ${box.prefix}/none\nstate_dir: ${box.prefix}/s\ncache: ${box.prefix}/c\n`;
    write(join(box.prefix, 'etc/converge/converge.yaml'), own);
    write(join(box.prefix, 'etc/converge/grains.yaml'), '# Ours.\nrack: 4');
    const { status, output } = await box.run(['app', '--answers', box.answers(complete)]);
    expect(status, output).to.equal(0);
    expect(box.file('etc/converge/converge.yaml')).to.equal(own);
    expect(box.file('etc/converge/grains.yaml')).to.equal('# Ours.\nrack: 4\nrole: app\n');
  });

  it('refuses another role, answers that others may read, and options it does not know', async () => {
    const open = await box.run(['app', '--answers', box.answers(complete, 0o644)]);
    expect(open.output).to.contain('Others may read or change').and.contain('chmod 600');
    await box.run(['app', '--answers', box.answers(complete)]);
    const other = await box.run(['db']);
    expect(other.output).to.contain('This node is "app"');
    const option = await box.run(['app', '--yes']);
    expect(option.output).to.contain('"app" knows no --yes');
    const domain = await box.run(['app', '--domain', 'x y']);
    expect(domain.output).to.contain('"x y" is no domain');
    for (const ended of [open, other, option, domain]) expect(ended.status).to.equal(1);
    expect(box.calls()).to.have.length(1);
  });

  describe('what all nodes share', () => {
    const part = () => box.answers(`domain: our.test\n${key}`);
    const app = () => box.run(['app', '--answers', part()]);

    it('is made where the DNS tells of no node', async () => {
      await using _dns = await box.dns([]);
      const { status, output } = await app();
      expect(status, output).to.equal(0);
    });

    it('of database nodes is made by the first of these, though there are app nodes', async () => {
      await using _dns = await box.dns(['app9.our.test']);
      const { status, output } = await box.run([
        'db',
        '--answers',
        box.answers(`${complete}couchdb: {password: of-the-app-nodes}\n`),
      ]);
      expect(status, output).to.equal(0);
      expect(box.file('etc/converge/pillar/node_secrets.yaml')).to.match(/cookie: "[0-9a-f]{32}"/);
    });

    for (const [what, nodes] of [
      ['tells of others', ['app9.our.test']],
      ['does not answer', undefined],
    ] as const) {
      it(`is not made up where the DNS ${what}, which is told with everything else that lacks`, async () => {
        await using _dns = await box.dns(nodes);
        const { status, output } = await box.run([
          'app',
          '--domain',
          'our.test',
          '--answers',
          box.answers('{}\n'),
        ]);
        expect(status).to.equal(1);
        for (const path of ['dns:key:name', 'dns:key:secret', 'letsencrypt:secret'])
          expect(output).to.contain(`${path}: `);
        expect(output).to.contain('bootstrap.sh share').and.contain('--first');
        expect(box.calls()).to.deep.equal([]);
      });
    }

    it('comes from a node by share, without what is its own, and a node made of it has the same', async () => {
      await box.run(['app', '--first', '--answers', part()]);
      const { status, output } = await box.run(['share'], { installed: true });
      expect(status).to.equal(0);
      expect(output).to.contain('s{{ecret').and.not.contain('stats');
      const secret = /letsencrypt:\n {2}secret: .*/.exec(output)![0];
      const second = new NodeSandbox();
      try {
        await using _dns = await second.dns(['app1.our.test']);
        const made = await second.run(['app', '--answers', '-'], { stdin: output });
        expect(made.status, made.output).to.equal(0);
        expect(second.file('etc/converge/pillar/node_secrets.yaml')).to.contain(secret);
      } finally {
        second.clear();
      }
    });
  });

  it('asks at a terminal, shows no secret, and makes what is left empty (needs script)', async function () {
    if (!existsSync('/usr/bin/script')) this.skip();
    const lines = ['our.test', 'k', 'typed-secret', '', '', '', '', ''];
    const { status, output } = await box.type(['app', '--first'], lines);
    expect(status, output).to.equal(0);
    expect(output).to.contain('Domain of the nodes: ').and.not.contain('typed-secret');
    const secrets = box.file('etc/converge/pillar/node_secrets.yaml');
    expect(secrets)
      .to.contain('"typed-secret"')
      .and.match(/letsencrypt:\n {2}secret: "[\w+/]{43}="/);
    // That a neighbour has no password is an answer, too.
    expect(box.file('etc/converge/settings/node.yaml')).to.contain('bird:neighbours:upstream:password');
    const again = await box.type(['app'], []);
    expect(again.status, again.output).to.equal(0);
  });

  describe('the source', () => {
    it('may be a tarball or a git repository at some ref, and bootstrap.sh alone is enough', async () => {
      const alone = join(box.folder, 'alone/bootstrap.sh');
      cpSync(join(box.source, 'bootstrap.sh'), alone);
      const none = await box.start(alone, ['app'], {});
      expect(none.output).to.contain('There is no source');
      execFileSync('tar', ['-czf', `${box.folder}/release.tar.gz`, '-C', box.folder, 'the source']);
      const packed = await box.start(
        alone,
        ['app', '--source', 'release.tar.gz', '--answers', box.answers(complete)],
        {},
      );
      expect(packed.status, packed.output).to.equal(0);
      // A clone is built, by the Node and the npm that are there for it.
      const node = join(box.folder, 'node');
      write(join(node, 'bin/node'), fakeNode(process.version), 0o755);
      write(
        join(node, 'lib/node_modules/npm/bin/npm-cli.js'),
        "require('node:fs').mkdirSync('node_modules');",
      );
      const build = `import { cpSync } from 'node:fs';\ncpSync('${box.source}/dist', process.argv[3]!, { recursive: true });`;
      write(join(box.source, 'scripts/build.ts'), build);
      write(join(box.source, 'engine/some.ts'), '');
      write(join(box.source, '.gitignore'), 'dist/\n');
      box.git('init', '-q', '-b', 'main');
      box.git('add', '-A');
      box.git('commit', '-q', '-m', 'one');
      box.git('tag', 'v1');
      box.settings('domain: other.test\n');
      box.git('commit', '-q', '-am', 'two');
      const cloned = await box.start(alone, ['app'], {
        CONVERGE_SOURCE: `file://${box.source}#v1`,
        CONVERGE_NODE: node,
      });
      expect(cloned.status, cloned.output).to.equal(0);
      expect(box.file('opt/converge/tree/pillar/settings.yaml')).to.contain('domain: example.org');
    });

    it('that is none leaves the tree as it is', async () => {
      await box.run(['app', '--answers', box.answers(complete)]);
      write(join(box.folder, 'empty/file'), '');
      const { status, output } = await box.run(['app', '--source', 'empty']);
      expect(status).to.equal(1);
      expect(output).to.contain('holds no converge that can set up a node');
      expect(box.has('opt/converge/tree/states/top.yaml')).to.equal(true);
    });
  });

  it('an engine that does not start takes over nothing', async () => {
    await box.run(['app', '--answers', box.answers(complete)]);
    const engine = version();
    box.release('broken');
    write(join(box.source, 'dist/converge'), '#!/bin/sh\nexit 1\n', 0o755);
    chmodSync(join(box.source, 'dist/converge'), 0o755);
    const { status, output } = await box.run(['app']);
    expect(status).to.equal(1);
    expect(output).to.contain('The engine that was brought does not start');
    expect(version()).to.equal(engine);
  });

  describe('update', () => {
    beforeEach(async () => {
      const { status, output } = await box.run(['app', '--answers', box.answers(complete)]);
      expect(status, output).to.equal(0);
    });

    it('shows what would change, and goes over to the new engine and tree beside the old ones', async () => {
      const engine = version();
      box.release('two');
      box.settings('domain: example.org\ndns: {entry: {names: [new.example.org]}}\n');
      const { status, output } = await box.run(['update', '--yes']);
      expect(status, output).to.equal(0);
      expect(box.calls().map((call) => call.split(' --states')[0])).to.have.length(3);
      expect(box.calls()[1]).to.match(/^highstate --test --wait 3600 --states \S+tree\.next\/states/);
      expect(version()).to.not.equal(engine);
      expect(existsSync(engine)).to.equal(true);
      expect(box.file('etc/converge/settings/node_fitted.yaml')).to.contain('new.our.test');
      expect(lstatSync(join(box.prefix, 'opt/converge/tree')).isDirectory()).to.equal(true);
    });

    it('takes the source of the time before, and changes nothing without a yes or where the dry run fails', async () => {
      const engine = version();
      box.release('two');
      const unasked = await box.run(['update'], { installed: true });
      expect(unasked.output).to.contain('There is nobody to ask');
      write(join(box.prefix, 'fails'), '');
      const failing = await box.run(['update', '--yes'], { installed: true });
      expect(failing.output).to.contain('would not converge here');
      for (const ended of [unasked, failing]) expect(ended.status).to.equal(1);
      expect(version()).to.equal(engine);
      expect(box.calls().every((call, index) => index === 0 || call.startsWith('highstate --test'))).to.equal(
        true,
      );
    });
  });

  it('what is no node is neither shared nor decommissioned', async () => {
    for (const verb of ['share', 'decommission']) {
      const { status, output } = await box.run([verb]);
      expect(status).to.equal(1);
      expect(output).to.contain('This machine is no node');
    }
  });
});
