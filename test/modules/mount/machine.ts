/** A machine on which nothing is really mounted: /proc as files of a test. */
export const mountinfo = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
24 22 0:21 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
30 22 0:25 / /srv/tmp rw,nosuid,nodev,relatime - tmpfs tmpfs rw,size=65536k,mode=750
31 22 8:17 / /srv/with\\040blank rw,noatime - ext4 /dev/sdb1 rw
32 22 8:1 /opt/data /srv/bound ro,relatime - ext4 /dev/sda1 rw
33 22 0:40 / /srv/nfs rw,relatime - nfs4 nas:/export rw,vers=4.2,hard
`;

export const fstab = '# /etc/fstab\nUUID=1 /    ext4 errors=remount-ro 0 1\n/swap  none swap sw 0 0';

export const machine = {
  '/proc/self/mountinfo': mountinfo,
  '/proc/swaps':
    'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap                                  file\t\t65532\t\t0\t\t-2\n',
  '/etc/fstab': fstab,
  '/usr/bin/mount': '',
  '/usr/bin/umount': '',
  '/srv/tmp': { directory: true },
  '/srv/with blank': { directory: true },
  '/srv/bound': { directory: true },
  '/srv/nfs': { directory: true },
  '/opt/data': { directory: true },
} as const;

export const host = { files: machine, answers: {} };
