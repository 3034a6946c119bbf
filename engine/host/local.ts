/** The host that is this machine, or a folder of it that stands for a machine (`--root`). */
import * as fs from 'node:fs';
import type { RecordQuery, Records } from '../core/dns.ts';
import type { Emit } from '../core/event.ts';
import {
  type Command,
  type Effect,
  type FileEffect,
  type Host,
  HostTrouble,
  type Need,
  type NoSource,
  type Outcome,
  type Performed,
  type Reader,
  type Rendered,
  type Source,
  type TemplateRequest,
} from '../core/host.ts';
import type { HttpAnswer, HttpRequest } from '../core/http.ts';
import { packageManager } from '../core/package-manager.ts';
import type { Keeper } from '../core/undo.ts';
import type { Value } from '../core/value.ts';
import { createRunner, type Runner } from './command.ts';
import { performOnFiles, type Workshop } from './effects.ts';
import { createFetcher } from './fetch.ts';
import { createFiles } from './files.ts';
import type { Keeping } from './keeping.ts';
import { createPackages } from './packages.ts';
import { createAccounts } from './passwd.ts';
import { awaitTarget, phraseOf, reach } from './reach.ts';
import { createSystemd } from './systemd.ts';
import { failed } from './trouble.ts';

export interface LocalOptions {
  /** Folder that stands for `/`; the machine itself unless told. */
  readonly root?: string;
  /** Files of the file roots: salt:// and bare paths. Absolute paths and file:// are read from the host itself. */
  readonly sources?: Pick<Reader, 'source' | 'sourceTree'>;
  readonly render?: Reader['render'];
  readonly grain?: Reader['grain'];
  readonly pillar?: Reader['pillar'];
  readonly emit?: Emit;
  /** Where `backup: minion` keeps old files: a path of this machine, never below the root. */
  readonly backupDir?: string;
  readonly umask?: number;
  /** Environment the run starts with; that of this process unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends commands and waiting when it is aborted; waiting also when the run is only to stop. */
  readonly interruption?: { readonly reason: () => string | undefined; readonly signal: AbortSignal };
  /** Whether a text holds a secret, which then is not put where others see the words of a command. */
  readonly isSecret?: (text: string) => boolean;
  /** Keeps what is replaced. Asked for when something is to be changed; undefined: nothing is kept. */
  readonly keeper?: () => Promise<Keeper>;
  /** Seconds. */
  readonly timeouts?: {
    readonly command?: number;
    readonly fetch?: number;
    readonly killAfter?: number;
    /** The first attempt to get an answer about records; later ones wait longer. */
    readonly dns?: number;
  };
}

/** The machine, and the look-ups that templates need without waiting. */
export interface LocalHost extends Host {
  runSync: Runner['runSync'];
}

