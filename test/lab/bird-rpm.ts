/** BIRD for the RPM node: Debian's program, in a package that has its files where EPEL has them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { prepareCache } from './cache.ts';
import type { Node } from './node.ts';
import { offerRpms } from './rpms.ts';

const unit = `[Unit]
Description=BIRD Internet Routing Daemon
After=network.target
[Service]
Type=simple
RuntimeDirectory=bird
ExecStart=/usr/sbin/bird -f -c /etc/bird.conf -u bird -g bird
ExecReload=/usr/sbin/birdc configure
[Install]
WantedBy=multi-user.target
`;

export async function offerBird(node: Node): Promise<void> {
  const { repository } = await prepareCache('debian');
  const folder = mkdtempSync(join(tmpdir(), 'converge-bird-'));
  try {
    for (const name of await readdir(repository))
      if (/^(bird2|libssh-gcrypt-4)_/.test(name))
        await execa('dpkg-deb', ['-x', join(repository, name), folder]);
    await node.must('mkdir -p /usr/sbin /usr/lib');
    await node.copyIn(join(folder, 'usr/sbin'), '/usr/sbin');
    await node.copyIn(join(folder, 'usr/lib'), '/usr/lib');
  } finally {
    rmSync(folder, { recursive: true });
  }
  await node.must('rm -f /usr/lib/systemd/system/bird.service /usr/lib/bird/prepare-environment; ldconfig');
  const perl = ['perl-interpreter', 'perl-Errno', 'perl-Fcntl', 'perl-Socket'];
  await offerRpms(node, [
    {
      name: 'bird',
      version: '2.0.12',
      files: { '/usr/lib/systemd/system/bird.service': unit, '/etc/bird.conf': '# Nothing yet.\n' },
      config: ['/etc/bird.conf'],
      scripts: { pre: 'getent passwd bird > /dev/null || useradd -r -s /sbin/nologin bird' },
    },
    ...perl.map((name) => ({ name, version: '5.32' })),
  ]);
}
