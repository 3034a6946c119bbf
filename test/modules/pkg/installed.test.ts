import installed from '../../../engine/modules/pkg/installed.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian } from './_names.ts';

const there = 'All specified packages are already installed';

stateTester(
  'pkg.installed',
  installed,
  onDebian([
    ...badNames(),
    {
      title: 'installs what is missing, with fresh lists and one command',
      args: { pkgs: ['curl', 'tree', 'hello'] },
      host: { packages: { curl: '7.88' } },
      expects: {
        changes: ['exec', 'remember', 'tree', 'hello'],
        packages: { tree: 'newest', hello: 'newest', curl: '7.88' },
      },
    },
    {
      title: 'is content with what is there',
      args: { name: 'curl', version: '7.*' },
      host: { packages: { curl: '7.88' } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'is content with a package that provides a virtual one',
      args: { name: 'mail-transport-agent' },
      host: { packages: { postfix: { provides: ['mail-transport-agent'] } } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'installs a package of which only configuration files are left',
      args: { name: 'curl', refresh: false },
      host: { packages: { curl: { version: '7', state: 'config' } } },
      expects: { changes: ['curl'], packages: { curl: 'newest' } },
    },
    {
      title: 'finishes an interrupted dpkg first',
      args: { name: 'curl', refresh: false },
      host: { packages: { other: { state: 'broken' } } },
      expects: { changes: ['dpkg', 'exec', 'curl'], packages: { curl: 'newest' } },
    },
    {
      title: 'downgrades where the tree says so',
      args: { name: 'curl', version: '7.74-1', refresh: false },
      host: { packages: { curl: '7.88-1' } },
      expects: { changes: ['curl'], packages: { curl: '7.74-1' } },
    },
    {
      title: 'takes a newer version where it may',
      args: { name: 'curl', version: '7.74-1', allow_updates: true },
      host: { packages: { curl: '7.88-1' } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'leaves a package alone that is only to be upgraded',
      args: { name: 'curl', only_upgrade: true },
      host: { packages: {} },
      expects: { changes: [], comment: there },
    },
    {
      title: 'refuses to change a held package',
      args: { name: 'curl', version: '8.0' },
      host: { packages: { curl: { version: '7.88', held: true } } },
      expects: { refused: 'Held, so not changed: curl (7.88).' },
    },
    {
      title: 'holds what is there',
      args: { pkgs: ['curl', 'tree'], hold: true },
      host: { packages: { curl: '7', tree: { version: '2', held: true } } },
      expects: { changes: ['curl held'], packages: { curl: '7' } },
    },
    {
      title: 'lets go of what is held',
      args: { name: 'tree', hold: false },
      host: { packages: { tree: { version: '2', held: true } } },
      expects: { changes: ['tree held'], packages: { tree: '2' } },
    },
    {
      title: 'warns of a version that is written as a number',
      args: { name: 'curl', version: 7.5 },
      host: { packages: { curl: '7.5' } },
      expects: { changes: [], warnings: [/written as a number; quote it/] },
    },
    {
      title: 'refuses a file that is not there',
      args: { sources: [{ curl: 'salt://nosuch.deb' }] },
      host: { packages: {} },
      expects: { refused: 'salt://nosuch.deb is not in the file roots' },
    },
  ]),
);
