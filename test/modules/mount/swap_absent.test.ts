import absent from '../../../engine/modules/mount/swap_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fstab, host, machine } from './machine.ts';

stateTester('mount.swap_absent', absent, [
  {
    title: 'swaps no more, and removes line and file',
    args: { name: '/swap', remove_file: true },
    host: { ...host, files: { ...machine, '/swap': 'x' } },
    expects: {
      changes: ['65532 KiB of swap in /swap', '/swap in /etc/fstab', '/swap'],
      files: { '/swap': null, '/etc/fstab': fstab.replace(/\/swap.*/, '') },
    },
  },
  { title: 'is content where nothing is left', args: { name: '/new' }, host, expects: { changes: [] } },
]);
