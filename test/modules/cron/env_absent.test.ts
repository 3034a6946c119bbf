import absent from '../../../engine/modules/cron/env_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { debian, tab } from './_host.ts';

stateTester('cron.env_absent', absent, [
  {
    title: 'takes a variable away wherever it is set',
    args: { name: 'A' },
    host: debian('A=1\nAB=2\n@daily A=3 x\nA = 4\n'),
    expects: { changes: ['A'], files: { [tab]: 'AB=2\n@daily A=3 x\n' } },
  },
  {
    title: 'is content where there is none',
    args: { name: 'A', user: 'ghost' },
    host: {},
    expects: { changes: [], comment: 'A is not set in the crontab of ghost.' },
  },
]);
