/** What beacons are driven by in tests: a clock that is set by hand, and a machine of which all is known. */
import type { Command, Outcome, Reached, Target } from '../../engine/core/host.ts';
import type { Clock, Targets } from '../../engine/core/watch.ts';
import type { Following, Machine, Means } from '../../engine/watch/beacon.ts';

export interface FakeClock extends Clock {
  /** Time passes: alarms ring in their order, and what they lead to settles before the next one. */
  advance(milliseconds: number): Promise<void>;
  /** The time of day changes without any passing: the clock was set, or the machine slept. Alarms stay as far away as they were. */
  set(time: number): void;
  /** Alarms that have not rung. */
  readonly pending: number;
  /** How many have rung. */
  readonly rung: number;
}

export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let passed = 0;
  let offset = start;
  let rung = 0;
  const alarms = new Set<{ readonly at: number; readonly work: () => void }>();
  return {
    now: () => offset + passed,
    after(milliseconds, work) {
      if (!(milliseconds >= 0 && milliseconds < 2 ** 31))
        throw new Error(`no timer waits ${milliseconds} ms`);
      const alarm = { at: passed + milliseconds, work };
      alarms.add(alarm);
      return { [Symbol.dispose]: () => void alarms.delete(alarm) };
    },
    async advance(milliseconds) {
      const end = passed + milliseconds;
      await settled();
      for (;;) {
        let next: { readonly at: number; readonly work: () => void } | undefined;
        for (const alarm of alarms) if (alarm.at <= end && (!next || alarm.at < next.at)) next = alarm;
        if (next === undefined) break;
        alarms.delete(next);
        passed = Math.max(passed, next.at);
        rung++;
        next.work();
        await settled();
      }
      passed = end;
    },
    set: (time) => {
      offset = time - passed;
    },
    get pending() {
      return alarms.size;
    },
    get rung() {
      return rung;
    },
  };
}

/** All promises that need nothing of outside have settled. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Something that runs on until it ends or nobody wants it any more. */
export interface Followed<On> {
  readonly argv: readonly string[];
  readonly on: On;
  disposed: boolean;
}

type Signals = Parameters<Machine['unitSignals']>[0];

export interface FakeMachine extends Machine {
  readonly followed: Followed<Following>[];
  readonly signals: Followed<Signals>[];
  readonly commands: Command[];
  readonly targets: Target[];
  /** By path; what is not in it is missing. */
  readonly files: Map<string, string | Buffer>;
  /** What answers commands and looks; tests replace them. */
  onRun(command: Command): Partial<Outcome> | Promise<Partial<Outcome>>;
  onReach(target: Target, timeout: number): Reached | Promise<Reached>;
  /** Services whose members are others; tests replace it. */
  onServices(): readonly string[];
}

export function fakeMachine(): FakeMachine {
  function following<On>(list: Followed<On>[], argv: readonly string[], on: On): Disposable {
    const one: Followed<On> = { argv, on, disposed: false };
    list.push(one);
    return {
      [Symbol.dispose]: () => {
        one.disposed = true;
      },
    };
  }
  const machine: FakeMachine = {
    followed: [],
    signals: [],
    commands: [],
    targets: [],
    files: new Map(),
    onRun: () => ({}),
    onReach: () => ({ reached: true, seen: 'connected' }),
    onServices: () => [],
    changedServices: async () => machine.onServices(),
    follow: (argv, on) => following(machine.followed, argv, on),
    unitSignals: (on) => following(machine.signals, [], on),
    content(path) {
      const found = machine.files.get(path);
      return typeof found === 'string' ? Buffer.from(found) : found;
    },
    async run(command) {
      machine.commands.push(command);
      return { status: 0, stdout: '', stderr: '', pid: 1, ...(await machine.onRun(command)) };
    },
    async reach(target, timeout) {
      machine.targets.push(target);
      return await machine.onReach(target, timeout);
    },
  };
  return machine;
}

export interface FakeMeans extends Means {
  readonly clock: FakeClock;
  readonly machine: FakeMachine;
  /** Names in the order they were told. */
  readonly notices: string[];
  readonly warnings: string[];
}

/** `given`: what a test wants otherwise, such as its `id`. */
export function fakeMeans(given: { id?: string; clock?: FakeClock; machine?: FakeMachine } = {}): FakeMeans {
  const notices: string[] = [];
  const warnings: string[] = [];
  return {
    id: 'node1',
    clock: fakeClock(),
    machine: fakeMachine(),
    notices,
    warnings,
    notify: (name) => void notices.push(name),
    warn: (message) => void warnings.push(message),
    ...given,
  };
}

export function targetsOf(
  given: { [K in Exclude<keyof Targets, 'since'>]?: Iterable<string> } & { since?: number },
): Targets {
  return {
    paths: new Set(given.paths),
    units: new Set(given.units),
    services: new Set(given.services),
    certificates: new Set(given.certificates),
    unsettled: new Set(given.unsettled),
    sources: [...(given.sources ?? [])],
    since: given.since ?? Date.now(),
  };
}
