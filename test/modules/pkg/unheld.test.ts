import unheld from '../../../engine/modules/pkg/unheld.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian, onRpm } from './_names.ts';

const host = {
  packages: { curl: '7', tree: { version: '2', held: true }, hello: { version: '3', held: true } },
};

stateTester('pkg.unheld', unheld, [
  ...onDebian([
    ...badNames(),
    {
      title: 'lets go of what is named',
      args: { pkgs: ['tree', 'curl', 'nosuch'] },
      host,
      expects: { changes: ['tree held'], packages: { tree: '2' } },
    },
    {
      title: 'lets go of everything where told so',
      args: { all: true },
      host,
      expects: { changes: ['tree held', 'hello held'], packages: { tree: '2', hello: '3' } },
    },
    {
      title: 'is content where nothing is held',
      args: { name: 'curl' },
      host,
      expects: { changes: [], comment: 'No package is held' },
    },
  ]),
  ...onRpm([
    {
      title: 'takes the lock away',
      args: { name: 'curl' },
      host: {
        packages: { curl: '7-1' },
        files: {
          '/etc/dnf/plugins/versionlock.conf': '[main]\n',
          '/etc/dnf/plugins/versionlock.list': 'curl-0:6-1.*\ntree-2:2-1.*\n',
        },
      },
      expects: {
        changes: ['curl held'],
        files: { '/etc/dnf/plugins/versionlock.list': 'tree-2:2-1.*\n' },
      },
    },
  ]),
]);
