/** What is kept warm comes to the same as a run that knows nothing: random trees, random events. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Options } from '../../engine/cli/given.ts';
import { executeCli, type Streams } from '../../engine/cli/main.ts';
import { Warm } from '../../engine/cli/warm.ts';
import type { Notice, Reacted, Reaction } from '../../engine/core/watch.ts';
import { lock } from '../../engine/journal/lock.ts';
import { sink } from '../helpers/cli.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';

const seeds = Number(process.env['CONVERGE_FUZZ_ROUNDS'] ?? 25);

/** A number from 0 to 1; the same seed, the same numbers (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Side {
  readonly options: Options;
  readonly streams: Streams & { stdout: ReturnType<typeof sink>; stderr: ReturnType<typeof sink> };
  /** What stands for the machine. */
  readonly root: string;
}

function sideOf(folder: TemporaryFolder, name: string): Side {
  const root = join(folder.path, name);
  fs.mkdirSync(root);
  fs.writeFileSync(
    join(folder.path, `${name}.yaml`),
    `state_dir: ${folder.path}/${name}-state\ncache: ${folder.path}/${name}-cache\nsyslog: false\n`,
  );
  const streams = {
    stdout: sink(),
    stderr: sink(),
    env: { LANG: 'C.UTF-8', HOME: folder.path },
    cwd: folder.path,
    uid: process.getuid!(),
  };
  const options: Options = {
    states: [join(folder.path, 'states')],
    pillar: [join(folder.path, 'pillar')],
    config: join(folder.path, `${name}.yaml`),
    pillarOverride: JSON.stringify({ root }),
    output: 'quiet',
  };
  return { options, streams, root };
}

async function cold({ options, streams }: Side, ...words: string[]): Promise<number> {
  const { states, pillar, config, pillarOverride } = options;
  return await executeCli(
    [
      ...['highstate', '--states', states[0]!, '--pillar', pillar[0]!, '--config', config!],
      ...['--pillar-override', pillarOverride!, '--output', 'quiet', ...words],
    ],
    streams,
  );
}

function reactionTo(affected: readonly Notice[]): Reaction {
  return { highstate: false, apply: [], affected, notices: affected };
}

const highstate: Reaction = {
  highstate: true,
  apply: [],
  affected: [],
  notices: [{ beacon: 'timer', name: 'start' }],
};

function file(name: string): Notice {
  return { beacon: 'files', name };
}

/** Path → kind, mode and content of all that is in a folder. */
function contentsOf(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const at = join(root, name);
    const stat = fs.lstatSync(at);
    const what = stat.isSymbolicLink()
      ? fs.readlinkSync(at).replace(root, '')
      : stat.isFile()
        ? fs.readFileSync(at, 'utf8').replaceAll(root, '')
        : '';
    found.set(name, `${stat.mode.toString(8)} ${what}`);
  }
  return found;
}

/** Paths that are otherwise than they were, as the kernel would tell of them. */
function changedIn(root: string, before: ReadonlyMap<string, string>): Notice[] {
  const after = contentsOf(root);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => file(join(root, name)));
}

/** A tree, as it is now, and what may happen to it. */
class Model {
  readonly #folder: string;
  readonly #random: () => number;
  readonly states = new Map<number, string>();
  readonly pillar: { [key: string]: number } = { a: 1, b: 2, c: 3 };
  #next = 0;

  constructor(folder: string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
    for (let i = 0; i < 4; i++) {
      this.write(`states/src/${i}.txt`, `source ${i}\n`);
      this.write(`states/tpl/${i}.txt`, `template ${i} {{ pillar.${this.pick(['a', 'b', 'c'])} }}\n`);
    }
    for (let i = 0; i < 10; i++) this.add();
    this.save();
  }

