/** Looks at systemd units, all of a run at once, and changes their state. */
import { setTimeout as wait } from 'node:timers/promises';
import { HostTrouble, type Outcome, type Performed, type Unit, type UnitEffect } from '../core/host.ts';
import { unitName } from '../core/unit-name.ts';
import type { Runner } from './command.ts';
import type { Files } from './files.ts';
import { failed } from './trouble.ts';
import { isOdd, isUnnoticed, type UnitFiles } from './unit-files.ts';
import { unknownUnit } from './units.ts';

export interface Systemd {
  units(names: readonly string[]): Promise<ReadonlyMap<string, Unit>>;
  /** `found`: told what the unit is like before anything is done to it. */
  perform(effect: UnitEffect, found?: (unit: Unit) => void): Promise<Performed>;
  expect(names: readonly string[]): void;
  forget(): void;
}

const properties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
  'CanReload',
  'MainPID',
  'NRestarts',
  'Type',
  'RemainAfterExit',
  'FragmentPath',
  'DropInPaths',
];

/** What more than a Unit the settle window looks at. */
interface Details extends Unit {
  readonly type: string;
  readonly files: UnitFiles;
  /** It can do no harm to reload, with or without reason. */
  readonly asked: boolean;
}

/** Below the root of `files` only unit files are managed, by `systemctl --root`. */
export function createSystemd(runner: Runner, files: Files): Systemd {
  const { root } = files;
  const rooted = root !== undefined && root !== '/';
  const expected = new Set<string>();
  const known = new Map<string, Details>();

  async function systemctl(...words: string[]): Promise<Outcome> {
    const outcome = await runner.run({ argv: ['systemctl', '--no-pager', '--no-ask-password', ...words] });
    if (outcome.status === 127) {
      throw new HostTrouble('Services cannot be managed: there is no systemctl here.');
    }
    if (/System has not been booted with systemd|Failed to connect to (system )?bus/.test(outcome.stderr)) {
      throw new HostTrouble(
        'Services cannot be managed: systemd does not run here.',
        'Run converge on a machine that was booted with systemd, or leave its services out.',
      );
    }
    return outcome;
  }

  async function show(names: readonly string[]): Promise<void> {
    const outcome = await systemctl('show', `--property=${properties.join(',')}`, '--', ...names);
    if (outcome.status !== 0) throw new HostTrouble(`systemctl cannot show units: ${outcome.stderr.trim()}.`);
    const blocks = outcome.stdout.trim().split(/\n\n+/);
    if (blocks.length !== names.length)
      throw new HostTrouble('systemctl answered for other units than asked.');
    names.forEach((name, index) => {
      known.set(name, detailsOf(name, blocks[index]!, files));
    });
  }

  async function showBelowRoot(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const outcome = await systemctl(`--root=${root}`, 'is-enabled', '--', name);
      const said = outcome.stdout.trim().split('\n')[0]!;
      const found = /^[a-z-]+$/.test(said) && said !== 'not-found';
      const load = found ? (said.startsWith('masked') ? 'masked' : 'loaded') : 'not-found';
      const unit = { ...unknownUnit(name), load, enabled: found ? said : '' };
      known.set(name, { ...unit, type: '', asked: false, files: { id: name, fragment: '', dropIns: [] } });
    }
  }

  async function fresh(name: string): Promise<Details> {
    await show([name]);
    return known.get(name)!;
  }

  async function act(effect: UnitEffect, found?: (unit: Unit) => void): Promise<Performed> {
    const { verb } = effect;
    const name = sound(effect.unit);
    if (rooted) return await actBelowRoot(name, verb);
    const before = await fresh(name);
    found?.(unitOf(before));
    // Salt checks once per unit and run; a drop-in written later in the run would be missed.
    if (before.asked) {
      const reload = await systemctl('daemon-reload');
      if (reload.status !== 0) return refused('systemctl daemon-reload', reload);
    }
    const started = Date.now();
    // It is started by us for a reason; without this systemd might say "repeated too quickly".
    if (verb === 'start' || verb === 'restart') {
      await systemctl('reset-failed', '--', name);
    }
    const outcome = await systemctl(verb, '--', name);
    if (outcome.status !== 0) return await explained(verb, before, outcome, started);
    if (verb !== 'start' && verb !== 'restart' && verb !== 'reload') return { became: 'done', outcome };
    const seconds = effect.settle ?? settling[verb];
    const trouble = await settle(name, seconds, verb === 'reload' ? before : undefined);
    if (trouble === undefined) return { became: 'done', outcome };
    const journal = await journalOf(name, started);
    const reason = `${name} ${trouble} after ${verb === 'reload' ? 'the reload' : `the ${verb}`}.`;
    return { became: 'failed', reason, hint: hintFor(name), outcome: { ...outcome, stderr: journal } };
  }

  async function actBelowRoot(name: string, verb: UnitEffect['verb']): Promise<Performed> {
    if (verb === 'start' || verb === 'stop' || verb === 'restart' || verb === 'reload') {
      return failed(`${name} cannot be told to ${verb}: nothing runs below a root.`);
    }
    const outcome = await systemctl(`--root=${root}`, verb, '--', name);
    return outcome.status === 0 ? { became: 'done', outcome } : refused(`systemctl ${verb} ${name}`, outcome);
  }

  /**
   * Watches a unit for `seconds` after it was started. It has failed when systemd says so, when it had to start
   * it anew, or when a service that is meant to stay is gone. `reloaded`: as it was before a reload.
   */
  async function settle(
    name: string,
    seconds: number,
    reloaded: Details | undefined,
  ): Promise<string | undefined> {
    const end = performance.now() + seconds * 1000;
    const first = await fresh(name);
    const restarts = reloaded?.restarts ?? first.restarts;
    for (let unit = first; ; unit = await fresh(name)) {
      if (unit.active === 'failed') return 'failed';
      if (unit.sub === 'auto-restart' || unit.restarts > restarts) return 'keeps ending';
      const stays = unit.type !== 'oneshot' && name.endsWith('.service');
      if (unit.active === 'inactive' && stays) return 'ended';
      const pending = unit.active === 'activating' || unit.active === 'reloading';
      if (!pending && !stays) return undefined;
      if (performance.now() >= end) return undefined;
      await wait(Math.min(100, Math.max(10, end - performance.now())));
    }
  }

  async function explained(
    verb: string,
    before: Details,
    outcome: Outcome,
    started: number,
  ): Promise<Performed> {
    const { name } = before;
    const unit = await fresh(name);
    if (unit.load === 'not-found' && before.load === 'not-found') return failed(`There is no unit ${name}.`);
    if (unit.load === 'masked') return failed(`${name} is masked.`, 'Unmask it first: service.unmasked.');
    const stderr = `${outcome.stderr}${await journalOf(name, started)}`;
    return refused(`systemctl ${verb} ${name}`, { ...outcome, stderr }, hintFor(name));
  }

  /** The last lines the unit printed since a moment (milliseconds since the epoch). */
  async function journalOf(name: string, since: number): Promise<string> {
    // What a process said right before its end may still be on the way to the journal.
    await runner.run({ argv: ['journalctl', '--sync'], timeout: 10 });
    const options = ['--no-pager', '--quiet', '--output=cat', '--lines=15', `--since=@${since / 1000}`];
    const outcome = await runner.run({ argv: ['journalctl', ...options, `--unit=${name}`], timeout: 10 });
    return outcome.status === 0 ? outcome.stdout : '';
  }

  return {
    async units(names) {
      const asked = names.map(sound);
      const missing = [...new Set([...asked, ...expected])].filter((name) => !known.has(name));
      if (asked.some((name) => !known.has(name))) await (rooted ? showBelowRoot(missing) : show(missing));
      return new Map(names.map((name, index) => [name, unitOf(known.get(asked[index]!)!)]));
    },
    async perform(effect, found) {
      try {
        return await act(effect, found);
      } finally {
        known.clear();
      }
    },
    expect(names) {
      for (const name of names) if (soundName.test(name)) expected.add(unitName(name));
    },
    forget: () => known.clear(),
  };
}

