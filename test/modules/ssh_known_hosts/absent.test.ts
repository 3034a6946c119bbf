import absent from '../../../engine/modules/ssh_known_hosts/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { ecdsa, ed25519, global, hiddenName, hiddenNameWithPort } from './_known.ts';

const key = `ssh-ed25519 ${ed25519}`;
const content = `# h.test\na,h.test,b ${key} c\n${hiddenName} ecdsa-sha2-nistp256 ${ecdsa}\n${hiddenNameWithPort} ${key}\n@revoked h.test ${key}`;
const host = { files: { [global]: content } };

stateTester('ssh_known_hosts.absent', absent, [
  {
    title: 'takes the host out of every line',
    args: { name: 'h.test' },
    host,
    expects: {
      changes: ['h.test ssh-ed25519', 'h.test ecdsa-sha2-nistp256'],
      files: {
        [global]: { content: `# h.test\na,b ${key} c\n${hiddenNameWithPort} ${key}\n@revoked h.test ${key}` },
      },
    },
  },
  {
    title: 'a host of another port',
    args: { name: 'h.test', port: 2222 },
    host,
    expects: {
      changes: ['[h.test]:2222 ssh-ed25519'],
      files: { [global]: { content: content.replace(`${hiddenNameWithPort} ${key}\n`, '') } },
    },
  },
  { title: 'a host that is not known', args: { name: 'x.test' }, host, expects: { changes: [] } },
  { title: 'no file', args: { name: 'h.test' }, expects: { changes: [] } },
  { title: 'no user', args: { name: 'h.test', user: 'gone' }, expects: { changes: [] } },
  { title: 'no name', args: { name: 'a b' }, expects: { refused: /is not the name of one host/ } },
]);
