import applied from '../../../engine/modules/selinux/fcontext_policy_applied.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files } from './_system.ts';

const there = { ...files, '/usr/sbin/restorecon': '' };
const [old, wanted] = ['unconfined_u:object_r:var_t:s0', 'unconfined_u:object_r:httpd_sys_content_t:s0'];

stateTester('selinux.fcontext_policy_applied', applied, [
  {
    title: 'labels files anew',
    args: { name: '/srv/web', recursive: true },
    host: {
      answers: {
        'restorecon -v -n -R -- /srv/web': `Would relabel /srv/web from ${old} to ${wanted}\nWould relabel /srv/web/a b from ${old} to ${wanted}\n`,
      },
      files: there,
    },
    expects: {
      changes: ['/srv/web', '/srv/web/a b'],
      effects: [
        {
          kind: 'exec',
          command: { argv: ['restorecon', '-v', '-R', '--', '/srv/web'], env: { LC_ALL: 'C' } },
          settles: [
            {
              about: 'answer',
              command: { argv: ['restorecon', '-v', '-n', '-R', '--', '/srv/web'], env: { LC_ALL: 'C' } },
              stdout: '',
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'is content with the labels there are',
    args: { name: '/srv/web' },
    host: { answers: { 'restorecon -v -n -- /srv/web': '' }, files: there },
    expects: { changes: [], comment: 'The labels of /srv/web are those of the policy' },
  },
  {
    title: 'refuses what restorecon cannot look at',
    args: { name: '/nosuch' },
    host: { answers: {}, files: there },
    expects: { refused: 'restorecon cannot look at /nosuch.' },
  },
  {
    title: 'refuses what is no path',
    args: { name: 'web' },
    host: { answers: {}, files: there },
    expects: { refused: '"web" is not an absolute path.' },
  },
  {
    title: 'refuses where SELinux does not run',
    args: { name: '/srv/web' },
    host: { answers: {} },
    expects: { refused: 'This system does not run with SELinux.' },
  },
]);
