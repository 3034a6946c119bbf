import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect } from 'chai';
import type { Effect, Failed, Performed } from '../../engine/core/host.ts';
import { createLocalHost, type LocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { buildTree, type Tree, temporaryFolder, treeOf } from '../helpers/folders.ts';
import { viewOf } from '../helpers/state-tester.ts';

const root = process.getuid!() === 0;
const asRoot = root ? it : it.skip;

async function below(tree: Tree, check: (host: LocalHost, folder: string) => Promise<void>, umask = 0o022) {
  await using folder = temporaryFolder();
  buildTree(folder.path, tree);
  await check(createLocalHost({ root: folder.path, umask }), folder.path);
}

function write(at: string, content = 'new', more: object = {}): Effect {
  return { kind: 'write', path: at, content: Buffer.from(content), ...more };
}

function reasonOf(performed: Performed): string {
  expect(performed.became).to.equal('failed');
  return (performed as Failed).reason;
}

function strays(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.converge-'));
}

describe('effects on files', () => {
  /** What the machine does and what a dry run predicts, compared as whole trees. */
  const sameEffects: [string, Tree, Effect[]][] = [
    ['a new file', {}, [write('/f')]],
    ['a file with a mode', {}, [write('/f', 'x', { mode: 0o4750 })]],
    ['a replaced file keeps its mode', { '/f': { content: 'old', mode: 0o640 } }, [write('/f')]],
    ['a link is replaced', { '/l': { link: 'f' }, '/f': 'old' }, [write('/l')]],
    ['a link is followed', { '/l': { link: 'f' }, '/f': 'old' }, [write('/l', 'new', { follow: true })]],
    ['a dangling link is followed', { '/l': { link: '/f' } }, [write('/l', 'new', { follow: true })]],
    ['a write below a link', { '/a': { link: 'b' }, '/b': { directory: true } }, [write('/a/f')]],
    ['a write into a missing folder', {}, [write('/no/f')]],
    ['a write below a file', { '/f': '' }, [write('/f/g')]],
    ['a write over a folder', { '/d': { directory: true } }, [write('/d')]],
    ['a write in a circle', { '/a': { link: 'b' }, '/b': { link: 'a' } }, [write('/a/f')]],
    [
      'a backup',
      { '/f': { content: 'old', mode: 0o600 } },
      [write('/f', 'n', { backup: { suffix: '.bak' } })],
    ],
    ['no backup of nothing', {}, [write('/f', 'n', { backup: { suffix: '.bak' } })]],
    ['an unknown user', {}, [write('/f', 'n', { user: 'nobody-at-all' })]],
    ['a directory', {}, [{ kind: 'directory', path: '/d' }]],
    [
      'a directory with setgid, and one in it',
      {},
      [
        { kind: 'directory', path: '/d', mode: 0o2755 },
        { kind: 'directory', path: '/d/e' },
        { kind: 'directory', path: '/d/f', mode: 0o700 },
      ],
    ],
    [
      'a directory that is there',
      { '/d': { directory: true, mode: 0o700 } },
      [{ kind: 'directory', path: '/d' }],
    ],
    ['a directory over a file', { '/d': '' }, [{ kind: 'directory', path: '/d' }]],
    [
      'a directory over a link to one',
      { '/d': { link: 'e' }, '/e': { directory: true } },
      [{ kind: 'directory', path: '/d' }],
    ],
    ['a link', {}, [{ kind: 'link', path: '/l', target: '../any where\n' }]],
    ['a link over a file', { '/l': 'x' }, [{ kind: 'link', path: '/l', target: 'y' }]],
    ['a link over a folder', { '/l': { directory: true } }, [{ kind: 'link', path: '/l', target: 'y' }]],
    ['a hard link', { '/f': 'x' }, [{ kind: 'link', path: '/h', target: '/f', hard: true }]],
    [
      'a hard link over itself',
      { '/f': 'x' },
      [
        { kind: 'link', path: '/h', target: '/f', hard: true },
        { kind: 'link', path: '/h', target: '/f', hard: true },
        { kind: 'attributes', path: '/h', mode: 0o600 },
      ],
    ],
    ['a hard link to nothing', {}, [{ kind: 'link', path: '/h', target: '/f', hard: true }]],
    ['a copy', { '/f': { content: 'x', mode: 0o600 } }, [{ kind: 'copy', from: '/f', path: '/g' }]],
    [
      'a copy that preserves',
      { '/f': { content: 'x', mode: 0o600 } },
      [{ kind: 'copy', from: '/f', path: '/g', preserve: true }],
    ],
    [
      'a copy over a file',
      { '/f': 'x', '/g': { content: 'y', mode: 0o640 } },
      [{ kind: 'copy', from: '/f', path: '/g' }],
    ],
    ['a copy of a link', { '/f': { link: 'x' } }, [{ kind: 'copy', from: '/f', path: '/g' }]],
    ['a copy of nothing', {}, [{ kind: 'copy', from: '/f', path: '/g' }]],
    ['a copy of a folder', { '/f': { directory: true } }, [{ kind: 'copy', from: '/f', path: '/g' }]],
    ['a move', { '/f': 'x' }, [{ kind: 'move', from: '/f', path: '/g' }]],
    [
      'a move of a tree',
      { '/d/e/f': 'x', '/d/l': { link: 'e' } },
      [{ kind: 'move', from: '/d', path: '/n' }, write('/n/l/f'), { kind: 'directory', path: '/d' }],
    ],
    ['a move over a full folder', { '/d/f': '', '/e/f': '' }, [{ kind: 'move', from: '/d', path: '/e' }]],
    [
      'a move over an empty folder',
      { '/d/f': '', '/e': { directory: true } },
      [{ kind: 'move', from: '/d', path: '/e' }],
    ],
    [
      'a move of a file over a folder',
      { '/f': '', '/e': { directory: true } },
      [{ kind: 'move', from: '/f', path: '/e' }],
    ],
    ['a move of a folder over a file', { '/d/f': '', '/e': '' }, [{ kind: 'move', from: '/d', path: '/e' }]],
    ['a move into itself', { '/d/f': '' }, [{ kind: 'move', from: '/d', path: '/d/e' }]],
    ['a move of nothing', {}, [{ kind: 'move', from: '/f', path: '/g' }]],
    ['a removed file', { '/f': '' }, [{ kind: 'remove', path: '/f' }]],
    ['a removed tree', { '/d/e/f': '', '/d/l': { link: '/g' }, '/g': 'x' }, [{ kind: 'remove', path: '/d' }]],
    ['a removed link', { '/l': { link: '/d' }, '/d/f': '' }, [{ kind: 'remove', path: '/l' }]],
    ['removing nothing', {}, [{ kind: 'remove', path: '/no/thing' }]],
    ['removing the top', {}, [{ kind: 'remove', path: '/' }]],
    [
      'removed and made anew',
      { '/d/old': '' },
      [{ kind: 'remove', path: '/d' }, { kind: 'directory', path: '/d' }, write('/d/new')],
    ],
    ['attributes', { '/f': '' }, [{ kind: 'attributes', path: '/f', mode: 0o600, mtime: 1e12, atime: 2e12 }]],
    [
      'attributes of a link',
      { '/l': { link: 'f' }, '/f': '' },
      [{ kind: 'attributes', path: '/l', mode: 0o600 }],
    ],
    [
      'attributes through a link',
      { '/l': { link: 'f' }, '/f': '' },
      [{ kind: 'attributes', path: '/l', mode: 0o600, follow: true }],
    ],
    ['attributes of nothing', {}, [{ kind: 'attributes', path: '/f', mode: 0o600 }]],
    ['a FIFO', {}, [{ kind: 'node', path: '/p', type: 'fifo', mode: 0o620 }]],
  ];
  for (const [title, tree, effects] of sameEffects) {
    it(`come out as predicted: ${title}`, () =>
      below(tree, async (host, folder) => {
        await using other = temporaryFolder();
        buildTree(other.path, tree);
        const before = treeOf(other.path);
        const overlay = createOverlay(createLocalHost({ root: other.path, umask: 0o022 }));
        const predicted: Performed[] = [];
        for (const effect of effects) predicted.push(await overlay.perform(effect));
        expect(treeOf(other.path), 'a dry run touches nothing').to.deep.equal(before);
        const performed: Performed[] = [];
        for (const effect of effects) performed.push(await host.perform(effect));
        expect(predicted.map(plain)).to.deep.equal(performed.map(plain));
        expect(viewOf(overlay)).to.deep.equal(viewOf(host));
        expect(strays(folder)).to.deep.equal([]);
      }));
  }
});

describe('effects on files, the machine', () => {
  it('backs up into the store, one file per moment', async () => {
    await using folder = temporaryFolder();
    await using store = temporaryFolder();
    buildTree(folder.path, { '/etc/f': { content: 'one', mode: 0o600 } });
    const host = createLocalHost({ root: folder.path, backupDir: store.path });
    await host.perform(write('/etc/f', 'two', { backup: { store: true } }));
    await host.perform(write('/etc/f', 'three', { backup: { store: true } }));
    const kept = fs.readdirSync(`${store.path}/etc/f`).sort();
    expect(kept.map((name) => fs.readFileSync(`${store.path}/etc/f/${name}`, 'utf8'))).to.deep.equal([
      'one',
      'two',
    ]);
    expect(fs.statSync(`${store.path}/etc/f/${kept[0]}`).mode & 0o7777).to.equal(0o600);
    expect(fs.statSync(`${store.path}/etc`).mode & 0o7777).to.equal(0o700);
  });

  it('changes nothing without a place for the backup', () =>
    below({ '/f': 'old' }, async (host, folder) => {
      expect(reasonOf(await host.perform(write('/f', 'new', { backup: { store: true } })))).to.match(
        /no place/,
      );
      expect(fs.readFileSync(`${folder}/f`, 'utf8')).to.equal('old');
      expect(strays(folder)).to.deep.equal([]);
    }));

  it('follows the umask of the run for new files and folders', () =>
    below(
      {},
      async (host) => {
        await host.perform(write('/f'));
        await host.perform({ kind: 'directory', path: '/d' });
        expect(host.stat('/f')!.mode).to.equal(0o600);
        expect(host.stat('/d')!.mode).to.equal(0o700);
      },
      0o077,
    ));

  it('stays inside a hostile root', async () => {
    await using outside = temporaryFolder();
    fs.writeFileSync(`${outside.path}/f`, 'safe');
    const before = treeOf(outside.path);
    const out = outside.path;
    const up = `../../../../../..${out}`;
    await below(
      { '/etc': { link: out }, '/up': { link: up }, '/file': { link: `${out}/f` }, '/d/out': { link: out } },
      async (host) => {
        for (const at of ['/etc/f', '/up/f', `/../../../..${out}/f`]) {
          expect(reasonOf(await host.perform(write(at)))).to.match(/folder on the way/);
          expect(reasonOf(await host.perform({ kind: 'attributes', path: at, mode: 0 }))).to.match(
            /on the way/,
          );
          expect((await host.perform({ kind: 'remove', path: at })).became).to.equal('done');
        }
        expect(reasonOf(await host.perform(write('/file', 'bad', { follow: true })))).to.match(/on the way/);
        await host.perform({ kind: 'remove', path: '/d' });
        await host.perform({ kind: 'remove', path: '/etc' });
        expect(treeOf(outside.path)).to.deep.equal(before);
      },
    );
  });

  it('does not read users of this machine below a root', () =>
    below({ '/etc/passwd': 'only:x:5:5:::\n' }, async (host) => {
      expect(host.user('only')?.uid).to.equal(5);
      expect(host.user('root')).to.equal(undefined);
    }));

  it('copies with its times, and takes hard links for one file', () =>
    below({ '/f': { content: 'x', mtime: 1e12 } }, async (host) => {
      await host.perform({ kind: 'copy', from: '/f', path: '/g', preserve: true });
      expect(host.stat('/g')!.mtime).to.equal(1e12);
      await host.perform({ kind: 'link', path: '/h', target: '/f', hard: true });
      expect(host.stat('/h')!.inode).to.equal(host.stat('/f')!.inode);
    }));

  it('works with names that look odd', () =>
    below({}, async (host, folder) => {
      for (const name of ['new\nline', '-rf', 'q\'uo"te', '$HOME', 'ü', '\u{1F600}', ' ', 'x'.repeat(255)]) {
        expect((await host.perform(write(`/${name}`, name))).became).to.equal('done');
        expect(host.content(`/${name}`)!.toString()).to.equal(name);
      }
      fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), '');
      expect((await host.perform({ kind: 'directory', path: '/d' })).became).to.equal('done');
      fs.mkdirSync(Buffer.concat([Buffer.from(`${folder}/d/`), Buffer.from([0xff])]));
      expect((await host.perform({ kind: 'remove', path: '/d' })).became).to.equal('done');
    }));

  it('takes a thousand effects without leaving descriptors open', async function () {
    this.timeout(60_000);
    await below({ '/a': { link: 'b' }, '/b/c': { directory: true } }, async (host, folder) => {
      const open = fs.readdirSync('/proc/self/fd').length;
      for (let number = 0; number < 250; number++) {
        await host.perform(write(`/a/c/${number}`));
        await host.perform({ kind: 'attributes', path: `/a/c/${number}`, mode: 0o600 });
        await host.perform({ kind: 'link', path: `/a/c/l${number}`, target: `${number}` });
        await host.perform(write(`/a/no/${number}`));
      }
      expect(fs.readdirSync('/proc/self/fd').length).to.be.at.most(open + 1);
      expect(fs.readdirSync(`${folder}/b/c`)).to.have.length(500);
    });
  });

  it('is old or new as a whole after kill -9 in the middle', async function () {
    this.timeout(60_000);
    await using folder = temporaryFolder();
    const at = `${folder.path}/f`;
    const size = 1 << 20;
    fs.writeFileSync(at, Buffer.alloc(size, 'o'));
    const program = `
      import { createLocalHost } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../engine/host/local.ts'))};
      const host = createLocalHost();
      for (let n = 0; ; n++) {
        const content = Buffer.alloc(${size}, String.fromCharCode(97 + (n % 26)));
        await host.perform({ kind: 'write', path: ${JSON.stringify(at)}, content, mode: 0o600 });
        if (n === 0) console.log('started');
      }`;
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout!, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const found = fs.readFileSync(at);
      expect(found.length).to.equal(size);
      expect(found.equals(Buffer.alloc(size, found[0]))).to.equal(true);
    }
  });

  it('says so when no more files can be opened, and goes on afterwards', async () => {
    await using folder = temporaryFolder();
    const program = `
      import * as fs from 'node:fs';
      import { createLocalHost } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../engine/host/local.ts'))};
      const host = createLocalHost({ root: ${JSON.stringify(folder.path)} });
      const effect = { kind: 'write', path: '/f', content: Buffer.from('x') };
      await host.perform({ kind: 'directory', path: '/warm-up' });
      const open = [];
      try { for (;;) open.push(fs.openSync('/dev/null')); } catch {}
      const without = await host.perform(effect);
      for (const fd of open) fs.closeSync(fd);
      console.log(JSON.stringify([without.reason, (await host.perform(effect)).became]));`;
    const words = [
      '-c',
      'ulimit -n 128; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    ];
    const { stdout, stderr } = spawnSync('/bin/sh', words, { encoding: 'utf8' });
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout)).to.deep.equal([
      '/f cannot be reached: this process has too many files open.',
      'done',
    ]);
    expect(fs.readdirSync(folder.path).sort()).to.deep.equal(['f', 'warm-up']);
  });

  asRoot('gives files away, and takes setuid off them as the kernel does (needs root)', async () => {
    const effects: Effect[] = [
      write('/f', 'x', { user: 1234, group: '2345', mode: 0o640 }),
      write('/f', 'y'),
      { kind: 'directory', path: '/d', user: 12, mode: 0o2770, group: 13 },
      write('/d/inherits'),
      { kind: 'directory', path: '/d/e' },
      { kind: 'link', path: '/l', target: 'f', user: 99 },
      { kind: 'attributes', path: '/setuid', user: 5 },
      { kind: 'attributes', path: '/both', user: 5, mode: 0o4755 },
      { kind: 'copy', from: '/owned', path: '/c', preserve: true },
      { kind: 'copy', from: '/owned', path: '/c2' },
      { kind: 'node', path: '/null', type: 'char', major: 1, minor: 3 },
    ];
    const tree: Tree = {
      '/setuid': { content: '', mode: 0o6755 },
      '/both': { content: '', mode: 0o6755 },
      '/owned': { content: '', user: 7, group: 8, mode: 0o600 },
    };
    await below(tree, async (host) => {
      const overlay = createOverlay(host);
      for (const effect of effects)
        expect(await overlay.perform(effect)).to.deep.equal({ became: 'predicted' });
      for (const effect of effects) expect(await host.perform(effect)).to.deep.equal({ became: 'done' });
      expect(host.stat('/f')).to.include({ uid: 1234, gid: 2345, mode: 0o640 });
      expect(host.stat('/d/e')).to.include({ uid: 0, gid: 13, mode: 0o2755 });
      expect(host.stat('/setuid')).to.include({ uid: 5, mode: 0o755 });
      expect(host.stat('/both')).to.include({ uid: 5, mode: 0o4755 });
      expect(host.stat('/null')!.device).to.deep.equal({ major: 1, minor: 3 });
      expect(viewOf(overlay)).to.deep.equal(viewOf(host));
    });
  });

  asRoot('does not follow links that others planted (needs root)', async () => {
    const tree: Tree = {
      '/tmp': { directory: true, mode: 0o1777 },
      '/tmp/planted': { link: '/etc', user: 1000 },
      '/tmp/mine': { link: '/etc' },
      '/tmp/file': { link: '/etc/shadow', user: 1000 },
      '/etc/shadow': 'secret',
      '/home/bob': { directory: true, user: 1000 },
      '/home/bob/evil': { link: '/etc', user: 1000 },
      '/home/bob/www': { link: '/srv/bob', user: 1000 },
      '/srv/bob': { directory: true, user: 1000 },
    };
    await below(tree, async (host, folder) => {
      const before = fs.readFileSync(`${folder}/etc/shadow`, 'utf8');
      const overlay = createOverlay(host);
      for (const effect of [
        write('/tmp/planted/shadow'),
        write('/tmp/file', 'bad', { follow: true }),
        write('/home/bob/evil/shadow'),
        { kind: 'attributes', path: '/tmp/file', mode: 0o777, follow: true },
        { kind: 'remove', path: '/tmp/planted/shadow' },
      ] satisfies Effect[]) {
        const reason = reasonOf(await host.perform(effect));
        expect(reason).to.match(/belongs to another user/);
        expect(reasonOf(await overlay.perform(effect))).to.equal(reason);
      }
      expect(fs.readFileSync(`${folder}/etc/shadow`, 'utf8')).to.equal(before);
      for (const at of ['/tmp/mine/new', '/home/bob/www/index', '/tmp/file']) {
        expect((await overlay.perform(write(at))).became).to.equal('predicted');
        expect((await host.perform(write(at))).became).to.equal('done');
      }
      expect(fs.readFileSync(`${folder}/etc/shadow`, 'utf8')).to.equal(before);
    });
  });

  asRoot(
    'says what is wrong with the file system and leaves no trace (needs root and mount)',
    async function () {
      await using folder = temporaryFolder();
      const full = `${folder.path}/full`;
      fs.mkdirSync(full);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full]).status !== 0) this.skip();
      try {
        const host = createLocalHost();
        await host.perform(write(`${full}/f`, 'old'));
        expect(reasonOf(await host.perform(write(`${full}/f`, 'x'.repeat(200_000))))).to.equal(
          `${full}/f cannot be written: the file system ${full} is full.`,
        );
        expect(fs.readdirSync(full)).to.deep.equal(['f']);
        expect(fs.readFileSync(`${full}/f`, 'utf8')).to.equal('old');
        expect(reasonOf(await host.perform({ kind: 'remove', path: folder.path }))).to.match(
          /is a mount point/,
        );
        expect(reasonOf(await host.perform({ kind: 'remove', path: full }))).to.match(/is a mount point/);
        expect(fs.existsSync(`${full}/f`)).to.equal(true);
        spawnSync('mount', ['-o', 'remount,ro', full]);
        expect(reasonOf(await host.perform(write(`${full}/f`)))).to.match(/mounted read-only/);
        expect(reasonOf(await host.perform({ kind: 'remove', path: `${full}/f` }))).to.match(
          /mounted read-only/,
        );
        expect(fs.readFileSync(`${full}/f`, 'utf8')).to.equal('old');
        const moved = await host.perform({ kind: 'copy', from: `${full}/f`, path: `${folder.path}/g` });
        expect(moved.became).to.equal('done');
      } finally {
        spawnSync('umount', [full]);
      }
    },
  );

  asRoot(
    'keeps extended attributes and access lists (needs root, and setfacl or setfattr)',
    async function () {
      await below({ '/f': 'old' }, async (host, folder) => {
        const at = `${folder}/f`;
        if (spawnSync('setcap', ['cap_net_raw+ep', at]).status !== 0) this.skip();
        const before = spawnSync('getcap', [at], { encoding: 'utf8' }).stdout;
        expect(before).to.include('cap_net_raw');
        await host.perform(write('/f', 'new'));
        expect(fs.readFileSync(at, 'utf8')).to.equal('new');
        expect(spawnSync('getcap', [at], { encoding: 'utf8' }).stdout).to.equal(before);
      });
    },
  );
});

function plain(performed: Performed): object {
  if (performed.became === 'failed') return { failed: performed.reason, hint: performed.hint };
  return {};
}
