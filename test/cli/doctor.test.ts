/** `doctor secrets` as its users type it, below a root that stands for the machine. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stage } from '../helpers/cli.ts';
import type { Tree } from '../helpers/folders.ts';

const files: Tree = {
  'c.yaml': 'states: states\npillar: [pillar, secret]\nsecret_pillar: secret\ncache: cache\n',
  'pillar/top.yaml': "base:\n  '*': [keys]\n",
  'secret/keys.yaml': { content: 'db:\n  password: swordfish-77\n  pin: 42\n', mode: 0o600 },
  'states/top.yaml': "base:\n  '*': [web]\n",
  'states/web.yaml': [
    '/srv/app:\n  file.directory: []',
    '/opt/app.conf:\n  file.managed:\n    - contents: x',
    '/opt/closed.conf:\n  file.managed:\n    - contents: x\n',
  ].join('\n'),
};

async function doctor(more: Tree, ...words: string[]) {
  await using here = stage({ ...files, ...more });
  chmodSync(here.path, 0o755);
  chmodSync(join(here.path, 'secret'), 0o700);
  return await here.run('doctor', 'secrets', '--config', 'c.yaml', '--root', 'root', ...words);
}

describe('doctor secrets', () => {
  it('finds none where all is well, and says what is too short to look for', async () => {
    const { code, stdout, stderr } = await doctor({
      'root/etc/app.conf': { content: 'password = swordfish-77', mode: 0o640 },
      'root/opt/closed.conf': { content: 'swordfish-77', mode: 0o600 },
      'root/var/log/syslog': 'pin 42\n',
    });
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/^Too short to look for: «db:pin #[0-9a-f]{4}»\.$/m)
      .and.match(/^No secret lies open in \d+ files/m);
  });

  it('names places and secrets, never a value', async () => {
    const lying: Tree = {
      'root/etc/app.conf': 'user = x\npassword = swordfish-77\n',
      'root/opt/app.conf': 'swordfish-77',
      'root/srv/app/deep/dump.sql': "INSERT 'swordfish-77'",
      'root/srv/other.conf': 'swordfish-77',
      'root/var/log/app/app.log': { content: 'a\nb\nGET /?pw=swordfish%2D77\n', mode: 0o640 },
      'root/root/.bash_history': { content: 'mysql -pswordfish-77\n', mode: 0o600 },
      'root/tmp/swordfish-77': 'swordfish-77',
    };
    const { code, stdout } = await doctor(lying);
    expect(code).to.equal(1);
    const places = [...stdout.matchAll(/^.*?\/root(\/\S+:\d+) {2}«db:password #[0-9a-f]{4}»$/gm)].map(
      ([, one]) => one!,
    );
    expect(places.filter((one) => !one.startsWith('/tmp/')).sort()).to.deep.equal([
      '/etc/app.conf:2',
      '/opt/app.conf:1',
      '/root/.bash_history:1',
      '/srv/app/deep/dump.sql:1',
      '/var/log/app/app.log:3',
    ]);
    expect(stdout).to.not.match(/swordfish/);
    const { code: again, stdout: json } = await doctor(lying, '--json');
    expect(again).to.equal(1);
    expect(json).to.not.match(/swordfish/);
    const { leaks, too_short } = JSON.parse(json);
    expect(leaks).to.have.lengthOf(6);
    expect(leaks[0]).to.include({ kind: 'file', line: 3, secret: 'db:password' });
    expect(too_short).to.have.lengthOf(1);
  });

  it('looks also where the states do not compile, and has nothing to do without secrets', async () => {
    const broken = await doctor({ 'states/web.yaml': 'x: {\n', 'root/etc/app.conf': 'swordfish-77' });
    expect(broken.code).to.equal(1);
    expect(broken.stderr).to.include('do not compile');
    const none = await doctor({ 'pillar/top.yaml': '{}\n' });
    expect(none.code).to.equal(0);
    expect(none.stdout).to.include('holds no secrets');
    const refused = await doctor({ 'secret/keys.yaml': { content: 'a: b\n', mode: 0o644 } });
    expect(refused.code).to.equal(3);
  });
});
