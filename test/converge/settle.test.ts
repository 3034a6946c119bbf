/** One state brought about: what is reported of steps done, foretold, failed and left. */
import { expect } from 'chai';
import { react, type Settling, settle } from '../../engine/converge/settle.ts';
import { failed, type Settled, unchanged } from '../../engine/converge/settled.ts';
import { Trouble } from '../../engine/core/diagnostic.ts';
import type { Event } from '../../engine/core/event.ts';
import { type Effect, type Host, HostTrouble, type Performed } from '../../engine/core/host.ts';
import type { AnyState, Plan, Step } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { compiled, statesOf, stateWith } from '../helpers/sls.ts';

const done: Performed = { became: 'done' };
const broken: Performed = { became: 'failed', reason: 'It broke.', hint: 'Mend it.' };

function step(subject: string, more: Partial<Step> = {}): Step {
  return { change: { subject, old: 1, new: 2 }, effect: { kind: 'remove', path: `/${subject}` }, ...more };
}

interface Outcome extends Settled {
  readonly performed: readonly Effect[];
  readonly events: readonly Event[];
}

/** A state whose plans are told one after the other, on a host that answers as told. */
async function outcomeOf(
  plans: readonly Plan[],
  answers: readonly Performed[] = [],
  more: Partial<AnyState> & { afterPresumed?: boolean; reacting?: boolean } = {},
): Promise<Outcome> {
  const { afterPresumed = false, reacting = false, ...definition } = more;
  let planned = 0;
  const plan = (): Plan => plans[planned++] ?? [];
  const state = stateWith({}, { plan, react: plan, ...definition });
  const [runnable] = compiled('x: m.state', statesOf({ 'm.state': state }));
  const performed: Effect[] = [];
  const events: Event[] = [];
  const host: Host = {
    ...createLocalHost(),
    async perform(effect) {
      performed.push(effect);
      return answers[performed.length - 1] ?? done;
    },
  };
  const settling: Settling = { host, emit: (event) => events.push(event), afterPresumed };
  const settled = reacting ? await react(runnable!, [], settling) : await settle(runnable!, settling);
  return { ...settled, performed, events };
}

