import present from '../../../engine/modules/mount/fstab_present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fstab, host, machine } from './machine.ts';

const disk = {
  '/dev/disk/by-uuid/0A1B-2C3D': { link: '../../sda' },
  '/dev/disk/by-label/my\\x20disk': { link: '../../sda' },
  '/dev/sda': '',
};

stateTester('mount.fstab_present', present, [
  {
    title: 'adds a line and mounts nothing',
    args: {
      name: '/dev/sda1',
      fs_file: '/data',
      fs_vfstype: 'ext4',
      fs_mntops: ['noatime', 'nofail'],
      fs_passno: 2,
    },
    host,
    expects: {
      changes: ['/data in /etc/fstab'],
      files: { '/etc/fstab': `${fstab}\n/dev/sda1\t/data\text4\tnoatime,nofail\t0 2\n` },
    },
  },
  {
    title: 'names a device by what is written on it',
    args: { name: '/dev/sda', fs_file: '/data', fs_vfstype: 'vfat', mount_by: 'label' },
    host: { ...host, files: { ...machine, ...disk } },
    expects: {
      changes: ['/data in /etc/fstab'],
      files: { '/etc/fstab': `${fstab}\nLABEL=my\\040disk\t/data\tvfat\tdefaults\t0 0\n` },
    },
  },
  {
    title: 'leaves a line as it is where told so',
    args: { name: 'x', fs_file: '/', fs_vfstype: 'xfs', not_change: true },
    host,
    expects: { changes: [] },
  },
  {
    title: 'recognises a line without mount point by its device',
    args: { name: '/swap', fs_file: 'none', fs_vfstype: 'swap', fs_mntops: 'sw,pri=1' },
    host,
    expects: {
      changes: ['/swap in /etc/fstab'],
      files: { '/etc/fstab': fstab.replace('sw 0', 'sw,pri=1 0') },
    },
  },
  {
    title: 'refuses a device without such a name',
    args: { name: '/dev/sdb', fs_file: '/data', fs_vfstype: 'ext4', mount_by: 'uuid' },
    host,
    expects: { refused: '/dev/sdb has no uuid.' },
  },
]);
