/** Finding, rendering, parsing and including SLS files; top files and the pillar, which are read alike. */
import { join } from 'node:path';
import { expect } from 'chai';
import { at, Trouble } from '../../engine/core/diagnostic.ts';
import { type Dict, toPlain } from '../../engine/core/value.ts';
import { noCache } from '../../engine/source/cache.ts';
import type { SlsSource } from '../../engine/source/parse-file.ts';
import { readPillar } from '../../engine/source/pillar.ts';
import { readStates } from '../../engine/source/sls.ts';
import { createTemplates } from '../../engine/source/template.ts';
import { missingIn, readTop } from '../../engine/source/top.ts';
import { createTree } from '../../engine/source/tree.ts';
import { parseYaml, placesIn } from '../../engine/source/yaml.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

async function inTree<T>(files: Tree, work: (source: SlsSource) => Promise<T>): Promise<T> {
  await using folder = temporaryFolder();
  buildTree(folder.path, files);
  const tree = createTree([folder.path]);
  const source: SlsSource = {
    tree,
    cache: noCache,
    variables: new Map<string, unknown>([['grains', new Map([['id', 'node1']])]]),
    templates: createTemplates({
      load: (name) => tree.find(name),
      functions: new Map(),
      parseYaml: (text, file) => parseYaml(text, placesIn(file, text)).value,
    }),
  };
  try {
    return await work(source);
  } catch (error) {
    if (error instanceof Trouble) throw new Trouble(resolved(error, folder.path));
    throw error;
  }
}

/** Places while the files are still there, below the tree. */
function resolved(trouble: Trouble, folder: string): Trouble['diagnostics'] {
  return trouble.diagnostics.map((one) => {
    const place = one.origin?.place();
    return place
      ? { ...one, origin: { place: () => ({ ...place, file: place.file.replace(join(folder, '/'), '') }) } }
      : one;
  });
}

async function errors(files: Tree, work: (source: SlsSource) => Promise<unknown>): Promise<string[]> {
  try {
    await inTree(files, work);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return error.diagnostics.map(({ code, origin }) => {
      const place = origin?.place();
      return place ? `${code} ${place.file}:${place.line}:${place.column}` : code;
    });
  }
  return [];
}

async function names(files: Tree, ...wanted: string[]): Promise<string[]> {
  return inTree(files, async (source) => (await readStates(source, wanted)).map(({ name }) => name));
}

const node = { id: 'node1', grains: new Map([['os', 'Debian']]), pillar: new Map() };

