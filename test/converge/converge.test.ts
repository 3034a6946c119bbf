/** Whole runs in memory: what follows from results, whatever the states are. */
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { lowState, runnables } from '../../engine/compile/compile.ts';
import { converge, type Part, type Run } from '../../engine/converge/converge.ts';
import type { Standing } from '../../engine/converge/gate.ts';
import type { RunOrder } from '../../engine/core/chunk.ts';
import type { ChunkResult, Event } from '../../engine/core/event.ts';
import type { Effect, Host, Performed } from '../../engine/core/host.ts';
import type { AnyState } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';
import { parseYaml, placesIn } from '../../engine/source/yaml.ts';
import { buildTree, temporaryFolder, treeOf } from '../helpers/folders.ts';

const used = ['cmd.run', 'cmd.wait', 'file.absent', 'file.directory', 'file.managed', 'file.symlink'];
const definitions = new Map<string, AnyState>();

before(async () => {
  const addresses = listStates().filter((address) => address.startsWith('test.') || used.includes(address));
  for (const address of addresses) definitions.set(address, await loadState(address));
});

function order(yaml: string): RunOrder {
  const { value } = parseYaml(yaml, placesIn('main.sls', yaml));
  const sls = {
    name: 'main',
    file: 'main.sls',
    isInit: false,
    value,
    locate: () => ({ place: () => ({ file: 'main.sls', line: 1, column: 1 }) }),
    ambiguous: () => undefined,
    trail: [],
  };
  return runnables(lowState([sls]).chunks, { list: listStates, get: (address) => definitions.get(address) });
}

interface Outcome {
  readonly results: readonly ChunkResult[];
  readonly events: readonly Event[];
}

async function run(yaml: string, host: Host, options: Partial<Run> = {}): Promise<Outcome> {
  const events: Event[] = [];
  await converge(order(yaml), {
    host,
    shadow: () => createOverlay(host),
    emit: (event) => events.push(event),
    call: () => true,
    failhard: false,
    wait: async () => {},
    dry: false,
    ...options,
  });
  return {
    results: events.flatMap((event) => (event.kind === 'state-finished' ? [event.result] : [])),
    events,
  };
}

/** A host on which the n-th effect (from 1) fails. */
function failingAt(n: number, host: Host): Host & { readonly performed: () => number } {
  let count = 0;
  return {
    ...host,
    async perform(effect: Effect): Promise<Performed> {
      count += 1;
      return count === n ? { became: 'failed', reason: 'It was told to fail.' } : host.perform(effect);
    },
    performed: () => count,
  };
}

function memory(): Host {
  return createOverlay(createLocalHost());
}

function verdicts({ results }: Outcome): { [id: string]: string } {
  return Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));
}

