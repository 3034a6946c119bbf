import purged from '../../../engine/modules/pkg/purged.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian } from './_names.ts';

stateTester(
  'pkg.purged',
  purged,
  onDebian([
    ...badNames(),
    {
      title: 'purges what is there and what was only removed',
      args: { pkgs: ['curl', 'tree', 'nosuch'] },
      host: { packages: { curl: '7', tree: { version: '2', state: 'config' } } },
      expects: { changes: ['curl', 'tree'], packages: { curl: null, tree: null } },
    },
    {
      title: 'is content with what is not there',
      args: { name: 'curl' },
      host: { packages: {} },
      expects: { changes: [], comment: 'All specified packages are already absent' },
    },
  ]),
);
