/** Every example of every state compiles, and a dry run of it says something sensible and changes nothing. */
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';
import { buildTree, type Tree, temporaryFolder, treeOf } from '../helpers/folders.ts';

/** What the examples take for granted of a machine. */
const machine: Tree = {
  '/srv': { directory: true },
  '/opt': { directory: true },
  '/usr/local/bin': { directory: true },
  '/var/log': { directory: true },
  '/etc/passwd': ['root:0', 'nobody:65534', 'www-data:33', 'app:1000', 'deploy:1001', 'alice:1002']
    .map((one) => one.split(':'))
    .map(([name, id]) => `${name}:x:${id}:${id}::/:/bin/sh\n`)
    .join(''),
  '/etc/group': ['root:0', 'nogroup:65534', 'www-data:33', 'app:1000', 'deploy:1001', 'alice:1002', 'adm:4']
    .map((one) => `${one.replace(':', ':x:')}:\n`)
    .join(''),
  '/var/lib/dpkg/status': '\n',
  '/usr/bin/crontab': '',
  '/var/spool/cron/crontabs': { directory: true },
  '/etc/cron.d': { directory: true },
  '/etc/systemd/system': { directory: true },
  '/usr/lib/systemd/systemd': '',
  '/etc/security/limits.d': { directory: true },
  '/etc/logrotate.conf': 'weekly\n',
};

/** Commands and services need a machine that runs: below a root they may say that they cannot be foretold. */
const needsMachine = new Set([
  'pkg',
  'service',
  'git',
  'archive',
  'svn',
  'alternatives',
  'debconf',
  'couchdb',
  'dns',
  'locale',
  'selinux',
  'timezone',
]);

interface Result {
  readonly state: string;
  readonly result: boolean | null;
  readonly comment: string;
}

async function dryRun(folder: string): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const folders = ['root', 'states', 'pillar'].flatMap((name) => [`--${name}`, `${folder}/${name}`]);
  const code = await executeCli(['apply', 'example', '--test', '--json', '--no-cache', ...folders], {
    stdout: {
      write(text) {
        out += text;
      },
    },
    stderr: {
      write(text) {
        err += text;
      },
    },
    env: { HOME: folder },
    cwd: folder,
    uid: process.getuid!(),
  });
  return { code, out, err };
}

describe('law: every example', () => {
  for (const address of listStates()) {
    describe(address, () => {
      it('compiles and can be foretold', async function () {
        this.timeout(60_000);
        const { examples } = await loadState(address);
        for (const { title, sls, files = {}, pillar = {} } of examples) {
          await using folder = temporaryFolder();
          buildTree(folder.path, {
            'states/example.sls': sls,
            ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`states/${path}`, text])),
            'pillar/top.sls': "base:\n  '*':\n    - values\n",
            'pillar/values.sls': JSON.stringify(pillar),
            ...Object.fromEntries(Object.entries(machine).map(([path, entry]) => [`root${path}`, entry])),
          });
          const before = treeOf(`${folder.path}/root`);
          const { code, out, err } = await dryRun(folder.path);
          expect(code, `${title}: ${err || out}`).to.be.oneOf([0, 1]);
          expect(treeOf(`${folder.path}/root`), title).to.deep.equal(before);
          const { results } = JSON.parse(out) as { results: readonly Result[] };
          expect(results.length).to.be.greaterThan(0);
          for (const { state, result, comment } of results) {
            if (!needsMachine.has(state) && !address.startsWith('test.fail_'))
              expect(result, `${title}: ${comment}`).to.not.equal(false);
          }
        }
      });
    });
  }
});