export function createLocalHost(options: LocalOptions = {}): LocalHost {
  const root = options.root === undefined ? undefined : fs.realpathSync(options.root);
  const files = createFiles(root);
  const accounts = createAccounts(files.content, root === undefined);
  const self = { uid: process.getuid!(), gid: process.getgid!() };
  const umask = options.umask ?? process.umask();
  const emit = options.emit ?? (() => {});
  let environment: Readonly<Record<string, string | undefined>> = { ...(options.env ?? process.env) };
  const memory = new Map<string, Value[]>();
  const answers = new Map<string, Promise<Outcome>>();
  const zones = new Map<string, Promise<Records>>();
  const requests = new Map<string, Promise<HttpAnswer>>();
  /** How often anything was changed. */
  let moment = 0;
  let keeping: Keeping | undefined;
  const runner = createRunner(
    { files, accounts, self, environment: () => environment, isSecret: options.isSecret },
    {
      timeout: options.timeouts?.command ?? 3600,
      grace: options.timeouts?.killAfter,
      emit,
      signal: options.interruption?.signal,
    },
  );
  /** Programs of this machine that are told about the root instead of being run below it. */
  const onMachine: Runner = {
    run: (command) => runner.run({ ...command, belowRoot: true }),
    runSync: (command) => runner.runSync({ ...command, belowRoot: true }),
  };
  const systemd = createSystemd(onMachine, files);
  const packages = createPackages(files, runner, () =>
    packageManager({ grain: (path) => options.grain?.(path), stat: files.stat }),
  );
  const fetch = createFetcher((options.timeouts?.fetch ?? 60) * 1000, options.interruption?.signal);
  const shop: Workshop = { files, accounts, self, umask, backupDir: options.backupDir, run: runner.run };

  function forgetAnswers(): void {
    answers.clear();
    zones.clear();
    requests.clear();
    moment += 1;
  }

  /** Anything may have changed. */
  function forgetAll(): void {
    files.forget();
    accounts.forget();
    systemd.forget();
    packages.forget();
    forgetAnswers();
  }

  function render(request: TemplateRequest): Rendered | Promise<Rendered> {
    if (options.render) return options.render(moment === 0 ? request : { ...request, moment });
    throw new HostTrouble(`Templates cannot be rendered here (${request.source.url}).`);
  }

  function ask(command: Command): Promise<Outcome> {
    const key = JSON.stringify(command);
    const answer = answers.get(key) ?? runner.run(command);
    answers.set(key, answer);
    return answer;
  }

  function stoppedBy(): string | undefined {
    return options.interruption?.reason();
  }

  const dnsMeans = {
    first: options.timeouts?.dns ?? 2,
    stoppedBy,
    silent: new Set<string>(),
    zoneIds: new Map<string, string>(),
  };

  function records(query: RecordQuery): Promise<Records> {
    const key = JSON.stringify(query);
    const found = zones.get(key) ?? import('./dns.ts').then((dns) => dns.readRecords(query, dnsMeans));
    zones.set(key, found);
    return found;
  }

  function request(asked: HttpRequest): Promise<HttpAnswer> {
    const key = JSON.stringify(asked);
    const found =
      requests.get(key) ??
      import('./http.ts').then((http) => http.request(asked, options.interruption?.signal));
    requests.set(key, found);
    return found;
  }

  function source(url: string): Source | NoSource {
    const path = url.startsWith('file:///') ? url.slice('file://'.length) : url;
    if (!path.startsWith('/')) {
      if (/^https?:/.test(url)) return { missing: `${url} has to be fetched` };
      return options.sources?.source(url) ?? { missing: `${url} is not in the file roots` };
    }
    const content = files.content(path);
    if (content === undefined) return { missing: `${path} does not exist` };
    return { url, file: files.outside(path), content, mode: files.stat(files.resolve(path))?.mode };
  }

  /** Puts things back after a failure. */
  async function orElse(performed: Performed, effects: readonly Effect[]): Promise<Performed> {
    if (performed.became !== 'failed' || effects.length === 0) return performed;
    for (const effect of effects) {
      const done = await performSafely(effect);
      if (done.became === 'failed') return { ...performed, reason: `${performed.reason} ${done.reason}` };
    }
    return { ...performed, reason: `${performed.reason} So it was put back as it was before.` };
  }

  async function perform(effect: Effect): Promise<Performed> {
    switch (effect.kind) {
      case 'exec': {
        const outcome = await runner.run(effect.command);
        forgetAll();
        if ((effect.success ?? [0]).includes(outcome.status)) {
          return { became: 'done', outcome };
        }
        return { became: 'failed', reason: reasonOf(effect.command.argv[0]!, outcome), outcome };
      }
      case 'unit':
        forgetAnswers();
        return await orElse(
          await systemd.perform(effect, (unit) => keeping?.beforeUnit(unit, effect.verb)),
          effect.otherwise ?? [],
        );
      case 'await':
        // What is waited for comes about by others, so what they answered before is old.
        requests.clear();
        return await orElse(
          await awaitTarget(effect, { run: runner.run, render, stoppedBy }),
          effect.otherwise ?? [],
        );
      case 'acme': {
        forgetAnswers();
        const { performAcme } = await import('./acme.ts');
        const keep = (kept: FileEffect) => performOnFiles(kept, shop);
        return await performAcme(effect, { files, dns: dnsMeans, stoppedBy, keep, write: performSafely });
      }
      case 'dns': {
        forgetAnswers();
        const { changeRecords } = await import('./dns.ts');
        return await changeRecords(effect, dnsMeans);
      }
      case 'http': {
        forgetAnswers();
        const { performRequest } = await import('./http.ts');
        try {
          return await performRequest(effect, options.interruption?.signal);
        } finally {
          // Whoever asked meanwhile was answered half way.
          forgetAnswers();
        }
      }
      case 'environ':
        environment = changed(environment, effect.set);
        forgetAnswers();
        return { became: 'done' };
      case 'remember':
        memory.set(effect.topic, [...(memory.get(effect.topic) ?? []), ...effect.values]);
        return { became: 'done' };
      case 'simulate':
        if (effect.outcome === 'failed') return failed(effect.comment ?? 'It was told to fail.');
        return { became: 'done', comment: effect.comment };
      default:
        forgetAnswers();
        return await performOnFiles(effect, shop);
    }
  }

  return {
    rooted: root !== undefined && root !== '/',
    self,
    umask,
    stat: files.stat,
    content: files.content,
    list: files.list,
    link: files.link,
    resolve: files.resolve,
    user: accounts.user,
    group: accounts.group,
    users: accounts.users,
    groups: accounts.groups,
    shadow: accounts.shadow,
    source,
    fetch,
    sourceTree: (url) => options.sources?.sourceTree(url),
    render,
    probe: runner.run,
    ask,
    reach: (target, timeout) => reach(target, timeout, { run: runner.run, render }),
    async handshake(query, timeout) {
      const { handshake } = await import('./handshake.ts');
      return await handshake(query, timeout, phraseOf);
    },
    records,
    request,
    runSync: runner.runSync,
    packages: packages.installed,
    async fetchLists(command) {
      const outcome = await runner.run(command);
      packages.forget();
      forgetAnswers();
      return outcome;
    },
    candidates: packages.candidates,
    units: systemd.units,
    environment: () => environment,
    recall: (topic) => memory.get(topic) ?? [],
    grain: (path) => options.grain?.(path),
    pillar: (path) => options.pillar?.(path),
    expect(needs: readonly Need[]) {
      systemd.expect(needs.filter((need) => need.kind === 'unit').map((need) => need.name));
      packages.expect(needs.filter((need) => need.kind === 'candidate').map((need) => need.name));
    },
    perform: performSafely,
  };

  async function performSafely(effect: Effect): Promise<Performed> {
    try {
      if (!options.keeper || unmoving.has(effect.kind)) return await perform(effect);
      keeping ??= await createKeeper(options.keeper);
      const refusal = await keeping.before(effect);
      if (refusal) return refusal;
      try {
        return await perform(effect);
      } finally {
        keeping.after();
      }
    } catch (error) {
      if (error instanceof HostTrouble) return failed(error.message, error.hint);
      throw error;
    }
  }

  async function createKeeper(keeper: () => Promise<Keeper>): Promise<Keeping> {
    const { createKeeping } = await import('./keeping.ts');
    return createKeeping({ keeper: await keeper(), files, self, units: systemd.units });
  }
}

