/** BIRD for the RPM node: Debian's program, in a package that has its files where EPEL has them. */
import { debianPrograms } from './debian-programs.ts';
import type { Node } from './node.ts';
import { offerRpms, type RpmSpec } from './rpms.ts';

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

/** With the packages of Perl that CentOS has, whose files are there already. */
export async function birdRpms(): Promise<RpmSpec[]> {
  const perl = ['perl-interpreter', 'perl-Errno', 'perl-Fcntl', 'perl-Socket'];
  return [
    {
      name: 'bird',
      version: '2.0.12',
      files: {
        ...(await debianPrograms(/^(bird2|libssh-gcrypt-4)_/)),
        '/usr/lib/systemd/system/bird.service': unit,
        '/etc/bird.conf': '# Nothing yet.\n',
      },
      config: ['/etc/bird.conf'],
      scripts: {
        pre: 'getent passwd bird > /dev/null || useradd -r -s /sbin/nologin bird',
        post: 'ldconfig\nsystemctl daemon-reload',
      },
    },
    ...perl.map((name) => ({ name, version: '5.32' })),
  ];
}

export async function offerBird(node: Node): Promise<void> {
  await offerRpms(node, await birdRpms());
}
