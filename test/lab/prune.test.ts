/** What is declared no more, on a real node: jobs, units, packages, accounts and whatever else states leave. */
import { expect } from 'chai';
import { type DebSpec, offer } from './debs.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';

const made: DebSpec[] = [
  { name: 'gadget', version: '1.0', files: { '/etc/gadget.conf': 'mine\n' } },
  { name: 'widget', version: '1.0', fields: { Depends: 'gadget' } },
  { name: 'doodad', version: '1.0' },
];

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi';

const all = `
widget: pkg.installed
adduser: pkg.installed
crew: group.present
alice:
  user.present:
    - groups: [crew]
daemon: user.present
nightly:
  cron.present:
    - name: /bin/true
    - user: root
    - hour: 3
MAILTO:
  cron.env_present:
    - value: nobody
    - user: root
report:
  schedule.present:
    - command: /bin/true
    - cron: 0 4 * * *
one.service:
  systemd.unit:
    - sections:
        Service:
          ExecStart: /bin/sleep infinity
        Install:
          WantedBy: multi-user.target
    - running: true
    - enable: true
key of alice:
  ssh_auth.present:
    - user: alice
    - name: ${key}
db.example.org:
  host.present:
    - ip: 192.0.2.7
    - aliases: [db, old]
limit:
  limits.present:
    - domain: root
    - item: nofile
    - value: 4096
net.ipv4.ip_forward:
  sysctl.present:
    - value: 1
    - ignore: true
/etc/app:
  file.directory
/etc/app/app.conf:
  file.managed:
    - contents: port = 1
/etc/app/link:
  file.symlink:
    - target: app.conf
cron:
  service.running:
    - enable: true
`;

const left = 'x: test.nop\n';

/** Whatever of these is still there. */
const probes: { readonly [what: string]: string } = {
  widget: "dpkg-query -W -f '${Status}' widget | grep -q '^install ok'",
  adduser: 'dpkg-query -W adduser',
  crew: 'getent group crew',
  alice: 'getent passwd alice',
  daemon: 'getent passwd daemon',
  nightly: 'crontab -l | grep -q nightly',
  MAILTO: 'crontab -l | grep -q MAILTO',
  report: 'grep -rq report /etc/cron.d',
  one: 'test -e /etc/systemd/system/one.service',
  'one runs': 'systemctl is-active one',
  key: 'grep -q AAAA /home/alice/.ssh/authorized_keys',
  db: 'grep -q 192.0.2.7 /etc/hosts',
  limit: 'grep -rq nofile /etc/security/limits.d',
  sysctl: 'grep -rq ip_forward /etc/sysctl.d/99-salt.conf /etc/sysctl.d',
  folder: 'test -e /etc/app',
  'cron runs': 'systemctl is-active cron',
};

async function there(node: Node): Promise<string[]> {
  const script = Object.entries(probes)
    .map(([what, probe]) => `if ${probe}; then echo '${what}' >&3; fi`)
    .join('\n');
  const out = await node.must(`exec 3>&1 >/dev/null 2>/dev/null\n${script}`);
  return out.trim().split('\n').sort();
}

function tree(web: string): { readonly [file: string]: string } {
  return {
    'states/top.yaml': "base:\n  '*': [web]\n",
    'states/web.yaml': web,
    'pillar/top.yaml': "base:\n  '*': []\n",
  };
}

describeLab('lab: what is declared no more', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'prune', packages: ['cron'] });
    await offer(node, made);
    await node.must('apt-get update -q');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('is removed as it was foretold, and nothing else with it', async function () {
    this.timeout(180_000);
    await node.must('useradd -m mine; (echo "1 2 3 4 5 /bin/mine") | crontab -');
    const first = await node.converge(tree(all));
    expect(first.status, first.stdout + first.stderr).to.equal(0);
    const before = await there(node);
    expect(before).to.deep.equal(Object.keys(probes).sort());

    const told = await node.converge(tree(left), { test: true });
    const orphans = (told.summary['orphans'] ?? []) as unknown as { kind: string; stays?: string }[];
    expect(orphans.filter(({ stays }) => stays === undefined).map(({ kind }) => kind)).to.include.members([
      ...['cron', 'directory', 'file', 'link', 'unit', 'package', 'user', 'group', 'host', 'ssh-key'],
    ]);
    const foretold = await node.converge(undefined, { test: true, options: ['--prune', 'all'] });
    expect(await there(node)).to.deep.equal(before);
    const pruned = await node.converge(undefined, { options: ['--prune', 'all'] });
    expect(pruned.status, pruned.stdout).to.equal(0);
    expect(pruned.changed).to.deep.equal(foretold.changed);
    expect(await there(node)).to.deep.equal(
      ['widget', 'adduser', 'crew', 'alice', 'daemon', 'cron runs'].sort(),
    );
    expect(await node.must('crontab -l'), 'a job of others').to.include('1 2 3 4 5 /bin/mine');
    await node.must('getent passwd mine');
  });

  it('takes packages and accounts along where they are named, but not those that were there before', async () => {
    const pruned = await node.converge(undefined, { options: ['--prune', 'all,package,user,group'] });
    expect(pruned.status, pruned.stdout).to.equal(0);
    expect(pruned.changed).to.deep.equal(['pkg.removed widget', 'user.absent alice', 'group.absent crew']);
    expect(await there(node)).to.deep.equal(['adduser', 'cron runs', 'daemon']);
    const quiet = await node.converge(undefined, { options: ['--prune', 'all,package,user,group'] });
    expect(quiet.changed).to.deep.equal([]);
    expect(quiet.summary['orphans']).to.equal(undefined);
  });

  it('may be a part of what a state owned', async () => {
    const host = (aliases: string) =>
      `db.example.org:\n  host.present:\n    - ip: 192.0.2.8\n    - aliases: [${aliases}]\n`;
    await node.converge(tree(host('db, old')));
    const { changed } = await node.converge(tree(host('db')), { options: ['--prune', 'host'] });
    expect(changed).to.deep.equal(['host.absent db.example.org']);
    expect(await node.must('grep 192.0.2.8 /etc/hosts')).to.match(/db\.example\.org\s+db\n$/);
  });

  it('is known after a power cut', async () => {
    await node.converge(tree('/etc/late:\n  file.managed:\n    - contents: x\n'));
    await node.kill();
    await node.start();
    const { changed } = await node.converge(tree(left), { options: ['--prune', 'file'] });
    expect(changed).to.deep.equal(['file.absent /etc/late']);
  });

  it('and who keeps changing something is told', async () => {
    const fought = '/etc/fought.conf:\n  file.managed:\n    - contents: ours\n';
    await node.converge(tree(fought));
    await node.write('/etc/cron.d/fight', '0 5 * * * root echo theirs > /etc/fought.conf\n');
    await node.write('/etc/converge/converge.yaml', 'flapping: 1\n');
    await node.must('echo theirs > /etc/fought.conf');
    await node.converge(undefined);
    await node.must(
      'apt-get install -qqy doodad; echo theirs > /etc/fought.conf; chown daemon /etc/fought.conf',
    );
    const { results } = await node.converge(undefined);
    const { flapping } = results[0] as never as { flapping?: { times: number; suspects: string[] } };
    expect(flapping?.times).to.equal(2);
    const suspects = flapping?.suspects.join('\n') ?? '';
    expect(suspects).to.include('belongs to daemon').and.include('/etc/cron.d/fight').and.include('doodad');
  });
});
