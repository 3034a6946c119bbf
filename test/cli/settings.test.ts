/** What a run goes by: option, then settings file, then current folder; and what is said of malformed files. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Options } from '../../engine/cli/given.ts';
import { readSettings, type Settings } from '../../engine/cli/settings.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';
import { brief, complaints } from '../helpers/sls.ts';

const folder = temporaryFolder();
after(() => folder[Symbol.asyncDispose]());
let count = 0;

/** A folder of its own for each case. */
function place(files: Tree): string {
  const path = join(folder.path, `case${count++}`);
  mkdirSync(path);
  buildTree(path, { cwd: { directory: true }, ...files });
  return path;
}

function settings(path: string, options: Partial<Options> = {}, uid = 1): Settings {
  return readSettings(
    { states: [], pillar: [], config: '../c.yaml', ...options },
    { cwd: join(path, 'cwd'), env: { HOME: join(path, 'home') }, uid },
  );
}

function said(files: Tree, options: Partial<Options> = {}): string[] {
  const path = place(files);
  return complaints(() => settings(path, options)).map((one) =>
    `${brief(one)} ${one.message}`.replaceAll(`${path}/`, ''),
  );
}

describe('precedence', () => {
  const folders = {
    'cwd/states': { directory: true },
    'cwd/pillar': { directory: true },
    s: { directory: true },
    'cwd/o': { directory: true },
  } as const;
  const file = {
    ...folders,
    'c.yaml':
      'states: s\npillar: [s]\ntemplates: s\nroot: s\nid: n1\noutput: json\ncontext: 0\nfailhard: true\ncache: kept\nbackups: old\ntimeout: 5\n',
  };

  it('takes the current folder where nothing else is said', () => {
    const path = place({ ...folders, 'c.yaml': '' });
    expect(settings(path)).to.deep.include({
      states: [join(path, 'cwd/states')],
      pillar: [join(path, 'cwd/pillar')],
    });
  });

  it('takes the settings file before it, with paths that count from where it lies', () => {
    const path = place(file);
    expect(settings(path)).to.deep.include({
      states: [join(path, 's'), join(path, 's')],
      pillar: [join(path, 's')],
      root: join(path, 's'),
      id: 'n1',
      output: 'json',
      context: 0,
      failhard: true,
      cache: join(path, 'kept'),
      backups: join(path, 'old'),
      timeout: 5,
    });
  });

  it('takes options before both, with paths that count from the current folder', () => {
    const path = place(file);
    const own = join(path, 'cwd/o');
    const options: Partial<Options> = {
      states: ['o'],
      pillar: ['o'],
      templates: 'o',
      root: 'o',
      id: 'n2',
      output: 'human',
      context: 7,
      cache: 'o',
    };
    expect(settings(path, options)).to.deep.include({
      states: [own, own],
      pillar: [own],
      root: own,
      id: 'n2',
      output: 'human',
      context: 7,
      cache: own,
    });
    expect(settings(path, { cache: false }).cache).to.equal(false);
  });

  it('has values for everything that nobody says', () => {
    const path = place({ 'c.yaml': '' });
    const found = settings(path);
    expect(found).to.deep.include({
      states: [],
      pillar: [],
      output: 'human',
      stateOutput: 'changes',
      context: 3,
      detailedExitcode: false,
      failhard: false,
      color: 'auto',
      logLevel: 'warning',
      cache: join(path, 'home/.cache/converge'),
      backups: join(path, 'home/.local/state/converge/backups'),
      journal: join(path, 'home/.local/state/converge'),
      lock: join(path, 'home/.local/state/converge'),
      historyRuns: 500,
      historySize: 64 * 2 ** 20,
      wait: 10,
      cause: 'cli',
      timeout: 3600,
      automaticOrder: true,
      mergeLists: false,
    });
    expect(found).not.to.have.any.keys(
      'root',
      'id',
      'foreignGrains',
      'ownGrains',
      'pillarOverride',
      'runTimeout',
    );
  });

  it('keeps root’s files where root’s files are', () => {
    const found = settings(place({ 'c.yaml': '' }), { cache: false }, 0);
    expect(found.backups).to.equal('/var/lib/converge/backups');
    expect(found.journal).to.equal('/var/lib/converge');
    expect(found.lock).to.equal('/run/converge');
  });

  it('has a lock for each root, and no history of it', () => {
    const path = place({ 'c.yaml': 'root: image\nstate_dir: /s\n', 'image/etc': { directory: true } });
    const found = settings(path, {}, 0);
    expect(found.journal).to.equal(undefined);
    expect(found.lock).to.equal(`/s/roots/${encodeURIComponent(join(path, 'image'))}`);
    const deep = ['a', 'b'].map((last) => `${'deep/'.repeat(60)}${last}`);
    for (const one of deep) mkdirSync(join(path, one), { recursive: true });
    const [one, other] = deep.map((root) => settings(path, { root: join(path, root) }, 0).lock);
    expect(one, 'a name that file systems take').to.match(/^\/s\/roots\/[0-9a-f]{64}$/);
    expect(other).not.to.equal(one);
    expect(settings(path, { root: '/' }, 0)).to.include({ journal: '/s', lock: '/s' });
  });

  it('lets grains of the root win over those of the settings', () => {
    const path = place({
      'c.yaml': 'grains: {a: 1, b: 1}\nroot: image\n',
      'image/etc/converge/grains.yaml': 'b: 2\n8080: x\n',
    });
    expect([...settings(path).ownGrains!]).to.deep.equal([
      ['a', 1],
      ['b', 2],
      [8080, 'x'],
    ]);
  });

  it('takes facts of another host instead of grains', () => {
    const path = place({
      'c.yaml': 'root: image\n',
      'image/etc/converge/grains.yaml': 'b: [\n',
      'cwd/g.json': '{"os": "Plan9", "__proto__": 1}',
    });
    const found = settings(path, { grains: 'g.json' });
    expect([...found.foreignGrains!.keys()]).to.deep.equal(['os', '__proto__']);
    expect(found.ownGrains).to.equal(undefined);
  });
});

