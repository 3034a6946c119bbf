import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import extracted from '../../../engine/modules/archive/extracted.ts';
import { applyTo, planOf } from '../../helpers/apply.ts';
import { hostOf, type StateCase, stateTester } from '../../helpers/state-tester.ts';
import { type Packed, tar, zip } from './_packed.ts';

const name = '/opt/app';
const entries: readonly Packed[] = [
  { name: 'app-1/', type: '5', mode: 0o755 },
  { name: 'app-1/bin/run', content: 'run', mode: 0o6755 },
  { name: 'app-1/start', type: '2', target: 'bin/run' },
  { name: 'app-1/copy', type: '1', target: 'app-1/bin/run' },
];
const packed = tar(entries);
const sources = {
  'app.tar': packed,
  'app.tgz': gzipSync(packed),
  'app.tar.zst': zstdCompressSync(packed),
  'app-frames.tar.zst': Buffer.concat([
    zstdCompressSync(packed.subarray(0, 1000)),
    zstdCompressSync(packed.subarray(1000)),
  ]),
  'app.zip': zip([
    { name: 'app-1/', mode: 0o40755 },
    { name: 'app-1/bin/run', content: 'run', mode: 0o100755 },
    { name: 'app-1/start', content: 'bin/run', mode: 0o120777, stored: true },
    { name: 'app-1/copy', content: 'run', mode: 0o100755 },
  ]),
  SUMS: `${createHash('sha256').update(packed).digest('hex')}  app.tar\n`,
};
const whole = {
  '/opt/app/app-1/bin': { directory: true, mode: 0o755 },
  '/opt/app/app-1/bin/run': { content: 'run', mode: 0o755 },
  '/opt/app/app-1/start': { link: 'bin/run' },
  '/opt/app/app-1/copy': { content: 'run', mode: 0o755 },
  '/opt/.app.converge-extract': null,
} as const;

const kinds = Object.keys(sources)
  .filter((file) => file.startsWith('app'))
  .map(
    (file): StateCase => ({
      title: `puts the members of ${file} into a new directory at once`,
      args: { name, source: `salt://${file}` },
      sources,
      host: { files: { '/var/lib/converge/archives': { directory: true }, '/opt': { directory: true } } },
      expects: {
        changes: ['directory', 'extracted_files', 'exec', 'attributes', 'move', 'remove', 'write'],
        files: whole,
      },
    }),
  );

function refused(title: string, source: Buffer, why: string | RegExp, args = {}): StateCase {
  return {
    title: `refuses ${title}`,
    args: { name, source: 'salt://bad', enforce_toplevel: false, ...args },
    sources: { bad: source },
    expects: { refused: why },
  };
}

const outside = (kind: string, entry: Packed, why: RegExp) => refused(kind, tar([entry]), why);

