import swap from '../../../engine/modules/mount/swap.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fstab, host, machine } from './machine.ts';

const line = '/new\tnone\tswap\tdefaults\t0 0\n';
const blkid = 'blkid -p -o value -s TYPE -- /new';

stateTester('mount.swap', swap, [
  {
    title: 'makes a file and swaps to it',
    args: { name: '/new', size: '16M' },
    host,
    expects: {
      changes: ['size of /new', 'format of /new', 'move', 'swapping to /new', '/new in /etc/fstab'],
      files: { '/etc/fstab': `${fstab}\n${line}`, '/new': { mode: 0o600 }, '/new.converge': null },
    },
  },
  {
    title: 'knows what is swapped to',
    args: { name: '/swap', size: '64M' },
    host,
    expects: { changes: [] },
  },
  {
    title: 'makes a file of another size anew',
    args: { name: '/swap', size: '128M', priority: 5 },
    host: { ...host, files: { ...machine, '/swap': 'x' } },
    expects: {
      changes: [
        '65532 KiB of swap in /swap',
        'size of /swap',
        'format of /swap',
        'move',
        'swapping to /swap',
        '/swap in /etc/fstab',
      ],
      files: { '/etc/fstab': fstab.replace('sw 0', 'pri=5 0') },
    },
  },
  {
    title: 'takes a file that is ready',
    args: { name: '/new', size: 40_960, persist: false },
    host: { files: { ...machine, '/new': '0'.repeat(40_960) }, answers: { [blkid]: 'swap\n' } },
    expects: { changes: ['swapping to /new'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'never overwrites another file',
    args: { name: '/new', size: '1M' },
    host: { files: { ...machine, '/new': 'my data' }, answers: { [blkid]: '' } },
    expects: { refused: '/new is a file that was never made for swapping.' },
  },
  {
    title: 'needs a size for a file',
    args: { name: '/new' },
    host,
    expects: { refused: '/new does not exist.' },
  },
  {
    title: 'refuses what is no size',
    args: { name: '/new', size: 'big' },
    host,
    expects: { refused: '"big" is not the size of a swap file.' },
  },
  {
    title: 'refuses to size a directory',
    args: { name: '/opt', size: '1M' },
    host,
    expects: { refused: '/opt is no file: its size cannot be set.' },
  },
  { title: 'refuses a relative path', args: { name: 'a' }, expects: { refused: /neither an absolute path/ } },
]);
