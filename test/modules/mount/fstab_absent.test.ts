import absent from '../../../engine/modules/mount/fstab_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fstab, host } from './machine.ts';

stateTester('mount.fstab_absent', absent, [
  {
    title: 'removes the line with this device and mount point',
    args: { name: '/swap', fs_file: 'none' },
    host,
    expects: { changes: ['/swap in /etc/fstab'], files: { '/etc/fstab': fstab.replace(/\/swap.*/, '') } },
  },
  { title: 'leaves others alone', args: { name: '/swap', fs_file: '/' }, host, expects: { changes: [] } },
  { title: 'is content without the file', args: { name: 'a', fs_file: '/b' }, expects: { changes: [] } },
]);
