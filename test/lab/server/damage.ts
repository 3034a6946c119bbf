/** What a careless hand does to the server of this folder, chosen by a seed so that a failure can be repeated. */
import type { Family } from '../cache.ts';

/** Scripts; each undoes or spoils something that the tree describes. */
function damages(family: Family): string[] {
  const rpm = family === 'rpm';
  const [sshd, admins] = rpm ? ['sshd', 'wheel'] : ['ssh', 'sudo'];
  return [
    'echo edited >> /etc/site/site.conf',
    'chmod 777 /etc/site/site.conf',
    'rm /etc/site/site.yaml',
    'chown nobody: /etc/site',
    ': > /etc/site/allowed',
    'rm /etc/site/icon.gif',
    'ln -sfn /tmp /etc/site/current.conf',
    'rm /run/site/pipe',
    'rm -r /srv/www/css',
    'echo stray > /srv/www/stray.html',
    'sed -i "s/workers = 16/workers = 4/" /etc/legacy.conf',
    'sed -i "s/^#debug/debug/" /etc/legacy.conf',
    'sed -i "/listen = ::1/d" /etc/legacy.conf',
    'sed -i "s/blue/green/" /etc/legacy.colours',
    'sed -i "s/^Version 1 /Version 0 /" /etc/motd',
    'touch /var/lib/legacy/new.dump',
    'rm /etc/sudoers.d/operators',
    'sed -i "s/^PermitRootLogin .*/PermitRootLogin yes/" /etc/ssh/sshd_config',
    'usermod -s /bin/sh -c Nobody alice',
    `gpasswd -d alice ${admins}`,
    'userdel -r bob',
    'passwd -d alice',
    ': > /home/alice/.ssh/authorized_keys',
    'useradd -N -u 700 mallory',
    'groupadd -g 701 contractors',
    'systemctl stop shop',
    'systemctl disable --now greeter',
    `systemctl stop ${sshd}`,
    `systemctl unmask ${rpm ? 'NetworkManager' : 'apt-daily.timer'}`,
    'systemctl stop tidy.timer',
    'systemctl disable --now shop; rm /etc/systemd/system/shop.service; systemctl daemon-reload',
    'systemctl mask parked',
    rpm ? 'rpm -e greeter' : 'apt-get remove -y -q --allow-change-held-packages greeter',
    rpm ? 'dnf versionlock -q clear' : 'apt-mark unhold greeter',
    rpm
      ? 'rpm -i --nodeps /srv/former/noarch/telnet-server-*.rpm'
      : 'dpkg -i /srv/former/telnet-server_*.deb',
    rpm ? 'rm /etc/yum.repos.d/site.repo' : 'rm /etc/apt/sources.list.d/site.list',
    'crontab -r -u root',
    'crontab -l -u root | sed "s/^MAILTO=.*/MAILTO=nobody/" | crontab -u root -',
    'echo "0 0 * * * true" | crontab -u backupd -',
    'sysctl -q -w net.ipv4.tcp_keepalive_time=7200',
    'rm /etc/sysctl.d/60-site.conf',
    'hostname elsewhere; echo elsewhere > /etc/hostname',
    'sed -i "/db.example.org/d" /etc/hosts',
    'echo "192.0.2.9 old.example.org" >> /etc/hosts',
    'umount /var/cache/site',
    'sed -i "/nas.example.org/d" /etc/fstab',
    'ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime',
    'update-alternatives --set pager /usr/bin/tail',
    'ip link del br-apps',
    'ip addr del 203.0.113.50/32 dev lo',
    'ip addr add 203.0.113.51/32 dev lo',
    'rm /etc/security/limits.d/site.conf',
    'sed -i "s/^rotate 8/rotate 4/" /etc/logrotate.conf',
    'rm -rf /srv/shop-main',
    'git config --global user.email nobody@example.org',
    'rm /srv/pictures/sea.txt',
    'rm /root/.ssh/known_hosts',
    `sed -i "s/^LANG=.*/LANG=C/" ${rpm ? '/etc/locale.conf' : '/etc/default/locale'}`,
  ];
}

export function someDamages(family: Family, count: number, seed: number): string[] {
  const left = damages(family);
  const random = randomBy(seed);
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0]!);
}

/** mulberry32: numbers in [0, 1) that are the same for the same seed. */
export function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
