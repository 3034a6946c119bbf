import absent from '../../../engine/modules/selinux/port_policy_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, store } from './_system.ts';

const local = `${store}/ports.local`;
const host = {
  answers: {},
  files: { ...files, [local]: '# auto\nportcon tcp 8080 system_u:object_r:http_port_t:s0\n' },
};

stateTester('selinux.port_policy_absent', absent, [
  {
    title: 'removes what was added',
    args: { name: 'tcp/8080' },
    host,
    expects: { changes: ['tcp/8080'], files: { [local]: '# auto\n' } },
  },
  {
    title: 'is content where nothing was',
    args: { name: 'udp/8080' },
    host,
    expects: { changes: [], comment: 'No type was added for udp/8080' },
  },
  {
    title: 'refuses what is no port',
    args: { name: '8080' },
    host,
    expects: { refused: '"8080" is no protocol and port.' },
  },
]);
