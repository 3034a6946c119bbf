/** `converge watch`: awake, and converging what an event concerns. */
import { isDeepStrictEqual } from 'node:util';
import { type Notice, type Reacted, type Reaction, tagOf } from '../../core/watch.ts';
import { notifySystemd, watchdogInterval } from '../../host/notify.ts';
import { keepInStep } from '../../host/watch-unit.ts';
import { pausedUntil } from '../../journal/pause.ts';
import { createWatchLog, type WatchLog } from '../../journal/watching.ts';
import type { Beacon } from '../../watch/beacon.ts';
import type { Fight } from '../../watch/patience.ts';
import { createReactor, type Rule } from '../../watch/reactor.ts';
import { type Times, Watch } from '../../watch/watch.ts';
import type { Command } from '../arguments.ts';
import { readWatchConfig, type WantedBeacon, type WatchConfig } from '../beacons.ts';
import type { Signal, Signals } from '../interruption.ts';
import { type LiveView, liveView } from '../live-view.ts';
import { createMachine, systemClock } from '../machine.ts';
import { exitCodes, type Streams } from '../main.ts';
import { readSettings, requireJournal, type Settings } from '../settings.ts';
import { Warm } from '../warm.ts';
import type { World } from '../world.ts';

type WatchCommand = Extract<Command, { verb: 'watch' }>;

/** What it begins with: whatever happened while it was away. */
const start: Notice = { beacon: 'timer', name: 'start' };

/** Seconds of quiet in the tree: an editor or git writes more than one file. */
const treeDebounce = 0.2;

/** Milliseconds in which what `converge status` shows may be old. */
const tellEvery = 500;

/** Milliseconds of quiet before memory is tidied up. */
const tidyAfter = 5000;

interface Lit {
  readonly wanted: WantedBeacon;
  readonly beacon: Beacon;
}

export async function watchCommand({ once, options }: WatchCommand, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const daemon = new Daemon(settings, { ...options, output: options.output ?? 'quiet' }, streams);
  return await daemon.run(once);
}

class Daemon {
  readonly #streams: Streams;
  readonly #view: LiveView;
  readonly #warm: Warm;
  readonly #watch: Watch;
  readonly #log: WatchLog;
  readonly #id: () => string;
  readonly #machine;
  #config: WatchConfig = { beacons: [], rules: [] };
  #ruleOf: (notice: Notice) => Rule = () => this.#standard(start);
  #lit: Lit[] = [];
  /** The world that the present configuration is from. */
  #configured: World | undefined;
  #failed = false;
  #stoppedBy: Signal | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #telling: Disposable | undefined;
  #tidying: Disposable | undefined;

