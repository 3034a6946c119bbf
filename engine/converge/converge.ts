/** Walks the states of a run in order, then those that listen, and tells what became of each. */
import type { Listening, Runnable, RunOrder } from '../core/chunk.ts';
import type { ChunkResult, Emit, Summary, Verdict } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Ledger } from '../core/owed.ts';
import { aggregate, candidates } from './aggregate.ts';
import { type CallFunction, checked, skippedBy } from './conditions.ts';
import { gate, type Standing } from './gate.ts';
import { Owing } from './owing.ts';
import { guarded, react, type Settling, settle } from './settle.ts';
import { failed, joined, type Settled, unchanged } from './settled.ts';

export interface Run {
  readonly host: Host;
  /** A host that shows what would happen without doing it: for `test: true` and for prereq's look ahead. */
  readonly shadow: () => Host;
  readonly emit: Emit;
  readonly call: CallFunction;
  /** Stop at the first failure. Undefined: nothing stops the run, not even a state that asks for it. */
  readonly failhard: boolean | undefined;
  /** Waits between retries. Undefined: states are tried once. */
  readonly wait: ((seconds: number) => Promise<void>) | undefined;
  readonly dry: boolean;
  /** Reactions owed by earlier runs. Undefined: nothing is remembered. */
  readonly ledger?: Ledger;
  /** Told before the first effect of a state, while the host is as it was found. */
  readonly before?: (runnable: Runnable) => void | Promise<void>;
  /** Told how each state came to stand. */
  readonly stands?: (runnable: Runnable, standing: Standing) => void;
  /** What stopped the run from outside, a signal for example; asked between states and between effects. */
  readonly stoppedBy?: () => string | undefined;
  /** Where only some states are to have a turn. */
  readonly part?: Part;
}

/** Some states of an order, and whatever turns out to concern them. */
export interface Part {
  /** How a state stands that is left alone, as the ones before it stand now. Undefined: it has its turn. */
  left(runnable: Runnable, standingOf: (target: Runnable) => Standing | undefined): Standing | undefined;
}

const nobody = () => undefined;

interface Timed {
  readonly identity: Pick<ChunkResult, 'run_num' | 'id' | 'state' | 'fun' | 'name'>;
  readonly sls: string;
  readonly began: number;
  readonly started: number;
}

interface Record extends Standing {
  readonly settled: Settled;
  /** Its requisites or conditions kept it from running. */
  readonly idle: boolean;
  /** What it watches called for its reaction. */
  readonly reacted?: boolean;
}

export async function converge(order: RunOrder, run: Run): Promise<Summary> {
  const { states, listenings } = order;
  const began = performance.now();
  const awaited = run.part ? states.filter((one) => !run.part!.left(one, nobody)) : states;
  run.emit({ kind: 'run-started', total: awaited.length, dry: run.dry });
  run.host.expect(awaited.flatMap(({ definition, args }) => definition.needs?.(args) ?? []));
  const walk = new Walk(run, order);
  let turns = 0;
  for (const runnable of states) {
    if (walk.stopped || run.stoppedBy?.() !== undefined) break;
    const turn = walk.leave(runnable) ? undefined : walk.turn(runnable, states, turns);
    if (turn) await turn;
    turns += 1;
  }
  // Salt: listeners have their turn even if a failure stopped the run.
  walk.stopped = false;
  for (const listening of listenings) {
    if (walk.stopped || run.stoppedBy?.() !== undefined) break;
    await walk.listen(listening);
  }
  const stopped_by = run.stoppedBy?.();
  const summary: Summary = {
    ...walk.counts(),
    not_tried: states.length - turns,
    ...(stopped_by === undefined ? {} : { stopped_by }),
    duration_ms: Math.round((performance.now() - began) * 1000) / 1000,
  };
  run.emit({ kind: 'run-finished', summary });
  return summary;
}

class Walk {
  stopped = false;
  readonly #counts = new Map<Verdict, number>();
  #total = 0;
  /** Place in the order of the state whose turn it is; listeners follow. */
  #number = 0;
  readonly #run: Run;
  readonly #records = new Map<Runnable, Standing>();
  readonly #prospects = new Map<Runnable, Record>();
  readonly #heard = new Set<Runnable>();
  /** States that were looked at for what could be done together, and what was. */
  readonly #considered = new Set<Runnable>();
  readonly #foreseen = new Map<Runnable, Settled>();
  #presumed = false;
  readonly #owing: Owing | undefined;

  readonly #before = (source: Runnable, effects: number): void | Promise<void> => {
    if (!this.#run.dry && !source.dry) this.#owing?.note(source, effects);
    return this.#run.before?.(source);
  };