/** Effects that leave nothing behind once the run is over, or only by further effects. */
const unmoving: ReadonlySet<Effect['kind']> = new Set(['acme', 'await', 'environ', 'remember', 'simulate']);

/** SIGRTMAX, signal(7). */
const lastSignal = 64;

function reasonOf(program: string, outcome: Outcome): string {
  const short = program.length > 80 ? `${program.slice(0, 79)}…` : program;
  const shown = short.replaceAll('\n', ' ');
  if (outcome.timedOut) return `"${shown}" ran out of time and was stopped.`;
  if (outcome.status === 127 && outcome.pid === 0)
    return `"${shown}" could not be started: ${outcome.stderr.replace(/\.$/, '')}.`;
  // Statuses above belong to programs: 255 is what many give up with.
  if (outcome.status > 128 && outcome.status <= 128 + lastSignal)
    return `"${shown}" was ended by signal ${outcome.status - 128}.`;
  return `"${shown}" ended with exit status ${outcome.status}.`;
}

function changed(
  environment: Readonly<Record<string, string | undefined>>,
  set: { readonly [name: string]: string | null },
): Readonly<Record<string, string | undefined>> {
  const next = { ...environment };
  for (const [name, value] of Object.entries(set)) {
    if (value === null) delete next[name];
    else next[name] = value;
  }
  return next;
}
