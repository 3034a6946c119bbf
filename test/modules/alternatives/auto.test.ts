import auto from '../../../engine/modules/alternatives/auto.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, grains, pager } from './_answers.ts';

stateTester('alternatives.auto', auto, [
  {
    title: 'lets the priorities choose',
    args: { name: 'pager' },
    grains,
    host: {
      answers: {},
      files: {
        ...files,
        '/var/lib/dpkg/alternatives/pager': pager.replace('auto', 'manual'),
        '/etc/alternatives/pager': { link: '/bin/more' },
      },
    },
    expects: {
      changes: ['chosen', 'mode'],
      files: {
        '/etc/alternatives/pager': { link: '/usr/bin/less' },
        '/var/lib/dpkg/alternatives/pager': pager,
      },
    },
  },
  {
    title: 'is content where they did',
    args: { name: 'pager' },
    grains,
    host: { answers: {}, files },
    expects: { changes: [], comment: 'pager is already in auto mode' },
  },
  {
    title: 'puts a link right that leads elsewhere',
    args: { name: 'pager' },
    grains,
    host: { answers: {}, files: { ...files, '/etc/alternatives/pager': { link: '/nosuch' } } },
    expects: { changes: ['chosen'], files: { '/etc/alternatives/pager': { link: '/usr/bin/less' } } },
  },
  {
    title: 'refuses a group that is not there',
    args: { name: 'nosuch' },
    grains,
    host: { answers: {}, files },
    expects: { refused: 'There are no alternatives "nosuch".' },
  },
]);
