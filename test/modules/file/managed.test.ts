/** One whole file: every branch of file.managed, held to the laws. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Plan, type Step, stepsOf } from '../../../engine/core/state.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import managed from '../../../engine/modules/file/managed.ts';
import mknod from '../../../engine/modules/file/mknod.ts';
import { applyTo, argumentsOf, planOf } from '../../helpers/apply.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const name = '/etc/app.conf';
const etc = { '/etc': { directory: true } } as const;
const large = 'a line of text\n'.repeat(200_000);
const sum = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'; // of "hello\n"

stateTester('file.managed', managed, [
  // creating
  {
    title: 'creates a file with contents',
    args: { name, contents: 'one line' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: { content: 'one line\n', mode: 0o644 } } },
  },
  {
    title: 'creates an empty file where nothing is given',
    args: { name },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: '' } },
  },
  {
    title: 'leaves content alone where nothing is given',
    args: { name, mode: '0600' },
    host: { files: { [name]: 'mine\n' } },
    expects: { changes: ['mode'], files: { [name]: { content: 'mine\n', mode: 0o600 } } },
  },
  {
    title: 'creates with mode at once',
    args: { name, contents: 's', mode: 600 },
    host: { files: etc },
    expects: {
      changes: ['content'],
      effects: [{ kind: 'write', path: name, content: Buffer.from('s\n'), mode: 0o600 }],
    },
  },
  {
    title: 'create: false leaves an absent file absent',
    args: { name, contents: 'x', create: false },
    expects: { changes: [], comment: /not set for creation/, files: { [name]: null } },
  },
  {
    title: 'replace: false creates an absent file',
    args: { name, contents: 'x', replace: false },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'x\n' } },
  },
  {
    title: 'replace: false leaves the content of a file and manages its mode',
    args: { name, contents: 'x', replace: false, mode: '0640' },
    host: { files: { [name]: 'edited\n' } },
    expects: { changes: ['mode'], files: { [name]: { content: 'edited\n', mode: 0o640 } } },
  },
  // changing
  {
    title: 'is quiet where all is so',
    args: { name, contents: 'same', mode: '0644' },
    host: { files: { [name]: 'same\n' } },
    expects: { changes: [] },
  },
  {
    title: 'changes content and keeps a mode that is not given',
    args: { name, contents: 'new' },
    host: { files: { [name]: { content: 'old\n', mode: 0o750 } } },
    expects: { changes: ['content'], files: { [name]: { content: 'new\n', mode: 0o750 } } },
  },
  {
    title: 'changes content and mode in one write',
    args: { name, contents: 'new', mode: '0600' },
    host: { files: { [name]: 'old\n' } },
    expects: { changes: ['content', 'mode'], files: { [name]: { content: 'new\n', mode: 0o600 } } },
  },
  {
    title: 'reads a mode with setuid',
    args: { name, mode: '4755' },
    host: { files: { [name]: 'x' } },
    expects: { changes: ['mode'], files: { [name]: { mode: 0o4755 } } },
  },
  {
    title: 'reads a mode that YAML made a number',
    args: { name, mode: 644 },
    host: { files: { [name]: { content: 'x', mode: 0o600 } } },
    expects: { changes: ['mode'], files: { [name]: { mode: 0o644 } } },
  },
  {
    title: 'gives a file to a user and a group',
    args: { name, contents: 'x', user: 'web', group: 'web' },
    host: { files: { [name]: 'x\n' }, users: { web: 1234 } },
    needsRoot: true,
    expects: { changes: ['user', 'group'], files: { [name]: { user: 1234, group: 1234 } } },
  },
  {
    title: 'keeps setuid when the owner changes',
    args: { name, user: 1234 },
    host: { files: { [name]: { content: 'x', mode: 0o4755 } } },
    needsRoot: true,
    expects: { changes: ['user'], files: { [name]: { user: 1234, mode: 0o4755 } } },
  },
  {
    title: 'keeps the owner of a file it rewrites',
    args: { name, contents: 'new' },
    host: { files: { [name]: { content: 'old\n', user: 1234, group: 1235 } } },
    needsRoot: true,
    expects: { changes: ['content'], files: { [name]: { content: 'new\n', user: 1234, group: 1235 } } },
  },
  {
    title: 'takes an id that no user has',
    args: { name, contents: 'x', user: 4321 },
    host: { files: etc },
    needsRoot: true,
    expects: { changes: ['content'], files: { [name]: { user: 4321 } } },
  },
  {
    title: 'fails for a user that does not exist, and leaves the file',
    args: { name, contents: 'x', user: 'nobody-here' },
    host: { files: { [name]: 'old\n' } },
    expects: { failed: /nobody-here/, files: { [name]: 'old\n' } },
  },
  // contents
  {
    title: 'joins a list by newlines and writes its scalars as text',
    args: { name, contents: ['alpha', 2, true, ''] },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'alpha\n2\nTrue\n' } },
  },
  {
    title: 'takes a number',
    args: { name, contents: 42 },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: '42\n' } },
  },
  {
    title: 'takes zero and false',
    args: { name, contents: 0 },
    host: { files: { [name]: 'x' } },
    expects: { changes: ['content'], files: { [name]: '0\n' } },
  },
  {
    title: 'empties a file for empty contents',
    args: { name, contents: '' },
    host: { files: { [name]: 'x' } },
    expects: { changes: ['content'], files: { [name]: '' } },
  },
  {
    title: 'contents_newline: false takes the newlines off the end',
    args: { name, contents: 'bare\n\n', contents_newline: false },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'bare' } },
  },
  {
    title: 'makes CRLF of contents LF',
    args: { name, contents: 'a\r\nb\r\n' },
    host: { files: { [name]: 'a\r\nb\r\n' } },
    expects: { changes: ['content'], files: { [name]: 'a\nb\n' } },
  },
  {
    title: 'keeps form feeds and Unicode',
    args: { name, contents: 'süß\f\u2028😀' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'süß\f\u2028😀\n' } },
  },
  {
    title: 'writes latin-1',
    args: { name, contents: 'ü', encoding: 'latin-1' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: Buffer.from([0xfc, 0x0a]) } },
  },
  {
    title: 'refuses characters the encoding lacks',
    args: { name, contents: '€', encoding: 'latin-1' },
    host: { files: etc },
    expects: { refused: /"€" cannot be written in latin-1/ },
  },
  {
    title: 'refuses an unknown encoding',
    args: { name, contents: 'x', encoding: 'klingon' },
    host: { files: etc },
    expects: { refused: /"klingon" is not supported/ },
  },
  {
    title: 'refuses a mapping as contents',
    args: { name, contents: { a: 1 } },
    host: { files: etc },
    expects: { refused: /mapping/ },
  },
  {
    title: 'takes contents from the pillar',
    args: { name, contents_pillar: 'conf:deep' },
    pillar: { conf: { deep: 'secret' } },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'secret\n' } },
  },
  {
    title: 'takes contents from the pillar by another delimiter',
    args: { name, contents_pillar: 'conf/a:b/0', contents_delimiter: '/' },
    pillar: { conf: { 'a:b': ['first'] } },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'first\n' } },
  },
  {
    title: 'takes contents from a grain',
    args: { name, contents_grains: 'roles' },
    grains: { roles: ['web', 'db'] },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'web\ndb\n' } },
  },
  {
    title: 'joins several pillar values',
    args: { name, contents_pillar: ['a', 'b'] },
    pillar: { a: 'first\n', b: 'second' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'first\nsecond\n' } },
  },
  {
    title: 'leaves the content alone where the pillar value is null',
    args: { name, contents_pillar: 'a' },
    pillar: { a: null },
    host: { files: { [name]: 'precious\n' } },
    expects: { changes: [], files: { [name]: 'precious\n' } },
  },
  {
    title: 'refuses a pillar value that is a mapping',
    args: { name, contents_pillar: 'a' },
    pillar: { a: [{ b: 1 }] },
    host: { files: { [name]: 'precious\n' } },
    expects: { refused: /mapping/, files: { [name]: 'precious\n' } },
  },
  {
    title: 'refuses a pillar value that is not there',
    args: { name, contents_pillar: 'no:such' },
    host: { files: etc },
    expects: { refused: 'There is no pillar value "no:such".' },
  },
  {
    title: 'allow_empty: false refuses an empty value',
    args: { name, contents_pillar: 'empty', allow_empty: false },
    pillar: { empty: '' },
    host: { files: { [name]: 'x' } },
    expects: { refused: /empty/, files: { [name]: 'x' } },
  },
  {
    title: 'refuses contents beside a source',
    args: { name, contents: 'x', source: 'salt://a' },
    sources: { a: 'x' },
    host: { files: etc },
    expects: { refused: /cannot be given together/ },
  },
  {
    title: 'refuses two kinds of contents',
    args: { name, contents: 'x', contents_pillar: 'a' },
    host: { files: etc },
    expects: { refused: /Only one of/ },
  },
  // source
  {
    title: 'copies a source byte by byte',
    args: { name, source: 'salt://bin' },
    sources: { bin: Buffer.from([0, 255, 13, 10, 128]) },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: Buffer.from([0, 255, 13, 10, 128]) } },
  },
  {
    title: 'keeps a missing newline at the end of a source, and its CRLF',
    args: { name, source: 'salt://a' },
    sources: { a: 'x\r\ny' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'x\r\ny' } },
  },
  {
    title: 'takes the first source that exists',
    args: { name, source: ['salt://none', 'salt://a', 'salt://b'] },
    sources: { a: 'A', b: 'B' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'A' } },
  },
  {
    title: 'takes a source of the host itself',
    args: { name, source: '/usr/share/app.conf' },
    host: { files: { ...etc, '/usr/share/app.conf': 'default\n' } },
    expects: { changes: ['content'], files: { [name]: 'default\n' } },
  },
  {
    title: 'refuses a missing source and leaves the file',
    args: { name, source: 'salt://none' },
    host: { files: { [name]: 'old' } },
    expects: { refused: /salt:\/\/none/, files: { [name]: 'old' } },
  },
  {
    title: 'names all sources where none exists',
    args: { name, source: ['salt://none', 'salt://nil'] },
    host: { files: etc },
    expects: { refused: /None of the sources exists.*none.*nil/ },
  },
  {
    title: 'checks the hash of a local source',
    args: { name, source: '/src', source_hash: `sha256=${sum}` },
    host: { files: { ...etc, '/src': 'hello\n' } },
    expects: { changes: ['content'], files: { [name]: 'hello\n' } },
  },
  {
    title: 'refuses a local source with another hash',
    args: { name, source: '/src', source_hash: sum },
    host: { files: { ...etc, '/src': 'other\n' } },
    expects: { refused: /does not have the hash sha256=5891/ },
  },
  {
    title: 'finds the hash in a list of hashes',
    args: { name, source: '/src', source_hash: 'salt://SUMS' },
    sources: { SUMS: `${'0'.repeat(64)}  other\n${sum}  ./src\n` },
    host: { files: { ...etc, '/src': 'hello\n' } },
    expects: { changes: ['content'], files: { [name]: 'hello\n' } },
  },
  {
    title: 'refuses a hash that is none',
    args: { name, source: '/src', source_hash: 'sha256=abc' },
    host: { files: { ...etc, '/src': 'hello\n' } },
    expects: { refused: '"sha256=abc" is no hash.' },
  },
  {
    title: 'refuses a web source without a hash',
    args: { name, source: 'http://127.0.0.1:9/x' },
    host: { files: etc },
    expects: { refused: /has no source_hash/ },
  },
  {
    title: 'mode: keep takes the mode of the source',
    args: { name, source: '/src', mode: 'keep' },
    host: { files: { ...etc, '/src': { content: 'x', mode: 0o755 } } },
    expects: { changes: ['content'], files: { [name]: { mode: 0o755 } } },
  },
  {
    title: 'mode: keep needs a source',
    args: { name, contents: 'x', mode: 'keep' },
    host: { files: etc },
    expects: { refused: /needs a source/ },
  },
  // templates
  {
    title: 'renders a source, context over defaults',
    args: {
      name,
      source: 'salt://t',
      template: 'jinja',
      defaults: { a: 'default', b: 'default' },
      context: { b: 'context' },
    },
    sources: { t: 'a={{ a }} b={{ b }}\n' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'a=default b=context\n' } },
  },
  {
    title: 'renders contents',
    args: { name, contents: 'a={{ a }}', template: 'jinja', context: { a: 1 } },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'a=1\n' } },
  },
  // obstacles
  {
    title: 'refuses a directory',
    args: { name, contents: 'x' },
    host: { files: { [name]: { directory: true } } },
    expects: { refused: '/etc/app.conf is a directory.' },
  },
  {
    title: 'refuses a missing parent and names it',
    args: { name: '/no/such/file', contents: 'x' },
    expects: { refused: 'The parent directory /no/such does not exist.', files: { '/no': null } },
  },
  {
    title: 'refuses a parent that is a file',
    args: { name: '/etc/app.conf/x', contents: 'x', makedirs: true },
    host: { files: { [name]: 'file' } },
    expects: { refused: '/etc/app.conf is a file, not a directory.' },
  },
  {
    title: 'refuses a parent that is a link to nowhere',
    args: { name: '/link/x', contents: 'x', makedirs: true },
    host: { files: { '/link': { link: 'gone' } } },
    expects: { refused: /link that leads nowhere/ },
  },
  {
    title: 'makes parents with the mode of the file and search permission',
    args: { name: '/a/b/c', contents: 'x', makedirs: true, mode: '0640' },
    expects: {
      changes: ['/a', '/a/b', 'content'],
      files: { '/a': { directory: true, mode: 0o750 }, '/a/b': { mode: 0o750 }, '/a/b/c': 'x\n' },
    },
  },
  {
    title: 'makes parents with dir_mode',
    args: { name: '/a/c', contents: 'x', makedirs: true, mode: '0600', dir_mode: 711 },
    expects: { changes: ['/a', 'content'], files: { '/a': { directory: true, mode: 0o711 } } },
  },
  {
    title: 'goes through a parent that is a link to a directory',
    args: { name: '/link/x', contents: 'x' },
    host: { files: { '/real': { directory: true }, '/link': { link: '/real' } } },
    expects: { changes: ['content'], files: { '/real/x': 'x\n' } },
  },
  {
    title: 'writes through a link',
    args: { name, contents: 'new', mode: '0600' },
    host: { files: { '/etc/real.conf': 'old\n', [name]: { link: 'real.conf' } } },
    expects: {
      changes: ['content', 'mode'],
      files: { [name]: { link: 'real.conf' }, '/etc/real.conf': { content: 'new\n', mode: 0o600 } },
    },
  },
  {
    title: 'is quiet through a link',
    args: { name, contents: 'same' },
    host: { files: { '/etc/real.conf': 'same\n', [name]: { link: 'real.conf' } } },
    expects: { changes: [] },
  },
  {
    title: 'creates what a link leads to',
    args: { name, contents: 'new' },
    host: { files: { [name]: { link: 'real.conf' } } },
    expects: { changes: ['content'], files: { [name]: { link: 'real.conf' }, '/etc/real.conf': 'new\n' } },
  },
  {
    title: 'follow_symlinks: false replaces a link',
    args: { name, contents: 'new', follow_symlinks: false },
    host: { files: { '/etc/real.conf': 'old\n', [name]: { link: 'real.conf' } } },
    expects: { changes: ['content'], files: { [name]: { content: 'new\n' }, '/etc/real.conf': 'old\n' } },
  },
  {
    title: 'refuses a link to a directory',
    args: { name, contents: 'new' },
    host: { files: { '/dir': { directory: true }, [name]: { link: '/dir' } } },
    expects: { refused: '/etc/app.conf is a directory.' },
  },
  // the rest
  {
    title: 'keeps a backup beside the file',
    args: { name, contents: 'new', backup: '.bak' },
    host: { files: { [name]: 'old\n' } },
    expects: { changes: ['content'], files: { [name]: 'new\n', [`${name}.bak`]: 'old\n' } },
  },
  {
    title: 'show_changes: false hides the text',
    args: { name, contents: 'secret', show_changes: false },
    host: { files: { [name]: 'old secret\n' } },
    expects: { changes: ['content'], files: { [name]: 'secret\n' } },
  },
  {
    title: 'writes a hostile name as it is',
    args: { name: '/etc/a b\n$(touch x);\u202e*', contents: 'x' },
    host: { files: etc },
    expects: { changes: ['content'], files: { '/etc/a b\n$(touch x);\u202e*': 'x\n' } },
  },
  {
    title: 'tidies slashes of the name',
    args: { name: '//etc///app.conf', contents: 'x' },
    host: { files: etc },
    expects: { changes: ['content'], files: { [name]: 'x\n' } },
  },
  {
    title: 'replaces a large file',
    args: { name, contents: large },
    host: { files: { [name]: `${large}more\n` } },
    expects: { changes: ['content'], files: { [name]: large } },
  },
]);

describe('file.managed on a host of its own', () => {
  it('refuses a relative path with a sentence', async () => {
    await using stage = await hostOf({});
    const error = await planOf(managed, { name: 'etc/x', contents: 'x' }, stage.host).catch((one) => one);
    expect(error.message).to.equal('"etc/x" is not an absolute path.');
  });

  it('refuses a named pipe', async () => {
    await using stage = await hostOf({});
    await applyTo(stage.host, mknod, { name: '/pipe', ntype: 'p' });
    const { refused } = await applyTo(stage.host, managed, { name: '/pipe', contents: 'x' });
    expect(refused).to.equal('/pipe is a named pipe, not a file.');
  });

  it('refuses a number that is no mode', async () => {
    await using stage = await hostOf({});
    const error = await planOf(managed, { name, mode: 888 }, stage.host).catch((one) => one);
    expect(error.message).to.match(/"888" is not a file mode/);
  });

  it('gives the template what file.accumulated left', async () => {
    await using stage = await hostOf({ sources: { t: '{{ accumulator }}' }, host: { files: etc } });
    const seen: unknown[] = [];
    const host = {
      ...stage.host,
      recall: (topic: string) =>
        topic === `accumulator:${name}`
          ? [new Map([['lines', ['a', 'b']]]), new Map([['lines', ['b', 'c']]]), new Map([['more', ['d']]])]
          : [],
      render: (request: Parameters<typeof stage.host.render>[0]) => {
        seen.push(request.context.get('accumulator'));
        return stage.host.render(request);
      },
    };
    await planOf(managed, { name, source: 'salt://t', template: 'jinja' }, host);
    expect(seen).to.deep.equal([
      new Map([
        ['lines', ['a', 'b', 'c']],
        ['more', ['d']],
      ]),
    ]);
  });

  it('tells of binary content by size and sum only', async () => {
    await using stage = await hostOf({
      sources: { b: Buffer.from([0, 1, 2]) },
      host: { files: { [name]: 'text\n' } },
    });
    const { plan } = await planOf(managed, { name, source: 'salt://b' }, stage.host);
    expect(stepsIn(plan)[0]!.change).to.deep.equal({
      subject: 'content',
      old: '5 bytes, sha256 b9e68e1bea3e',
      new: '3 bytes, sha256 ae4b3280e56e',
    });
  });

  it('hides texts that must not be shown', async () => {
    await using stage = await hostOf({ host: { files: { [name]: 'old secret\n' } } });
    const { plan } = await planOf(managed, { name, contents: 'secret', show_changes: false }, stage.host);
    expect(JSON.stringify(stepsIn(plan)[0]!.change)).not.to.contain('secret');
  });

  it('points a complaint about a line at the template', async () => {
    await using stage = await hostOf({ sources: { t: 'a\nb\n' }, host: { files: etc } });
    const { plan } = await planOf(managed, { name, source: 'salt://t', template: 'jinja' }, stage.host);
    expect(stepsIn(plan)[0]!.locate!(2)).to.deep.equal({ file: '/srv/t', line: 2, column: 1 });
  });

  it('fetches from the web once the hash is known, and not at all where the file has it', async () => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url!);
      if (request.url === '/SUMS') response.end(`${sum} *app.conf\n`);
      else if (request.url === '/app.conf') response.end('hello\n');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await using stage = await hostOf({ host: { files: etc } });
      const args = { name, source: [`${base}/none`, `${base}/app.conf`], source_hash: `${base}/SUMS` };
      const first = await applyTo(stage.host, managed, args);
      expect(first.refused).to.equal(undefined);
      expect(stage.host.content(name)?.toString()).to.equal('hello\n');
      expect(first.again).to.deep.equal([]);
      expect(requests.filter((one) => one === '/app.conf').length).to.equal(1);
      const wrong = await applyTo(createOverlay(stage.host), managed, {
        name: '/etc/other',
        source: `${base}/app.conf`,
        source_hash: '0'.repeat(64),
      });
      expect(wrong.refused).to.match(/hash|sha256/);
      const unverified = await applyTo(stage.host, managed, {
        name: '/etc/other',
        source: `${base}/app.conf`,
        skip_verify: true,
      });
      expect(unverified.failed ?? unverified.refused).to.equal(undefined);
      expect(stage.host.content('/etc/other')?.toString()).to.equal('hello\n');
    } finally {
      server.close();
    }
  });

  it('runs check_cmd before anything is replaced', async () => {
    await using folder = temporaryFolder();
    const host = createLocalHost();
    const path = `${folder.path}/app.conf`;
    writeFileSync(path, 'old\n');
    const args = (contents: string, check_cmd: unknown) => ({ name: path, contents, check_cmd });
    const bad = await applyTo(host, managed, args('bad', 'grep -q good'));
    expect(bad.failed).to.match(/app\.conf is left as it is: grep rejects/);
    expect(readFileSync(path, 'utf8')).to.equal('old\n');
    const half = await applyTo(host, managed, args('good but', ['grep -q good', 'grep -q better']));
    expect(half.failed).to.match(/is left as it is/);
    expect(readFileSync(path, 'utf8')).to.equal('old\n');
    const good = await applyTo(host, managed, args('good', ['grep -q good', 'test -s']));
    expect(good.failed).to.equal(undefined);
    expect(readFileSync(path, 'utf8')).to.equal('good\n');
    const same = await applyTo(host, managed, args('good', 'false'));
    expect(same.steps).to.deep.equal([]);
  });

  it('plans an unchanged file without waiting for anything', async () => {
    await using stage = await hostOf({ sources: { t: 'same\n' }, host: { files: { [name]: 'same\n' } } });
    const args = argumentsOf(managed, { name, source: 'salt://t', mode: '0644', template: 'jinja' });
    const now = managed.read(args, stage.host, { id: 'i', sls: 's' });
    expect(now).not.to.be.instanceOf(Promise);
    expect(managed.plan(args, now as never)).to.deep.equal([]);
  });
});

function stepsIn(plan: Plan): readonly Step[] {
  if ('refused' in plan) throw new Error(plan.refused);
  return stepsOf(plan);
}