  constructor(run: Run, order: RunOrder) {
    this.#run = run;
    this.#owing = run.ledger && new Owing(order, run.ledger);
  }

  /** Whether the state is none of those that have a turn. */
  leave(runnable: Runnable): boolean {
    const standing = this.#run.part?.left(runnable, this.#standingOf);
    if (!standing) return false;
    this.#records.set(runnable, standing);
    this.#number += 1;
    return true;
  }

  readonly #standingOf = (target: Runnable): Standing | undefined => this.#records.get(target);

  /** The turn of the state at `index`. Undefined where it is over already. */
  turn(runnable: Runnable, states: readonly Runnable[], index: number): Promise<void> | undefined {
    const timed = this.#begin(runnable, runnable.chunk.id);
    if (runnable.definition.aggregate) return this.#together(runnable, timed, states, index);
    const owes = this.#owing?.reason(runnable, 'watch') !== undefined;
    if (owes || !isFree(runnable)) return this.#waited(runnable, timed);
    const settled = settle(runnable, this.#settling(runnable));
    if (!(settled instanceof Promise)) return void this.#conclude(runnable, timed, recordOf(settled, false));
    return settled.then((late) => this.#conclude(runnable, timed, recordOf(late, false)));
  }

  async #waited(runnable: Runnable, timed: Timed): Promise<void> {
    this.#conclude(runnable, timed, await this.#gated(runnable));
  }

  async #together(
    runnable: Runnable,
    timed: Timed,
    states: readonly Runnable[],
    index: number,
  ): Promise<void> {
    if (!this.#considered.has(runnable)) {
      const { part } = this.#run;
      const others = part
        ? states.filter((one, at) => at >= index && (at === index || !part.left(one, this.#standingOf)))
        : states;
      const all = candidates(others, part ? 0 : index, this.#standingOf);
      for (const one of all) this.#considered.add(one);
      const done = all.length > 1 ? await aggregate(all, this.#settling(runnable)) : [];
      for (const [one, settled] of done) this.#foreseen.set(one, settled);
    }
    const record = await this.#gated(runnable);
    const { moved, result } = record.settled;
    const foreseen = moved || result !== true ? undefined : this.#foreseen.get(runnable);
    this.#conclude(runnable, timed, foreseen ? recordOf(foreseen, false) : record);
  }

  #conclude(runnable: Runnable, timed: Timed, record: Record): void {
    this.#records.set(runnable, record);
    this.#run.stands?.(runnable, record);
    if (record.settled.presumed) this.#presumed = true;
    if (!this.#run.dry)
      this.#owing?.conclude(runnable, {
        failed: record.result === false,
        moved: record.moved,
        reacted: record.reacted ?? false,
      });
    this.#finish(timed, record);
    this.#stopAt(runnable, record);
  }

  async listen({ listener: runnable, source }: Listening): Promise<void> {
    if (this.#heard.has(runnable)) return;
    const owed = this.#records.has(runnable) ? this.#owing?.reason(runnable, 'listen') : undefined;
    if (owed === undefined && !this.#records.get(source)?.moved) return;
    this.#heard.add(runnable);
    const timed = this.#begin(runnable, `listener_${runnable.chunk.id}`, 'mod_watch');
    // What a listener does calls for no further reaction.
    const { before: _, ...settling } = this.#settling(runnable);
    const skipped = await this.#skipped(runnable, settling);
    const settled: Settled = skipped ?? { ...(await react(runnable, [], settling)), reaction: true };
    const record = recordOf(withReason(settled, owed), skipped?.result === true);
    if (!this.#run.dry && record.result !== false) this.#owing?.heard(runnable);
    this.#finish(timed, record);
    this.#stopAt(runnable, record);
  }

  #stopAt(runnable: Runnable, record: Record): void {
    const { failhard } = this.#run;
    if (record.result === false && failhard !== undefined && (runnable.failhard ?? failhard))
      this.stopped = true;
  }

  async #gated(runnable: Runnable): Promise<Record> {
    for (const target of runnable.requisites.prereq ?? []) await this.#lookAhead(target);
    const passage = gate(runnable, this.#standingOf, (target) => this.#prospects.get(target)!);
    if (passage.passes) {
      const owed = passage.reacts ? undefined : this.#owing?.reason(runnable, 'watch');
      const reacted = passage.reacts || owed !== undefined;
      const record = await this.#attempt(runnable, reacted);
      return { ...record, reacted, settled: withReason(record.settled, owed) };
    }
    if (passage.why === 'onchanges') {
      const owed = this.#owing?.reason(runnable, 'onchanges');
      if (owed !== undefined) {
        const record = await this.#attempt(runnable, false);
        return { ...record, settled: withReason(record.settled, owed) };
      }
    }
    if (passage.why === 'failed') {
      // Salt: a state whose prereq failed keeps the null of the look ahead, without its changes.
      const blocked = runnable.prerequired.some((first) => passage.culprits.includes(first));
      const prospect = this.#prospects.get(runnable);
      const names = passage.culprits.map(({ chunk }) => `${chunk.sls}.${chunk.id}`);
      const settled = failed(`One or more requisite failed: ${[...new Set(names)].join(', ')}`);
      if (blocked && prospect && prospect.result === null)
        return recordOf({ ...settled, result: null }, true);
      return recordOf(settled, true);
    }
    const comments = {
      onfail: 'State was not run because onfail req did not change',
      onchanges: 'State was not run because none of the onchanges reqs changed',
      prereq: 'No changes detected',
    };
    return recordOf(unchanged(comments[passage.why]), true, passage.why !== 'prereq');
  }

  // Unlike Salt: a state with `prereq` fails if the state it names cannot run because a requirement of that failed;
  // Salt runs it where the failing requirement is declared further down.
  /** prereq needs no trick: what a state would do is what it does to a host that only pretends. */
  async #lookAhead(target: Runnable): Promise<void> {
    // Looked at afresh each time: what ran since the last look may have done it.
    for (const further of target.requisites.prereq ?? []) await this.#lookAhead(further);
    const passage = gate(
      { ...target, prerequired: [] },
      this.#standingOf,
      (other) => this.#prospects.get(other)!,
    );
    this.#prospects.set(target, await this.#prospect(target, passage));
  }

  async #prospect(target: Runnable, passage: ReturnType<typeof gate>): Promise<Record> {
    if (!passage.passes) {
      if (passage.why === 'failed') return recordOf(failed('A requisite failed.'), true);
      return recordOf(unchanged(''), true, passage.why !== 'prereq');
    }
    const host = this.#run.shadow();
    const settling: Settling = { host, emit: () => undefined, afterPresumed: this.#presumed };
    const skipped = await this.#skipped(target, settling);
    if (skipped) return recordOf(skipped, true);
    const settled = await settle(target, settling);
    // Unlike Salt: a state that would only react to what it watches counts for `prereq`, whether that ran before or not.
    if (!settled.moved && passage.reacts) return recordOf(await react(target, [], settling), false);
    return recordOf(settled, false);
  }

  /** Conditions, the state itself, its reaction, its check; again while it is to be retried. */
  async #attempt(runnable: Runnable, reacts: boolean): Promise<Record> {
    const { retry, chunk } = runnable;
    const attempts = this.#run.wait ? (retry?.attempts ?? 1) : 1;
    const comments: string[] = [];
    for (let attempt = 1; ; attempt++) {
      const record = await this.#once(runnable, reacts);
      if (!retry || attempt >= attempts || record.result === retry.until || record.result === null) {
        if (comments.length === 0) return record;
        const comment = [...comments, record.settled.comment].join('\n');
        return { ...record, settled: { ...record.settled, comment } };
      }
      comments.push(`Attempt ${attempt}: ${record.settled.comment || `the result is ${record.result}`}`);
      // Spread by the ID, not by chance: runs of one tree are alike.
      const seconds = retry.interval + (retry.splay > 0 ? spread(chunk.id, attempt) * retry.splay : 0);
      this.#run.emit({ kind: 'retrying', id: chunk.id, attempt, of: attempts, seconds });
      await this.#run.wait?.(seconds);
    }
  }

  async #once(runnable: Runnable, reacts: boolean): Promise<Record> {
    const settling = this.#settling(runnable);
    const skipped = await this.#skipped(runnable, settling);
    let settled = skipped ?? (await settle(runnable, settling));
    if (!skipped && reacts && !settled.unknown) settled = await this.#reacted(runnable, settled, settling);
    // Unlike Salt: in a dry run `check_cmd` is not asked about a state that would change, as nothing has changed yet.
    if (runnable.conditions.check_cmd && settled.result !== null) {
      const before = settled;
      settled = await guarded(settling, () => this.#checked(runnable, before, settling));
    }
    return recordOf(settled, skipped?.result === true);
  }

  async #checked(runnable: Runnable, settled: Settled, settling: Settling): Promise<Settled> {
    const check = await checked(runnable, this.#asking(settling));
    if (!check) return settled;
    return { ...settled, result: check.holds, comment: joined(settled.comment, check.comment) };
  }

  async #reacted(runnable: Runnable, main: Settled, settling: Settling): Promise<Settled> {
    const reaction = await react(runnable, main.taken, settling);
    if (main.moved) {
      if (!reaction.moved && reaction.result !== false) return main;
      return {
        ...reaction,
        changes: { ...main.changes, ...reaction.changes },
        differences: [...main.differences, ...reaction.differences],
        comment: joined(main.comment, reaction.comment),
        presumed: main.presumed || reaction.presumed,
        moved: true,
      };
    }
    // Salt: the result of the reaction replaces that of the state, even a failure.
    if (reaction.moved || reaction.result !== true) return { ...reaction, reaction: true };
    return main.result === false ? reaction : main;
  }

  async #skipped(runnable: Runnable, settling: Settling): Promise<Settled | undefined> {
    const { onlyif, unless, creates } = runnable.conditions;
    if (!onlyif && !unless && !creates) return undefined;
    return guarded(settling, async () => {
      const reason = await skippedBy(runnable, this.#asking(settling));
      return reason === undefined ? undefined : unchanged(reason);
    });
  }

  #asking({ host }: Settling): { host: Host; call: CallFunction } {
    return { host, call: this.#run.call };
  }

  #settling(runnable: Runnable): Settling {
    return {
      host: runnable.dry ? this.#run.shadow() : this.#run.host,
      emit: this.#run.emit,
      afterPresumed: this.#presumed,
      stoppedBy: this.#run.stoppedBy,
      before: this.#before,
    };
  }

  #begin({ chunk }: Runnable, id: string, fun = chunk.fun): Timed {
    const identity = { run_num: this.#number, id, state: chunk.state, fun, name: chunk.name };
    this.#run.emit({ kind: 'state-started', ...identity });
    return { identity, sls: chunk.sls, began: performance.now(), started: Date.now() };
  }

  #finish(timed: Timed, record: Record): void {
    const { settled } = record;
    const result: ChunkResult = {
      ...timed.identity,
      sls: timed.sls,
      result: settled.result,
      verdict: verdictOf(record),
      changes: settled.changes,
      differences: settled.differences,
      comment: settled.comment,
      warnings: settled.warnings,
      ...(settled.reaction && { reaction: true }),
      diagnostics: settled.diagnostics,
      started: isoLocal(timed.started),
      duration_ms: Math.round((performance.now() - timed.began) * 1000) / 1000,
    };
    this.#total += 1;
    this.#number += 1;
    this.#counts.set(result.verdict, (this.#counts.get(result.verdict) ?? 0) + 1);
    this.#run.emit({ kind: 'state-finished', result });
  }

