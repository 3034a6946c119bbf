import removed from '../../../engine/modules/pkg/removed.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian } from './_names.ts';

const absent = 'All specified packages are already absent';

stateTester(
  'pkg.removed',
  removed,
  onDebian([
    ...badNames(),
    {
      title: 'removes what is there, by one command',
      args: { pkgs: ['curl', 'nosuch', 'tree'] },
      host: { packages: { curl: '7', tree: '2', hello: '3' } },
      expects: { changes: ['curl', 'tree'], packages: { curl: null, tree: null, hello: '3' } },
    },
    {
      title: 'leaves configuration files to pkg.purged',
      args: { name: 'curl' },
      host: { packages: { curl: { version: '7', state: 'config' } } },
      expects: { changes: [], comment: absent },
    },
    {
      title: 'leaves another version than the one named',
      args: { name: 'curl', version: '<7' },
      host: { packages: { curl: '7.1' } },
      expects: { changes: [], comment: absent },
    },
  ]),
);
