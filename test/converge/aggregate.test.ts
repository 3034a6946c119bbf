/** States of one kind that are next to each other are done in one go, and each still answers for itself. */
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { lowState, runnables } from '../../engine/compile/compile.ts';
import { converge } from '../../engine/converge/converge.ts';
import type { ChunkResult, Event } from '../../engine/core/event.ts';
import { type AnyState, defineState } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { parseYaml, placesIn } from '../../engine/source/yaml.ts';
import { temporaryFolder } from '../helpers/folders.ts';

/** Stands for a package: a file that `touch` makes, of which one call makes many. */
const touched = defineState({
  summary: 'the files are there',
  properties: {
    files: { type: 'array', items: { type: 'string' }, description: 'Paths.' },
    slot: { type: 'string', description: 'States of different slots are not joined.' },
  },
  examples: [],
  read: ({ name, files }, reader) =>
    (files ?? [name]).map((path) => ({ path, there: reader.stat(path) !== undefined })),
  plan(_args, now) {
    const missing = now.filter(({ there }) => !there).map(({ path }) => path);
    if (missing.length === 0) return { steps: [], comment: 'Already there' };
    const [change, ...also] = missing.map((path) => ({ subject: path, old: '', new: 'there' }));
    return [
      {
        change: change!,
        also,
        effect: {
          kind: 'exec',
          command: { argv: ['touch', '--', ...missing] },
          settles: missing.map((path) => ({
            about: 'file' as const,
            effect: { kind: 'write' as const, path, content: Buffer.alloc(0) },
          })),
        },
      },
    ];
  },
  aggregate: {
    key: ({ slot = '' }) => slot,
    join: (all) => ({ ...all[0]!, files: all.flatMap(({ name, files }) => files ?? [name]) }),
  },
});

const states = ['test.nop', 'test.fail_without_changes', 'test.succeed_with_changes'];
const definitions = new Map<string, AnyState>([['made.touched', touched]]);

interface Ran {
  readonly results: readonly ChunkResult[];
  /** Files of each call of `touch`, by their names. */
  readonly calls: readonly (readonly string[])[];
}

