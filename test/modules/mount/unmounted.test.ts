import unmounted from '../../../engine/modules/mount/unmounted.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fstab, host, machine, mountinfo } from './machine.ts';

stateTester('mount.unmounted', unmounted, [
  {
    title: 'unmounts and leaves the line',
    args: { name: '/srv/tmp' },
    host,
    expects: { changes: ['tmpfs at /srv/tmp'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'unmounts all that lies there',
    args: { name: '/srv/tmp/' },
    host: {
      ...host,
      files: {
        ...machine,
        '/proc/self/mountinfo': `${mountinfo}40 30 0:50 / /srv/tmp rw - tmpfs other rw\n`,
      },
    },
    expects: { changes: ['other at /srv/tmp', 'tmpfs at /srv/tmp'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'leaves another device alone',
    args: { name: '/srv/tmp', device: '/dev/sdb1', persist: true },
    host,
    expects: { changes: [] },
  },
  {
    title: 'removes the line only',
    args: { name: '/gone', persist: true },
    host: { ...host, files: { ...machine, '/etc/fstab': `${fstab}\n/dev/x /gone/ ext4 rw\n` } },
    expects: { changes: ['/gone/ in /etc/fstab'], files: { '/etc/fstab': `${fstab}\n` } },
  },
  { title: 'is content where nothing is mounted', args: { name: '/opt' }, host, expects: { changes: [] } },
  {
    title: 'never unmounts the root',
    args: { name: '/' },
    host,
    expects: { refused: 'The root cannot be unmounted.' },
  },
]);