describe('converge', () => {
  it('reacts instead of a state that did nothing, and the reaction decides', async () => {
    const host = createLocalHost();
    const outcome = await run(
      `
source: test.succeed_with_changes
quiet:
  test.succeed_without_changes: [{watch: [{test: source}]}]
ear:
  cmd.wait: [{name: exit 3}, {watch: [{test: source}]}]
`,
      host,
    );
    expect(verdicts(outcome)).to.deep.equal({ source: 'changed', quiet: 'changed', ear: 'failed' });
  });

  it('stops at a failure that is to stop it, and still lets listeners speak', async () => {
    const outcome = await run(
      `
source: test.succeed_with_changes
bad: {test.fail_without_changes: [{failhard: true}]}
never: test.succeed_with_changes
ear:
  test.succeed_without_changes: [{listen: [{test: source}]}, {order: 1}]
`,
      createLocalHost(),
    );
    expect(outcome.results.map(({ id }) => id)).to.deep.equal(['ear', 'source', 'bad', 'listener_ear']);
  });

  it('tries again as often as told, with the waits told', async () => {
    const waits: number[] = [];
    const outcome = await run(
      'bad: {test.fail_without_changes: [{retry: {attempts: 3, interval: 7}}]}',
      createLocalHost(),
      { wait: async (seconds) => void waits.push(seconds) },
    );
    expect(waits).to.deep.equal([7, 7]);
    expect(outcome.results[0]?.comment).to.match(/^Attempt 1: .*\nAttempt 2: /);
  });

  it('looks ahead for prereq without doing anything', async () => {
    await using folder = temporaryFolder();
    const host = createLocalHost({ root: folder.path });
    const outcome = await run(
      `
announce: {test.succeed_with_changes: [{prereq: [{file: /a}]}]}
/a: {file.managed: [{contents: x}]}
silent: {test.succeed_with_changes: [{prereq: [{file: /a again}]}]}
/a again: {file.managed: [{name: /a}, {contents: x}]}
`,
      host,
    );
    expect(verdicts(outcome)).to.deep.equal({
      announce: 'changed',
      '/a': 'changed',
      silent: 'skipped',
      '/a again': 'unchanged',
    });
  });

  it('predicts in a dry run what depends on predictions, and leaves the host alone', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'etc/old': 'x' });
    const host = createLocalHost({ root: folder.path });
    const yaml = `
/etc/new: {file.directory: []}
/etc/new/a: {file.managed: [{contents: x}, {require: [{file: /etc/new}]}]}
/etc/link: {file.symlink: [{target: /etc/new}]}
/etc/link/b: {file.managed: [{contents: y}]}
seen: {test.succeed_with_changes: [{onchanges: [{file: /etc/link/b}]}]}
`;
    const before = treeOf(folder.path);
    const dry = await run(yaml, createOverlay(host), { dry: true, failhard: undefined, wait: undefined });
    expect(treeOf(folder.path)).to.deep.equal(before);
    const real = await run(yaml, host);
    expect(new Set(Object.values(verdicts(dry)))).to.deep.equal(new Set(['would-change']));
    expect(new Set(Object.values(verdicts(real)))).to.deep.equal(new Set(['changed']));
    const again = await run(yaml, createLocalHost({ root: folder.path }));
    expect(verdicts(again)).to.deep.equal({
      '/etc/new': 'unchanged',
      '/etc/new/a': 'unchanged',
      '/etc/link': 'unchanged',
      '/etc/link/b': 'unchanged',
      seen: 'skipped',
    });
  });

  it('calls what cannot be known after a command unknown, not failed', async () => {
    const yaml = `
make: {cmd.run: [{name: mkdir /opt/converge-test-made}]}
/opt/converge-test-made/x: {file.managed: [{contents: x}]}
`;
    const dry = await run(yaml, memory(), { dry: true });
    expect(verdicts(dry)).to.deep.equal({ make: 'would-change', '/opt/converge-test-made/x': 'unknown' });
  });

  it('fails a state that says it is done and is not', async () => {
    const host = memory();
    const forgetful: Host = { ...host, perform: async () => ({ became: 'done' }) };
    const outcome = await run('/tmp/converge-never: {file.managed: [{contents: x}]}', forgetful);
    expect(outcome.results[0]?.result).to.equal(false);
    expect(outcome.results[0]?.diagnostics[0]?.code).to.equal('did-not-settle');
    expect(outcome.results[0]?.comment).to.include('still to do: content');
  });

  it('plans without doing it a single state that says test: true', async () => {
    await using folder = temporaryFolder();
    const host = createLocalHost({ root: folder.path });
    const outcome = await run('/a: {file.managed: [{contents: x}, {test: true}]}', host);
    expect(verdicts(outcome)).to.deep.equal({ '/a': 'would-change' });
    expect(host.stat('/a')).to.equal(undefined);
  });

  it('keeps the place of unrelated states from mattering', async () => {
    const states = [
      '/d: {file.directory: []}',
      '/d/a: {file.managed: [{contents: a}, {require: [{file: /d}]}]}',
      '/d/b: {file.managed: [{contents: b}, {require: [{file: /d}]}]}',
      '/l: {file.symlink: [{target: /d}]}',
      'ear: {test.succeed_with_changes: [{onchanges: [{file: /d/a}]}]}',
      'noise: {test.succeed_without_changes: []}',
    ];
    let wanted: object | undefined;
    for (let seed = 1; seed <= 20; seed++) {
      await using folder = temporaryFolder();
      const outcome = await run(shuffled(states, seed).join('\n'), createLocalHost({ root: folder.path }));
      wanted ??= verdicts(outcome);
      expect(verdicts(outcome), `seed ${seed}`).to.deep.equal(wanted);
    }
  });

  it('survives the failure of every single effect, and the next run does the rest', async () => {
    const yaml = `
/d: {file.directory: []}
/d/a: {file.managed: [{contents: a}, {mode: '0600'}, {require: [{file: /d}]}]}
/d/b: {file.managed: [{contents: b}, {require: [{file: /d/a}]}]}
/deep/er/c: {file.managed: [{contents: c}, {makedirs: true}]}
/l: {file.symlink: [{target: /d/a}]}
/old: {file.absent: []}
after: {test.succeed_with_changes: [{onfail: [{file: /d/a}]}]}
`;
    const initial = { old: 'x' };
    await using whole = temporaryFolder();
    buildTree(whole.path, initial);
    const counting = failingAt(0, createLocalHost({ root: whole.path }));
    const good = await run(yaml, counting);
    expect(good.results.every(({ result }) => result === true)).to.equal(true);
    const effects = counting.performed();
    expect(effects).to.be.greaterThan(6);
    for (let n = 1; n <= effects; n++) {
      await using folder = temporaryFolder();
      buildTree(folder.path, initial);
      const host = failingAt(n, createLocalHost({ root: folder.path }));
      const broken = await run(yaml, host);
      const failed = broken.results.filter(({ result }) => result === false);
      expect(failed, `effect ${n}`).not.to.deep.equal([]);
      expect(failed[0]!.comment, `effect ${n}`).to.include('It was told to fail.');
      // What did not depend on it was done all the same.
      expect(verdicts(broken)['after'], `effect ${n}`).to.equal(
        broken.results.some(({ id, result }) => id === '/d/a' && result === false) ? 'changed' : 'skipped',
      );
      const healed = await run(yaml, createLocalHost({ root: folder.path }));
      expect(
        healed.results.every(({ result }) => result === true),
        `after effect ${n}`,
      ).to.equal(true);
      expect(names(folder.path), `after effect ${n}`).to.deep.equal(names(whole.path));
    }
  });

  describe('a part of an order', () => {
    const tree = `
one:
  file.managed: [{name: {{dir}}/one}, {contents: '1'}]
two:
  file.managed: [{name: {{dir}}/two}, {contents: '2'}]
count:
  cmd.run: [{name: 'echo x >> {{dir}}/count'}, {onchanges: [{file: one}]}]
after:
  file.managed: [{name: {{dir}}/after}, {contents: '3'}, {require: [{file: one}]}]
heard:
  cmd.wait: [{name: 'echo x >> {{dir}}/heard'}, {listen: [{file: one}]}]
`;
    const fine: Standing = { result: true, moved: false, skipped: false, expected: false };

    /** States that have a turn whatever happens, by ID; the others as a watch would have it. */
    function partOf(touched: readonly string[], before: Standing = fine): Part {
      return {
        left(runnable, standingOf) {
          if (touched.includes(runnable.chunk.id)) return undefined;
          const moved = Object.values(runnable.requisites).some((targets) =>
            targets.some((target) => {
              const now = standingOf(target);
              return now !== undefined && (now.moved || now.result !== before.result);
            }),
          );
          return moved ? undefined : before;
        },
      };
    }

    async function partial(
      touched: readonly string[],
      before?: Standing,
    ): Promise<{ ids: string[]; files: string[] }> {
      await using folder = temporaryFolder();
      const host = createLocalHost();
      const { results } = await run(tree.replaceAll('{{dir}}', folder.path), host, {
        part: partOf(touched, before),
      });
      return { ids: results.map(({ id }) => id), files: readdirSync(folder.path).sort() };
    }

    it('leaves alone what nothing concerns', async () => {
      expect(await partial(['two'])).to.deep.equal({ ids: ['two'], files: ['two'] });
    });

    it('takes along what depends on a change, and who listens to it', async () => {
      expect(await partial(['one'])).to.deep.equal({
        ids: ['one', 'count', 'after', 'listener_heard'],
        files: ['after', 'count', 'heard', 'one'],
      });
    });

    it('takes along what depends on one that has come to stand otherwise, though nothing changed', async () => {
      const failed: Standing = { ...fine, result: false };
      const { ids } = await partial(['one', 'two'], failed);
      expect(ids).to.include('after');
    });

    it('numbers states as the whole order does', async () => {
      await using folder = temporaryFolder();
      const { results, events } = await run(tree.replaceAll('{{dir}}', folder.path), createLocalHost(), {
        part: partOf(['two']),
      });
      expect(results.map(({ run_num }) => run_num)).to.deep.equal([1]);
      expect(events.find(({ kind }) => kind === 'run-started')).to.include({ total: 1 });
      expect(events.at(-1)).to.deep.include({ kind: 'run-finished' });
    });
  });
});

/** Paths, modes and bytes, without times and inodes. */
function names(folder: string): object {
  return Object.fromEntries(
    Object.entries(treeOf(folder)).map(([path, text]) => [path, text.replace(/^(\S+ \S+) \d+ \d+ /, '$1 ')]),
  );
}

/** A permutation that depends on the seed alone (Fisher-Yates with a Lehmer generator). */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const copy = [...items];
  let state = seed * 48_271;
  for (let i = copy.length - 1; i > 0; i--) {
    state = (state * 48_271) % 2_147_483_647;
    const j = state % (i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