describe('settle', () => {
  it('leaves alone what holds', async () => {
    const outcome = await outcomeOf([[]]);
    expect(outcome).to.deep.include({ ...unchanged(''), performed: [], events: [] });
    expect((await outcomeOf([{ steps: [], comment: 'As it is.' }])).comment).to.equal('As it is.');
  });

  it('cleans up after a step that failed', async () => {
    const steps = [step('a'), step('b'), step('c'), step('workshop', { cleanup: true })];
    const outcome = await outcomeOf([steps], [done, broken]);
    const paths = outcome.performed.map((effect) => 'path' in effect && effect.path);
    expect(paths).to.deep.equal(['/a', '/b', '/workshop']);
    expect(outcome).to.deep.include({ result: false, changes: { a: { old: 1, new: 2 } } });
    expect(outcome.comment).to.include('Not tried: c.');
  });

  it('only warns of what was postponed, and does the rest', async () => {
    const later: Performed = { became: 'postponed', warning: 'It is not the time.' };
    const alone = await outcomeOf([[step('a')]], [later]);
    const nothing = { result: true, moved: false, changes: {}, warnings: ['It is not the time.'] };
    expect(alone).to.deep.include(nothing);
    const both = await outcomeOf(
      [{ steps: [step('a'), step('b')], warnings: ['It is late.'] }, []],
      [done, later],
    );
    expect(both).to.deep.include({ result: true, moved: true, changes: { a: { old: 1, new: 2 } } });
    expect(both.warnings).to.deep.equal(['It is late.', 'It is not the time.']);
  });

  it('does the steps in order, proves them and tells of each', async () => {
    const outcome = await outcomeOf([[step('a'), step('b')], []]);
    expect(outcome).to.deep.include({
      result: true,
      moved: true,
      presumed: false,
      unknown: false,
      comment: '',
    });
    expect(outcome.changes).to.deep.equal({ a: { old: 1, new: 2 }, b: { old: 1, new: 2 } });
    expect(outcome.performed.map((effect) => 'path' in effect && effect.path)).to.deep.equal(['/a', '/b']);
    expect(outcome.events.map(({ kind }) => kind)).to.deep.equal(['effect-performed', 'effect-performed']);
  });

  it('fails what is still to do after it was done, and says what', async () => {
    const text: Step = {
      change: { subject: 'content', old: 'a', new: 'b', text: true },
      effect: { kind: 'remove', path: '/a' },
    };
    const outcome = await outcomeOf([
      [step('a')],
      [step('a'), text, { effect: { kind: 'remove', path: '/b' } }],
    ]);
    expect(outcome.result).to.equal(false);
    expect(outcome.comment).to.include('still to do: a: 1 → 2; content; remove.');
    expect(outcome.diagnostics.map(({ code }) => code)).to.deep.equal(['did-not-settle']);
    expect(outcome.changes).to.have.property('a');
  });

  it('fails what is refused after it was done', async () => {
    const outcome = await outcomeOf([[step('a')], { refused: 'It is locked.', hint: 'Unlock it.' }]);
    expect(outcome).to.deep.include({
      result: false,
      comment: 'It did not settle: It is locked.\nUnlock it.',
    });
  });

  it('does not prove what cannot see its own result', async () => {
    expect((await outcomeOf([[step('a')], [step('a')]], [], { repeats: true })).result).to.equal(true);
  });

  it('stops at the first step that fails, and tells what was done and what not', async () => {
    const outcome = await outcomeOf([[step('a'), step('b'), step('c'), step('d')]], [done, broken]);
    expect(outcome).to.deep.include({
      result: false,
      moved: true,
      comment: 'It broke.\nMend it.\nDone before: a.\nNot tried: c, d.',
      changes: { a: { old: 1, new: 2 } },
    });
    expect(outcome.performed).to.have.length(2);
    expect((await outcomeOf([[step('a')]], [broken])).moved).to.equal(false);
  });

  it('tells warnings whatever becomes of the steps', async () => {
    const plan = { steps: [step('a')], comment: 'Told.', warnings: ['Beware.'] };
    const cases: [answer: Performed, result: boolean | null][] = [
      [done, true],
      [broken, false],
      [{ became: 'predicted' }, null],
    ];
    for (const [answer, result] of cases) {
      expect(await outcomeOf([plan], [answer])).to.deep.include({ result, warnings: ['Beware.'] });
    }
    expect((await outcomeOf([{ steps: [], warnings: ['Beware.'] }])).warnings).to.deep.equal(['Beware.']);
  });

  it('foretells: predicted and presumed are null, and not proved', async () => {
    const predicted = await outcomeOf([[step('a')], [step('a')]], [{ became: 'predicted' }]);
    expect(predicted).to.deep.include({ result: null, moved: true, presumed: false });
    const presumed = await outcomeOf([[step('a'), step('b')]], [done, { became: 'presumed' }]);
    expect(presumed).to.deep.include({ result: null, moved: true, presumed: true });
  });

  it('refuses, with what it wanted', async () => {
    const outcome = await outcomeOf([
      { refused: 'No.', hint: 'Say please.', wanted: [{ subject: 'a', new: 2 }] },
    ]);
    expect(outcome).to.deep.include({
      result: false,
      moved: false,
      comment: 'No.\nSay please.',
      changes: { a: { new: 2 } },
    });
  });

  it('tells what a command did, as one that failed does too', async () => {
    const exec: Step = { effect: { kind: 'exec', command: { argv: ['x'] } } };
    const outcome = { status: 3, stdout: 'out\n', stderr: '', pid: 7 };
    const changes = { pid: 7, retcode: 3, stdout: 'out', stderr: '' };
    expect(await outcomeOf([[exec]], [{ became: 'done', outcome }], { repeats: true })).to.deep.include({
      result: true,
      moved: true,
      changes,
    });
    expect(await outcomeOf([[exec]], [{ ...broken, outcome } as Performed])).to.deep.include({
      result: false,
      moved: true,
      changes,
    });
  });

  it('lets the state judge what a command said', async () => {
    const exec: Step = { effect: { kind: 'exec', command: { argv: ['x'] } } };
    const answers: Performed[] = [{ became: 'done', outcome: { status: 0, stdout: '', stderr: '', pid: 7 } }];
    const judged = (verdict: object) => outcomeOf([[exec]], answers, { repeats: true, judge: () => verdict });
    expect(await judged({ changes: {} })).to.deep.include({ result: true, moved: false, changes: {} });
    expect(await judged({ changes: { a: 1 }, comment: 'So.' })).to.deep.include({
      moved: true,
      changes: { a: 1 },
      comment: 'So.',
    });
    expect(await judged({ failed: true, comment: 'Bad.' })).to.deep.include({
      result: false,
      comment: 'Bad.',
    });
  });

  it('places what a validator complains about, each line once', async () => {
    const located = step('a', {
      locate: (line) => (line < 9 ? { file: 't.j2', line: 4, column: line } : undefined),
    });
    const outcome = await outcomeOf([[located]], [{ ...broken, lines: [1, 2, 9] } as Performed]);
    expect(outcome.diagnostics.map(({ code, origin }) => [code, origin!.place().line])).to.deep.equal([
      ['check-failed', 4],
    ]);
  });
});

