/** What is kept between the runs of `converge watch`: what was compiled, how states stand, and what they looked at. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Part } from '../converge/converge.ts';
import type { Standing } from '../converge/gate.ts';
import type { Runnable, RunOrder } from '../core/chunk.ts';
import { Trouble } from '../core/diagnostic.ts';
import type { Findings } from '../core/discovery.ts';
import type { Event, Summary } from '../core/event.ts';
import type { PlannedRun } from '../core/plan.ts';
import { isRefusal, stepsOf } from '../core/state.ts';
import { type Notice, type Reacted, type Reaction, type Targets, tagOf } from '../core/watch.ts';
import { tellingLooks } from '../host/looks.ts';
import { writeFindings } from '../journal/discovery.ts';
import { textOf } from '../journal/intent.ts';
import { compilePlanned, wordsOf } from './compilation.ts';
import { openDiscovery } from './discovery.ts';
import type { Options } from './given.ts';
import { Looks } from './looks.ts';
import { reportTrouble, type Streams } from './main.ts';
import type { Record } from './record.ts';
import { runStates, type Undertaking } from './running.ts';
import { createWorld, type World } from './world.ts';

/** What was compiled, and what came of it. */
interface Compiled {
  readonly world: World;
  readonly order: RunOrder;
  readonly standings: Map<Runnable, Standing>;
  looks: Looks;
  /** States that failed by themselves, or warned, when they had their turn last. */
  readonly unsettled: Set<Runnable>;
  /** Paths that templates looked at while it was compiled. */
  readonly seen: ReadonlySet<string>;
  /** Service → its members, as text. */
  readonly members: Map<string, string>;
  /** Files that states renew. */
  readonly certificates: ReadonlySet<string>;
}

/** What a run came to. */
interface Ran {
  /** Undefined: somebody has begun a pause, so nothing was looked at; the next notice tries again. */
  readonly run?: string;
  readonly summary?: Summary;
  /** States that changed something, or could not. */
  readonly moved: ReadonlySet<Runnable>;
}

/** Another run had to be waited for, and may have been by another tree: what was compiled before it would undo it. */
class Outdated extends Error {}

const nothing: Reacted = { moved: [], changed: 0, failed: 0 };

/** Which folders and files these are: of a whole tree that takes the place of another nobody is notified. */
function placesOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? `${stat.dev}:${stat.ino}` : '';
    })
    .join();
}

export class Warm {
  readonly #options: Options;
  readonly #streams: Streams;
  #compiled: Compiled | undefined;
  /** What was compiled may not be what would be compiled now. */
  #stale = true;
  /** What the sources were when they were compiled last. */
  #compiledFrom = '';
  #findings: Findings | undefined;
  /** The paths that were handed out last, and what they are made of. */
  #paths: { readonly first: object; readonly second: object; readonly both: ReadonlySet<string> } | undefined;
  /** When the last reaction began. */
  #since = 0;
  /** The last world, even if its states did not compile. */
  world: World | undefined;

  constructor(options: Options, streams: Streams) {
    this.#options = options;
    this.#streams = streams;
  }

  /** What has to be read anew by the next run. */
  forget(): void {
    this.#stale = true;
  }

  /** Never rejects for what the tree, the host or another run does. */
  async react(reaction: Reaction): Promise<Reacted> {
    try {
      const reacted = await this.#react(reaction);
      await this.#noteMembers();
      return reacted;
    } catch (error) {
      if (error instanceof Outdated) {
        this.#stale = true;
        return await this.react(reaction);
      }
      return { ...nothing, trouble: await this.say(error) };
    }
  }

