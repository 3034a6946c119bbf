import set from '../../../engine/modules/alternatives/set.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, grains, pager } from './_answers.ts';

stateTester('alternatives.set', set, [
  {
    title: 'chooses another one',
    args: { name: 'pager', path: '/bin/more' },
    grains,
    host: { answers: {}, files },
    expects: {
      changes: ['chosen', 'mode'],
      files: {
        '/etc/alternatives/pager': { link: '/bin/more' },
        '/etc/alternatives/pager.1.gz': { link: '/usr/share/man/man1/more.1.gz' },
        '/var/lib/dpkg/alternatives/pager': pager.replace('auto', 'manual'),
      },
    },
  },
  {
    title: 'chooses what the priorities chose, for good',
    args: { name: 'pager', path: '/usr/bin/less' },
    grains,
    host: { answers: {}, files },
    expects: { changes: ['mode'], files: { '/etc/alternatives/pager': { link: '/usr/bin/less' } } },
  },
  {
    title: 'is content with what is chosen',
    args: { name: 'pager', path: '/usr/bin/less' },
    grains,
    host: {
      answers: {},
      files: { ...files, '/var/lib/dpkg/alternatives/pager': pager.replace('auto', 'manual') },
    },
    expects: { changes: [], comment: '/usr/bin/less is already chosen for pager' },
  },
  {
    title: 'refuses what is no alternative',
    args: { name: 'pager', path: '/usr/bin/most' },
    grains,
    host: { answers: {}, files },
    expects: { refused: '/usr/bin/most is none of the alternatives for pager: /bin/more, /usr/bin/less.' },
  },
  {
    title: 'refuses a group that is not there',
    args: { name: 'nosuch', path: '/usr/bin/most' },
    grains,
    host: { answers: {}, files },
    expects: { refused: 'There are no alternatives "nosuch".' },
  },
]);
