/** Dry runs of commands that say what they settle, and of waiting: what later states may know. */
import { expect } from 'chai';
import { lowState, runnables } from '../../engine/compile/compile.ts';
import { converge } from '../../engine/converge/converge.ts';
import type { ChunkResult } from '../../engine/core/event.ts';
import {
  ArgumentTrouble,
  type Effect,
  type Host,
  HostTrouble,
  type Reader,
  type Settled,
} from '../../engine/core/host.ts';
import type { AnyState } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { buildTree, type Tree, temporaryFolder, treeOf } from '../helpers/folders.ts';
import { slsFiles, statesOf, stateWith } from '../helpers/sls.ts';

const listing = { argv: ['list'] };

function made(settles: readonly Settled[], foreseen: boolean): AnyState {
  return stateWith(
    {},
    {
      repeats: true,
      plan: () => [
        {
          change: { subject: 'made', new: true },
          effect: { kind: 'exec', command: { argv: ['make'] }, settles, foreseen },
        },
      ],
    },
  );
}

const user: readonly Settled[] = [
  { about: 'record', file: '/etc/passwd', key: 'eve', record: 'eve:x:7:7::/home/eve:/bin/sh' },
  { about: 'file', effect: { kind: 'directory', path: '/home/eve', user: 'eve' } },
  { about: 'answer', command: listing, stdout: 'eve' },
];

/** Refuses unless there is such a user, and writes into the home. */
const profile = stateWith(
  { text: { type: 'string' } },
  {
    read: (_, reader: Reader) => reader.user('eve'),
    plan: (_, now) =>
      now === undefined
        ? { refused: 'There is no user "eve".' }
        : [
            {
              change: { subject: 'profile', new: 'x' },
              effect: { kind: 'write', path: '/home/eve/.profile', content: Buffer.from('x'), user: 'eve' },
            },
          ],
  },
);

const states: { readonly [address: string]: AnyState } = {
  'user.foreseen': made(user, true),
  'user.presumed': made(user, false),
  'user.profile': profile,
  'user.listed': stateWith(
    {},
    {
      read: async (_, reader: Reader) => (await reader.ask(listing)).stdout,
      plan: (_, now) => (now === 'eve' ? [] : { refused: `The list says "${now}".` }),
    },
  ),
  'unit.loaded': stateWith(
    {},
    {
      repeats: true,
      plan: () => [
        {
          change: { subject: 'unit', new: 'x' },
          effect: { kind: 'write', path: '/home/unit', content: Buffer.from('x') },
        },
        { effect: { kind: 'exec', command: { argv: ['true'] }, settles: [], foreseen: true } },
      ],
    },
  ),
  'cmd.blind': made([], false),
  'cmd.refused': stateWith({}, { plan: () => ({ refused: 'It is not there.' }) }),
  'cmd.certain': stateWith({}, { plan: () => ({ refused: 'It never will be.', certain: true }) }),
  'cmd.nonsense': stateWith(
    {},
    {
      read() {
        throw new ArgumentTrouble('"etc/x" is not an absolute path.');
      },
    },
  ),
  'cmd.troubled': stateWith(
    {},
    {
      read() {
        throw new HostTrouble('/etc/x cannot be read.');
      },
    },
  ),
  'cmd.changed': stateWith(
    {},
    {
      plan: () => [{ change: { subject: 'a' }, effect: { kind: 'simulate', outcome: 'done' } }],
      repeats: true,
    },
  ),
  'wait.for': stateWith(
    { up: { type: 'boolean', default: false } },
    {
      plan: ({ up }) =>
        up
          ? []
          : {
              comment: 'Not reached now: nothing.',
              steps: [
                {
                  effect: {
                    kind: 'await',
                    target: { kind: 'command', command: { argv: ['true'] } },
                    timeout: 5,
                    every: 1,
                  },
                },
              ],
            },
    },
  ),
};

type Told = Pick<ChunkResult, 'verdict' | 'comment' | 'result'>;

async function run(
  yaml: string,
  host: Host,
  dry: boolean,
  changed?: ChunkResult['changes'][],
): Promise<{ readonly [id: string]: Told }> {
  const told: { [id: string]: Told } = {};
  await converge(runnables(lowState(slsFiles(yaml)).chunks, statesOf(states)), {
    host,
    shadow: () => createOverlay(host),
    emit(event) {
      if (event.kind !== 'state-finished') return;
      const { id, verdict, comment, result } = event.result;
      told[id] = { verdict, comment, result };
      changed?.push(event.result.changes);
    },
    call: () => true,
    failhard: undefined,
    wait: undefined,
    dry,
  });
  return told;
}