stateTester('archive.extracted', extracted, [
  ...kinds,
  {
    title: 'makes missing folders, strips names, and leaves out what it is told to',
    args: { name, source: 'salt://app.tgz', options: 'xzf --strip-components=1 --exclude copy' },
    sources,
    expects: {
      changes: [
        ...['directory', 'directory', 'directory', 'directory'],
        ...['/opt', 'directory', 'extracted_files', 'exec', 'attributes', 'move', 'remove', 'write'],
      ],
      files: { '/opt/app/bin/run': 'run', '/opt/app/copy': null },
    },
  },
  {
    title: 'puts only what is missing into a directory that is there',
    args: { name, source: 'salt://app.tar', strip: 1 },
    sources,
    host: {
      files: {
        '/opt/app/bin/run': 'mine',
        '/opt/app/own': 'own',
        '/var/lib/converge/archives': { directory: true },
      },
    },
    expects: {
      changes: ['directory', 'extracted_files', 'exec', 'move', 'move', 'remove', 'write'],
      files: { '/opt/app/bin/run': 'mine', '/opt/app/own': 'own', '/opt/app/copy': 'run' },
      warnings: [/^1 files in \/opt\/app differ from the archive and stay as they are: bin\/run\./],
    },
  },
  {
    title: 'replaces what differs where told so',
    args: { name, source: 'salt://app.tar', strip: 1, overwrite: true },
    sources,
    host: { files: { '/opt/app/bin/run': 'mine', '/var/lib/converge/archives': { directory: true } } },
    expects: {
      changes: ['directory', 'extracted_files', 'exec', 'move', 'move', 'move', 'remove', 'write'],
      files: { '/opt/app/bin/run': 'run' },
    },
  },
  {
    title: 'stands back where a path exists',
    args: { name, source: 'salt://nosuch', if_missing: ['/opt/none', '/opt/app/bin'] },
    host: { files: { '/opt/app/bin': { directory: true } } },
    expects: { changes: [], comment: 'Path /opt/app/bin exists' },
  },
  {
    title: 'takes a hash out of a list, and the first source that exists',
    args: { name, source: ['/srv/nosuch', '/srv/app.tar'], source_hash: '/srv/SUMS' },
    host: {
      files: {
        '/srv/app.tar': packed,
        '/srv/SUMS': sources.SUMS,
        '/opt': { directory: true },
        '/var/lib/converge/archives': { directory: true },
      },
    },
    expects: {
      changes: ['directory', 'extracted_files', 'exec', 'attributes', 'move', 'remove', 'write'],
      files: whole,
    },
  },
  {
    title: 'refuses a file that does not have its hash',
    args: { name, source: '/srv/app.tar', source_hash: `sha256=${'0'.repeat(64)}` },
    host: { files: { '/srv/app.tar': packed } },
    expects: { refused: /^\/srv\/app\.tar does not have the hash sha256=0/ },
  },
  {
    title: 'refuses a source of the web without a hash',
    args: { name, source: 'https://releases.example/a.tgz' },
    expects: { refused: /has no source_hash/ },
  },
  {
    title: 'refuses a hash that is none',
    args: { name, source: '/srv/app.tar', source_hash: 'latest' },
    expects: { refused: '"latest" is no hash.' },
  },
  {
    title: 'refuses to remove what is in the way',
    args: { name, source: 'salt://app.tar', strip: 1 },
    sources,
    host: { files: { '/opt/app/bin': 'a file' } },
    expects: { refused: /in the way of a directory.*: \/opt\/app\/bin\.$/ },
  },
  {
    title: 'removes it where told so',
    args: { name, source: 'salt://app.tar', strip: 1, force: true },
    sources,
    host: { files: { '/opt/app/bin': 'a file', '/var/lib/converge/archives': { directory: true } } },
    expects: {
      changes: [
        ...['directory', 'extracted_files', 'exec', 'remove'],
        ...['move', 'move', 'move', 'remove', 'write'],
      ],
      files: { '/opt/app/bin/run': 'run' },
    },
  },
  {
    title: 'refuses a user that does not exist',
    args: { name, source: 'salt://app.tar', user: 'nobody-here' },
    sources,
    expects: { refused: 'There is no user "nobody-here".' },
  },
  outside('a name that leads up', { name: 'a/../../b' }, /"a\/\.\.\/\.\.\/b", which would lead out/),
  outside('an absolute name', { name: '/etc/passwd' }, /"\/etc\/passwd", which would lead out/),
  outside('an absolute link', { name: 'a', type: '2', target: '/etc' }, /symbolic link to "\/etc" outside/),
  outside(
    'a link that leads up',
    { name: 'a/b', type: '2', target: '../..' },
    /symbolic link to "\.\.\/\.\." outside/,
  ),
  outside(
    'a link that leads up after a name, which may be a link itself',
    { name: 'a/b', type: '2', target: 'c/../..' },
    /outside/,
  ),
  outside(
    'a hard link to what it does not hold',
    { name: 'a', type: '1', target: '/etc/shadow' },
    /lead out/,
  ),
  outside('a device', { name: 'a', type: '3' }, /which is a device or a pipe/),
  outside('an entry of an unknown kind', { name: 'a', type: 'S' }, /an entry of the kind "S"/),
  refused(
    'what lies behind a link of its own',
    tar([
      { name: 'a', type: '2', target: 'b' },
      { name: 'a/c', content: 'c' },
    ]),
    /holds "a\/c" behind something that is no directory/,
  ),
  refused('an archive that is cut off', packed.subarray(0, 1024 + 512), /no tar archive|cut off/),
  refused('an archive that is none', Buffer.from('hello '.repeat(200)), /is no tar archive/),
  refused(
    'damage',
    Buffer.concat([packed.subarray(0, 5), Buffer.from('x'), packed.subarray(6)]),
    /is damaged/,
  ),
  refused('a broken gzip', gzipSync(packed).subarray(0, 60), /is damaged: unexpected end of file/),
  refused('rar', Buffer.from('Rar!\x1a\x07\0'), /rar archive/),
  refused('a zip with a password', zip([{ name: 'a', content: 'a', flags: 1 }]), /encrypted/),
  refused('a zip that leads up', zip([{ name: '..\\a', content: 'a' }]), /"\.\.\/a", which would lead out/),
  refused(
    'a zip that unpacks to more than it says',
    zip([{ name: 'a', content: Buffer.alloc(100_000), claimed: 10 }]),
    /"a" damaged/,
  ),
  refused('a zip that is cut off', sources['app.zip'].subarray(0, -30), /is no zip archive, or is cut off/),
  refused(
    'several directories at the top',
    tar([{ name: 'a/b' }, { name: 'c/d' }]),
    /single directory at its top/,
    {
      enforce_toplevel: true,
    },
  ),
]);

