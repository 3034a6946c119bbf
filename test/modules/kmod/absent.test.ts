import absent from '../../../engine/modules/kmod/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { machine } from './machine.ts';

const host = { files: machine, answers: {} };

stateTester('kmod.absent', absent, [
  {
    title: 'removes a module',
    args: { name: 'pcspkr' },
    host,
    expects: {
      changes: ['pcspkr'],
      files: { '/proc/modules': machine['/proc/modules'].replace(/pcspkr.*\n/, '') },
    },
  },
  {
    title: 'comments out what loads it at boot',
    args: { name: 'nosuch', persist: true },
    host: { ...host, files: { ...machine, '/etc/modules-load.d/nosuch.conf': 'a\nno-such\nnosuch\n' } },
    expects: {
      changes: ['nosuch at boot'],
      files: { '/etc/modules-load.d/nosuch.conf': 'a\nno-such\n# nosuch\n' },
    },
  },
  {
    title: 'removes the file it leaves empty',
    args: { name: 'nosuch', persist: true, comment: false },
    host: {
      ...host,
      files: { ...machine, '/etc/modules-load.d/nosuch.conf': 'nosuch\n', '/etc/modules': 'nosuch\nb\n' },
    },
    expects: {
      changes: ['nosuch at boot', 'nosuch at boot'],
      files: { '/etc/modules-load.d/nosuch.conf': null, '/etc/modules': 'b\n' },
    },
  },
  {
    title: 'is content where it is not loaded',
    args: { name: 'br_netfilter' },
    host,
    expects: { changes: [] },
  },
  {
    title: 'says who uses it',
    args: { name: 'nf_tables' },
    host,
    expects: { refused: 'nf_tables cannot be removed: it is used by nft_ct.' },
  },
  {
    title: 'counts users without a name',
    args: { name: 'fuse' },
    host,
    expects: { refused: 'fuse cannot be removed: it is used by 1 users.' },
  },
  {
    title: 'refuses what is built in',
    args: { name: 'ext4' },
    host,
    expects: { refused: /built into the kernel/ },
  },
  { title: 'refuses what is no name', args: { name: 'a b' }, expects: { refused: /not the name/ } },
]);
