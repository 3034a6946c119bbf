import absent from '../../../engine/modules/limits/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const at = '/etc/security/limits.d/90-converge.conf';
const text = '# mine\n@web soft nofile 5\n@web hard nofile 6\n@web hard core 0\n';

stateTester('limits.absent', absent, [
  {
    title: 'removes all lines of an item',
    args: { domain: '@web', item: 'nofile' },
    host: { files: { [at]: text } },
    expects: { changes: ['nofile of @web'], files: { [at]: '# mine\n@web hard core 0\n' } },
  },
  {
    title: 'removes one type',
    args: { domain: '@web', item: 'nofile', type: 'hard' },
    host: { files: { [at]: text } },
    expects: {
      changes: ['nofile of @web'],
      files: { [at]: '# mine\n@web soft nofile 5\n@web hard core 0\n' },
    },
  },
  {
    title: 'removes a file of which nothing is left',
    args: { domain: '*', item: 'core', type: 'both' },
    host: { files: { [at]: '* - core 0\n' } },
    expects: { changes: ['core of *'], files: { [at]: null } },
  },
  {
    title: 'is content where there is none',
    args: { domain: '@web', item: 'nofile' },
    host: {},
    expects: { changes: [], comment: `nofile of @web is not set in ${at}.` },
  },
  {
    title: 'refuses another file',
    args: { domain: 'x', item: 'core', conf_file: '/etc/security/../passwd.conf' },
    host: {},
    expects: { refused: /is not read by pam_limits/ },
  },
]);
