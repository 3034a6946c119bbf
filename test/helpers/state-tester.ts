/** Tests of a state written as data: each case is applied for real, in a dry run, and held to four laws. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect } from 'chai';
import type { DnsRecord, RecordQuery, Records } from '../../engine/core/dns.ts';
import { isWithin } from '../../engine/core/dns-name.ts';
import {
  type Command,
  type Host,
  HostTrouble,
  type Outcome,
  type Package,
  type Reader,
  type Unit,
} from '../../engine/core/host.ts';
import { type AnyState, isRefusal, type Step, stepsOf } from '../../engine/core/state.ts';
import { fromPlain, type Value } from '../../engine/core/value.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { unknownUnit } from '../../engine/host/units.ts';
import { type Applied, applyTo, argumentsOf } from './apply.ts';
import { buildTree, type Tree, type TreeEntry, temporaryFolder, treeOf } from './folders.ts';

export interface HostData {
  readonly files?: Tree;
  readonly packages?: { readonly [name: string]: string | Partial<Package> };
  readonly candidates?: { readonly [name: string]: string };
  readonly units?: { readonly [name: string]: Partial<Unit> };
  /** Name → id; each user gets a group of the same name and id. root is always there. */
  readonly users?: { readonly [name: string]: number };
  readonly environment?: { readonly [name: string]: string };
  /** What commands that look print: command line → stdout, recorded from real ones. Others are not found. */
  readonly answers?: { readonly [command: string]: string };
  /** Records of a zone of the DNS, as lines of a zone file with full names: `www.example.org 300 A 192.0.2.1`. */
  readonly dns?: { readonly zone: string; readonly records: readonly string[] };
}

export interface StateCase {
  readonly title: string;
  readonly args: Record<string, unknown>;
  readonly host?: HostData;
  /** Files of the file roots: path → content. */
  readonly sources?: { readonly [path: string]: string | Buffer };
  readonly pillar?: { readonly [key: string]: unknown };
  readonly grains?: { readonly [key: string]: unknown };
  /** Ownership can only be given by root: the case is skipped for others. */
  readonly needsRoot?: true;
  readonly expects: Expectations;
}

export interface Expectations {
  /** Subjects of the changes in order; [] means the host already matches. A step without change counts as its effect's kind. */
  readonly changes?: readonly string[];
  readonly refused?: string | RegExp;
  readonly failed?: string | RegExp;
  /** Entries of the tree afterwards; null: nothing is there. Only what is told of an entry is compared. */
  readonly files?: { readonly [path: string]: TreeEntry | null };
  readonly effects?: readonly object[];
  readonly packages?: { readonly [name: string]: string | null };
  readonly units?: { readonly [name: string]: Partial<Unit> };
  readonly environment?: { readonly [name: string]: string | undefined };
  /** Name and type → TTL and data of the records in the DNS, sorted. */
  readonly records?: { readonly [nameAndType: string]: readonly string[] };
  readonly comment?: string | RegExp;
  readonly warnings?: readonly (string | RegExp)[];
}

const outcomes = ['changes', 'refused', 'failed'] as const;
const results = ['files', 'effects', 'packages', 'units', 'environment', 'records', 'comment'] as const;

/** Registers the tests. `state` is the definition or a function that loads it. */
export function stateTester(
  name: string,
  state: AnyState | (() => Promise<AnyState>),
  cases: readonly StateCase[],
): void {
  refuseSloppy(name, cases);
  describe(name, () => {
    let definition: AnyState;
    before(async () => {
      definition = typeof state === 'function' ? await state() : state;
    });
    for (const one of cases) {
      const skipped = one.needsRoot && process.getuid!() !== 0;
      (skipped ? describe.skip : describe)(skipped ? `${one.title} (needs root)` : one.title, () => {
        it('comes out as expected, for real and in a dry run', () => expectOutcome(definition, one));
        it('law quiet: after applying, nothing is left to do', () => expectQuiet(definition, one));
        it('law harmless and same: a dry run changes nothing and takes the same steps', () =>
          expectSame(definition, one));
        it('law total: it can be read on an empty host', () => expectTotal(definition, one));
      });
    }
  });
}

/** A case that says too little would pass for a state that does nothing. */
function refuseSloppy(name: string, cases: readonly StateCase[]): void {
  if (cases.length === 0) throw new Error(`${name} has no cases.`);
  const titles = new Set<string>();
  for (const { title, expects } of cases) {
    if (titles.has(title)) throw new Error(`${name} has two cases "${title}".`);
    titles.add(title);
    if (outcomes.filter((key) => expects[key] !== undefined).length !== 1) {
      throw new Error(`${name}, "${title}": expects exactly one of ${outcomes.join(', ')}.`);
    }
    if (expects.changes?.length && !results.some((key) => expects[key] !== undefined)) {
      throw new Error(`${name}, "${title}": changes something, so expects one of ${results.join(', ')} too.`);
    }
  }
}

interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly host: Host;
  /** Commands, units and packages exist as data only, so the case cannot really be applied. */
  readonly dataOnly: boolean;
}

async function stageOf(one: StateCase, empty = false): Promise<Stage> {
  const folder = temporaryFolder();
  const data = empty ? {} : (one.host ?? {});
  buildTree(folder.path, empty ? {} : { ...accountFiles(data), ...data.files });
  const local = createLocalHost({
    root: folder.path,
    umask: 0o022,
    env: { PATH: '/usr/bin:/bin', ...data.environment },
    backupDir: `${folder.path}-backups`,
    sources: sourcesOf(one.sources ?? {}),
    render: ({ source, context }) => ({
      text: source.content
        .toString()
        .replace(/\{\{ *(\w+) *\}\}/g, (_, key) => String(context.get(key) ?? '')),
      place: (line) => (source.file ? { file: source.file, line, column: 1 } : undefined),
    }),
    grain: (at) => find(one.grains, at),
    pillar: (at) => find(one.pillar, at),
  });
  return {
    folder: folder.path,
    host: withData(local, data),
    dataOnly: Boolean(data.packages || data.units || data.candidates || data.answers || data.dns),
    async [Symbol.asyncDispose]() {
      fs.rmSync(`${folder.path}-backups`, { recursive: true, force: true });
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Builds the host of a case once, for tests of their own. */
export async function hostOf(one: Omit<StateCase, 'expects' | 'args' | 'title'>): Promise<Stage> {
  return await stageOf({ title: '', args: {}, expects: {}, ...one });
}

function accountFiles(data: HostData): Tree {
  if (data.users === undefined) return {};
  const all = Object.entries({ root: 0, ...data.users });
  return {
    '/etc/passwd': all.map(([name, id]) => `${name}:x:${id}:${id}::/home/${name}:/bin/sh\n`).join(''),
    '/etc/group': all.map(([name, id]) => `${name}:x:${id}:\n`).join(''),
  };
}

function find(data: { readonly [key: string]: unknown } | undefined, at: string): Value | undefined {
  let value: unknown = data;
  for (const key of at.split(':')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return fromPlain(value);
}

function sourcesOf(files: {
  readonly [path: string]: string | Buffer;
}): Pick<Reader, 'source' | 'sourceTree'> {
  const bare = (url: string) => url.replace(/^salt:\/\//, '').replace(/\?.*$/, '');
  return {
    source(url) {
      const content = files[bare(url)];
      if (content === undefined) return { missing: `${url} is not in the file roots` };
      return { url, file: `/srv/${bare(url)}`, content: Buffer.from(content), mode: 0o644 };
    },
    sourceTree(url) {
      const prefix = `${bare(url).replace(/\/$/, '')}/`;
      const found = new Map<string, 'file' | 'directory'>();
      for (const name of Object.keys(files)) {
        if (!name.startsWith(prefix)) continue;
        const rest = name.slice(prefix.length);
        for (let folder = path.dirname(rest); folder !== '.'; folder = path.dirname(folder)) {
          found.set(folder, 'directory');
        }
        found.set(rest, 'file');
      }
      if (found.size === 0) return undefined;
      return [...found]
        .map(([at, kind]) => ({ path: at, kind, mode: kind === 'file' ? 0o644 : 0o755 }))
        .sort((a, b) => Number(a.kind === 'file') - Number(b.kind === 'file') || (a.path < b.path ? -1 : 1));
    },
  };
}

/** Packages and units of a case are data laid over the host, for nothing installs or starts them in a test. */
function withData(local: Host, data: HostData): Host {
  const packages = new Map(
    Object.entries(data.packages ?? {}).map(([name, given]): [string, Package] => {
      const told = typeof given === 'string' ? { version: given } : given;
      return [name, { name, version: '1', arch: 'amd64', state: 'installed', held: false, ...told }];
    }),
  );
  const answer = async (command: Command): Promise<Outcome> => {
    const stdout = data.answers?.[command.argv.join(' ')];
    return { status: stdout === undefined ? 127 : 0, stdout: stdout ?? '', stderr: '', pid: 0 };
  };
  return {
    ...local,
    // Data stands for a whole machine, of which services and packages can be changed (in a dry run only).
    rooted: data.packages || data.units || data.answers || data.dns ? false : local.rooted,
    // Nothing is installed on a machine of data, so there is nothing to run either.
    probe: data.packages || data.answers ? answer : local.probe,
    ask: data.packages || data.answers ? answer : local.ask,
    records: data.dns ? async (query) => recordsOf(data.dns!, query) : local.records,
    packages: () => packages,
    candidates: async (names) => new Map(names.map((name) => [name, data.candidates?.[name]])),
    async units(names) {
      return new Map(
        names.map((name): [string, Unit] => {
          const given = data.units?.[name] ?? data.units?.[name.replace(/\.service$/, '')];
          const load = given === undefined ? 'not-found' : 'loaded';
          return [name, { ...unknownUnit(name), load, ...given }];
        }),
      );
    },
  };
}

function recordsOf({ zone, records }: NonNullable<HostData['dns']>, query: RecordQuery): Records {
  if (!isWithin(query.name, zone)) throw new HostTrouble(`There is no zone for ${query.name}.`);
  const all = records.map((line): DnsRecord => {
    const [, name, ttl, type, data] = /^(\S+) (\d+) (\S+) (.*)$/.exec(line)!;
    return { name: name!, ttl: Number(ttl), type: type as DnsRecord['type'], data: data! };
  });
  const own = all.filter(({ name, type }) => name === query.name && [query.type, 'CNAME'].includes(type));
  return { zone, records: own };
}

function isReal(applied: Applied, stage: Stage): boolean {
  return (
    !stage.dataOnly && applied.steps.every(({ effect }) => effect.kind !== 'exec' && effect.kind !== 'unit')
  );
}

/** Applied in a dry run first: what it plans tells whether it can be applied for real here. */
async function stageAndApply(
  definition: AnyState,
  one: StateCase,
): Promise<
  AsyncDisposable & {
    applied: Applied;
    predicted: Applied;
    host: Host;
    overlay: Host;
    real: boolean;
    stage: Stage;
  }
> {
  const stage = await stageOf(one);
  // On a folder of its own: an overlay reads late, and must not read what was applied for real.
  const twin = await stageOf(one);
  const overlay = createOverlay(twin.host, { now: Date.UTC(2021, 0, 1) });
  const predicted = await applyTo(overlay, definition, one.args);
  const real = isReal(predicted, stage);
  const host = real ? stage.host : overlay;
  const applied = real ? await applyTo(host, definition, one.args) : predicted;
  return {
    applied,
    predicted,
    host,
    overlay,
    real,
    stage,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
      await twin[Symbol.asyncDispose]();
    },
  };
}

async function expectOutcome(definition: AnyState, one: StateCase): Promise<void> {
  await using run = await stageAndApply(definition, one);
  const { applied, predicted, host, overlay, real } = run;
  const { expects } = one;
  expectText(applied.refused, expects.refused, 'refused');
  expectText(applied.failed, expects.failed, 'failed');
  expectText(predicted.failed, expects.failed, 'failed in the dry run');
  if (expects.changes) expect(subjectsOf(applied.steps)).to.deep.equal(expects.changes);
  if (expects.effects) {
    expect(applied.steps.map(({ effect }) => effect)).to.deep.equal(expects.effects);
  }
  const planned = 'steps' in applied.plan ? applied.plan : undefined;
  if (expects.comment !== undefined) expectText(planned?.comment, expects.comment, 'comment');
  const warnings = planned?.warnings ?? [];
  expect(warnings.length, `warnings: ${warnings.join(' ')}`).to.equal(expects.warnings?.length ?? 0);
  expects.warnings?.forEach((text, index) => {
    expectText(warnings[index], text, 'warning');
  });
  for (const [name, entry] of Object.entries(expects.files ?? {})) {
    expectEntry(host, name, entry);
    expectEntry(overlay, name, entry);
  }
  if (real) expect(viewOf(overlay), 'what the dry run predicted').to.deep.equal(viewOf(host));
  await expectData(overlay, expects);
}

async function expectData(host: Host, expects: Expectations): Promise<void> {
  if (expects.packages) {
    const found = await host.packages();
    for (const [name, version] of Object.entries(expects.packages)) {
      expect(found.get(name)?.version ?? null, `version of ${name}`).to.equal(version);
    }
  }
  if (expects.units) {
    const found = await host.units(Object.keys(expects.units));
    for (const [name, unit] of Object.entries(expects.units)) expect(found.get(name)).to.deep.include(unit);
  }
  for (const [key, wanted] of Object.entries(expects.records ?? {})) {
    const [name, type] = key.split(' ') as [string, DnsRecord['type']];
    const { records } = await host.records({ service: { provider: 'rfc2136' }, name, type });
    const own = records.filter((record) => record.type === type);
    expect(own.map(({ ttl, data }) => `${ttl} ${data}`).sort(), key).to.deep.equal(wanted);
  }
  for (const [name, value] of Object.entries(expects.environment ?? {})) {
    expect(host.environment()[name], name).to.equal(value);
  }
}

async function expectQuiet(definition: AnyState, one: StateCase): Promise<void> {
  await using run = await stageAndApply(definition, one);
  const { again, steps } = run.applied;
  if (again === undefined) {
    // Nothing was applied to the end: a refusal or a failure, as expected, or a state that repeats.
    expect(definition.repeats === true || one.expects.changes === undefined).to.equal(true);
    return;
  }
  if (isRefusal(again)) throw new Error(`planned again, it is refused: ${again.refused}`);
  // Nothing comes of pretending, and of waiting in a dry run.
  const idle = run.real ? ['simulate'] : ['simulate', 'await'];
  const unmoved = steps.length > 0 && steps.every(({ effect }) => idle.includes(effect.kind));
  if (!unmoved) expect(subjectsOf(stepsOf(again))).to.deep.equal([]);
}

async function expectSame(definition: AnyState, one: StateCase): Promise<void> {
  await using stage = await stageOf(one);
  const before = treeOf(stage.folder);
  const predicted = await applyTo(createOverlay(stage.host, { now: 0 }), definition, one.args);
  expect(treeOf(stage.folder)).to.deep.equal(before);
  if (!isReal(predicted, stage)) return;
  const applied = await applyTo(stage.host, definition, one.args);
  expect(comparable(predicted.steps)).to.deep.equal(comparable(applied.steps));
}

async function expectTotal(definition: AnyState, one: StateCase): Promise<void> {
  await using stage = await stageOf(one, true);
  await definition.read(argumentsOf(definition, one.args), stage.host, { id: 'the-id', sls: 'the.sls' });
}

export function subjectsOf(steps: readonly Step[]): string[] {
  return steps.flatMap(({ change, also = [], effect }) => [
    change?.subject ?? effect.kind,
    ...also.map(({ subject }) => subject),
  ]);
}

function comparable(steps: readonly Step[]): unknown[] {
  return steps.map(({ change, also, effect }) => ({ change, also, effect }));
}

function expectText(found: string | undefined, wanted: string | RegExp | undefined, what: string): void {
  if (wanted === undefined) expect(found, what).to.equal(undefined);
  else if (typeof wanted === 'string') expect(found, what).to.equal(wanted);
  else expect(found ?? '', what).to.match(wanted);
}

function expectEntry(host: Reader, name: string, wanted: TreeEntry | null): void {
  const stat = host.stat(name);
  if (wanted === null) {
    expect(stat, `${name} is gone`).to.equal(undefined);
    return;
  }
  const entry = typeof wanted === 'string' || Buffer.isBuffer(wanted) ? { content: wanted } : wanted;
  expect(stat, `${name} is there`).to.not.equal(undefined);
  const kind =
    entry.link !== undefined ? 'link' : entry.directory ? 'directory' : entry.fifo ? 'fifo' : undefined;
  if (kind !== undefined) expect(stat!.kind, `kind of ${name}`).to.equal(kind);
  if (entry.link !== undefined) expect(host.link(name), `target of ${name}`).to.equal(entry.link);
  if (entry.content !== undefined) {
    expect(host.content(name)!.toString('latin1'), `content of ${name}`).to.equal(
      Buffer.from(entry.content).toString('latin1'),
    );
  }
  if (entry.mode !== undefined)
    expect(stat!.mode.toString(8), `mode of ${name}`).to.equal(entry.mode.toString(8));
  if (entry.user !== undefined) expect(stat!.uid, `owner of ${name}`).to.equal(entry.user);
  if (entry.group !== undefined) expect(stat!.gid, `group of ${name}`).to.equal(entry.group);
  if (entry.mtime !== undefined) expect(stat!.mtime, `time of ${name}`).to.equal(entry.mtime);
}

/** The whole tree as a host shows it; times aside, which no dry run can foretell. */
export function viewOf(host: Reader): { readonly [path: string]: object } {
  const view: { [path: string]: object } = {};
  function walk(at: string): void {
    const stat = host.stat(at);
    if (stat === undefined) throw new Error(`${at} is listed but not there`);
    const { kind, mode, uid, gid, device } = stat;
    const content = kind === 'file' ? host.content(at)!.toString('latin1') : host.link(at);
    const size = kind === 'file' ? stat.size : 0;
    view[at] = { kind, mode: kind === 'link' ? 0 : mode, uid, gid, size, content, device };
    if (kind !== 'directory') return;
    for (const name of host.list(at)!) walk(at === '/' ? `/${name}` : `${at}/${name}`);
  }
  walk('/');
  return view;
}
