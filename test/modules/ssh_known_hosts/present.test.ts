import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import { hashed } from '../../../engine/modules/ssh_known_hosts/_hosts.ts';
import present from '../../../engine/modules/ssh_known_hosts/present.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, type StateCase, stateTester } from '../../helpers/state-tester.ts';
import { ecdsa, ed25519, etc, global, hiddenName, hiddenNameWithPort, other, scanned } from './_known.ts';

const key = `ssh-ed25519 ${ed25519}`;
const subject = 'h.test ssh-ed25519';

function having(content: string, answers?: Record<string, string>) {
  return { files: { ...etc, [global]: content }, ...(answers && { answers }) };
}

function plain(title: string, before: string, after?: string, args: object = {}): StateCase {
  return {
    title,
    args: { name: 'h.test', key, hash_known_hosts: false, ...args },
    host: having(before),
    expects: {
      changes: after === undefined ? [] : ['port' in args ? `[h.test]:2222 ssh-ed25519` : subject],
      files: { [global]: { content: after ?? before } },
    },
  };
}

stateTester('ssh_known_hosts.present', present, [
  {
    title: 'makes the file for all to read',
    args: { name: 'H.test', key, hash_known_hosts: false },
    host: { files: etc },
    expects: { changes: [subject], files: { [global]: { content: `h.test ${key}\n`, mode: 0o644 } } },
  },
  {
    title: 'hides the name',
    args: { name: 'h.test', key: ed25519, enc: 'ed25519' },
    host: { files: etc },
    expects: {
      changes: [subject],
      files: { [global]: { content: `${hashed('h.test', { type: '', blob: ed25519 })} ${key}\n` } },
    },
  },
  {
    title: 'makes the file of a user for that user alone',
    args: { name: 'h.test', key, user: 'bob', hash_known_hosts: false },
    host: { files: { '/home/bob': { directory: true } }, users: { bob: 0 } },
    needsRoot: true,
    expects: {
      changes: ['/home/bob/.ssh', subject],
      files: {
        '/home/bob/.ssh': { directory: true, mode: 0o700 },
        '/home/bob/.ssh/known_hosts': { content: `h.test ${key}\n`, mode: 0o600 },
      },
    },
  },
  plain('is known already', `# x\nh.test ${key} comment\n`),
  plain('is known already, with others', `a,H.TEST,192.0.2.1 ${key}\n`),
  plain('is known already by a hidden name', `${hiddenName} ${key}\n`),
  plain('is known already with its port', `${hiddenNameWithPort} ${key}\n`, undefined, { port: 2222 }),
  plain('another port is another host', `h.test ${key}\n`, `h.test ${key}\n[h.test]:2222 ${key}\n`, {
    port: 2222,
  }),
  plain('the port may be part of the name', `${hiddenNameWithPort} ${key}\n`, undefined, {
    name: '[h.test]:2222',
  }),
  plain(
    'keys of other types stay',
    `h.test ecdsa-sha2-nistp256 ${ecdsa}`,
    `h.test ecdsa-sha2-nistp256 ${ecdsa}\nh.test ${key}\n`,
  ),
  plain('another key is replaced', `h.test ssh-ed25519 ${other}\n# y\n`, `# y\nh.test ${key}\n`),
  plain(
    'another key is replaced in lines of several hosts, and where its name is hidden',
    `a,h.test ssh-ed25519 ${other} c\n${hiddenName} ssh-ed25519 ${other}\nb ssh-ed25519 ${other}\n`,
    `a ssh-ed25519 ${other} c\nb ssh-ed25519 ${other}\nh.test ${key}\n`,
  ),
  plain(
    'a wrong key beside the right one goes',
    `h.test ${key}\nh.test ssh-ed25519 ${other}\n`,
    `h.test ${key}\n`,
  ),
  plain(
    'authorities, revoked keys and patterns are not the host',
    `@revoked h.test ${key}\n*.test ${key}\n`,
    `@revoked h.test ${key}\n*.test ${key}\nh.test ${key}\n`,
  ),
  {
    title: 'fetches the keys where none is known',
    args: { name: 'h.test', hash_known_hosts: false },
    host: having('', { 'ssh-keyscan -T 5 -p 22 -- h.test': scanned }),
    expects: {
      changes: [subject, 'h.test ecdsa-sha2-nistp256'],
      files: { [global]: { content: `h.test ${key}\nh.test ecdsa-sha2-nistp256 ${ecdsa}\n` } },
    },
  },
  {
    title: 'fetches nothing where one is known',
    args: { name: 'h.test' },
    host: having(`${hiddenName} ${key}\n`, {}),
    expects: { changes: [] },
  },
  {
    title: 'takes only the key that has the fingerprint',
    args: {
      name: 'h.test',
      port: 2222,
      timeout: 9,
      fingerprint: 'SHA256:axgbGK4Tc+LAhv07Js2egS+lG0Cj4Zmy9S8VfvtbpBA',
      hash_known_hosts: false,
    },
    host: having(`[h.test]:2222 ssh-ed25519 ${other}\n`, { 'ssh-keyscan -T 9 -p 2222 -- h.test': scanned }),
    expects: {
      changes: ['[h.test]:2222 ssh-ed25519'],
      files: { [global]: { content: `[h.test]:2222 ${key}\n` } },
    },
  },
  {
    title: 'knows old fingerprints, too',
    args: {
      name: 'h.test',
      fingerprint: 'd5:eb:57:67:ed:b7:9c:d9:fc:fb:1e:67:24:d1:90:e3',
      fingerprint_hash_type: 'md5',
    },
    host: having(`h.test ${key}\n`, {}),
    expects: { changes: [] },
  },
  {
    title: 'a fingerprint that the host does not have',
    args: { name: 'h.test', fingerprint: 'SHA256:AAAA', enc: 'ssh-ed25519' },
    host: having('', { 'ssh-keyscan -T 5 -p 22 -- h.test': scanned }),
    expects: { refused: /^h\.test shows no key that was asked for, but ssh-ed25519 SHA256:axgbGK4T/ },
  },
  {
    title: 'a host that shows nothing',
    args: { name: 'h.test' },
    host: having('', { 'ssh-keyscan -T 5 -p 22 -- h.test': '' }),
    expects: { refused: 'h.test shows no key.' },
  },
  {
    title: 'no ssh',
    args: { name: 'h.test' },
    host: having('', {}),
    expects: { refused: /ssh-keyscan is missing/ },
  },
  ...(
    [
      ['an option for a name', { name: '-oX' }, /is not the name of one host/],
      ['two names', { name: 'a,b', key }, /is not the name of one host/],
      ['a pattern', { name: '*.test', key }, /is not the name of one host/],
      ['two lines', { name: 'a\nb', key }, /is not the name of one host/],
      ['a key that is none', { name: 'a', key: 'AAAA' }, /^key is not the public key of a host/],
      ['another type', { name: 'a', key, enc: 'rsa' }, 'The key is of type ssh-ed25519, not rsa.'],
      ['key and fingerprint', { name: 'a', key, fingerprint: 'x' }, /together/],
      ['a relative path for all', { name: 'a', key, config: 'x' }, /is not an absolute path/],
      ['nobody', { name: 'a', key, user: 'nobody-here' }, 'There is no user nobody-here.'],
    ] as const
  ).map(([title, args, refused]): StateCase => ({ title, args, expects: { refused } })),
]);

describe('ssh_known_hosts.present', () => {
  it('asks the host once, and in a dry run too', async () => {
    await using stage = await hostOf({ host: having('') });
    let asked = 0;
    const host = {
      ...stage.host,
      rooted: false,
      async probe() {
        asked++;
        return { status: 0, stdout: scanned, stderr: '', pid: 0 };
      },
    };
    const { steps, again } = await applyTo(createOverlay(host), present, { name: 'h.test' });
    expect(steps).to.have.length(1);
    expect(again).to.deep.equal([]);
    expect(asked).to.equal(1);
  });
});
