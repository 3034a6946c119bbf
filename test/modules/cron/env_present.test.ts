import present from '../../../engine/modules/cron/env_present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { debian, tab } from './_host.ts';

stateTester('cron.env_present', present, [
  {
    title: 'sets a variable above all jobs',
    args: { name: 'MAILTO', value: 'ops' },
    host: debian('# top\n\n# why\n@daily x\n'),
    expects: { changes: ['MAILTO'], files: { [tab]: '# top\n\nMAILTO=ops\n# why\n@daily x\n' } },
  },
  {
    title: 'makes the crontab',
    args: { name: 'MAILTO' },
    host: debian(),
    expects: { changes: ['MAILTO'], files: { [tab]: 'MAILTO=""\n' } },
  },
  {
    title: 'changes a value in its place',
    args: { name: 'A', value: ' 2' },
    host: debian('A = 1\nB=2\n@daily x\n'),
    expects: { changes: ['A'], files: { [tab]: 'A=" 2"\nB=2\n@daily x\n' } },
  },
  {
    title: 'sees through quotes',
    args: { name: 'A', value: 1 },
    host: debian('A="1"\n@daily x\n'),
    expects: { changes: [], comment: 'A is set in the crontab of root.' },
  },
  {
    title: 'moves a variable that some jobs do not see',
    args: { name: 'A', value: '1' },
    host: debian('@daily x\nA=1\n@daily y\nA=3\n'),
    expects: { changes: ['place of A'], files: { [tab]: 'A=1\n@daily x\n@daily y\n' } },
  },
  {
    title: 'takes a second one away',
    args: { name: 'A', value: '1' },
    host: debian('A=1\n@daily x\nA=3\n@daily y\n'),
    expects: { changes: ['place of A'], files: { [tab]: 'A=1\n@daily x\n@daily y\n' } },
  },
  {
    title: 'refuses a name with an equals sign',
    args: { name: 'A=B', value: '1' },
    host: debian(),
    expects: { refused: '"A=B" cannot be the name of a variable.' },
  },
  {
    title: 'refuses a value of two lines',
    args: { name: 'A', value: '1\n* * * * * evil' },
    host: debian(),
    expects: { refused: /cannot hold a newline/ },
  },
  {
    title: 'refuses a user who is not there',
    args: { name: 'A', user: 'ghost' },
    host: debian(),
    expects: { refused: 'There is no user "ghost".' },
  },
]);