  counts(): Omit<Summary, 'not_tried' | 'stopped_by' | 'duration_ms'> {
    const count = (verdict: Verdict): number => this.#counts.get(verdict) ?? 0;
    return {
      total: this.#total,
      unchanged: count('unchanged'),
      changed: count('changed'),
      would_change: count('would-change') + count('unknown'),
      unknown: count('unknown'),
      failed: count('failed'),
      skipped: count('skipped'),
    };
  }
}

/** Nothing decides whether, or how often, it runs: most states of a tree. */
function isFree({ requisites, prerequired, conditions, retry }: Runnable): boolean {
  if (prerequired.length > 0 || retry) return false;
  for (const _ in requisites) return false;
  for (const _ in conditions) return false;
  return true;
}

// Unlike Salt: in a dry run a command that would run counts as a change for watch, onchanges and listen, as it does in
// the run itself, and onfail does not fire for a state that would change; Salt's test mode says otherwise in both.
function recordOf(settled: Settled, idle: boolean, skipped = false): Record {
  const { result, moved } = settled;
  return { settled, result, moved, idle, skipped, expected: result === null && !idle };
}

function verdictOf({ settled, idle }: Record): Verdict {
  if (settled.result === false) return 'failed';
  if (idle) return 'skipped';
  if (settled.unknown) return 'unknown';
  if (settled.result === null) return 'would-change';
  return settled.moved ? 'changed' : 'unchanged';
}

function withReason(settled: Settled, owed: string | undefined): Settled {
  if (owed === undefined || settled.unknown) return settled;
  return { ...settled, comment: joined(settled.comment, owed) };
}

/** A number from 0 to 1 that is always the same for the same words (FNV-1a). */
function spread(text: string, attempt: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${text}#${attempt}`)
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return (hash >>> 0) / 0xffffffff;
}

let lastSecond = Number.NaN;
let lastPrefix = '';
let lastOffset = '';

/** Local time with offset (ISO 8601). Thousands of states start in one second: its text is made once. */
function isoLocal(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) {
    const date = new Date(time);
    const minutes = -date.getTimezoneOffset();
    const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
    lastOffset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
    lastPrefix = new Date(time + minutes * 60_000).toISOString().slice(0, 19);
    lastSecond = second;
  }
  return `${lastPrefix}.${String(time % 1000).padStart(3, '0')}${lastOffset}`;
}
