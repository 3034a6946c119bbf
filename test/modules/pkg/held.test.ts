import held from '../../../engine/modules/pkg/held.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian, onRpm } from './_names.ts';

const host = {
  packages: { curl: '7', tree: { version: '2', held: true }, hello: { version: '3', held: true } },
};

stateTester('pkg.held', held, [
  ...onDebian([
    ...badNames(),
    {
      title: 'holds what is not held yet',
      args: { pkgs: ['curl', 'tree'] },
      host,
      expects: { changes: ['curl held'], packages: { curl: '7' } },
    },
    {
      title: 'is content with what is held',
      args: { name: 'tree' },
      host,
      expects: { changes: [], comment: 'All specified packages are already held' },
    },
    {
      title: 'lets go of others where told so',
      args: { name: 'curl', replace: true },
      host,
      expects: { changes: ['curl held', 'tree held', 'hello held'], packages: { curl: '7', tree: '2' } },
    },
    {
      title: 'refuses what is not installed',
      args: { pkgs: ['curl', 'nosuch'] },
      host,
      expects: { refused: 'Not installed, so not held: nosuch.' },
    },
  ]),
  ...onRpm([
    {
      title: 'writes the list of versionlock, also where others are let go',
      args: { name: 'curl', replace: true },
      host: {
        packages: { curl: '7-1', tree: '2:2-1' },
        files: {
          '/etc/dnf/plugins/versionlock.conf': '[main]\n',
          '/etc/dnf/plugins/versionlock.list': '# Added lock on Sunday\ntree-2:2-1.*\n',
        },
      },
      expects: {
        changes: ['curl held', 'tree held'],
        files: { '/etc/dnf/plugins/versionlock.list': 'curl-0:7-1.*\n' },
      },
    },
    {
      title: 'refuses without the plugin',
      args: { name: 'curl' },
      host: { packages: { curl: '7-1' } },
      expects: { refused: /plugin versionlock is not there/ },
    },
  ]),
]);
