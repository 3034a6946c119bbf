/** A run: the lock, the record, the walk through the states, the reports. For every verb that changes the host. */

import { converge, type Part, type Run } from '../converge/converge.ts';
import type { Standing } from '../converge/gate.ts';
import type { Runnable, RunOrder } from '../core/chunk.ts';
import { type Diagnostic, Trouble } from '../core/diagnostic.ts';
import type { Emit, Event, Summary } from '../core/event.ts';
import type { Host, WriteEffect } from '../core/host.ts';
import type { Ledger } from '../core/owed.ts';
import { unwritable } from '../journal/file.ts';
import { createHeldSecrets } from '../journal/held.ts';
import type { Lock } from '../journal/lock.ts';
import { maskEvent } from '../report/masked.ts';
import { announce, createTally, type Tally } from './announce.ts';
import type { Pledge } from './confirmation.ts';
import { createInterruption, type Interruption } from './interruption.ts';
import { standInLine } from './line.ts';
import { createLog } from './log.ts';
import { exitCodes, type Streams } from './main.ts';
import { type Extent, openOwnership } from './ownership.ts';
import { isHeldBack, tellPause } from './pausing.ts';
import { type Record, startRecord } from './record.ts';
import { createReporter } from './reporters.ts';
import type { World } from './world.ts';

/** What is to be run. */
export interface Undertaking {
  readonly verb: string;
  /** The command line for the history: without options, and without anything that may be a secret. */
  readonly words: readonly string[];
  readonly test: boolean;
  /** Undefined: a run of which nothing is remembered but its record. */
  readonly extent?: Extent;
  /** Nothing may be changed that cannot be taken back: what it replaces is kept for good before. */
  readonly strict?: boolean;
  /** Another run holds the lock, and is waited for. */
  readonly onWait?: () => void;
  /** Asked when the lock is held: whether something else is to be run by now, so nothing is. */
  readonly isOutdated?: () => boolean;
  /** The lock, where it is held already. */
  readonly lock?: Lock;
  /** The states, and why there are none to run is a Trouble. Asked when the lock is held. */
  readonly order: (record: Record | undefined) => Promise<RunOrder>;
  /** Sees every event as it is, and as it may be shown. */
  readonly witness?: (event: Event, masked: Event) => void;
  /** Somebody who is awake between the runs. */
  readonly watcher?: Watcher;
}

/** Wants to know what a run looks at and comes to, and may have some of its states run only. */
export interface Watcher {
  readonly part?: Part;
  readonly stands: (runnable: Runnable, standing: Standing) => void;
  /** The machine as states see it. */
  readonly observed: (host: Host) => Host;
}

/** Resolves to the exit code. */
export async function runStates(undertaking: Undertaking, world: World, streams: Streams): Promise<number> {
  const { confirm } = world.settings;
  if (confirm === undefined) return await recorded(undertaking, world, streams);
  const { createPledge } = await import('./confirmation.ts');
  const pledge = createPledge(undertaking.words, confirm, world, streams);
  // Asked when the lock is free again: a person may confirm it meanwhile.
  return await pledge.conclude(await recorded({ ...undertaking, strict: true }, world, streams, pledge));
}

async function recorded(
  undertaking: Undertaking,
  world: World,
  streams: Streams,
  pledge?: Pledge,
): Promise<number> {
  // A dry run neither disturbs another run nor leaves anything behind.
  const begun = undertaking.test ? undefined : await begin(undertaking, world, streams);
  if (begun === 'left out') return exitCodes.converged;
  using record = begun;
  const began = Date.now();
  const tally = createTally();
  let exit: number = exitCodes.bug;
  let ran: Ran | undefined;
  let diagnostics: readonly Diagnostic[] = [];
  try {
    ran = await run(undertaking, world, streams, { record, tally, pledge });
    exit = exitCodeOf(undertaking, world, ran);
    return exit;
  } catch (error) {
    if (error instanceof Trouble) {
      exit = exitCodes.notCompiled;
      diagnostics = error.diagnostics;
    }
    throw error;
  } finally {
    record?.recorder?.finish(exit);
    const owed = () => record?.ledger?.list().length ?? 0;
    const run = record?.run ?? '';
    const summary = ran?.summary;
    await announce({ ...undertaking, run, began, exit, summary, tally, diagnostics, owed }, world, streams);
  }
}

interface Companions {
  readonly record: Record | undefined;
  readonly tally: Tally;
  readonly pledge: Pledge | undefined;
}

async function begin(undertaking: Undertaking, world: World, streams: Streams): Promise<Record | 'left out'> {
  if (isHeldBack(world.settings, streams)) return 'left out';
  tellPause(world.settings, streams);
  const remembers = undertaking.watcher !== undefined;
  using place = await standInLine({ ...undertaking, remembers }, world.settings);
  if (place.taken) return 'left out';
  return (await startRecord(undertaking, world, streams)) ?? 'left out';
}

interface Ran {
  readonly summary: Summary;
  readonly signalled: number | undefined;
}

function exitCodeOf({ test }: Undertaking, { settings }: World, { summary, signalled }: Ran): number {
  if (signalled !== undefined) return signalled;
  if (summary.failed > 0 || summary.stopped_by !== undefined) return exitCodes.failed;
  if (test && settings.detailedExitcode && summary.would_change > 0) return exitCodes.pending;
  return exitCodes.converged;
}