describe('aggregate', () => {
  before(async () => {
    for (const address of states) definitions.set(address, await loadState(address));
  });

  async function run(yaml: string, folder: string, { dry = false } = {}): Promise<Ran> {
    const text = yaml.replaceAll('DIR', folder);
    const { value } = parseYaml(text, placesIn('main.sls', text));
    const sls = {
      name: 'main',
      file: 'main.sls',
      isInit: false,
      value,
      locate: () => ({ place: () => ({ file: 'main.sls', line: 1, column: 1 }) }),
      ambiguous: () => undefined,
      trail: [],
    };
    const order = runnables(lowState([sls]).chunks, {
      list: () => [...definitions.keys()],
      get: (address) => definitions.get(address),
    });
    const host = createLocalHost();
    const events: Event[] = [];
    await converge(order, {
      host: dry ? createOverlay(host) : host,
      shadow: () => createOverlay(host),
      emit: (event) => events.push(event),
      call: () => true,
      failhard: false,
      wait: async () => {},
      dry,
    });
    return {
      results: events.flatMap((event) => (event.kind === 'state-finished' ? [event.result] : [])),
      calls: events.flatMap((event) =>
        event.kind === 'effect-performed' && event.effect.kind === 'exec'
          ? [event.effect.command.argv.slice(2).map((path) => path.replace(/.*\//, ''))]
          : [],
      ),
    };
  }

  function told({ results }: Ran): string[] {
    return results.map(({ id, verdict }) => `${id.replace(/.*\//, '')} ${verdict}`);
  }

  it('does neighbours in one go, and each reports its own changes', async () => {
    await using folder = temporaryFolder();
    const ran = await run('DIR/a: made.touched\nDIR/b: made.touched\nDIR/c: made.touched\n', folder.path);
    expect(ran.calls).to.deep.equal([['a', 'b', 'c']]);
    expect(told(ran)).to.deep.equal(['a changed', 'b changed', 'c changed']);
    expect(Object.keys(ran.results[1]!.changes)).to.deep.equal([`${folder.path}/b`]);
    expect(ran.results[1]!.comment).to.include('in one go').and.include(`"${folder.path}/a"`);
    const again = await run('DIR/a: made.touched\nDIR/b: made.touched\n', folder.path);
    expect(again.calls).to.deep.equal([]);
    expect(told(again)).to.deep.equal(['a unchanged', 'b unchanged']);
    expect(again.results[1]!.comment).to.equal('Already there');
  });

  it('tells the same in a dry run, and touches nothing', async () => {
    await using folder = temporaryFolder();
    const ran = await run('DIR/a: made.touched\nDIR/b: made.touched\n', folder.path, { dry: true });
    expect(ran.calls).to.deep.equal([['a', 'b']]);
    expect(told(ran)).to.deep.equal(['a would-change', 'b would-change']);
    expect(existsSync(`${folder.path}/a`)).to.equal(false);
  });

  it('leaves alone what is there already', async () => {
    await using folder = temporaryFolder();
    await run('DIR/b: made.touched\n', folder.path);
    const ran = await run('DIR/a: made.touched\nDIR/b: made.touched\nDIR/c: made.touched\n', folder.path);
    expect(ran.calls).to.deep.equal([['a', 'c']]);
    expect(told(ran)).to.deep.equal(['a changed', 'b unchanged', 'c changed']);
  });

  it('names the state to blame, and the others succeed', async () => {
    await using folder = temporaryFolder();
    const ran = await run(
      'DIR/a: made.touched\nDIR/none/b: made.touched\nDIR/c: made.touched\n',
      folder.path,
    );
    expect(told(ran)).to.deep.equal(['a changed', 'b failed', 'c changed']);
    expect(ran.calls).to.deep.equal([['a', 'b', 'c'], ['b']]);
    expect(existsSync(`${folder.path}/c`)).to.equal(true);
  });

  it('never runs ahead of a requisite, of another state between, or of conditions', async () => {
    await using folder = temporaryFolder();
    const ran = await run(
      [
        'DIR/a: made.touched',
        'DIR/b:\n  made.touched:\n    - require: [{made: DIR/a}]',
        'between: test.nop',
        'DIR/c: made.touched',
        'DIR/d:\n  made.touched:\n    - onlyif: test -e DIR/c',
        'DIR/e:\n  made.touched:\n    - onchanges: [{test: between}]',
        'DIR/f:\n  made.touched:\n    - slot: other',
        'DIR/g:\n  made.touched:\n    - aggregate: false',
        'DIR/h: made.touched',
        '',
      ].join('\n'),
      folder.path,
    );
    expect(ran.calls).to.deep.equal([['a'], ['b'], ['c'], ['d'], ['f'], ['g'], ['h']]);
    expect(told(ran)[5]).to.equal('e skipped');
  });

  it('joins what requires something that is done, and fails what requires a failure', async () => {
    await using folder = temporaryFolder();
    const ran = await run(
      [
        'first: test.succeed_with_changes',
        'bad: test.fail_without_changes',
        'DIR/a: made.touched',
        'DIR/b:\n  made.touched:\n    - require: [{test: first}]',
        'DIR/c:\n  made.touched:\n    - require: [{test: bad}]',
        'DIR/d: made.touched',
        '',
      ].join('\n'),
      folder.path,
    );
    expect(ran.calls).to.deep.equal([['a', 'b'], ['d']]);
    expect(told(ran).slice(2)).to.deep.equal(['a changed', 'b changed', 'c failed', 'd changed']);
  });

  it('reaches over other states where both sides say `aggregate: true`', async () => {
    await using folder = temporaryFolder();
    const ran = await run(
      [
        'DIR/a:\n  made.touched:\n    - aggregate: true',
        'between: test.nop',
        'DIR/b: made.touched',
        'DIR/c:\n  made.touched:\n    - aggregate: true',
        '',
      ].join('\n'),
      folder.path,
    );
    expect(ran.calls).to.deep.equal([['a', 'c'], ['b']]);
    expect(told(ran)).to.deep.equal(['a changed', 'between unchanged', 'b changed', 'c changed']);
  });

  it('looks at each state once for it, however many there are', async () => {
    await using folder = temporaryFolder();
    const names = Array.from({ length: 2000 }, (_, index) => `DIR/f${index}`);
    const yaml = names.map((name) => `${name}:\n  made.touched:\n    - aggregate: true\n`).join('');
    const ran = await run(yaml, folder.path);
    expect(ran.calls.length).to.equal(1);
    expect(ran.results.every(({ verdict }) => verdict === 'changed')).to.equal(true);
  });
});