/** Seconds for which a unit is watched: one that reads its settings anew has got through its start already. */
const settling = { start: 1, restart: 1, reload: 0.2 } as const;

const soundName = /^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/;

/** Names are checked because systemctl takes patterns and would act on all that match. */
function sound(name: string): string {
  if (!soundName.test(name) || name.length > 255)
    throw new HostTrouble(`"${name}" is not the name of a unit.`);
  return unitName(name);
}

function hintFor(name: string): string {
  return `See "journalctl -u ${name}" and "systemctl status ${name}".`;
}

function refused(command: string, outcome: Outcome, hint?: string): Performed {
  return {
    became: 'failed',
    reason: `"${command}" ended with exit status ${outcome.status}.`,
    hint,
    outcome,
  };
}

function detailsOf(name: string, block: string, look: Files): Details {
  const said = new Map<string, string>();
  for (const line of block.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) said.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const get = (property: string) => said.get(property) ?? '';
  const fragment = get('FragmentPath');
  const asked = get('NeedDaemonReload') === 'yes';
  const files = { id: get('Id') || name, fragment, dropIns: get('DropInPaths').split(' ').filter(Boolean) };
  const unnoticed = isUnnoticed(files, look);
  return {
    name,
    load: get('LoadState'),
    active: get('ActiveState'),
    sub: get('SubState'),
    enabled: get('UnitFileState'),
    // Of a unit that is not there systemd reads everything anew anyway.
    needDaemonReload:
      get('LoadState') !== 'not-found' &&
      (unnoticed || (asked && !files.dropIns.some((one) => isOdd(one, look)))),
    asked: asked || unnoticed,
    canReload: get('CanReload') === 'yes',
    mainPid: Number(get('MainPID')) || 0,
    restarts: Number(get('NRestarts')) || 0,
    type: get('RemainAfterExit') === 'yes' && get('Type') !== 'oneshot' ? 'stays' : get('Type'),
    ...(fragment !== '' && { fragment }),
    files,
  };
}

function unitOf({ type: _, files: __, asked: ___, ...unit }: Details): Unit {
  return unit;
}
