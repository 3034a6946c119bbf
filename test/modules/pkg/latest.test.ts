import latest from '../../../engine/modules/pkg/latest.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian } from './_names.ts';

const offline = { refresh: false };

stateTester(
  'pkg.latest',
  latest,
  onDebian([
    ...badNames(offline),
    {
      title: 'installs what is missing',
      args: { name: 'curl', ...offline },
      host: { packages: {} },
      expects: { changes: ['curl'], packages: { curl: 'newest' } },
    },
    {
      title: 'is content where apt knows of nothing newer',
      args: { pkgs: ['curl', 'tree'], ...offline },
      host: { packages: { curl: '7', tree: { version: '2', held: true } } },
      expects: { changes: [], comment: 'All specified packages are already up-to-date' },
    },
    {
      title: 'leaves a package alone that is only to be upgraded',
      args: { name: 'curl', only_upgrade: true, ...offline },
      host: { packages: {} },
      expects: { changes: [], comment: 'All specified packages are already up-to-date' },
    },
  ]),
);