  constructor(settings: Settings, options: WatchCommand['options'], streams: Streams) {
    const journal = requireJournal(settings);
    this.#view = liveView(streams);
    this.#streams = this.#view.streams;
    this.#warm = new Warm(options, {
      ...this.#streams,
      ...(streams.signals && { signals: this.#forRuns(streams.signals) }),
    });
    this.#id = () => this.#warm.world?.id ?? '';
    this.#machine = createMachine(
      () => this.#warm.changedServices(),
      (error) => this.#say(`the members of services cannot be looked for: ${(error as Error).message}`),
    );
    this.#log = createWatchLog({
      folder: journal,
      pid: process.pid,
      now: Date.now,
      mask: (text) => this.#warm.world?.secrets.mask(text) ?? text,
      onTrouble: (message) => this.#say(message),
    });
    this.#watch = new Watch({
      clock: systemClock,
      ruleOf: (notice) => this.#ruleOf(notice),
      react: (reaction) => this.#react(reaction),
      pausedUntil() {
        const pause = pausedUntil(journal, Date.now());
        return pause && (pause.until ?? Number.POSITIVE_INFINITY);
      },
      onStep: () => this.#tellSoon(),
      onReacted: (reaction, reacted, times) => this.#reacted(reaction, reacted, times),
      onFight: (fight) => this.#fought(fight),
    });
  }

  async run(once: boolean): Promise<number> {
    const { env, signals } = this.#streams;
    signals?.listen((signal) => {
      if (signal === 'SIGHUP') return this.#reload();
      this.#stoppedBy ??= signal;
      this.#ended.resolve();
    });
    // Whoever starts this service may hold the lock that the first run waits for.
    notifySystemd('READY=1');
    const interval = watchdogInterval(env);
    const watchdog =
      interval === undefined ? undefined : setInterval(() => notifySystemd('WATCHDOG=1'), interval / 2);
    this.#log.happened({ time: Date.now(), event: 'started' });
    this.#watch.notice(start);
    try {
      if (once) {
        await this.#watch.idle();
        for (const { beacon } of this.#lit) await beacon.look?.();
        await this.#watch.idle(1000);
        return this.#failed ? exitCodes.failed : exitCodes.converged;
      }
      await this.#ended.promise;
      return exitCodes.converged;
    } finally {
      // A run that is at work may still light beacons, and take long.
      await this.#watch.stop();
      clearInterval(watchdog);
      for (const { beacon } of this.#lit) beacon[Symbol.dispose]();
      this.#telling?.[Symbol.dispose]();
      this.#view.clear();
      this.#tidying?.[Symbol.dispose]();
      this.#log.happened({ time: Date.now(), event: 'stopped' });
      this.#log[Symbol.dispose]();
    }
  }

  /** What ends this also ends a run that only then begins, such as one that had to wait for another. SIGHUP ends none. */
  #forRuns(signals: Signals): Signals {
    return {
      listen: (handler) => {
        if (this.#stoppedBy) handler(this.#stoppedBy);
        return signals.listen((signal) => {
          if (signal !== 'SIGHUP') handler(signal);
        });
      },
    };
  }

  #reload(): void {
    this.#warm.forget();
    this.#configured = undefined;
    this.#log.happened({ time: Date.now(), event: 'reloaded' });
    this.#watch.notice({ beacon: 'timer', name: 'reload' });
    this.#watch.wake();
  }

  async #react(reaction: Reaction): Promise<Reacted> {
    const reacted = await this.#warm.react(reaction);
    if (reacted.failed > 0 || reacted.trouble !== undefined) this.#failed = true;
    await this.#arrange(reacted.trouble !== undefined);
    if (reacted.run !== undefined) this.#tidySoon();
    return reacted;
  }

  /** The memory that a run took is given back once it is quiet; the launcher of the installed form allows that. */
  #tidySoon(): void {
    const { gc } = globalThis as { gc?: (how: object) => void };
    if (!gc) return;
    this.#tidying?.[Symbol.dispose]();
    this.#tidying = systemClock.after(tidyAfter, () => {
      gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    });
  }

  /** Lights and puts out beacons as the pillar has it by now, and aims them at what was looked at. */
  async #arrange(troubled: boolean): Promise<void> {
    const { world } = this.#warm;
    if (this.#configured !== world || this.#lit.length === 0) {
      this.#configured = world;
      try {
        this.#config = await readWatchConfig(world);
      } catch (error) {
        // A pillar that cannot be read was told of already.
        if (!troubled) await this.#warm.say(error);
        if (this.#config.beacons.length === 0) this.#config = await readWatchConfig(undefined);
      }
      this.#ruleOf = createReactor(this.#config.rules, (notice) => this.#standard(notice));
      this.#light();
    }
    const targets = this.#warm.targets();
    for (const { beacon } of this.#lit) beacon.aim?.(targets);
  }

  #light(): void {
    const before = this.#lit;
    this.#lit = this.#config.beacons.map((wanted) => {
      const same = before.find((one) => isDeepStrictEqual(one.wanted, wanted));
      return same ?? { wanted, beacon: this.#start(wanted) };
    });
    for (const one of before) if (!this.#lit.includes(one)) one.beacon[Symbol.dispose]();
  }

  #start({ beacon, name, definition, settings }: WantedBeacon): Beacon {
    const means = {
      clock: systemClock,
      machine: this.#machine,
      id: this.#id(),
      notify: (noticed: string) => this.#watch.notice({ beacon, name: noticed }),
      warn: (message: string) => {
        this.#log.happened({ time: Date.now(), event: 'warning', tag: beacon, text: message });
        this.#say(message);
      },
    };
    return definition.start(settings, means, name);
  }

  readonly #rules = new Map<string, Rule>();

  /** What holds where the pillar says nothing. The same object for the same, as limits count by it. */
  #standard({ beacon, name }: Notice): Rule {
    const own = beacon === 'timer' && (name === 'start' || name === 'reload');
    const definition = this.#config.beacons.find((one) => one.beacon === beacon)?.definition;
    const reaction = own ? 'highstate' : (definition?.reaction ?? 'affected');
    const inTree = beacon === 'files' && this.#warm.sources().some((root) => name.startsWith(root));
    const debounce = inTree ? treeDebounce : 0;
    const key = `${reaction} ${debounce}`;
    const rule = this.#rules.get(key) ?? { reaction, debounce };
    this.#rules.set(key, rule);
    return rule;
  }

  #reacted(reaction: Reaction, reacted: Reacted, { noticed, ended }: Times): void {
    const { highstate, apply, notices } = reaction;
    const tags = notices.map(tagOf);
    const { run, changed, failed, trouble } = reacted;
    // The run may have changed the unit that this was started by, or taken it away. No other is begun then.
    if (keepInStep(this.#streams.env) !== undefined) this.#ended.resolve();
    // What came to nothing is nobody's business: often it was our own doing.
    if (run === undefined && trouble === undefined) return;
    const what = highstate ? 'highstate' : apply.length > 0 ? `apply ${apply.join(' ')}` : 'affected';
    this.#log.reacted({
      time: noticed,
      tags,
      what,
      changed,
      failed,
      latency_ms: ended - noticed,
      ...(run !== undefined && { run }),
      ...(trouble !== undefined && { trouble }),
    });
    const shown =
      tags.length > 3 ? `${tags.slice(0, 3).join(', ')} and ${tags.length - 3} more` : tags.join(', ');
    const came =
      trouble === undefined ? `${changed} changed, ${failed} failed` : 'it could not be done as it should';
    this.#say(`${shown}: ${what}, ${came}, after ${ended - noticed} ms`);
    this.#tellSoon();
  }

  #fought({ tag, times, since, until }: Fight): void {
    const now = Date.now();
    this.#log.happened({ time: now, event: 'breaker-opened', tag });
    this.#say(
      `${tag} was put right ${times} times in ${Math.ceil((now - since) / 1000)} s: something else keeps changing it. The next time is in ${Math.ceil((until - now) / 1000)} s at the earliest.`,
    );
  }

  /** A file is not worth more than one write in a while, and never a delay of what it tells of. */
  #tellSoon(): void {
    this.#telling ??= systemClock.after(tellEvery, () => {
      this.#telling = undefined;
      this.#tell();
    });
  }

  /** For `converge status`, and for who looks on. */
  #tell(): void {
    const { phase } = this.#watch;
    const beacons = this.#lit.map(({ wanted: { beacon, name }, beacon: lit }) => ({
      name: name === beacon ? beacon : `${beacon}/${name}`,
      tells: lit.tell(),
    }));
    this.#log.write({
      state: phase === 'stopped' ? 'idle' : phase,
      beacons,
      queue: this.#watch.queue(),
      breakers: this.#watch.fights(),
    });
    // A run shows its own line.
    if (phase !== 'running')
      this.#view.show(`${phase}: ${beacons.map(({ name, tells }) => `${name}: ${tells}`).join(' · ')}`);
  }

  #say(message: string): void {
    this.#streams.stderr.write(`converge: ${this.#warm.world?.secrets.mask(message) ?? message}\n`);
  }
}