  /** Shows what is wrong with the tree to whoever reads the log. */
  async say(error: unknown): Promise<string> {
    if (!(error instanceof Trouble)) throw error;
    await reportTrouble(error.diagnostics, this.#options, this.#streams, this.world?.settings);
    return error.diagnostics.map(({ message }) => message).join(' ');
  }

  async #react(reaction: Reaction): Promise<Reacted> {
    this.#since = Date.now();
    const { highstate, apply, affected, notices } = reaction;
    if (notices.some((notice) => this.#makesStale(notice))) this.#stale = true;
    if (this.#compiled && placesOf(this.sources()) !== this.#compiledFrom) this.#stale = true;
    // Whatever was missed: all is read anew.
    if (highstate || !this.#compiled) return await this.#highstate(notices);
    const reacted: Reacted[] = [];
    if (affected.length > 0 || this.#stale) reacted.push(await this.#affected(affected, notices));
    if (apply.length > 0) reacted.push(await this.#apply(apply, notices));
    return together(reacted);
  }

  /** Folders and files that runs are compiled from. */
  sources(): readonly string[] {
    const { settings } = this.world ?? {};
    const config = this.#options.config ?? '/etc/converge/converge.yaml';
    return [...(settings?.states ?? []), ...(settings?.pillar ?? []), resolve(this.#streams.cwd, config)];
  }

  targets(): Targets {
    const { looks, seen, members, certificates, unsettled = [] } = this.#compiled ?? {};
    return {
      paths: this.#joined(looks?.paths() ?? none, seen ?? none),
      units: looks?.units() ?? none,
      services: new Set(members?.keys()),
      certificates: certificates ?? none,
      unsettled: new Set([...unsettled].map(nameOf)),
      sources: this.sources(),
      since: this.#since,
    };
  }

  /** The same object for the same sets. */
  #joined(first: ReadonlySet<string>, second: ReadonlySet<string>): ReadonlySet<string> {
    if (second.size === 0) return first;
    if (this.#paths?.first !== first || this.#paths.second !== second)
      this.#paths = { first, second, both: new Set([...first, ...second]) };
    return this.#paths.both;
  }

  /** Services that the last run asked for and whose members are others by now. */
  async changedServices(): Promise<string[]> {
    const { world, members } = this.#compiled ?? {};
    if (!world || !members || members.size === 0) return [];
    const { id, grains, settings } = world;
    const pillar = await world.pillar();
    const { discovery } = openDiscovery({ id, grains, pillar, settings, findings: this.#findings });
    const changed: string[] = [];
    for (const name of members.keys()) {
      const { members: present } = await discovery.service(name);
      if (JSON.stringify(present) !== members.get(name)) changed.push(name);
    }
    this.#findings = discovery.findings();
    if (changed.length > 0 && settings.journal !== undefined) writeFindings(settings.journal, this.#findings);
    return changed;
  }

  #makesStale({ beacon, name }: Notice): boolean {
    if (beacon === 'srv' || beacon === 'network' || beacon === 'git') return true;
    if (beacon !== 'files') return false;
    return (
      this.sources().some((root) => name === root || name.startsWith(`${root}/`)) ||
      this.#compiled?.seen.has(name) === true
    );
  }

  async #compile(): Promise<Compiled> {
    const seen = new Set<string>();
    const world = await createWorld({ ...this.#options, cause: 'watch' }, this.#streams, {
      ...(this.#findings && { findings: this.#findings }),
      onLook: (kind, name) => void (kind === 'path' && seen.add(name)),
    });
    this.world = world;
    this.#compiledFrom = placesOf(this.sources());
    const order = await compilePlanned({ verb: 'highstate' }, world);
    this.#stale = false;
    const renewed = order.states.filter(({ definition }) => definition.renews).map(({ args }) => args.name);
    const certificates = new Set(renewed.filter((name) => name.startsWith('/')));
    return {
      world,
      order,
      standings: new Map(),
      looks: new Looks(),
      unsettled: new Set(),
      seen,
      members: new Map(),
      certificates,
    };
  }

  /** Members that templates were told of by now: of states, and of the files that these bring. */
  async #noteMembers(): Promise<void> {
    const { world, members } = this.#compiled ?? {};
    const discovery = world?.discovery();
    if (!discovery || !members) return;
    for (const name of discovery.asked())
      if (!members.has(name)) members.set(name, JSON.stringify((await discovery.service(name)).members));
    this.#findings = discovery.findings();
  }

  async #highstate(notices: readonly Notice[]): Promise<Reacted> {
    const compiled = await this.#compile();
    const { summary, run } = await this.#run(compiled, { verb: 'highstate' }, notices);
    if (run === undefined) return nothing;
    this.#compiled = compiled;
    return reactedBy(summary, run, notices);
  }

  async #apply(sls: readonly string[], notices: readonly Notice[]): Promise<Reacted> {
    const { world } = this.#compiled!;
    const what: PlannedRun = { verb: 'apply', sls };
    const order = await compilePlanned(what, world);
    const { summary, run } = await this.#run(
      { ...this.#compiled!, order, standings: new Map(), looks: new Looks(), unsettled: new Set() },
      what,
      notices,
    );
    return reactedBy(summary, run, notices);
  }

  async #affected(affected: readonly Notice[], notices: readonly Notice[]): Promise<Reacted> {
    const touched = new Set<Runnable>();
    let trouble: string | undefined;
    if (this.#stale) {
      try {
        const compiled = await this.#compile();
        for (const runnable of inherit(this.#compiled!, compiled)) touched.add(runnable);
        this.#compiled = compiled;
      } catch (error) {
        // What was compiled last goes on being looked after, until the tree changes again.
        this.#stale = false;
        trouble = await this.say(error);
      }
    }
    const compiled = this.#compiled!;
    const { order, standings, looks, unsettled } = compiled;
    const concerned = new Map(affected.map((notice) => [notice, [...looks.of(notice)]]));
    if (affected.some(({ beacon }) => beacon === 'retry'))
      for (const one of unsettled) if (!isHeldUp(one, standings)) touched.add(one);
    for (const states of concerned.values()) {
      // What cannot see its own result has its turn when something it depends on changes.
      for (const one of states) if (!one.definition.repeats) touched.add(one);
    }
    // prereq comes before what it depends on.
    for (const one of order.states)
      if (one.requisites.prereq?.some((target) => touched.has(target))) touched.add(one);
    if (!(await this.#callForRun(touched, compiled))) return { ...nothing, ...(trouble && { trouble }) };
    const former = new Map(standings);
    const part: Part = {
      left(runnable, standingOf) {
        const before = former.get(runnable);
        if (!before || touched.has(runnable)) return undefined;
        for (const targets of Object.values(runnable.requisites)) {
          for (const target of targets) {
            const now = standingOf(target);
            if (now && (now.moved || now.result !== former.get(target)?.result)) return undefined;
          }
        }
        return before;
      },
    };
    const { run, summary, moved } = await this.#run(compiled, undefined, notices, part);
    return {
      ...reactedBy(summary, run, []),
      ...(trouble && { trouble }),
      moved: affected.filter((notice) => concerned.get(notice)!.some((one) => moved.has(one))),
    };
  }

  /** Looks at states without doing anything: most notices only tell what we did ourselves. */
  async #callForRun(
    touched: ReadonlySet<Runnable>,
    { world, looks, standings, unsettled }: Compiled,
  ): Promise<boolean> {
    if (touched.size === 0) return false;
    const host = tellingLooks(await world.host(() => {}), looks.note);
    world.lookThrough(host);
    host.expect([...touched].flatMap(({ definition, args }) => definition.needs?.(args) ?? []));
    let calls = false;
    for (const runnable of touched) {
      const failed = standings.get(runnable)?.result === false;
      const { definition, args, chunk } = runnable;
      // Nobody knows how it stands.
      if (!standings.has(runnable)) return true;
      looks.begin(runnable);
      try {
        const plan = definition.plan(
          args,
          await definition.read(args, host, { id: chunk.id, sls: chunk.sls }),
        );
        // What it warned of is over, and there is nothing to do.
        if (!failed && !isRefusal(plan) && !('warnings' in plan && plan.warnings?.length))
          unsettled.delete(runnable);
        // What failed and would fail again need not be tried.
        if (isRefusal(plan) ? !failed : stepsOf(plan).length > 0 || failed) calls = true;
      } catch {
        if (!failed) calls = true;
      } finally {
        looks.end();
      }
    }
    return calls;
  }

  async #run(
    { world, order, standings, looks, unsettled }: Compiled,
    what: PlannedRun | undefined,
    notices: readonly Notice[],
    part?: Part,
  ): Promise<Ran> {
    let run: string | undefined;
    let summary: Summary | undefined;
    let waited = false;
    const moved = new Set<Runnable>();
    const undertaking: Undertaking = {
      verb: what?.verb ?? 'watch',
      words: what ? wordsOf(what) : ['watch'],
      test: false,
      extent: what?.verb === 'highstate' ? 'top' : 'part',
      onWait() {
        waited = true;
      },
      isOutdated: () => waited,
      async order(record: Record | undefined) {
        run = record?.run;
        return order;
      },
      witness(event: Event) {
        if (event.kind === 'state-started') looks.begin(order.states[event.run_num]);
        else if (event.kind === 'state-finished') {
          looks.end();
          const { run_num, verdict, warnings } = event.result;
          const runnable = order.states[run_num];
          if (!runnable) return;
          if (verdict === 'failed' || warnings.length > 0) unsettled.add(runnable);
          else unsettled.delete(runnable);
        } else if (event.kind === 'run-finished') summary = event.summary;
      },
      watcher: {
        stands(runnable, standing) {
          const { result, skipped } = standing;
          standings.set(runnable, { result, skipped, moved: false, expected: false });
          if (standing.moved || result === false) moved.add(runnable);
        },
        observed: (host) => tellingLooks(host, looks.note),
        ...(part && { part }),
      },
    };
    const cause = world.secrets.mask(notices[0] ? tagOf(notices[0]) : 'watch');
    await runStates(undertaking, { ...world, settings: { ...world.settings, cause } }, this.#streams);
    if (waited && run === undefined) throw new Outdated();
    return { moved, ...(run !== undefined && { run }), ...(summary && { summary }) };
  }
}

const none: ReadonlySet<string> = new Set();

/** Hands on what is known of states that are the same as before, and gives back the others, and those that took from the tree. */
function inherit(former: Compiled, present: Compiled): Runnable[] {
  const known = new Map(former.order.states.map((one) => [identityOf(one), one]));
  const pairs: (readonly [Runnable, Runnable])[] = [];
  const different: Runnable[] = [];
  for (const runnable of present.order.states) {
    const same = known.get(identityOf(runnable));
    const standing = same && former.standings.get(same);
    if (!standing) {
      different.push(runnable);
      continue;
    }
    present.standings.set(runnable, standing);
    if (former.unsettled.has(same)) present.unsettled.add(runnable);
    pairs.push([same, runnable]);
  }
  present.looks = former.looks.carry(pairs);
  return [...different, ...present.looks.ofTree()].filter(
    (one) => !one.definition.repeats || !present.standings.has(one),
  );
}

function nameOf({ chunk: { state, fun, id, name } }: Runnable): string {
  return `${state}.${fun} ${id} ${name}`;
}

/** It has its turn when what has failed before it has come out well. */
function isHeldUp({ requisites }: Runnable, standings: ReadonlyMap<Runnable, Standing>): boolean {
  return Object.entries(requisites).some(
    ([kind, targets]) =>
      !kind.startsWith('onfail') && targets.some((target) => standings.get(target)?.result === false),
  );
}

/** Two states with the same do the same at the same time, as far as the tree decides it. */
function identityOf({ chunk, args, requisites, conditions }: Runnable): string {
  const { state, fun, id, name, sls } = chunk;
  const waits = Object.entries(requisites).map(([kind, all]) => [
    kind,
    ...all.map((one) => `${one.chunk.state} ${one.chunk.id} ${one.chunk.name}`),
  ]);
  return textOf([state, fun, id, name, sls, args, conditions, waits]);
}

function reactedBy(
  summary: Summary | undefined,
  run: string | undefined,
  notices: readonly Notice[],
): Reacted {
  const { changed = 0, failed = 0 } = summary ?? {};
  return {
    ...(run !== undefined && { run }),
    // Time is nobody who could be fought.
    moved: changed + failed > 0 ? notices.filter(({ beacon }) => beacon !== 'timer') : [],
    changed,
    failed,
  };
}

function together(all: readonly Reacted[]): Reacted {
  const run = all.findLast((one) => one.run !== undefined)?.run;
  const trouble = all.find((one) => one.trouble !== undefined)?.trouble;
  return {
    ...(run !== undefined && { run }),
    ...(trouble !== undefined && { trouble }),
    moved: all.flatMap(({ moved }) => moved),
    changed: all.reduce((sum, { changed }) => sum + changed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}
