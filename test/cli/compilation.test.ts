/** From names, a top file or one line to the order of a run. */
import { expect } from 'chai';
import { compileNames, compileSingle, low, read, topOf } from '../../engine/cli/compilation.ts';
import type { Options } from '../../engine/cli/given.ts';
import { createWorld, type World } from '../../engine/cli/world.ts';
import { type Diagnostic, Trouble } from '../../engine/core/diagnostic.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';
import { brief, labels } from '../helpers/sls.ts';

async function inWorld(
  files: Tree,
  work: (world: World) => Promise<void>,
  options: Partial<Options> = {},
): Promise<void> {
  await using folder = temporaryFolder();
  buildTree(folder.path, {
    root: { directory: true },
    states: { directory: true },
    pillar: { directory: true },
    ...files,
  });
  const world = await createWorld(
    { states: ['states'], pillar: ['pillar'], root: 'root', id: 'n1', cache: false, ...options },
    { stdout: { write: () => {} }, stderr: { write: () => {} }, env: {}, cwd: folder.path, uid: 1 },
  );
  await work(world);
}

async function trouble(work: () => Promise<unknown>): Promise<readonly Diagnostic[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Trouble) return error.diagnostics;
    throw error;
  }
  throw new Error('It went through.');
}

const tree = {
  'states/top.sls': "base: {'n1': [a, b.c], 'n2': [z]}\n",
  'states/a.sls': 'include: [b.c]\nfirst: test.nop\n',
  'states/b/c.sls': 'second: test.nop\n',
  'states/z.sls': 'third: test.nop\n',
};

describe('compilation', () => {
  it('goes by the top file where no names are given', () =>
    inWorld(tree, async (world) => {
      expect((await topOf(world)).entries.map(({ name }) => name)).to.deep.equal(['a', 'b.c']);
      expect((await read(world, undefined)).map(({ name }) => name)).to.deep.equal(['b.c', 'a']);
      expect(labels((await compileNames(world, undefined)).states)).to.deep.equal([
        'test: second',
        'test: first',
      ]);
    }));

  it('goes by names where they are given, without a top file', () =>
    inWorld({ 'states/z.sls': 'third: test.nop\n' }, async (world) => {
      expect((await low(world, ['z'])).chunks.map(({ id }) => id)).to.deep.equal(['third']);
    }));

  it('leaves out what a top file says may be missing', () =>
    inWorld(
      { ...tree, 'states/top.sls': "base: {'*': [ignore_missing: true, nope, z]}\n" },
      async (world) => {
        expect((await read(world, undefined)).map(({ name }) => name)).to.deep.equal(['z']);
      },
    ));

  const failures: [title: string, files: Tree, names: string[] | undefined, expected: string[]][] = [
    ['no top file', { 'states/a.sls': '' }, undefined, ['no-top-file']],
    [
      'no target that matches',
      { ...tree, 'states/top.sls': "base: {'n9': [a]}\n" },
      undefined,
      ['no-top-match'],
    ],
    [
      'a top file that names what is missing',
      { ...tree, 'states/top.sls': "base: {'*': [nope]}\n" },
      undefined,
      ['sls-not-found states/top.sls:1:14'],
    ],
    ['a name that is missing', tree, ['nope', 'z'], ['sls-not-found']],
    [
      'an include that is missing',
      { 'states/a.sls': 'include: [nope]\n' },
      ['a'],
      ['sls-not-found states/a.sls:1:11'],
    ],
    [
      'mistakes of two files',
      { 'states/a.sls': 'a: [\n', 'states/z.sls': '{{ nope }}\n' },
      ['a', 'z'],
      ['yaml-syntax states/a.sls:1:4', 'template-undefined states/z.sls:1:4'],
    ],
    [
      'a wrong argument through a template',
      {
        'states/a.sls':
          '{% for n in [1] %}\nx{{ n }}:\n  test.nop: []\ny{{ n }}:\n  file.absent:\n    - nmae: /x\n{% endfor %}\n',
      },
      ['a'],
      ['unknown-argument states/a.sls:6:7'],
    ],
  ];
  for (const [title, files, names, expected] of failures) {
    it(`tells of ${title}`, () =>
      inWorld(files, async (world) => {
        const found = await trouble(() => compileNames(world, names));
        expect(found.map((one) => brief(one).replace(/ \/.*\/(states\/)/, ' $1'))).to.deep.equal(expected);
      }));
  }

  it('loads only states there are, and says which was meant', () =>
    inWorld({ 'states/a.sls': 'x: file.manged\n__proto__: constructor.name\n' }, async (world) => {
      const found = await trouble(() => compileNames(world, ['a']));
      expect(found.map(({ code }) => code)).to.deep.equal(['unknown-state', 'unknown-state']);
      expect(found[0]!.hint).to.equal('Did you mean "file.managed"?');
    }));
});

describe('a single state', () => {
  const cases: [text: string, value: unknown][] = [
    ['5', 5],
    ['[a, 1]', ['a', 1]],
    ['yes', true],
    ['text', 'text'],
    ['a: b', 'a: b'],
    ['- a', '- a'],
    ['{a: {b: 1}}', { a: { b: 1 } }],
    ['a # no comment', 'a # no comment'],
    ['#a', '#a'],
    ['two\nlines', 'two\nlines'],
    ['"quoted"', 'quoted'],
    ["'5'", '5'],
    ['[unclosed', '[unclosed'],
    ['{{ braces }}', '{{ braces }}'],
    ['@odd', '@odd'],
    ['', null],
  ];
  for (const [text, value] of cases) {
    it(`reads ${JSON.stringify(text)}`, () =>
      inWorld({}, async (world) => {
        const order = await compileSingle(
          world,
          'test.nop',
          new Map([
            ['name', 'x'],
            ['any', text],
          ]),
        );
        expect(order.states[0]!.args['any']).to.deep.equal(value);
      }));
  }

  const names: [text: string, name: string][] = [
    ['/etc/motd', '/etc/motd'],
    ['7', '7'],
    ['yes', 'yes'],
    ['1.10', '1.10'],
    ['{a: b}', '{a: b}'],
    ['"quoted"', 'quoted'],
    ['__proto__', '__proto__'],
    ['include', 'include'],
    ['extend', 'extend'],
  ];
  for (const [text, name] of names) {
    it(`takes the name ${text} as text`, () =>
      inWorld({}, async (world) => {
        const order = await compileSingle(world, 'test.nop', new Map([['name', text]]));
        expect(labels(order.states)).to.deep.equal([`test: ${name}`]);
      }));
  }

  it('needs no name, and keeps what a number looks like', () =>
    inWorld({}, async (world) => {
      expect(labels((await compileSingle(world, 'test.nop', new Map())).states)).to.deep.equal([
        'test: test.nop',
      ]);
      const [found] = await trouble(() =>
        compileSingle(
          world,
          'file.symlink',
          new Map([
            ['name', '/x'],
            ['target', '1.10'],
          ]),
        ),
      );
      expect(found!.code).to.equal('ambiguous-scalar');
    }));
});