async function dryRun(yaml: string): Promise<{ readonly [id: string]: Told }> {
  await using folder = temporaryFolder();
  const tree: Tree = { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n', '/home': { directory: true } };
  buildTree(folder.path, tree);
  const before = treeOf(folder.path);
  const told = await run(yaml, createOverlay(createLocalHost({ root: folder.path })), true);
  expect(treeOf(folder.path)).to.deep.equal(before);
  return told;
}

function verdicts(told: { readonly [id: string]: Told }): { [id: string]: string } {
  return Object.fromEntries(Object.entries(told).map(([id, { verdict }]) => [id, verdict]));
}

describe('a dry run after commands', () => {
  it('goes on exactly where the command is foreseen: what fails then does fail', async () => {
    const told = await dryRun('a: user.foreseen\nb: user.profile\nc: user.listed\nd: cmd.refused');
    expect(verdicts(told)).to.deep.equal({
      a: 'would-change',
      b: 'would-change',
      c: 'unchanged',
      d: 'failed',
    });
  });

  it('tells the same changes as the run, where a foreseen command changes nothing of its own', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { '/home': { directory: true } });
    const [told, done]: ChunkResult['changes'][][] = [[], []];
    const host = createLocalHost({ root: folder.path });
    await run('a: unit.loaded', createOverlay(host), true, told);
    await run('a: unit.loaded', host, false, done);
    expect(done).to.deep.equal([{ unit: { new: 'x' } }]);
    expect(told).to.deep.equal(done);
  });

  it('believes what a presumed command settles, and calls unknown what fails after it', async () => {
    const told = await dryRun(
      'a: user.presumed\nb: user.profile\nc: user.listed\nd: cmd.refused\ne: cmd.certain',
    );
    expect(verdicts(told)).to.deep.equal({
      a: 'would-change',
      b: 'would-change',
      c: 'unchanged',
      d: 'unknown',
      e: 'failed',
    });
    expect(told['d']!.comment).to.equal('Unknown until applied: It is not there.');
  });

  it('fails all the same for what no host could make sense of', async () => {
    const told = await dryRun('a: cmd.blind\nb: cmd.nonsense\nc: cmd.troubled');
    expect(verdicts(told)).to.deep.equal({ a: 'would-change', b: 'failed', c: 'unknown' });
  });

  it('is certain of failures before anything was presumed', async () => {
    const told = await dryRun('a: cmd.refused\nb: cmd.blind\nc: cmd.refused');
    expect(verdicts(told)).to.deep.equal({ a: 'failed', b: 'would-change', c: 'unknown' });
  });
});

describe('waiting', () => {
  const yaml = `
a: wait.for
b: {wait.for: [{up: true}]}
c: {cmd.changed: [{require: [{wait: a}]}]}
d: {cmd.changed: [{onchanges: [{wait: a}]}]}
e: cmd.refused`;

  it('is unknown until applied in a dry run, changes nothing, and lets what requires it go on', async () => {
    const told = await dryRun(yaml);
    expect(told['a']).to.deep.equal({
      verdict: 'unknown',
      result: null,
      comment: 'Unknown until applied: Not reached now: nothing.',
    });
    expect(verdicts(told)).to.deep.equal({
      a: 'unknown',
      b: 'unchanged',
      c: 'would-change',
      d: 'skipped',
      e: 'unknown',
    });
  });

  it('is no change when applied, and tells how it went', async () => {
    const told = await run(yaml, createLocalHost(), false);
    expect(told['a']).to.deep.equal({
      verdict: 'unchanged',
      result: true,
      comment: 'Reached after one look: exit status 0.',
    });
    expect(verdicts(told)).to.deep.equal({
      a: 'unchanged',
      b: 'unchanged',
      c: 'changed',
      d: 'skipped',
      e: 'failed',
    });
  });

  it('that is in vain fails what requires it', async () => {
    const host = createLocalHost();
    const broken: Host = {
      ...host,
      perform: async (effect: Effect) =>
        effect.kind === 'await' ? { became: 'failed', reason: 'It was not reached.' } : host.perform(effect),
    };
    const told = await run(yaml, broken, false);
    expect(told['a']).to.include({ verdict: 'failed', comment: 'It was not reached.' });
    expect(told['c']!.verdict).to.equal('failed');
  });
});