describe('archive.extracted', () => {
  it('neither reads nor runs anything where its members are there', async () => {
    await using stage = await hostOf({ sources, host: { files: { '/opt': { directory: true } } } });
    const host = createOverlay(stage.host);
    const sum = `sha256=${createHash('sha256').update(packed).digest('hex')}`;
    const args = { name, source: '/srv/app.tar', source_hash: sum };
    await host.perform({ kind: 'directory', path: '/srv' });
    await host.perform({ kind: 'write', path: '/srv/app.tar', content: packed });
    expect((await applyTo(host, extracted, args)).failed).to.equal(undefined);
    const never = () => {
      throw new Error('This was not to be asked.');
    };
    const idle = { ...host, source: never, fetch: never, probe: never, ask: never };
    expect((await planOf(extracted, args, idle)).plan).to.deep.include({ steps: [] });
  });

  it('gives tar nothing of an archive that was not checked', async () => {
    await using stage = await hostOf({ sources, host: { files: {} } });
    const { plan } = await planOf(extracted, { name, source: 'salt://app.tar' }, stage.host);
    const run = (
      plan as { steps: readonly { effect: { command?: { argv: string[]; stdin: Buffer } } }[] }
    ).steps
      .map(({ effect }) => effect.command)
      .find((command) => command?.argv[0] === 'tar');
    expect(run!.argv.join(' ')).to.match(/^tar -x -p -f - --numeric-owner/);
    const text = run!.stdin.toString('latin1');
    // The modes of the headers: setuid is gone.
    expect(text).to.include('0000755').and.not.include('0006755');
    expect(text).to.not.include('0001147');
  });

  it('refuses options it does not understand', async () => {
    await using stage = await hostOf({ sources });
    for (const options of ['--to-command=sh', '--strip-components=x', '-I sh', '--use-compress-program=sh']) {
      let said = '';
      try {
        await planOf(extracted, { name, source: 'salt://app.tar', options }, stage.host);
      } catch (error) {
        said = (error as Error).message;
      }
      expect(said, options).to.match(/in options/);
    }
  });
});