  number(below: number): number {
    return Math.floor(this.#random() * below);
  }

  pick<T>(all: readonly T[]): T {
    return all[this.number(all.length)]!;
  }

  write(name: string, text: string): Notice {
    const at = join(this.#folder, name);
    fs.mkdirSync(dirname(at), { recursive: true });
    fs.writeFileSync(at, text);
    return file(at);
  }

  add(): void {
    const id = this.#next++;
    const path = `{{ pillar.root }}/d${id % 3}/f${id}`;
    const others = [...this.states.keys()];
    const other = others.length > 0 ? this.pick(others) : undefined;
    const wait =
      other === undefined
        ? ''
        : `\n    - ${this.pick(['require', 'watch', 'onchanges'])}: [{file: s${other}}]`;
    const bodies = [
      `file.managed:\n    - name: ${path}\n    - makedirs: true\n    - contents: text ${this.number(100)}`,
      `file.managed:\n    - name: ${path}\n    - makedirs: true\n    - source: salt://src/${this.number(4)}.txt`,
      `file.managed:\n    - name: ${path}\n    - makedirs: true\n    - template: jinja\n    - source: salt://tpl/${this.number(4)}.txt`,
      `file.managed:\n    - name: ${path}\n    - makedirs: true\n    - contents: 'pillar {{ pillar.b }}'`,
      `file.symlink:\n    - name: ${path}\n    - makedirs: true\n    - target: /nowhere/${this.number(100)}`,
      `file.directory:\n    - name: ${path}\n    - makedirs: true\n    - mode: '07${this.number(8)}5'`,
      `file.absent:\n    - name: ${path}`,
    ];
    const watcher =
      this.#random() < 0.4 && other !== undefined
        ? `\nr${id}:\n  cmd.run:\n    - name: echo r${id} >> {{ pillar.root }}/log\n    - onchanges: [{file: s${other}}]`
        : '';
    this.states.set(
      id,
      `s${id}:\n  ${this.pick(bodies)}${other !== undefined && this.#random() < 0.3 ? wait : ''}${watcher}`,
    );
  }

  save(): Notice[] {
    const pillar = Object.entries(this.pillar).map(([key, value]) => `${key}: ${value}\n`);
    // A requisite may name a state that is gone. A command without any would run each time, but not for an event.
    const known = new Set([...this.states.keys()].map((id) => `s${id}`));
    const states = [...this.states].map(([id, text]) =>
      text
        .replace(/(echo .*\n {4}- onchanges: \[\{file: )(s\d+)/g, (all, before: string, target: string) =>
          known.has(target) ? all : `${before}s${id}`,
        )
        .replace(/\n {4}- (?:require|watch|onchanges): \[\{file: (s\d+)\}\]/g, (all, target: string) =>
          known.has(target) ? all : '',
        ),
    );
    return [
      this.write('states/top.yaml', "base:\n  '*': [all]\n"),
      this.write('states/all.yaml', `${states.join('\n')}\nnothing:\n  test.nop: []\n`),
      this.write('pillar/top.yaml', "base:\n  '*': [values]\n"),
      this.write('pillar/values.yaml', pillar.join('')),
    ];
  }

  /** Something happens in the tree. */
  change(): Notice[] {
    switch (this.number(6)) {
      case 0:
        return [this.write(`states/src/${this.number(4)}.txt`, `source ${this.number(1000)}\n`)];
      case 1:
        return [
          this.write(`states/tpl/${this.number(4)}.txt`, `other {{ pillar.a }} ${this.number(1000)}\n`),
        ];
      case 2:
        this.pillar[this.pick(['a', 'b', 'c'])] = this.number(1000);
        return this.save();
      case 3:
        this.add();
        return this.save();
      case 4:
        this.states.delete(this.pick([...this.states.keys()]));
        return this.save();
      default: {
        const id = this.pick([...this.states.keys()]);
        this.states.set(id, this.states.get(id)!.replace(/text \d+/, `text ${this.number(1000)}`));
        return this.save();
      }
    }
  }
}

/** Something happens to a machine; the same to each of them. */
function damage(model: Model, roots: readonly string[]): void {
  const names = [...contentsOf(roots[0]!).keys()].filter((name) => name !== 'log');
  if (names.length === 0) return;
  const name = model.pick(names);
  const what = model.number(4);
  for (const root of roots) {
    const at = join(root, name);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (!stat) continue;
    if (what === 0 || stat.isSymbolicLink()) fs.rmSync(at, { recursive: true });
    else if (what === 1) fs.chmodSync(at, 0o700);
    else if (stat.isFile() && what === 2) fs.writeFileSync(at, 'damaged');
    else if (stat.isFile()) fs.appendFileSync(at, 'more');
    else fs.writeFileSync(join(at, 'stray'), '');
  }
}

/** Reacts until nothing is told any more, as what a run does is told of, too. */
async function settle(warm: Warm, root: string, first: readonly Notice[]): Promise<Reacted[]> {
  const all: Reacted[] = [];
  for (let notices = first; notices.length > 0; ) {
    const before = contentsOf(root);
    all.push(await warm.react(reactionTo(notices)));
    notices = changedIn(root, before);
    expect(all.length).to.be.lessThan(10);
  }
  return all;
}

/** By a tree whose top file gives everybody these states. */
function warmSide(folder: TemporaryFolder, states: readonly string[]): Side {
  for (const name of ['states', 'pillar']) fs.mkdirSync(join(folder.path, name));
  fs.writeFileSync(join(folder.path, 'states/top.yaml'), "base:\n  '*': [all]\n");
  fs.writeFileSync(join(folder.path, 'states/all.yaml'), states.join('\n'));
  return sideOf(folder, 'warm');
}

describe('warm runs', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    it(`come to the same as cold ones: seed ${seed}`, async function () {
      this.timeout(60_000);
      await using folder = temporaryFolder();
      const random = randomFrom(seed);
      const model = new Model(folder.path, random);
      const [one, other] = [sideOf(folder, 'warm'), sideOf(folder, 'cold')];
      const warm = new Warm(one.options, one.streams);
      await warm.react(highstate);
      await cold(other);
      expect(contentsOf(one.root), one.streams.stderr.text).to.deep.equal(contentsOf(other.root));
      for (let round = 0; round < 6; round++) {
        const before = contentsOf(one.root);
        const notices: Notice[] = [];
        for (let event = model.number(3); event >= 0; event--) {
          if (random() < 0.5) damage(model, [one.root, other.root]);
          else notices.push(...model.change());
        }
        notices.push(...changedIn(one.root, before));
        for (const { root } of [one, other]) fs.rmSync(join(root, 'log'), { force: true });
        await settle(warm, one.root, notices);
        const exit = await cold(other);
        const [mine, theirs] = [contentsOf(one.root), contentsOf(other.root)].map((all) =>
          Object.fromEntries(all),
        );
        expect(mine, `round ${round}, exit ${exit}\n${one.streams.stderr.text}`).to.deep.equal(theirs);
        // And there is nothing that a cold run would still do.
        expect(await cold(one, '--test', '--detailed-exitcode'), `round ${round}`).to.equal(exit);
      }
    });
  }

  it('let go on what depends on a state that failed, and holds now without any doing of theirs', async () => {
    await using folder = temporaryFolder();
    const { options, streams, root } = warmSide(folder, [
      'one:\n  file.managed: [{name: {{ pillar.root }}/dir/one}, {contents: x}]',
      'two:\n  file.managed: [{name: {{ pillar.root }}/two}, {contents: x}, {require: [{file: one}]}]',
    ]);
    const warm = new Warm(options, streams);
    expect(await warm.react(highstate)).to.include({ failed: 2 });
    fs.mkdirSync(join(root, 'dir'));
    fs.writeFileSync(join(root, 'dir/one'), 'x\n');
    expect(await warm.react(reactionTo([file(join(root, 'dir/one'))]))).to.include({ changed: 1, failed: 0 });
    expect(fs.existsSync(join(root, 'two'))).to.equal(true);
  });

  it('try again what failed, also behind what only warned, and leave alone what would be refused again', async () => {
    await using folder = temporaryFolder();
    const { options, streams, root } = warmSide(folder, [
      'warner:\n  test.configurable_test_state: [{changes: false}, {warnings: not yet}]',
      'one:\n  file.managed: [{name: {{ pillar.root }}/dir/one}, {contents: x}, {require: [{test: warner}]}]',
      'two:\n  file.managed: [{name: {{ pillar.root }}/two}, {contents: x}, {require: [{file: one}]}]',
    ]);
    const warm = new Warm(options, streams);
    const retry = reactionTo([{ beacon: 'retry', name: 'unsettled' }]);
    expect(await warm.react(highstate)).to.include({ failed: 2 });
    expect(warm.targets().unsettled.size).to.equal(3);
    expect(await warm.react(retry)).to.deep.equal({ moved: [], changed: 0, failed: 0 });
    fs.mkdirSync(join(root, 'dir'));
    expect(await warm.react(retry)).to.include({ changed: 2, failed: 0 });
    expect([...warm.targets().unsettled]).to.deep.equal(['test.configurable_test_state warner warner']);
  });

  it('are by the tree that took the place of the one they knew, though nobody told of it', async () => {
    await using folder = temporaryFolder();
    const at = (path: string) => join(folder.path, path);
    for (const [tree, word] of [
      ['tree', 'old'],
      ['next', 'new'],
    ] as const) {
      fs.mkdirSync(at(`${tree}/states`), { recursive: true });
      fs.mkdirSync(at(`${tree}/pillar`));
      fs.writeFileSync(at(`${tree}/states/top.yaml`), "base:\n  '*': [all]\n");
      fs.writeFileSync(
        at(`${tree}/states/all.yaml`),
        `one:\n  file.managed: [{name: {{ pillar.root }}/one}, {contents: ${word}}]\n`,
      );
    }
    const { options, streams, root } = sideOf(folder, 'warm');
    const roots = { states: [at('tree/states')], pillar: [at('tree/pillar')] };
    const warm = new Warm({ ...options, ...roots }, streams);
    await warm.react(highstate);
    fs.renameSync(at('tree'), at('before'));
    fs.renameSync(at('next'), at('tree'));
    fs.writeFileSync(join(root, 'one'), 'new\n');
    expect(await warm.react(reactionTo([file(join(root, 'one'))]))).to.include({ changed: 0, failed: 0 });
    expect(fs.readFileSync(join(root, 'one'), 'utf8')).to.equal('new\n');
  });

  for (const [what, reactionOf] of [
    ['a highstate', () => highstate],
    ['what an event calls for', (path: string) => reactionTo([file(path)])],
  ] as const)
    it(`are by the tree as it is when another run is over that ${what} has waited for`, async () => {
      await using folder = temporaryFolder();
      const { options, streams, root } = warmSide(folder, [
        'one:\n  file.managed: [{name: {{ pillar.root }}/one}, {contents: old}]',
      ]);
      const warm = new Warm({ ...options, wait: 20 }, streams);
      const path = join(root, 'one');
      await warm.react(highstate);
      const other = await lock(
        join(folder.path, 'warm-state'),
        { pid: 1, verb: 'highstate', since: 0 },
        { wait: 0 },
      );
      if (!(Symbol.dispose in other)) throw new Error('The lock is not free.');
      fs.writeFileSync(path, 'by hand\n');
      const reacted = warm.react(reactionOf(path));
      await new Promise((resolve) => setTimeout(resolve, 500));
      const tree = join(folder.path, 'states/all.yaml');
      fs.writeFileSync(tree, fs.readFileSync(tree, 'utf8').replace('old', 'new'));
      fs.writeFileSync(path, 'new\n');
      other[Symbol.dispose]();
      expect(await reacted).to.include({ changed: 0, failed: 0 });
      expect(fs.readFileSync(path, 'utf8')).to.equal('new\n');
    });
});
