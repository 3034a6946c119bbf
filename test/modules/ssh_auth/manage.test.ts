import manage from '../../../engine/modules/ssh_auth/manage.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { accounts, ecdsa, ed25519, other } from './_case.ts';

const path = '/home/alice/.ssh/authorized_keys';
const line = `ssh-ed25519 ${ed25519} a`;
const second = `restrict ecdsa-sha2-nistp256 ${ecdsa}`;

function having(content: string) {
  return { files: { ...accounts, [path]: { content, mode: 0o600 } } };
}

stateTester('ssh_auth.manage', manage, [
  {
    title: 'exactly these keys',
    args: { user: 'alice', ssh_keys: [line, second] },
    host: having(`# keys\n\nssh-ed25519 ${other} thief\nodd stuff\nssh-ed25519 ${ed25519} z\n`),
    expects: {
      changes: [
        `ssh-ed25519 …${other.slice(-16)}`,
        'odd stuff',
        `ssh-ed25519 …${ed25519.slice(-16)}`,
        `ecdsa-sha2-nistp256 …${ecdsa.slice(-16)}`,
      ],
      files: { [path]: { content: `# keys\n\n${line}\n${second}\n`, mode: 0o600 } },
    },
  },
  {
    title: 'as they are, in any order',
    args: { user: 'alice', ssh_keys: [line, second] },
    host: having(`# keys\n${second}\n${line}\n`),
    expects: { changes: [] },
  },
  {
    title: 'none',
    args: { user: 'alice', ssh_keys: [] },
    host: having(`# keys\n${line}\n`),
    expects: { changes: [`ssh-ed25519 …${ed25519.slice(-16)}`], files: { [path]: { content: '# keys\n' } } },
  },
  {
    title: 'none of no file',
    args: { user: 'alice', ssh_keys: [] },
    host: { files: accounts },
    expects: { changes: [] },
  },
  {
    title: 'a key given twice counts once, as it was given last',
    args: { user: 'alice', ssh_keys: [`ssh-ed25519 ${ed25519} first`, line] },
    host: having(''),
    expects: { changes: [`ssh-ed25519 …${ed25519.slice(-16)}`], files: { [path]: { content: `${line}\n` } } },
  },
  {
    title: 'one that is none leaves all as it was',
    args: { user: 'alice', ssh_keys: [line, 'x'] },
    host: having('ssh-ed25519 x\n'),
    expects: { refused: /"x" is not the public key/ },
  },
]);