async function run(
  undertaking: Undertaking,
  world: World,
  streams: Streams,
  { record, tally, pledge }: Companions,
): Promise<Ran> {
  const { settings } = world;
  const order = await undertaking.order(record);
  const held = createHeldSecrets(settings.journal);
  if (record) await keepSecrets(world, record);
  const reporter = await createReporter(order, world, streams);
  const log = createLog(settings.logLevel, streams.stderr);
  log('info', `${order.states.length} states to converge`);
  const emit: Emit = (event: Event) => {
    if (event.kind === 'process-started') log('debug', `started ${event.argv.join(' ')} (pid ${event.pid})`);
    record?.recorder?.handle(event);
    tally.note(event);
    reporter.handle(event);
  };
  const discreetly: Emit = (event) => {
    const { secrets } = world;
    // A path may hold a secret itself.
    if (secretWritten(event, world)) held.note(secrets.mask(event.effect.path));
    const masked = maskEvent(event, { secrets, heldSecrets: (path) => held.has(secrets.mask(path)) });
    undertaking.witness?.(event, masked);
    emit(masked);
  };
  using interruption = createInterruption({
    signals: streams.signals,
    limit: settings.runTimeout,
    say: (message) => streams.stderr.write(`converge: ${message}\n`),
  });
  const ledger = record ? record.ledger : await ledgerBefore(world);
  try {
    const summary = await performed(order, world, discreetly, {
      dry: undertaking.test,
      extent: undertaking.extent,
      watcher: undertaking.watcher,
      onTrouble: (error) => record?.warn(unwritable(settings.journal ?? '', error)),
      ledger,
      keeper: record?.keeper,
      guard: (host) => pledge?.guarded(host, record?.run ?? '', order.confirm) ?? host,
      interruption,
    });
    pledge?.ended(summary);
    if (order.states.length === 0)
      streams.stderr.write('converge: there is nothing to do: no state was declared.\n');
    return { summary, signalled: interruption.exitCode() };
  } finally {
    reporter.flush();
    if (record) record.save(held);
  }
}

/** Before the first of them is written anywhere. */
async function keepSecrets({ settings, secrets }: World, record: Record): Promise<void> {
  if (secrets.isEmpty || settings.journal === undefined) return;
  const { keepPresent } = await import('../journal/former.ts');
  try {
    keepPresent(settings.journal, secrets.prints(), Date.now());
  } catch (error) {
    record.warn(unwritable(settings.journal, error));
  }
}

type Written = Extract<Event, { kind: 'effect-performed' }> & { readonly effect: WriteEffect };

function secretWritten(event: Event, { secrets }: World): event is Written {
  if (secrets.isEmpty || event.kind !== 'effect-performed' || event.effect.kind !== 'write') return false;
  return event.became === 'done' && secrets.holds(event.effect.content.toString());
}

/** What a dry run has to know of the runs before it. */
async function ledgerBefore({ settings, secrets }: World): Promise<Ledger | undefined> {
  if (settings.journal === undefined) return undefined;
  const { readLedger } = await import('../journal/owed.ts');
  return readLedger(settings.journal, settings.states, (text) => secrets.mask(text));
}

interface Circumstances {
  readonly dry: boolean;
  readonly ledger: Ledger | undefined;
  readonly keeper?: Record['keeper'];
  /** The machine, of which the first change is prepared for. */
  readonly guard?: (host: Host) => Host;
  readonly interruption: Interruption;
  readonly extent: Extent | undefined;
  readonly watcher?: Watcher | undefined;
  readonly onTrouble?: (error: unknown) => void;
}

async function performed(
  order: RunOrder,
  world: World,
  emit: Emit,
  { dry, ledger, keeper, guard, interruption, extent, watcher, onTrouble = () => {} }: Circumstances,
): Promise<Summary> {
  const machine = await world.host(emit, { interruption, ...(keeper && { keeper }) });
  const local = watcher?.observed(machine) ?? machine;
  const { createOverlay } = await import('../host/overlay.ts');
  const host: Host = dry ? createOverlay(local) : (guard?.(local) ?? local);
  world.lookThrough(host);
  const ownership = extent && (await openOwnership(order, host, world, { extent, dry, onTrouble }));
  const run: Run = {
    host: ownership?.host ?? host,
    shadow: () => createOverlay(host),
    emit: ownership ? (event) => emit(ownership.told(event)) : emit,
    ...(ownership && { before: ownership.before }),
    call: (fun, args, kwargs) => world.call(fun, args, kwargs),
    // Salt: neither failhard nor retry has a part in a dry run.
    failhard: dry ? undefined : world.settings.failhard,
    wait: dry ? undefined : (seconds) => pause(seconds, interruption),
    dry,
    ...(ledger ? { ledger } : {}),
    stoppedBy: interruption.reason,
    ...(watcher && { stands: watcher.stands }),
    ...(watcher?.part && { part: watcher.part }),
  };
  try {
    const summary = await converge(ownership?.order ?? order, run);
    return ownership?.summed(summary) ?? summary;
  } finally {
    ownership?.save();
  }
}

/** A dry run that nobody is told of but `emit`. */
export async function foresee(
  order: RunOrder,
  world: World,
  emit: Emit,
  extent: Extent | undefined,
): Promise<Summary> {
  using interruption = createInterruption({ signals: undefined, limit: undefined, say: () => {} });
  const ledger = await ledgerBefore(world);
  return await performed(order, world, emit, { dry: true, ledger, interruption, extent });
}

/** Seconds, or until the run is to stop. */
async function pause(seconds: number, interruption: Interruption): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && interruption.reason() === undefined) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, end - performance.now())));
  }
}