describe('malformed settings', () => {
  const cases: [text: string, expected: string[]][] = [
    ['sates: x', ['bad-configuration c.yaml:1:1 There is no setting "sates".']],
    ['id: a\nconstructor: x\n', ['bad-configuration c.yaml:2:1 There is no setting "constructor".']],
    ['5: x', ['bad-configuration c.yaml:1:1 There is no setting "5".']],
    [
      'id: a\nstates: [5]',
      ['bad-configuration c.yaml:2:1 The setting "states" has to be text or a list of texts.'],
    ],
    ['states: ', ['bad-configuration c.yaml:1:1 The setting "states" has to be text or a list of texts.']],
    ['id: 5', ['bad-configuration c.yaml:1:1 The setting "id" has to be text.']],
    ['id: ""', ['bad-configuration c.yaml:1:1 The setting "id" has to be text.']],
    [
      'context: -1',
      ['bad-configuration c.yaml:1:1 The setting "context" has to be a whole number that is not negative.'],
    ],
    [
      'timeout: 1.5',
      ['bad-configuration c.yaml:1:1 The setting "timeout" has to be a whole number that is not negative.'],
    ],
    ['failhard: "yes"', ['bad-configuration c.yaml:1:1 The setting "failhard" has to be true or false.']],
    ['grains: [a]', ['bad-configuration c.yaml:1:1 The setting "grains" has to be a mapping.']],
    ['output: xml', ['bad-configuration c.yaml:1:1 The setting "output" cannot be "xml".']],
    ['color: no', ['bad-configuration c.yaml:1:1 The setting "color" has to be text.']],
    [
      'log_level: 5\noutput: []',
      [
        'bad-configuration c.yaml:1:1 The setting "log_level" has to be text.',
        'bad-configuration c.yaml:2:1 The setting "output" has to be text.',
      ],
    ],
    ['[a]', ['bad-configuration c.yaml:1:1 The file has to be a mapping from names to values.']],
    ['text', ['bad-configuration c.yaml:1:1 The file has to be a mapping from names to values.']],
    ['states: none', ['file-not-found The folder none does not exist.']],
    ['states: c.yaml', ['file-not-found c.yaml is no folder.']],
    ['root: c.yaml/below', ['file-not-found The folder c.yaml/below does not exist.']],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), () => expect(said({ 'c.yaml': text })).to.deep.equal(expected));
  }

  it('what is no YAML, no UTF-8 or no file', () => {
    expect(said({ 'c.yaml': 'a: [' })[0]).to.match(/^yaml-syntax c\.yaml:1:/);
    expect(said({ 'c.yaml': { content: Buffer.from([0x61, 0xff]) } })[0]).to.match(/^not-utf8 c\.yaml/);
    expect(said({ 'c.yaml': { directory: true } })[0]).to.match(/^file-unreadable c\.yaml/);
    expect(said({})[0]).to.equal('bad-configuration The settings file ../c.yaml does not exist.');
  });

  it('links that lead in a circle', () => {
    const path = place({ 'c.yaml': 'states: loop' });
    symlinkSync('loop', join(path, 'loop'));
    expect(complaints(() => settings(path)).map(({ code }) => code)).to.deep.equal(['file-not-found']);
  });

  it('grains of one’s own', () => {
    const root = { 'c.yaml': 'root: r' };
    expect(said({ ...root, 'r/etc/converge/grains.yaml': '[a]' })).to.deep.equal([
      'bad-grains r/etc/converge/grains.yaml:1:1 The file has to be a mapping from names to values.',
    ]);
    expect(said({ ...root, 'r/etc/converge/grains.yaml': 'a: 1\na: 2' })).to.have.length(1);
  });
});

