import present from '../../../engine/modules/kmod/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { machine } from './machine.ts';

const host = { files: machine, answers: {} };
const modprobe = (module: string, loaded: string) => ({
  kind: 'exec',
  command: { argv: ['modprobe', '--', module] },
  settles: [
    { about: 'file', effect: { kind: 'write', path: '/proc/modules', content: Buffer.from(loaded) } },
  ],
});

stateTester('kmod.present', present, [
  {
    title: 'loads a module',
    args: { name: 'br_netfilter' },
    host,
    expects: {
      changes: ['br_netfilter'],
      effects: [
        modprobe(
          'br_netfilter',
          `${machine['/proc/modules']}br_netfilter 16384 0 - Live 0x0000000000000000\n`,
        ),
      ],
    },
  },
  {
    title: 'takes what is loaded, however it is spelled, and what is built in',
    args: { name: 'x', mods: ['nf-tables', 'ext4'] },
    host,
    expects: { changes: [] },
  },
  {
    title: 'loads it at boot too, in a file of its own',
    args: { name: 'nf_tables', persist: true },
    host,
    expects: {
      changes: ['nf_tables at boot'],
      files: { '/etc/modules-load.d/nf_tables.conf': { content: 'nf_tables\n', mode: 0o644 } },
    },
  },
  {
    title: 'is content where some file lists it',
    args: { name: 'nf_tables', persist: true },
    host: { ...host, files: { ...machine, '/etc/modules': '# x\nnf-tables option=1\n' } },
    expects: { changes: [] },
  },
  {
    title: 'joins a file of its name',
    args: { name: 'nf_tables', persist: true },
    host: { ...host, files: { ...machine, '/etc/modules-load.d/nf_tables.conf': '# nf_tables\nother' } },
    expects: {
      changes: ['nf_tables at boot'],
      files: { '/etc/modules-load.d/nf_tables.conf': '# nf_tables\nother\nnf_tables\n' },
    },
  },
  {
    title: 'only writes the file below a root',
    args: { name: 'br_netfilter', persist: true },
    host: { files: { '/etc': { directory: true } } },
    expects: {
      changes: ['/etc/modules-load.d', 'br_netfilter at boot'],
      files: { '/etc/modules-load.d/br_netfilter.conf': 'br_netfilter\n' },
    },
  },
  {
    title: 'refuses a module that the kernel does not have',
    args: { name: 'nosuch' },
    host,
    expects: { refused: 'There is no module nosuch for the running kernel 6.1.0-18-amd64.' },
  },
  {
    title: 'refuses what is no name',
    args: { name: '../x' },
    expects: { refused: '"../x" is not the name of a kernel module.' },
  },
  {
    title: 'needs modprobe',
    args: { name: 'br_netfilter' },
    host: { ...host, files: { '/proc/modules': machine['/proc/modules'] } },
    expects: { refused: /no modprobe here/ },
  },
]);
