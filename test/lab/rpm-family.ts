/** How a Debian becomes the RPM node: with real rpm and dnf, names and places as on CentOS Stream 9, and no apt. */

/** What a CentOS server has from the beginning; Debian's builds of it. */
export const rpmBase = [
  ...['dnf', 'rpm', 'createrepo-c', 'dnf-plugins-core', 'file', 'gnupg'],
  ...['cron', 'logrotate', 'sudo', 'openssh-server', 'openssh-client', 'git', 'rsync', 'locales', 'tzdata'],
  ...['tar', 'unzip', 'zip', 'xz-utils', 'bzip2', 'zstd', 'acl', 'kmod', 'e2fsprogs', 'nftables', 'patch'],
  'network-manager',
];

/** rpm's names of what is there, as packages without files: so rpm knows of it and others may require it. */
const stubs = [
  ...['bash', 'coreutils', 'systemd', 'glibc', 'shadow-utils', 'util-linux', 'procps-ng', 'iproute', 'curl'],
  ...['cronie', 'logrotate', 'sudo', 'openssh-server', 'openssh-clients', 'git', 'rsync', 'tzdata', 'tar'],
  ...['unzip', 'zip', 'xz', 'bzip2', 'zstd', 'acl', 'kmod', 'e2fsprogs', 'nftables', 'gnupg2', 'patch'],
  ...['createrepo_c', 'rpm-build', 'NetworkManager'],
];

const provided = [
  ...['/bin/sh', '/bin/bash', '/usr/bin/sh', '/usr/bin/bash', '/usr/bin/env', '/usr/sbin/useradd'],
  ...['/usr/sbin/groupadd', '/usr/bin/systemctl', 'python3', '/usr/bin/python3', 'systemd-units'],
];

const stubSpec = `
Name: centos-stream-release
Version: 9.0
Release: 1.el9
Summary: What this system is
License: none
BuildArch: noarch
${provided.map((name) => `Provides: ${name}`).join('\n')}
%description
What this system is.
%files
${stubs
  .map(
    (name) => `
%package -n ${name}
Summary: Already there
%description -n ${name}
Already there.
%files -n ${name}
`,
  )
  .join('')}
`;

const dnfConf = `[main]
gpgcheck=0
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
reposdir=/etc/yum.repos.d
plugins=1
`;

/** Plugins of dnf that Debian has in one package and CentOS in others. */
const extras = ['leaves', 'local', 'modulesync', 'post-transaction-actions', 'show-leaves'];

const osRelease = `NAME="CentOS Stream"
VERSION="9"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="9"
PLATFORM_ID="platform:el9"
PRETTY_NAME="CentOS Stream 9"
`;

/** With `dist` as on CentOS; Debian's rpm would keep its database in the home of whoever calls it. */
const macros = `%_dbpath /var/lib/rpm
%__gpg /usr/bin/gpg
%dist .el9
%_unitdir /usr/lib/systemd/system
`;

/** A unit that goes by another name on CentOS. */
function renameUnit(from: string, to: string): string {
  return `
rm -f /etc/systemd/system/${from}.service /etc/systemd/system/${to}.service
rm -f /etc/systemd/system/*.wants/${from}.service
mv /lib/systemd/system/${from}.service /usr/lib/systemd/system/${to}.service
systemctl enable -q ${to}.service
`;
}

/** Written by a here document of its own, so that nothing in it is looked at by the shell. */
function put(file: string, text: string): string {
  return `mkdir -p "$(dirname ${file})"\ncat > ${file} <<'END_OF_FILE'\n${text}END_OF_FILE\n`;
}

/** Run in the rootfs after everything is installed. */
export const rpmFinish = `
# Init scripts would become units of Debian's names, beside the renamed ones.
rm -rf /etc/init.d/* /etc/rc?.d/* /lib/systemd/system/ssh.socket
${renameUnit('ssh', 'sshd')}
${renameUnit('cron', 'crond')}
sed -i '/^Alias=/d' /usr/lib/systemd/system/sshd.service
systemctl disable -q NetworkManager.service NetworkManager-wait-online.service NetworkManager-dispatcher.service
${put('/etc/NetworkManager/conf.d/lab.conf', '[keyfile]\nunmanaged-devices=interface-name:eth0;interface-name:eth1\n')}
# Crontabs lie where cronie has them.
rmdir /var/spool/cron/crontabs
chmod 1730 /var/spool/cron
chgrp crontab /var/spool/cron
ln -s . /var/spool/cron/crontabs
groupadd -r wheel
ln -sf bash /bin/sh
mkdir -p /etc/sysconfig
rm -f /usr/sbin/locale-gen /etc/locale.gen /etc/default/locale /etc/debian_version /etc/lsb-release
echo LANG=C.UTF-8 > /etc/locale.conf
${put('/etc/rpm/macros', macros)}
${put('/etc/dnf/dnf.conf', dnfConf)}
${put('/usr/lib/os-release', osRelease)}
ln -sf ../usr/lib/os-release /etc/os-release
echo 'CentOS Stream release 9' > /etc/centos-release
ln -sf centos-release /etc/redhat-release
mkdir -p /etc/dnf/vars
echo 9 > /etc/dnf/vars/releasever
${put('/etc/yum.repos.d/lab.repo', '[lab]\nname=lab\nbaseurl=file:///srv/rpmrepo\nenabled=1\ngpgcheck=0\nmetadata_expire=0\n')}
${extras.map((plugin) => put(`/etc/dnf/plugins/${plugin}.conf`, '[main]\nenabled=false\n')).join('')}
rpm --initdb
${put('/root/stubs.spec', stubSpec)}
rpmbuild -bb --quiet --define '_topdir /root/rpmbuild' --define '_rpmdir /srv/rpmrepo' /root/stubs.spec
createrepo_c -q /srv/rpmrepo
dnf install -q -y ${stubs.join(' ')} centos-stream-release
dnf clean all -q
rm -rf /root/stubs.spec /root/rpmbuild /var/log/dnf* /var/log/hawkey*
# From here on nothing can be done by Debian's tools. The rest of apt's folders is cleared away by mmdebstrap.
rm -rf /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /etc/apt/sources.list.d/lab.list
mv /var/lib/dpkg/status /var/lib/dpkg/status.lab
: > /var/lib/dpkg/status
rm -f /var/lib/dpkg/status-old
`;
