/** haproxy for the RPM node: Debian's program, in a package with unit, user and places as CentOS has them. */
import { debianPrograms } from './debian-programs.ts';
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
  return {
    name: 'haproxy',
    version: '2.6.12',
    release: '1.el9',
    files: {
      ...(await debianPrograms(/^(haproxy|libopentracing.*)_/)),
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
}
