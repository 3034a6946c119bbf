import absent from '../../../engine/modules/cron/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { debian, header, tab } from './_host.ts';

stateTester('cron.absent', absent, [
  {
    title: 'removes the job of its ID with its comment',
    args: { name: 'whatever' },
    host: debian(`${header}A=1\n\n# why SALT_CRON_IDENTIFIER:the-id\n@daily x\n@hourly y\n`),
    expects: { changes: ['job'], files: { [tab]: 'A=1\n\n@hourly y\n' } },
  },
  {
    title: 'removes a crontab that would be empty',
    args: { name: 'x', identifier: 'me' },
    host: debian('# SALT_CRON_IDENTIFIER:me\n@daily x\n'),
    expects: { changes: ['job'], files: { [tab]: null } },
  },
  {
    title: 'finds jobs by their command, but for those of other states',
    args: { name: 'x' },
    host: debian('@daily x\n# SALT_CRON_IDENTIFIER:other\n@daily x\n# SALT_CRON_IDENTIFIER:x\n1 * * * * x\n'),
    expects: {
      changes: ['job 1', 'job 2'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:other\n@daily x\n' },
    },
  },
  {
    title: 'only removes a special time where told so',
    args: { name: 'x', special: '@daily', minute: 5, comment: 'y', commented: true },
    host: debian('@daily x\n@hourly x\n'),
    expects: { changes: ['job'], files: { [tab]: '@hourly x\n' } },
  },
  {
    title: 'is content with no crontab, no job and no user',
    args: { name: 'x', user: 'ghost' },
    host: {},
    expects: { changes: [], comment: 'ghost has no crontab.' },
  },
  {
    title: 'is content where the job is gone',
    args: { name: 'x' },
    host: debian('# SALT_CRON_IDENTIFIER:other\n@daily y\n'),
    expects: { changes: [], comment: 'The job is not in the crontab of root.' },
  },
]);
