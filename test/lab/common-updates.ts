/** Updates that a node of states/common installs by itself: what is for security, and not what the pillar excepts. */
import { expect } from 'chai';
import { expectGood, expectNothing, run } from './common-runs.ts';
import { offer } from './debs.ts';
import type { Node } from './node.ts';
import { offerRpms, type RpmSpec } from './rpms.ts';

const mended = 'mended';
/** Its name has what patterns take for more than it is. */
const excepted = 'made.held+1';
const ordinary = 'ordinary';
const names = [mended, excepted, ordinary];

async function apply(node: Node, updates: unknown): Promise<void> {
  const given = { common: { updates }, verb: ['apply', 'common.updates'] };
  expectGood(await run(node, given));
  expectNothing(await run(node, given));
}

/** What there is at the end, by the version: `{ mended: '2' }`. */
async function installed(node: Node, query: string): Promise<{ [name: string]: string }> {
  const lines = (await node.must(`${query} ${names.join(' ')}`)).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' ') as [string, string]));
}

/** By the units that timers start. */
async function update(node: Node): Promise<{ [name: string]: string }> {
  await node.must(
    'rm -rf /var/lib/apt/periodic/* && systemctl start apt-daily && systemctl start apt-daily-upgrade',
  );
  return installed(node, "dpkg-query -W -f '${Package} ${Version}\\n'");
}

export async function expectUpdatesOfApt(node: Node): Promise<void> {
  const codename = await node.must('. /etc/os-release && echo $VERSION_CODENAME');
  const release = { Origin: 'Debian', Label: 'Debian-Security', Codename: `${codename.trim()}-security` };
  const publish = async (version: string) => {
    const postinst = version === '1' ? ':' : 'touch /run/reboot-required';
    await offer(node, [{ name: ordinary, version }], '/srv/ordinary', { unlisted: true });
    const mending = { name: mended, version, scripts: { postinst } };
    await offer(node, [mending, { name: excepted, version }], '/srv/made', { release });
  };
  await node.write('/etc/apt/sources.list.d/ordinary.list', 'deb [trusted=yes] file:/srv/ordinary ./\n');
  await publish('1');
  await node.must(`apt-get update -q && apt-get install -y -q ${names.join(' ')}`);
  await publish('2');
  await apply(node, { except: [excepted], reboot: '04:00' });

  await node.must('apt-get update -q');
  const told = await node.must('unattended-upgrade --dry-run -d 2>&1');
  expect(told).to.match(/^Packages that will be upgraded: mended$/m);
  expect(await update(node)).to.deep.equal({ [mended]: '2', [excepted]: '1', [ordinary]: '1' });
  const scheduled = await node.must(
    '. /run/systemd/shutdown/scheduled && date -d @${USEC%??????} "+$MODE %H:%M"',
  );
  expect(scheduled).to.equal('reboot 04:00\n');
  await node.must('shutdown -c && rm /run/reboot-required');

  await publish('3');
  await apply(node, false);
  expect((await update(node))[mended]).to.equal('2');
  await apply(node, {});
  expect(await update(node)).to.deep.equal({ [mended]: '3', [excepted]: '3', [ordinary]: '1' });
  expect(await node.run('test -e /run/systemd/shutdown/scheduled')).to.include({ status: 1 });
}

/** The package as CentOS has it; what it runs is in the node. */
export const automatic: RpmSpec = {
  name: 'dnf-automatic',
  version: '4.14',
  config: ['/etc/dnf/automatic.conf'],
  files: {
    '/etc/dnf/automatic.conf': '[commands]\napply_updates = no\n',
    '/usr/bin/dnf-automatic':
      '#!/usr/bin/python3\nimport sys\nfrom dnf.automatic.main import main\nsys.exit(main(sys.argv[1:]))\n',
    '/usr/lib/systemd/system/dnf-automatic.service':
      '[Service]\nType=oneshot\nExecStart=/usr/bin/dnf-automatic /etc/dnf/automatic.conf --timer\n',
    '/usr/lib/systemd/system/dnf-automatic.timer':
      '[Timer]\nOnCalendar=06:00\n[Install]\nWantedBy=timers.target\n',
  },
};

/** What a repository says of updates that are for security, as that of CentOS Stream does not. */
const advisory = `<updates><update from="lab" type="security" version="1"><id>LAB-1</id><title>mended</title>
<issued date="2026-01-01 00:00:00"/><severity>Important</severity><description>-</description><references/>
<pkglist><collection short="lab"><name>lab</name>
<package name="${mended}" version="3" release="1" epoch="0" arch="noarch" src="${mended}-3-1.src.rpm">
<filename>${mended}-3-1.noarch.rpm</filename></package></collection></pkglist></update></updates>`;

export async function expectUpdatesOfDnf(node: Node): Promise<void> {
  const publish = (version: string) =>
    offerRpms(node, [automatic, ...names.map((name) => ({ name, version }))]);
  const updated = async () => {
    await node.must('systemctl start dnf-automatic.service');
    return installed(node, "rpm -q --qf '%{NAME} %{VERSION}\\n'");
  };
  const except = [excepted];
  await publish('1');
  await node.must(`dnf install -y -q ${names.join(' ')}`);
  await publish('2');
  await apply(node, { except, reboot: true });
  expect(await node.file('/etc/dnf/automatic.conf')).to.match(
    /^reboot_command = shutdown -r 0[234]:[0-5]\d$/m,
  );
  expect(await updated()).to.deep.equal({ [mended]: '2', [excepted]: '1', [ordinary]: '2' });

  await publish('3');
  await node.write('/root/updateinfo.xml', advisory);
  await node.must(`
    modifyrepo_c /root/updateinfo.xml /srv/made/repodata
    cp /etc/os-release /root/os-release && sed -i 's/CentOS Stream/Rocky Linux/; s/^ID=.*/ID=rocky/' /usr/lib/os-release`);
  await apply(node, { except });
  expect(await updated()).to.deep.equal({ [mended]: '3', [excepted]: '1', [ordinary]: '2' });
  await node.must('cp /root/os-release /usr/lib/os-release');
  expect(await node.must('systemctl is-enabled dnf-automatic.timer')).to.equal('enabled\n');
  await apply(node, false);
  expect(await node.run('systemctl is-active dnf-automatic.timer')).to.include({ stdout: 'inactive\n' });
}
