import remove from '../../../engine/modules/alternatives/remove.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, grains } from './_answers.ts';

stateTester('alternatives.remove', remove, [
  {
    title: 'removes the chosen one, and chooses anew',
    args: { name: 'pager', path: '/usr/bin/less' },
    grains,
    host: { answers: {}, files },
    expects: {
      changes: ['alternative', 'chosen'],
      files: { '/etc/alternatives/pager': { link: '/bin/more' } },
    },
  },
  {
    title: 'removes the last one, and the group with it',
    args: { name: 'one', path: '/usr/bin/less' },
    grains,
    host: {
      answers: {},
      files: {
        ...files,
        '/var/lib/dpkg/alternatives/one': 'auto\n/usr/bin/one\n\n/usr/bin/less\n1\n\n',
        '/etc/alternatives/one': { link: '/usr/bin/less' },
        '/usr/bin/one': { link: '/etc/alternatives/one' },
      },
    },
    expects: {
      changes: ['alternative', 'chosen'],
      files: { '/etc/alternatives/one': null, '/usr/bin/one': null, '/var/lib/dpkg/alternatives/one': null },
    },
  },
  {
    title: 'is content where there is none',
    args: { name: 'pager', path: '/usr/bin/most' },
    grains,
    host: { answers: {}, files },
    expects: { changes: [], comment: 'Alternative /usr/bin/most for pager is not registered' },
  },
  {
    title: 'refuses below a root',
    args: { name: 'pager', path: '/usr/bin/less' },
    grains,
    host: { files },
    expects: { refused: /^Alternatives cannot be changed below/ },
  },
]);
