/** Debian's Postfix as packages of an RPM node, with unit, users and files as CentOS has them. */
import { execa } from 'execa';
import { prepareCache } from './cache.ts';
import type { Node } from './node.ts';
import type { RpmSpec } from './rpms.ts';

const folder = '/srv/debs';
const server = ['postfix', 'libicu72', 'libnsl2', 'libtirpc3', 'libsasl2-2'];
const plugins = ['libsasl2-modules'];

/** What Debian's packages hold, as archives inside the node: it has no dpkg. */
export async function bringPostfix(node: Node): Promise<void> {
  const { repository } = await prepareCache('debian');
  await Promise.all(
    [...server, ...plugins].map(async (name) => {
      const script = 'dpkg-deb --fsys-tarfile "$0"/"$1"_*.deb';
      const { stdout } = await execa('sh', ['-ec', script, repository, name], { encoding: 'buffer' });
      await node.write(`${folder}/${name}.tar`, Buffer.from(stdout));
    }),
  );
}

function unpacked(packages: readonly string[]): string {
  return packages.map((name) => `tar -xf ${folder}/${name}.tar -C / --keep-directory-symlink\n`).join('');
}

const unit = `[Unit]
Description=Postfix Mail Transport Agent
After=syslog.target network.target

[Service]
Type=forking
PIDFile=/var/spool/postfix/pid/master.pid
ExecStart=/usr/sbin/postfix start
ExecReload=/usr/sbin/postfix reload
ExecStop=/usr/sbin/postfix stop

[Install]
WantedBy=multi-user.target
`;

const setUp = `
groupadd -r postfix; groupadd -r postdrop
useradd -r -g postfix -d /var/spool/postfix -s /sbin/nologin postfix
${unpacked(server)}ldconfig
# Debian's units would be in front of that of the package.
rm -f /usr/lib/systemd/system/postfix@.service
cd /usr/share/postfix
cp dynamicmaps.cf makedefs.out /etc/postfix/
: > /etc/postfix/main.cf
cp master.cf.dist /etc/postfix/master.cf
postconf -F '*/*/chroot = n'
postfix set-permissions
`;

export const postfix: readonly RpmSpec[] = [
  {
    name: 'postfix',
    version: '3.5.25',
    files: { '/usr/share/postfix/centos.service': unit },
    scripts: {
      post: `${setUp}cp /usr/share/postfix/centos.service /usr/lib/systemd/system/postfix.service\nsystemctl daemon-reload`,
    },
  },
  { name: 'ca-certificates', version: '2024' },
  { name: 'cyrus-sasl-plain', version: '2.1', scripts: { post: unpacked(plugins) } },
];
