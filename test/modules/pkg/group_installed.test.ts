import group from '../../../engine/modules/pkg/group_installed.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { recorded } from './_groups.test.ts';
import { onDebian, onRpm } from './_names.ts';

const info = 'dnf -C -v group info --hidden *';
const files = { '/var/cache/dnf/lab-1/repodata/repomd.xml': '' };

stateTester('pkg.group_installed', group, [
  ...onRpm([
    {
      title: 'installs what is missing of a group',
      args: { name: 'labgrp', refresh: false },
      host: { files, packages: { one: '1.0-1' }, answers: { [info]: recorded } },
      expects: { changes: ['two'], packages: { two: 'newest', one: '1.0-1' } },
    },
    {
      title: 'leaves out and adds packages',
      args: { name: 'Lab Group', skip: ['two'], include: ['gamma'], refresh: false },
      host: { files, packages: { one: '1.0-1' }, answers: { [info]: recorded } },
      expects: { changes: ['gamma'], packages: { gamma: 'newest', two: null } },
    },
    {
      title: 'is content where all of it is there',
      args: { name: 'lab-env' },
      host: { files, packages: { one: '1.0-1', two: '1.0-1' }, answers: { [info]: recorded } },
      expects: { changes: [], comment: 'All packages of the group are already installed' },
    },
    {
      title: 'refuses a group that there is not',
      args: { name: 'nosuch' },
      host: { files, packages: {}, answers: { [info]: recorded } },
      expects: { refused: 'There is no group "nosuch".' },
    },
  ]),
  ...onDebian([
    {
      title: 'refuses where there are no groups',
      args: { name: 'labgrp' },
      host: { packages: {} },
      expects: { refused: 'apt has no groups of packages.' },
    },
  ]),
]);
