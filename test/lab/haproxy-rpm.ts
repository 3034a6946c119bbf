/** haproxy for the RPM node: Debian's program, in a package with unit, user and places as CentOS has them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { prepareCache } from './cache.ts';
import type { RpmSpec } from './rpms.ts';

const unit = `[Unit]
Description=HAProxy Load Balancer
After=network-online.target
Wants=network-online.target

[Service]
EnvironmentFile=-/etc/sysconfig/haproxy
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "PIDFILE=/run/haproxy.pid" "CFGDIR=/etc/haproxy/conf.d"
ExecStartPre=/usr/sbin/haproxy -f $CONFIG -f $CFGDIR -c -q $OPTIONS
ExecStart=/usr/sbin/haproxy -Ws -f $CONFIG -f $CFGDIR -p $PIDFILE $OPTIONS
ExecReload=/usr/sbin/haproxy -f $CONFIG -f $CFGDIR -c -q $OPTIONS
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
SuccessExitStatus=143
Type=notify

[Install]
WantedBy=multi-user.target
`;

export async function haproxyRpm(): Promise<RpmSpec> {
  const { repository } = await prepareCache('debian');
  const folder = mkdtempSync(join(tmpdir(), 'converge-haproxy-'));
  try {
    for (const name of readdirSync(repository))
      if (/^(haproxy|libopentracing.*)_/.test(name))
        await execa('dpkg-deb', ['-x', join(repository, name), folder]);
    const libraries = 'usr/lib/x86_64-linux-gnu';
    // By the names that programs ask for.
    const sonames = readdirSync(join(folder, libraries)).filter((name) => /\.so\.\d+$/.test(name));
    const programs = ['usr/sbin/haproxy', ...sonames.map((name) => `${libraries}/${name}`)];
    return {
      name: 'haproxy',
      version: '2.6.12',
      release: '1.el9',
      files: {
        ...Object.fromEntries(programs.map((path) => [`/${path}`, readFileSync(join(folder, path))])),
        '/usr/lib/systemd/system/haproxy.service': unit,
        '/etc/haproxy/haproxy.cfg': 'global\n  chroot /var/lib/haproxy\n  user haproxy\n  group haproxy\n',
        '/etc/sysconfig/haproxy': 'OPTIONS=""\n',
      },
      config: ['/etc/haproxy/haproxy.cfg', '/etc/sysconfig/haproxy'],
      scripts: {
        pre: 'getent passwd haproxy > /dev/null || useradd -r -d /var/lib/haproxy -s /sbin/nologin haproxy',
        post: `mkdir -p /etc/haproxy/conf.d /var/lib/haproxy
chown haproxy: /var/lib/haproxy
ldconfig
systemctl daemon-reload`,
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
