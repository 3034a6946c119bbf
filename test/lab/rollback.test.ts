/** A run is taken back on a real node: afterwards it is as before, but for what was said to stay. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout, type Ran } from './node.ts';

/** What was on the node before any run: all that the tree then changes, replaces and removes. */
const before = `
set -e
useradd -m -s /bin/sh -c 'Old Hand' oldhand
useradd -m mallory
echo 'mail of mallory' > /home/mallory/letter
groupadd ops
gpasswd -a oldhand ops
echo '5 4 * * * /usr/bin/true # nightly' | crontab -u oldhand -
mkdir -p /etc/app/conf.d /srv/data/deep
echo 'port = 80' > /etc/app/app.conf
chmod 0640 /etc/app/app.conf; chown root:ops /etc/app/app.conf
printf 'a\\nb\\n' > /etc/app/lines.conf
ln -s app.conf /etc/app/current
echo one > /srv/data/one; echo two > /srv/data/deep/two; chmod 0600 /srv/data/deep/two
touch /srv/plain; chmod 0604 /srv/plain
cat > /etc/systemd/system/old.service <<END
[Service]
ExecStart=/bin/sh -c 'cp /etc/app/app.conf /run/old.runs-with; exec sleep infinity'
[Install]
WantedBy=multi-user.target
END
cat > /etc/systemd/system/watcher.service <<END
[Service]
ExecStart=/bin/sh -c 'cp /etc/app/app.conf /run/watcher.runs-with; exec sleep infinity'
END
sed s/app.conf/lines.conf/ /etc/systemd/system/old.service > /etc/systemd/system/gone.service
cp /etc/systemd/system/gone.service /usr/lib/systemd/system/veiled.service
mkdir /etc/systemd/system/gone.service.d
printf '[Service]\nNice=5\n' > /etc/systemd/system/gone.service.d/nice.conf
systemctl daemon-reload
systemctl enable --now old.service gone.service
systemctl start watcher.service
`;

const states = `
hello:
  pkg.installed: []

ops2:
  group.present:
    - gid: 4242

newhand:
  user.present:
    - uid: 4243
    - groups: [ops]
    - require:
      - group: ops2

oldhand:
  user.present:
    - fullname: New Name
    - shell: /bin/bash
    - groups: []

mallory:
  user.absent:
    - purge: true

/usr/bin/true --new:
  cron.present:
    - user: oldhand
    - identifier: new
    - minute: 7

/etc/app/app.conf:
  file.managed:
    - contents: port = 8080
    - mode: '0600'
    - group: root

/etc/app/lines.conf:
  file.replace:
    - pattern: b
    - repl: c
    - backup: .bak

/etc/app/current:
  file.symlink:
    - target: conf.d
    - force: true

/srv/data:
  file.absent: []

/srv/plain:
  file.managed:
    - replace: false
    - mode: '0600'
    - user: oldhand

/srv/new/deep/file:
  file.managed:
    - makedirs: true
    - contents: new

new:
  systemd.unit:
    - name: new.service
    - contents: |
        [Service]
        ExecStart=/bin/sleep infinity
        [Install]
        WantedBy=multi-user.target
    - running: true
    - enable: true

gone.service:
  systemd.unit_absent: []

veiled:
  service.masked: []

old:
  service.dead:
    - enable: false

watcher:
  service.running:
    - watch:
      - file: /etc/app/app.conf

firewall:
  firewall.ruleset:
    - services:
        ssh: {tcp: 22}
    - allow:
      - {service: ssh}

net.ipv4.ip_forward:
  sysctl.present:
    - value: 1

renamed:
  network.hostname: []

ruled:
  cmd.run:
    - name: touch /root/by-command
`;

/** All that a run may change, as text; what it changes in passing is left out. */
const look = `
find /etc /srv /home /var/spool/cron /var/mail /usr/local/bin -xdev \\
  -not -path '/etc/*-' -not -path /etc/ld.so.cache -not -path '/etc/.pwd.lock' -not -path '/etc/converge*' \\
  -not -path '/srv/tree*' -not -path /srv/repository \\
  -printf '%p %y %m %U:%G %l ' \\( -type f -exec sh -c 'sha256sum < "$1" | cut -c 1-16' sh {} \\; -o -printf '\\n' \\) | sort
systemctl list-unit-files --no-legend --no-pager | sed 's/  */ /g'
for unit in old new watcher gone veiled; do systemctl is-active $unit; done
cat /run/watcher.runs-with
nft -s list ruleset; sysctl net.ipv4.ip_forward; hostname; ls /etc/systemd/system/*.wants
`;

describeLab('lab: rollback', () => {
  it('leaves the node as it was, but for what it said would stay', async () => {
    await using node = await boot({ name: 'back', packages: ['cron', 'nftables'] });
    await node.must(before);
    await node.write('/srv/tree/states/web.yaml', states);
    const snapshot = await node.must(look);
    const run = (...words: string[]) =>
      node.run([`${checkout}/converge`, ...words, '--states', '/srv/tree/states'], { timeout: 120 });
    const applied = await run('apply', 'web');
    expect(applied.status, applied.stdout + applied.stderr).to.equal(0);
    expect(await node.must(look)).to.not.equal(snapshot);
    const run0 = JSON.parse((await run('history', '--json')).stdout)[0].run as string;

    const foretold = await run('rollback', run0, '--test');
    expect(foretold.status, foretold.stdout + foretold.stderr).to.equal(0);
    expect(foretold.stderr).to.match(/cannot be taken back:.*package hello.*touch \/root\/by-command/s);
    const back = await run('rollback', run0);
    expect(back.status, back.stdout + back.stderr).to.equal(0);
    expect(differing(snapshot, await node.must(look)), back.stdout).to.deep.equal([]);
    expect((await node.run('dpkg -s hello')).status, 'the package stays, as was said').to.equal(0);
    expect((await node.run('id newhand')).status).to.equal(1);
    expect(await node.must('getent passwd oldhand; id -nG oldhand')).to.match(/Old Hand.*ops/s);
    await node.must('su -s /bin/sh mallory -c true; systemctl is-enabled old.service');
    expect(changes(foretold)).to.deep.equal(changes(back));

    const again = await run('rollback', run0, '--force');
    expect(again.status, again.stdout + again.stderr).to.equal(0);
    expect(differing(snapshot, await node.must(look))).to.deep.equal([]);

    const redone = await run('rollback', 'last-1');
    expect(redone.status, redone.stdout + redone.stderr).to.equal(0);
    const quiet = await run('apply', 'web', '--test', '--json');
    const left = JSON.parse(quiet.stdout).results.filter((one: { result: unknown }) => one.result !== true);
    expect(left.map((one: { id: string }) => one.id)).to.deep.equal(['ruled']);
  });
});

function differing(one: string, other: string): string[] {
  const lines = new Set(one.split('\n'));
  const others = new Set(other.split('\n'));
  return [
    ...[...lines].filter((line) => !others.has(line)).map((line) => `- ${line}`),
    ...[...others].filter((line) => !lines.has(line)).map((line) => `+ ${line}`),
  ];
}

/** The report without times and counts. */
function changes({ stdout }: Ran): string[] {
  return stdout.split('\n').filter((line) => /^ {4}/.test(line));
}
