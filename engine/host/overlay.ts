/** The host of a dry run: keeps changes in memory above a host that is only read, so that later states see them. */
import type { DnsEffect } from '../core/dns.ts';
import {
  type Command,
  type Effect,
  type FileEffect,
  type Host,
  HostTrouble,
  type Outcome,
  type Package,
  type Performed,
  type Reader,
  type Settled,
  type Unit,
} from '../core/host.ts';
import { isSettledBy, type SettledRequest } from '../core/http.ts';
import { unitName } from '../core/unit-name.ts';
import type { Value } from '../core/value.ts';
import { predict } from './overlay-effects.ts';
import { OverlayTree } from './overlay-tree.ts';
import { createAccounts } from './passwd.ts';
import { failed } from './trouble.ts';
import { enablementOf, ownsFile, unitFolders } from './unit-files.ts';
import { afterVerb, unknownUnit } from './units.ts';

const accountFiles = ['/etc/passwd', '/etc/group', '/etc/shadow'];

export interface OverlayOptions {
  /** Time that changed files get, milliseconds since the epoch; the start of the dry run unless told. */
  readonly now?: number;
}

/** Guards run for real, on the base, as Salt's do in test mode: they are meant to look only. */
export function createOverlay(
  base: Reader & Partial<Pick<Host, 'expect'>>,
  { now = Date.now() }: OverlayOptions = {},
): Host {
  const tree = new OverlayTree(base);
  const packages = new Map<string, Package | null>();
  const units = new Map<string, Partial<Unit>>();
  const environment = new Map<string, string | undefined>();
  const memory = new Map<string, Value[]>();
  const answers = new Map<string, Outcome>();
  const zones: DnsEffect[] = [];
  const requests: SettledRequest[] = [];
  /** How often anything would have been changed. */
  let moment = 0;

  type Accounts = Pick<Reader, 'user' | 'group' | 'users' | 'groups' | 'shadow'>;
  let changed: Accounts | undefined;

  /** An entry of /etc/passwd that this run would write counts. */
  function accounts(): Accounts {
    if (!accountFiles.some((path) => tree.touches(path))) return base;
    changed ??= changedAccounts();
    return changed;
  }

  /** Who comes from elsewhere (LDAP) is still there; who would be removed from the files is not. */
  function changedAccounts(): Accounts {
    const files = createAccounts((path) => tree.content(path), false);
    function elsewhere<T extends { name: string }>(
      found: T | undefined,
      listed: readonly T[],
    ): T | undefined {
      return found === undefined || listed.some(({ name }) => name === found.name) ? undefined : found;
    }
    return {
      ...files,
      user: (name) => files.user(name) ?? elsewhere(base.user(name), base.users()),
      group: (name) => files.group(name) ?? elsewhere(base.group(name), base.groups()),
    };
  }

  function model(effect: FileEffect): void {
    predict(effect, { tree, accounts: accounts(), self: base.self, umask: base.umask, now });
    if (effect.kind !== 'write' || effect.path.startsWith('/etc/')) changed = undefined;
  }

  function settle(settled: Settled): void {
    switch (settled.about) {
      case 'unit': {
        const { about: _, name, ...told } = settled;
        units.set(unitName(name), { load: 'loaded', ...units.get(unitName(name)), ...told });
        return;
      }
      case 'package':
        settlePackage(settled);
        return;
      case 'file':
        model(settled.effect);
        return;
      case 'record': {
        const { file, key, record } = settled;
        const text = tree.content(file)?.toString('latin1') ?? '';
        const content = Buffer.from(withRecord(text, bytesOf(key), record && bytesOf(record)), 'latin1');
        model({ kind: 'write', path: file, content });
        return;
      }
      case 'answer': {
        const outcome = { status: 0, stdout: settled.stdout, stderr: '', pid: 0 };
        answers.set(JSON.stringify(settled.command), outcome);
        return;
      }
      case 'request':
        requests.push(settled);
    }
  }

  function settlePackage({ name, version, held }: Extract<Settled, { about: 'package' }>): void {
    const arch = name.includes(':') ? name.slice(name.indexOf(':') + 1) : '';
    packages.set(
      name,
      version === null ? null : { name, version, arch, state: 'installed', held: held ?? false },
    );
  }

  async function unitsNow(names: readonly string[]): Promise<ReadonlyMap<string, Unit>> {
    const known = await base.units(names);
    const merged = new Map<string, Unit>();
    for (const name of names) {
      let unit = known.get(name) ?? unknownUnit(unitName(name));
      const { fragment } = unit;
      const removed = fragment !== undefined && !tree.untouched && tree.stat(fragment) === undefined;
      if (removed || (fragment !== undefined && (await goesWithPackage(fragment)))) {
        unit = unknownUnit(unit.name);
      }
      const file = unit.load === 'not-found' ? unitFile(name, fragment) : undefined;
      if (file !== undefined) unit = { ...unit, load: 'loaded', enabled: enablementOf(file) };
      merged.set(name, { ...unit, ...units.get(unitName(name)) });
    }
    return merged;
  }

  /** Text of the file that a unit is made of which systemd does not know yet; `gone` is no more. */
  function unitFile(name: string, gone: string | undefined): string | undefined {
    const lost = gone === undefined ? undefined : tree.resolve(gone);
    const own = unitName(name);
    const names = own.includes('@') ? [own, own.replace(/@[^.]*\./, '@.')] : [own];
    const path = names
      .flatMap((one) => unitFolders.map((folder) => `${folder}/${one}`))
      .find((one) => tree.stat(one) && (lost === undefined || tree.resolve(one) !== lost));
    return path === undefined ? undefined : (tree.content(path)?.toString() ?? '');
  }

  /** A package that this run would remove takes its units with it. */
  async function goesWithPackage(fragment: string): Promise<boolean> {
    for (const [name, entry] of packages) {
      if (entry === null && (await ownsFile(name, fragment, base))) return true;
    }
    return false;
  }

  async function predictUnit(effect: Extract<Effect, { kind: 'unit' }>): Promise<Performed> {
    const unit = (await unitsNow([effect.unit])).get(effect.unit)!;
    const after = afterVerb(unit, effect.verb);
    if (typeof after === 'string') return failed(after);
    units.set(unitName(effect.unit), { ...units.get(unitName(effect.unit)), ...after });
    return { became: 'predicted' };
  }

  function inEnvironment(command: Command): Command {
    if (environment.size === 0) return command;
    const changed = Object.fromEntries([...environment].map(([name, value]) => [name, value ?? null]));
    return { ...command, env: { ...changed, ...command.env } };
  }

  async function perform(effect: Effect): Promise<Performed> {
    if (!unmoving.has(effect.kind)) moment += 1;
    switch (effect.kind) {
      case 'exec':
      case 'http':
        for (const settled of effect.settles ?? []) settle(settled);
        return { became: effect.foreseen ? 'predicted' : 'presumed' };
      case 'await':
        return { became: 'presumed' };
      case 'unit':
        return predictUnit(effect);
      case 'dns':
        zones.push(effect);
        return { became: 'predicted' };
      case 'acme':
        for (const presumed of effect.presumes) model(presumed);
        return { became: 'presumed' };
      case 'environ':
        for (const [name, value] of Object.entries(effect.set)) environment.set(name, value ?? undefined);
        return { became: 'predicted' };
      case 'remember':
        memory.set(effect.topic, [...(memory.get(effect.topic) ?? []), ...effect.values]);
        return { became: 'predicted' };
      case 'simulate':
        if (effect.outcome === 'failed') {
          return effect.surprise ? { became: 'done' } : failed(effect.comment ?? 'It was told to fail.');
        }
        return { became: 'predicted' };
      default:
        model(effect);
        return { became: 'predicted' };
    }
  }

  return {
    rooted: base.rooted,
    self: base.self,
    umask: base.umask,
    stat: (path) => tree.stat(path),
    content: (path) => tree.content(path),
    list: (path) => tree.list(path),
    link: (path) => tree.link(path),
    resolve: (path) => (tree.untouched ? base.resolve(path) : tree.resolve(path)),
    user: (name) => accounts().user(name),
    group: (name) => accounts().group(name),
    users: () => accounts().users(),
    groups: () => accounts().groups(),
    shadow: (name) => accounts().shadow(name),
    source(url) {
      const path = url.startsWith('file:///') ? url.slice('file://'.length) : url;
      if (tree.untouched || !path.startsWith('/')) return base.source(url);
      const content = tree.content(path);
      if (content === undefined) return { missing: `${path} does not exist` };
      return { url, file: path, content, mode: tree.statReal(tree.resolve(path))?.mode };
    },
    fetch: (url, hash) => base.fetch(url, hash),
    sourceTree: (url) => base.sourceTree(url),
    render: (request) => base.render(moment === 0 ? request : { ...request, moment }),
    probe: (command) => base.probe(inEnvironment(command)),
    ask: async (command) => answers.get(JSON.stringify(command)) ?? (await base.ask(inEnvironment(command))),
    reach: (target, timeout) =>
      base.reach(
        target.kind === 'command' ? { ...target, command: inEnvironment(target.command) } : target,
        timeout,
      ),
    handshake: (query, timeout) => base.handshake(query, timeout),
    request: async (asked) =>
      requests.findLast((settled) => isSettledBy(asked, settled))?.answer ?? (await base.request(asked)),
    async records(query) {
      const found = await base.records(query);
      if (zones.length === 0) return found;
      const { afterChange, placeOf } = await import('../core/dns.ts');
      const own = zones.filter(({ service }) => placeOf(service) === placeOf(query.service));
      return {
        ...found,
        records: own.reduce((now, effect) => afterChange(now, query, effect), found.records),
      };
    },
    async packages() {
      const known = await base.packages();
      if (packages.size === 0) return known;
      const merged = new Map(known);
      for (const [name, entry] of packages) {
        if (entry === null) merged.delete(name);
        else merged.set(name, { ...entry, arch: entry.arch || (known.get(name)?.arch ?? '') });
      }
      return merged;
    },
    fetchLists: async () => undefined,
    candidates: (names) => base.candidates(names),
    units: unitsNow,
    environment() {
      if (environment.size === 0) return base.environment();
      return { ...base.environment(), ...Object.fromEntries(environment) };
    },
    recall: (topic) => [...base.recall(topic), ...(memory.get(topic) ?? [])],
    grain: (path) => base.grain(path),
    pillar: (path) => base.pillar(path),
    expect: (needs) => base.expect?.(needs),
    async perform(effect) {
      try {
        return await perform(effect);
      } catch (error) {
        if (error instanceof HostTrouble) return failed(error.message, error.hint);
        throw error;
      }
    },
  };
}

/** Effects that change nothing of a host. */
const unmoving: ReadonlySet<Effect['kind']> = new Set(['await', 'remember', 'simulate']);

/** One character for each byte: other records may be in whatever encoding. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The record takes the place of the one with its key, or follows the last. */
function withRecord(text: string, key: string, record: string | null): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const index = lines.findIndex((line) => line.startsWith(`${key}:`));
  const before = index === -1 ? lines : lines.slice(0, index);
  const after = index === -1 ? [] : lines.slice(index + 1);
  return [...before, ...(record === null ? [] : [record]), ...after, ''].join('\n');
}