describe('trouble', () => {
  const troubles: [title: string, error: Error, comment: string][] = [
    ['of the host', new HostTrouble('The disk is gone.', 'Find it.'), 'The disk is gone.\nFind it.'],
    ['of a template', new Trouble([{ code: 'template-error', message: 'Odd.' }]), 'Odd.'],
  ];
  for (const [title, error, comment] of troubles) {
    it(`${title} fails the state`, async () => {
      const read = () => {
        throw error;
      };
      expect(await outcomeOf([], [], { read })).to.deep.include({ result: false, comment });
      expect(await outcomeOf([], [], { read: async () => read() })).to.deep.include({
        result: false,
        comment,
      });
      expect(await outcomeOf([], [], { read, reacting: true })).to.deep.include({ result: false, comment });
    });
  }

  it('of ours is thrown', async () => {
    let thrown: unknown;
    const plan = () => {
      throw new TypeError('a slip');
    };
    await outcomeOf([], [], { plan }).catch((error) => {
      thrown = error;
    });
    expect(thrown).to.be.instanceOf(TypeError);
  });

  it('after something presumed leaves unknown what would have failed', async () => {
    const afterPresumed = true;
    const unknown = { result: null, unknown: true, moved: true };
    const read = () => {
      throw new HostTrouble('Not there.');
    };
    expect(await outcomeOf([], [], { read, afterPresumed })).to.deep.include({
      ...unknown,
      comment: 'Unknown until applied: Not there.',
    });
    expect(await outcomeOf([{ refused: 'No.' }], [], { afterPresumed })).to.deep.include({
      ...unknown,
      comment: 'Unknown until applied: No.',
    });
    expect(await outcomeOf([[step('a')]], [broken], { afterPresumed })).to.deep.include(unknown);
  });
});

describe('react', () => {
  it('does what the reaction plans, unproved', async () => {
    const outcome = await outcomeOf([[step('restart')], [step('restart')]], [], { reacting: true });
    expect(outcome).to.deep.include({ result: true, moved: true, changes: { restart: { old: 1, new: 2 } } });
  });

  it('does nothing where there is no reaction', async () => {
    const outcome = await outcomeOf([[step('a')]], [], { reacting: true, react: undefined });
    expect(outcome).to.deep.include({ result: true, moved: false });
  });

  it('fails where it is refused', async () => {
    expect((await outcomeOf([{ refused: 'No.' }], [], { reacting: true })).result).to.equal(false);
    expect(failed('x')).to.deep.include({ result: false, comment: 'x', moved: false });
  });
});