describe('--pillar-override', () => {
  function override(text: string, files: Tree = {}): unknown {
    return settings(place({ 'c.yaml': '', ...files }), { pillarOverride: text }).pillarOverride;
  }

  const cases: [text: string, expected: [unknown, unknown][]][] = [
    ['{}', []],
    ['  {"a": 1}', [['a', 1]]],
    ['{"a": {"b": [1, null, true, "x"]}}', [['a', new Map([['b', [1, null, true, 'x']]])]]],
    [
      '{"8080": 1, "1": 2}',
      [
        ['1', 2],
        ['8080', 1],
      ],
    ],
    [
      '{"__proto__": {"a": 1}, "constructor": 2}',
      [
        ['__proto__', new Map([['a', 1]])],
        ['constructor', 2],
      ],
    ],
    [
      'p.yaml',
      [
        ['a', 1],
        [5, 'x'],
      ],
    ],
    ['p.json', [['a', 1]]],
    ['empty.yaml', []],
  ];
  for (const [text, expected] of cases) {
    it(text, () => {
      const files = {
        'cwd/p.yaml': 'a: 1\n5: x\n',
        'cwd/p.json': '{"a": 1}',
        'cwd/empty.yaml': '# nothing\n',
      };
      expect([...(override(text, files) as Map<unknown, unknown>)]).to.deep.equal(expected);
    });
  }

  const wrong: [text: string, expected: RegExp][] = [
    ['{a: 1}', /^bad-configuration --pillar-override is no valid JSON/],
    ['{"a": 1', /^bad-configuration --pillar-override is no valid JSON/],
    ['none.yaml', /^file-not-found The file cwd\/none\.yaml does not exist/],
    ['[1]', /^file-not-found/],
    ['list.yaml', /^bad-pillar cwd\/list\.yaml:1:1/],
    ['broken.yaml', /^yaml-syntax cwd\/broken\.yaml:1:/],
  ];
  for (const [text, expected] of wrong) {
    it(`refuses ${text}`, () => {
      const found = said(
        { 'c.yaml': '', 'cwd/list.yaml': '[1]', 'cwd/broken.yaml': 'a: [' },
        { pillarOverride: text },
      );
      expect(found).to.have.length(1);
      expect(found[0]).to.match(expected);
    });
  }
});

describe('the cache folder', () => {
  it('follows XDG_CACHE_HOME where that is absolute', () => {
    const path = place({ 'c.yaml': '' });
    mkdirSync(join(path, 'xdg'));
    const around = (home: string) => ({
      cwd: join(path, 'cwd'),
      env: { XDG_CACHE_HOME: home, HOME: join(path, 'home') },
      uid: 1,
    });
    const cacheOf = (home: string) =>
      readSettings({ states: [], pillar: [], config: '../c.yaml' }, around(home)).cache;
    expect(cacheOf(join(path, 'xdg'))).to.equal(join(path, 'xdg/converge'));
    expect(cacheOf('xdg')).to.equal(join(path, 'home/.cache/converge'));
    expect(cacheOf('')).to.equal(join(path, 'home/.cache/converge'));
  });
});