describe('readStates', () => {
  it('reads what a file includes before the file, depth first, each once', async () => {
    const files = {
      'main.sls': 'include: [a, b]\n',
      'a.sls': 'include: [c]\n',
      'b.sls': 'include: [c, main]\n',
      'c.sls': 'x: test.nop\n',
    };
    expect(await names(files, 'main')).to.deep.equal(['c', 'a', 'b', 'main']);
  });

  it('understands relative includes, from an init and from a file', async () => {
    const files = {
      'web/init.sls': 'include: [.conf, ..base]\n',
      'web/conf.sls': 'include: [.tls.init]\n',
      'web/tls/init.sls': '',
      'base.sls': '',
    };
    expect(await names(files, 'web')).to.deep.equal(['web.tls.init', 'web.conf', 'base', 'web']);
  });

  it('prefers x.sls to x/init.sls, and .sls to .yaml', async () => {
    const files = { 'x.sls': 'a: test.nop', 'x/init.sls': 'b: test.nop', 'x.yaml': 'c: test.nop' };
    const [sls] = await inTree(files, (source) => readStates(source, ['x']));
    expect(toPlain(sls!.value)).to.deep.equal({ a: 'test.nop' });
  });

  it('takes patterns for files below a folder at any depth, data files left out', async () => {
    const files = {
      'main.sls': "include: ['parts.*']\n",
      'parts/init.sls': '',
      'parts/a.sls': '',
      'parts/deep/b.sls': '',
      'parts/data.yaml': 'x: 1',
    };
    expect(await names(files, 'main')).to.deep.equal(['parts.a', 'parts.deep.b', 'main']);
  });

  const wrong: [title: string, files: Tree, wanted: string[]][] = [
    ['a missing include', { 'main.sls': 'include:\n  - nowhere\n' }, ['sls-not-found main.sls:2:5']],
    ['an include that is no list', { 'main.sls': 'include: a\n' }, ['bad-include main.sls:1:10']],
    ['an include that leads out', { 'main.sls': 'include: [..a]\n' }, ['bad-include main.sls:1:11']],
    ['another environment', { 'main.sls': 'include: [{dev: a}]\n' }, ['unknown-environment main.sls:1:11']],
    ['a file that is no mapping', { 'main.sls': '- a\n- b\n' }, ['bad-sls main.sls:1:1']],
    ['an unknown renderer', { 'main.sls': '#!mako|yaml\n' }, ['unknown-renderer main.sls:1:1']],
    ['a file that is not UTF-8', { 'main.sls': Buffer.from([0x61, 0xff]) }, ['not-utf8 main.sls:1:1']],
    [
      'errors of several files',
      { 'main.sls': 'include: [a, b]\n', 'a.sls': 'x: [\n', 'b.sls': 'y: {{ z }}\n' },
      ['yaml-syntax a.sls:1:4', 'template-undefined b.sls:1:7'],
    ],
  ];
  for (const [title, files, wanted] of wrong) {
    it(`says where ${title} is`, async () => {
      expect(await errors(files, (source) => readStates(source, ['main']))).to.deep.equal(wanted);
    });
  }

  for (const [line, wanted] of [
    ['#!yaml', { a: '{{ x }}' }],
    ['#!jinja|yaml', { a: 2 }],
    ['#!jinja', { a: 2 }],
  ] as const) {
    it(`follows the renderer line ${line}`, async () => {
      const text = line === '#!yaml' ? `${line}\na: '{{ x }}'\n` : `${line}\na: {{ 1 + 1 }}\n`;
      const [sls] = await inTree({ 'main.sls': text }, (source) => readStates(source, ['main']));
      expect(toPlain(sls!.value)).to.deep.equal(wanted);
    });
  }

  for (const line of ['#!json', '#!json|jinja', '#!jinja|json']) {
    it(`reads JSON below ${line}`, async () => {
      const [sls] = await inTree({ 'main.sls': `${line}\n{"a": [1, true]}\n` }, (s) =>
        readStates(s, ['main']),
      );
      expect(toPlain(sls!.value)).to.deep.equal({ a: [1, true] });
    });
  }
});

describe('readTop', () => {
  async function top(text: string): Promise<string[]> {
    return inTree({ 'top.sls': text }, async (source) =>
      (await readTop(source, node))!.entries.map(({ name }) => name),
    );
  }

  it('gathers the files of all targets that match, each once, in order', async () => {
    expect(
      await top(
        "base:\n  '*': [a, b]\n  'other': [c]\n  'G@os:Debian and node*': [b, d]\n  'os:Debian':\n    - match: grain\n    - e\n",
      ),
    ).to.deep.equal(['a', 'b', 'd', 'e']);
  });

  it('heeds the order of targets', async () => {
    expect(await top("base:\n  '*': [{order: 2}, a]\n  'node1': [{order: 1}, b]\n")).to.deep.equal([
      'b',
      'a',
    ]);
  });

  it('takes top.yaml too', async () => {
    const found = await inTree({ 'top.yaml': "base: {'*': [a]}\n" }, (source) => readTop(source, node));
    expect(found?.entries.map(({ name }) => name)).to.deep.equal(['a']);
  });

  const wrong: [title: string, text: string, wanted: string[]][] = [
    ['another environment', "base: {'*': [a]}\ndev: {'*': [b]}\n", ['unknown-environment top.sls:2:1']],
    ['a target without a list', "base:\n  '*': {a: b}\n", ['bad-top-file top.sls:2:3']],
    ['a target with a name alone', "base:\n  '*': a\n", ['bad-top-file top.sls:2:3']],
    ['a base that is a list', 'base: [a]\n', ['bad-top-file top.sls:1:1']],
    ['a list', '- a\n', ['bad-top-file top.sls:1:1']],
    ['an unknown setting', "base:\n  '*':\n    - mtch: grain\n    - a\n", ['bad-top-file top.sls:3:7']],
    ['a target that cannot be read', "base:\n  'G@os:Debian and': [a]\n", ['bad-target top.sls:2:3']],
  ];
  for (const [title, text, wanted] of wrong) {
    it(`says where ${title} is`, async () => {
      expect(await errors({ 'top.sls': text }, (source) => readTop(source, node))).to.deep.equal(wanted);
    });
  }

  it('tells which of its files are missing', async () => {
    const found = await inTree({ 'top.sls': "base: {'*': [a, gone]}\n", 'a.sls': '' }, async (source) =>
      missingIn(source, (await readTop(source, node))!),
    );
    expect(found.map(({ code }) => code)).to.deep.equal(['sls-not-found']);
  });
});

