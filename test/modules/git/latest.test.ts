import { expect } from 'chai';
import latest from '../../../engine/modules/git/latest.ts';
import { planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { call, clean, clone, one, remote, two, url } from './_git.ts';

const target = '/srv/shop';
const head = `ref: refs/heads/main\tHEAD\n${one}\tHEAD\n`;
const main = (commit: string) => `${commit}\trefs/heads/main\n`;

stateTester('git.latest', latest, [
  {
    title: 'clones the default branch beside its place and moves it there',
    args: { name: url, target },
    host: { answers: remote('HEAD', head) },
    expects: {
      changes: ['/srv', 'directory', 'revision', 'exec', 'exec', 'move', 'remove'],
      files: {
        '/srv/shop/.git/HEAD': 'ref: refs/heads/main\n',
        '/srv/shop/.git/refs/heads/main': `${one}\n`,
        '/srv/.shop.converge-clone': null,
      },
    },
  },
  {
    title: 'is content with the newest commit',
    args: { name: url, target, rev: 'main' },
    host: { files: clone(), answers: remote('main', main(one)) },
    expects: { changes: [], comment: 'Repository /srv/shop is up-to-date' },
  },
  {
    title: 'starts no git at all for a tag that is checked out',
    args: { name: url, target, rev: 'v1' },
    host: {
      files: clone({
        '/srv/shop/.git/HEAD': `${one}\n`,
        '/srv/shop/.git/packed-refs': `# pack-refs with: peeled\n${two} refs/tags/v1\n^${one}\n`,
      }),
      answers: {},
    },
    expects: { changes: [] },
  },
  {
    title: 'starts no git at all for a commit that is checked out',
    args: { name: url, target, rev: one.slice(0, 9) },
    host: { files: clone({ '/srv/shop/.git/HEAD': `${one}\n` }), answers: {} },
    expects: { changes: [] },
  },
  {
    title: 'fast-forwards under a mark, without fetching what is there',
    args: { name: url, target, rev: 'main' },
    host: {
      files: clone(),
      answers: {
        ...remote('main', main(two)),
        ...clean(two),
        [call(`merge-base --is-ancestor ${one} ${two}`)]: '',
      },
    },
    expects: {
      changes: ['write', 'revision', 'exec', 'remove'],
      files: { '/srv/shop/.git/refs/heads/main': `${two}\n`, '/srv/shop/.git/converge-update': null },
    },
  },
  {
    title: 'refuses to lose uncommitted changes, and names them',
    args: { name: url, target, rev: 'main' },
    host: { files: clone(), answers: { ...remote('main', main(two)), ...clean(two, ' M a\0 D b c\0') } },
    expects: { refused: 'Uncommitted changes in /srv/shop would be lost: a, b c.' },
  },
  {
    title: 'points the remote elsewhere by its file alone',
    args: { name: 'https://new.example.com/shop.git', target, rev: one },
    host: { files: clone({ '/srv/shop/.git/HEAD': `${one}\n` }), answers: {} },
    expects: {
      changes: ['remotes/origin'],
      files: {
        '/srv/shop/.git/config':
          '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://new.example.com/shop.git\n[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n',
      },
    },
  },
  {
    title: 'refuses a directory with other things in it',
    args: { name: url, target },
    host: { files: { '/srv/shop/file': 'mine' }, answers: remote('HEAD', head) },
    expects: { refused: '/srv/shop exists and is no git repository.' },
  },
  {
    title: 'clones where an interrupted clone has left the beginning of a .git',
    args: { name: url, target },
    host: {
      files: { '/srv/shop/.git/HEAD': '', '/srv/shop/.git/objects/x': '' },
      answers: remote('HEAD', head),
    },
    expects: {
      changes: ['directory', 'revision', 'exec', 'exec', '/srv/shop', 'move', 'remove'],
      files: { '/srv/shop/.git/HEAD': 'ref: refs/heads/main\n', '/srv/shop/.git/objects/x': null },
    },
  },
  {
    title: 'refuses a repository that leads nowhere',
    args: { name: url, target, rev: 'main' },
    host: {
      files: clone({
        '/srv/shop/.git/commondir': '../../other\n',
        '/srv/other/config': { content: '', user: 5 },
      }),
    },
    needsRoot: true,
    expects: { refused: '/srv/shop exists and is no git repository.' },
  },
  {
    title: 'refuses a repository that leads to the files of somebody else',
    args: { name: url, target, rev: 'main' },
    host: {
      files: clone({
        '/srv/shop/.git/commondir': '../../other\n',
        '/srv/other/objects': { directory: true },
        '/srv/other/refs': { directory: true },
        '/srv/other/config': { content: '', user: 5 },
      }),
    },
    needsRoot: true,
    expects: { refused: '/srv/other/config does not belong to the owner of /srv/shop.' },
  },
  {
    title: 'refuses reftables',
    args: { name: url, target },
    host: { files: clone({ '/srv/shop/.git/config': '[extensions]\nrefStorage = reftable\n' }) },
    expects: { refused: /reftable/ },
  },
  ...['-u', 'a..b', 'a b', 'a~1', 'a\nb', 'refs/heads/x.lock', '@{-1}', ''].map((rev) => ({
    title: `refuses the rev ${JSON.stringify(rev)}`,
    args: { name: url, target, rev },
    expects: { refused: /cannot be the name of a branch or tag, in rev/ },
  })),
  {
    title: 'refuses an address that would be an option',
    args: { name: '--upload-pack=touch /tmp/x', target },
    expects: { refused: 'The name is no address of a repository.' },
  },
  {
    title: 'refuses a password for a remote that everybody could listen to',
    args: { name: 'http://git.example.com/x.git', target, https_user: 'u', https_pass: 'p' },
    expects: { refused: /only for a remote by https/ },
  },
  {
    title: 'refuses a key of the file roots',
    args: { name: url, target, identity: 'salt://id' },
    expects: { refused: 'The key salt://id lies in the file roots.' },
  },
]);

describe('git.latest', () => {
  it('keeps passwords off command lines, out of the repository and out of the report', async () => {
    const secret = 's3cr3t/:@';
    const forms = [
      { name: url, target, https_user: 'bob', https_pass: secret },
      { name: `https://bob:${encodeURIComponent(secret)}@git.example.com/shop.git`, target },
    ];
    const helper = `credential.https://git.example.com.helper=`;
    for (const args of forms) {
      await using stage = await hostOf({ host: { answers: {} } });
      const commands: unknown[] = [];
      const host = {
        ...stage.host,
        ask: async (command: { argv: readonly string[]; env?: object }) => {
          commands.push(command);
          return { status: 0, stdout: head, stderr: '', pid: 1 };
        },
      };
      const { plan } = await planOf(latest, args, host as never);
      const [asked] = commands as { argv: string[]; env: Record<string, string> }[];
      expect(asked!.argv.join(' ')).to.include(helper).and.not.include('s3cr3t');
      expect(asked!.env).to.include({ CONVERGE_GIT_USER: 'bob', CONVERGE_GIT_PASS: secret });
      const shown = JSON.stringify(plan, (key, value) => (key === 'env' ? undefined : value));
      expect(plan).to.have.length.greaterThan(3);
      expect(shown).to.not.include('s3cr3t');
      expect(shown).to.include(url);
    }
  });
});
