/** A folder of the file roots on the host, file by file. */
import { expect } from 'chai';
import type { SourceEntry } from '../../../engine/core/host.ts';
import recurse from '../../../engine/modules/file/recurse.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const name = '/srv/www';
const source = 'salt://site';
const sources = {
  'site/index.html': 'index\n',
  'site/css/a.css': 'body {}\n',
  'site/skip.bak': 'backup\n',
};
const srv = { '/srv': { directory: true } } as const;

stateTester('file.recurse', recurse, [
  {
    title: 'copies everything, and makes the parents',
    args: { name, source },
    sources,
    expects: {
      changes: [
        '/srv',
        name,
        '/srv/www/css',
        '/srv/www/css/a.css',
        '/srv/www/index.html',
        '/srv/www/skip.bak',
      ],
      files: {
        '/srv/www/css/a.css': 'body {}\n',
        '/srv/www/index.html': { content: 'index\n', mode: 0o644 },
      },
    },
  },
  {
    title: 'is quiet where all is so, and leaves other files',
    args: { name, source, exclude_pat: ['*.bak', 'css*'] },
    sources,
    host: { files: { '/srv/www/index.html': 'index\n', '/srv/www/mine': 'x' } },
    expects: { changes: [], files: { '/srv/www/mine': 'x' } },
  },
  {
    title: 'sets modes of files and directories',
    args: { name, source, exclude_pat: '*.bak', dir_mode: '0750', file_mode: '0640' },
    sources,
    host: { files: { '/srv/www/index.html': 'index\n', '/srv/www/css/a.css': 'old\n' } },
    expects: {
      changes: [
        '/srv/www mode',
        '/srv/www/css mode',
        '/srv/www/css/a.css',
        '/srv/www/css/a.css mode',
        '/srv/www/index.html mode',
      ],
      files: {
        [name]: { mode: 0o750 },
        '/srv/www/css': { mode: 0o750 },
        '/srv/www/css/a.css': { content: 'body {}\n', mode: 0o640 },
        '/srv/www/index.html': { mode: 0o640 },
      },
    },
  },
  {
    title: 'file_mode: keep takes the modes of the source',
    args: { name, source: ['salt://none', source], include_pat: '*.html', file_mode: 'keep' },
    sources,
    host: { files: { '/srv/www/index.html': { content: 'index\n', mode: 0o600 } } },
    expects: { changes: ['/srv/www/index.html mode'], files: { '/srv/www/index.html': { mode: 0o644 } } },
  },
  {
    title: 'include_pat makes only the folders it needs',
    args: { name, source, include_pat: '*.html' },
    sources,
    host: { files: srv },
    expects: {
      changes: [name, '/srv/www/index.html'],
      files: { '/srv/www/css': null, '/srv/www/index.html': 'index\n' },
    },
  },
  {
    title: 'include_empty makes folders without files',
    args: { name, source, exclude_pat: 'E@\\.(css|bak)$', include_empty: true },
    sources,
    host: { files: srv },
    expects: {
      changes: [name, '/srv/www/css', '/srv/www/index.html'],
      files: { '/srv/www/css': { directory: true } },
    },
  },
  {
    title: 'maxdepth 0 copies the topmost files only',
    args: { name, source, maxdepth: 0, exclude_pat: '*.bak' },
    sources,
    host: { files: srv },
    expects: { changes: [name, '/srv/www/index.html'], files: { '/srv/www/css': null } },
  },
  {
    title: 'renders templates',
    args: { name, source: 'salt://tpl', template: 'jinja', context: { v: 7 }, defaults: { w: 8 } },
    sources: { 'tpl/x.conf': 'v={{ v }} w={{ w }}\n' },
    host: { files: srv },
    expects: { changes: [name, '/srv/www/x.conf'], files: { '/srv/www/x.conf': 'v=7 w=8\n' } },
  },
  {
    title: 'replace: false leaves the content of existing files alone',
    args: { name, source, replace: false, include_pat: ['*.html', '*.bak'] },
    sources,
    host: { files: { '/srv/www/index.html': 'mine\n' } },
    expects: {
      changes: ['/srv/www/skip.bak'],
      files: { '/srv/www/index.html': 'mine\n', '/srv/www/skip.bak': 'backup\n' },
    },
  },
  {
    title: 'backup keeps the old file',
    args: { name, source, include_pat: '*.html', backup: '.old' },
    sources,
    host: { files: { '/srv/www/index.html': 'mine\n' } },
    expects: { changes: ['/srv/www/index.html'], files: { '/srv/www/index.html.old': 'mine\n' } },
  },
  {
    title: 'clean removes what the source lacks, but for exclude_pat and required states',
    args: { name, source, clean: true, exclude_pat: '*.bak', __keep__: ['some id', '/srv/www/kept/'] },
    sources,
    host: {
      files: {
        '/srv/www/index.html': 'index\n',
        '/srv/www/css/a.css': 'body {}\n',
        '/srv/www/css/old.css': 'x',
        '/srv/www/old/deep/file': 'x',
        '/srv/www/local.bak': 'x',
        '/srv/www/kept': 'x',
      },
    },
    expects: {
      changes: ['/srv/www/css/old.css', '/srv/www/old'],
      files: {
        '/srv/www/local.bak': 'x',
        '/srv/www/kept': 'x',
        '/srv/www/old': null,
        '/srv/www/css/old.css': null,
      },
    },
  },
  {
    title: 'clean makes room where kinds differ',
    args: { name, source, clean: true, exclude_pat: '*.bak' },
    sources,
    host: { files: { '/srv/www/index.html/x': 'a directory', '/srv/www/css': 'a file' } },
    expects: {
      changes: [
        '/srv/www/css',
        '/srv/www/index.html',
        '/srv/www/css',
        '/srv/www/css/a.css',
        '/srv/www/index.html',
      ],
      files: { '/srv/www/index.html': 'index\n', '/srv/www/css/a.css': 'body {}\n' },
    },
  },
  {
    title: 'clean with include_empty keeps the empty folder and cleans in it',
    args: { name, source, clean: true, exclude_pat: ['*.bak', '*.css'], include_empty: true },
    sources,
    host: { files: { '/srv/www/index.html': 'index\n', '/srv/www/css/junk': 'x' } },
    expects: {
      changes: ['/srv/www/css/junk'],
      files: { '/srv/www/css': { directory: true }, '/srv/www/css/junk': null },
    },
  },
  {
    title: 'refuses a directory where the source has a file',
    args: { name, source, include_pat: '*.html' },
    sources,
    host: { files: { '/srv/www/index.html': { directory: true } } },
    expects: { refused: /index\.html is a directory, and the source has a file there/ },
  },
  {
    title: 'refuses a file where the source has a folder',
    args: { name, source },
    sources,
    host: { files: { '/srv/www/css': 'file' } },
    expects: { refused: /css is a file, and the source has a folder there/ },
  },
  {
    title: 'writes through a link to a file',
    args: { name, source, include_pat: '*.html' },
    sources,
    host: { files: { '/srv/www/index.html': { link: 'real' }, '/srv/www/real': 'old\n' } },
    expects: {
      changes: ['/srv/www/index.html'],
      files: { '/srv/www/index.html': { link: 'real' }, '/srv/www/real': 'index\n' },
    },
  },
  {
    title: 'refuses a link to a directory where the source has a file',
    args: { name, source, include_pat: '*.html' },
    sources,
    host: { files: { '/srv/www/index.html': { link: '/dir' }, '/dir/x': 'x' } },
    expects: { refused: /index\.html is a directory, and the source has a file there/ },
  },
  {
    title: 'clean replaces a link to a directory by the file of the source',
    args: { name, source, include_pat: '*.html', clean: true },
    sources,
    host: { files: { '/srv/www/index.html': { link: '/dir' }, '/dir/x': 'x' } },
    expects: {
      changes: ['/srv/www/index.html', '/srv/www/index.html'],
      files: { '/srv/www/index.html': { content: 'index\n' }, '/dir/x': 'x' },
    },
  },
  {
    title: 'refuses a file at the path',
    args: { name, source },
    sources,
    host: { files: { [name]: 'file' } },
    expects: { refused: '/srv/www is a file, not a directory.' },
  },
  {
    title: 'refuses a source that does not exist, and makes nothing',
    args: { name, source: 'salt://nowhere' },
    host: { files: srv },
    expects: { refused: 'There is no folder salt://nowhere in the file roots.', files: { [name]: null } },
  },
  {
    title: 'gives everything to a user',
    args: { name, source, include_pat: 'css/*', user: 'web', group: 'web' },
    sources,
    host: { files: srv, users: { web: 77 } },
    needsRoot: true,
    expects: {
      changes: [name, '/srv/www/css', '/srv/www/css/a.css'],
      files: {
        [name]: { user: 77 },
        '/srv/www/css': { user: 77 },
        '/srv/www/css/a.css': { user: 77, group: 77 },
        '/srv': { user: 0 },
      },
    },
  },
]);