describe('readPillar', () => {
  async function pillar(files: Tree, override?: Dict): Promise<unknown> {
    return inTree(files, async (source) =>
      toPlain(
        (
          await readPillar(
            source,
            node,
            override ? { override: { value: override, locate: () => at('command line', 1, 1) } } : {},
          )
        ).value,
      ),
    );
  }
  const all = "base: {'*': [a, b]}\n";

  it('merges dicts, replaces lists, and lets a later file win', async () => {
    expect(
      await pillar({
        'top.sls': all,
        'a.sls': 'x: {a: 1, l: [1, 2]}\ny: 1\n',
        'b.sls': 'x: {b: 2, l: [3]}\n',
      }),
    ).to.deep.equal({ x: { a: 1, l: [3], b: 2 }, y: 1 });
  });

  it('lets a file win over what it includes, below a key, with variables', async () => {
    expect(
      await pillar({
        'top.sls': "base: {'*': [a]}\n",
        'a.sls': 'include:\n  - b: {key: in:ner, defaults: {n: 3}}\n  - c\nx: own\n',
        'b.sls': 'v: {{ n * 2 }}\n',
        'c.sls': 'x: theirs\nz: 1\n',
      }),
    ).to.deep.equal({ in: { ner: { v: 6 } }, x: 'own', z: 1 });
  });

  it('includes each file once, also in a circle', async () => {
    expect(
      await pillar({
        'top.sls': "base: {'*': [a]}\n",
        'a.sls': 'include: [b, sub/c]\nx: a\ny: a\n',
        'b.sls': 'include: [a]\nx: b\nz: b\n',
        'sub/c.sls': 'include: [b]\nz: c\nw: c\n',
      }),
    ).to.deep.equal({ x: 'a', y: 'a', z: 'c', w: 'c' });
  });

  it('lets a file that the top file names again win over one that includes it', async () => {
    expect(
      await pillar({ 'top.sls': all, 'a.sls': 'include: [b]\nx: a\n', 'b.sls': 'x: b\n' }),
    ).to.deep.equal({
      x: 'b',
    });
  });

  it('hands the variables of an include on to what that includes', async () => {
    expect(
      await pillar({
        'top.sls': "base: {'*': [a]}\n",
        'a.sls': 'include: [{b: {defaults: {n: 3}}}]\n',
        'b.sls': 'include: [c]\n',
        'c.sls': 'v: {{ n }}\n',
      }),
    ).to.deep.equal({ v: 3 });
  });

  it('merges what the command line says over everything', async () => {
    expect(
      await pillar(
        { 'top.sls': "base: {'*': [a]}\n", 'a.sls': 'x: {y: 1, z: 2}\n' },
        new Map([['x', new Map([['y', 9]])]]),
      ),
    ).to.deep.equal({ x: { y: 9, z: 2 } });
  });

  it('is empty without a top file', async () => expect(await pillar({})).to.deep.equal({}));

  it('tolerates a missing file only where told', async () => {
    expect(await pillar({ 'top.sls': "base: {'*': [{ignore_missing: true}, gone]}\n" })).to.deep.equal({});
  });

  const wrong: [title: string, files: Tree, wanted: string[]][] = [
    ['a missing file', { 'top.sls': "base:\n  '*':\n    - gone\n" }, ['pillar-not-found top.sls:3:7']],
    [
      'a missing include',
      { 'top.sls': "base: {'*': [a]}\n", 'a.sls': 'include: [gone]\n' },
      ['pillar-not-found a.sls:1:11'],
    ],
    ['a list', { 'top.sls': "base: {'*': [a]}\n", 'a.sls': '- 1\n' }, ['bad-pillar a.sls:1:1']],
    [
      'errors of two files',
      { 'top.sls': all, 'a.sls': 'x: [\n', 'b.sls': 'y: {{ z }}\n' },
      ['yaml-syntax a.sls:1:4', 'template-undefined b.sls:1:7'],
    ],
  ];
  for (const [title, files, wanted] of wrong) {
    it(`stops at ${title} and says where`, async () => {
      expect(await errors(files, (source) => readPillar(source, node))).to.deep.equal(wanted);
    });
  }
});
