import mode from '../../../engine/modules/selinux/mode.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { config, files } from './_system.ts';

stateTester('selinux.mode', mode, [
  {
    title: 'is content with what is so, in whatever case',
    args: { name: 'Enforcing' },
    host: { answers: {}, files },
    expects: { changes: [], comment: 'SELinux is already in enforcing mode' },
  },
  {
    title: 'changes it now and at boot',
    args: { name: 'permissive' },
    host: { answers: {}, files },
    expects: {
      changes: ['at boot', 'now'],
      files: {
        '/etc/selinux/config': config.replace('SELINUX=enforcing', 'SELINUX=permissive'),
        '/sys/fs/selinux/enforce': '0',
      },
    },
  },
  {
    title: 'puts only the present mode right where only that differs',
    args: { name: '1' },
    host: { answers: {}, files: { ...files, '/sys/fs/selinux/enforce': '0' } },
    expects: { changes: ['now'], files: { '/sys/fs/selinux/enforce': '1' } },
  },
  {
    title: 'is permissive until the boot that disables it',
    args: { name: 'Disabled' },
    host: { answers: {}, files },
    expects: {
      changes: ['at boot', 'now'],
      files: { '/sys/fs/selinux/enforce': '0' },
      warnings: [/^SELinux is permissive until the next boot/],
    },
  },
  {
    title: 'is to start with the next boot',
    args: { name: 'Enforcing' },
    host: {
      answers: {},
      files: { '/etc/selinux/config': config.replace('SELINUX=enforcing', 'SELINUX=disabled') },
    },
    expects: {
      changes: ['at boot'],
      files: { '/etc/selinux/config': config },
      warnings: [/^The kernel runs without SELinux/],
    },
  },
  {
    title: 'writes the setting where the file lacks it',
    args: { name: 'Permissive' },
    host: { files: { '/etc/selinux/config': 'SELINUXTYPE=mls' } },
    expects: {
      changes: ['at boot'],
      files: { '/etc/selinux/config': 'SELINUXTYPE=mls\nSELINUX=permissive\n' },
    },
  },
  {
    title: 'is content to be disabled where there is none',
    args: { name: 'Disabled' },
    expects: { changes: [], comment: 'There is no SELinux here' },
  },
  {
    title: 'refuses where there is none',
    args: { name: 'Enforcing' },
    expects: { refused: 'There is no SELinux here.' },
  },
  {
    title: 'refuses where setenforce is missing',
    args: { name: 'Enforcing' },
    host: { answers: {}, files: { '/sys/fs/selinux/enforce': '0', '/etc/selinux/config': config } },
    expects: { refused: 'There is no setenforce here.' },
  },
  {
    title: 'refuses a mode that is none',
    args: { name: 'strict' },
    host: { answers: {}, files },
    expects: { refused: '"strict" is no mode of SELinux.' },
  },
]);