describe('file.recurse with accumulated text', () => {
  it('gives each template what was gathered for its file', async () => {
    await using stage = await hostOf({ sources: { 'site/a': 'x', 'site/b': 'y' }, host: { files: srv } });
    const seen: unknown[] = [];
    const host = {
      ...stage.host,
      recall: (topic: string) => (topic === 'accumulator:/srv/www/b' ? [new Map([['k', ['v']]])] : []),
      render: async (request: Parameters<typeof stage.host.render>[0]) => {
        seen.push(request.context.get('accumulator'));
        return stage.host.render(request);
      },
    };
    const { again } = await applyTo(host, recurse, { name, source, template: 'jinja' });
    expect(seen.slice(0, 2)).to.deep.equal([undefined, new Map([['k', ['v']]])]);
    expect(again).to.deep.equal([]);
    expect(host.content('/srv/www/b')!.toString()).to.equal('y');
  });
});

describe('file.recurse with links in the source', () => {
  const entries: SourceEntry[] = [
    { path: 'a', kind: 'file', mode: 0o644 },
    { path: 'link', kind: 'file', target: 'a', mode: 0o644 },
  ];
  async function stageWithLinks(files = {}) {
    const stage = await hostOf({
      sources: { 'site/a': 'A', 'site/link': 'A' },
      host: { files: { ...srv, ...files } },
    });
    return { stage, host: { ...stage.host, sourceTree: () => entries } };
  }

  it('copies what they lead to', async () => {
    const { stage, host } = await stageWithLinks();
    await using _ = stage;
    await applyTo(host, recurse, { name, source });
    expect(host.stat('/srv/www/link')!.kind).to.equal('file');
  });

  it('keeps them as links', async () => {
    const { stage, host } = await stageWithLinks();
    await using _ = stage;
    const { again } = await applyTo(host, recurse, { name, source, keep_symlinks: true });
    expect(host.link('/srv/www/link')).to.equal('a');
    expect(again).to.deep.equal([]);
  });

  it('removes what lies in their way only when forced', async () => {
    const { stage, host } = await stageWithLinks({ '/srv/www/link/x': 'x' });
    await using _ = stage;
    const args = { name, source, keep_symlinks: true };
    expect((await applyTo(host, recurse, args)).refused).to.match(/link is a directory/);
    const { again } = await applyTo(host, recurse, { ...args, force_symlinks: true });
    expect(host.link('/srv/www/link')).to.equal('a');
    expect(again).to.deep.equal([]);
  });
});
