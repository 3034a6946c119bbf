import present from '../../../engine/modules/selinux/fcontext_policy_present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { contexts, files } from './_system.ts';

const host = { answers: {}, files };
const local = `${contexts}/file_contexts.local`;
const kept = files[local]!.split('\n').slice(0, 2).join('\n');

stateTester('selinux.fcontext_policy_present', present, [
  {
    title: 'adds a label',
    args: { name: '/data(/.*)?', sel_type: 'mysqld_db_t', filetype: 'd' },
    host,
    expects: {
      changes: ['label'],
      files: {
        [local]: `${kept}\n${files[local]!.split('\n').slice(3).join('\n')}/data(/.*)?    -d    system_u:object_r:mysqld_db_t:s0\n`,
      },
    },
  },
  {
    title: 'changes the label that was added',
    args: { name: '/srv/web(/.*)?', sel_type: 'httpd_sys_rw_content_t', sel_level: 's0:c1' },
    host,
    expects: {
      changes: ['label'],
      files: {
        [local]: `${kept}\n/srv/run    -d    system_u:object_r:var_run_t:s0\n/srv/web(/.*)?    system_u:object_r:httpd_sys_rw_content_t:s0:c1\n`,
      },
    },
  },
  {
    title: 'is content with what was added',
    args: { name: '/srv/web(/.*)?', sel_type: 'httpd_sys_content_t' },
    host,
    expects: {
      changes: [],
      comment: '/srv/web(/.*)? has the label system_u:object_r:httpd_sys_content_t:s0 already',
    },
  },
  {
    title: 'is content with what the policy itself says',
    args: { name: '/usr/sbin/httpd', filetype: 'f', sel_type: 'httpd_exec_t' },
    host,
    expects: { changes: [] },
  },
  {
    title: 'refuses a pattern of two words',
    args: { name: '/a b', sel_type: 'x_t' },
    host,
    expects: { refused: '"/a b" cannot be a pattern of paths.' },
  },
  {
    title: 'refuses a type that is none',
    args: { name: '/a', sel_type: 'x_t s0' },
    host,
    expects: { refused: '"x_t s0" cannot be part of a label.' },
  },
  {
    title: 'refuses where SELinux does not run',
    args: { name: '/a', sel_type: 'x_t' },
    host: { answers: {} },
    expects: { refused: 'This system does not run with SELinux.' },
  },
]);
