import absent from '../../../engine/modules/ssh_auth/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { accounts, ecdsa, ed25519, other } from './_case.ts';

const path = '/home/alice/.ssh/authorized_keys';
const line = `ssh-ed25519 ${ed25519}`;
const kept = `# ${line}\nssh-ed25519 ${other}\n`;
const host = {
  files: { ...accounts, [path]: { content: `${line} a\n${kept}restrict ${line} b`, mode: 0o600 } },
};

stateTester('ssh_auth.absent', absent, [
  {
    title: 'removes all lines of a key',
    args: { user: 'alice', name: ed25519, options: ['x y'] },
    host,
    expects: {
      changes: ['ssh-ed25519 …3rxn2UG06prmBVmi', 'ssh-ed25519 …3rxn2UG06prmBVmi'],
      files: { [path]: { content: kept, mode: 0o600 } },
    },
  },
  {
    title: 'removes the keys of a source',
    args: { user: 'alice', name: 'x', source: 'salt://keys' },
    host,
    sources: { keys: `${line}\nssh-ed25519 ${other}\n` },
    expects: {
      changes: [
        'ssh-ed25519 …3rxn2UG06prmBVmi',
        `ssh-ed25519 …${other.slice(-16)}`,
        'ssh-ed25519 …3rxn2UG06prmBVmi',
      ],
      files: { [path]: { content: `# ${line}\n` } },
    },
  },
  {
    title: 'a key that is not there',
    args: { user: 'alice', name: `ecdsa-sha2-nistp256 ${ecdsa}` },
    host,
    expects: { changes: [] },
  },
  {
    title: 'no file',
    args: { user: 'alice', name: line },
    host: { files: accounts },
    expects: { changes: [] },
  },
  {
    title: 'no home',
    args: { user: 'homeless', name: line },
    host: { files: accounts },
    expects: { changes: [] },
  },
  {
    title: 'no user',
    args: { user: 'gone', name: line },
    host: { files: accounts },
    expects: { changes: [] },
  },
  {
    title: 'something that is no key',
    args: { user: 'alice', name: 'x' },
    host,
    expects: { refused: /is not the public key of ssh/ },
  },
]);
