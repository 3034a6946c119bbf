/** Whom this run acts as, and the settings of the system it acts in. */
import type { Value } from '../core/value.ts';
import type { Facts } from './grains.ts';
import { assignments, type FactSources, firstLine } from './grains-facts.ts';

export function processGrains({ machine, system }: FactSources): Facts {
  const { env, uid, gid } = system;
  const path = env['PATH'] ?? '';
  return [
    ['username', nameOf(machine.text('/etc/passwd'), uid)],
    ['groupname', nameOf(machine.text('/etc/group'), gid)],
    ['uid', uid],
    ['gid', gid],
    ['pid', system.pid],
    ['cwd', system.cwd],
    ['shell', env['SHELL'] ?? '/bin/sh'],
    ['path', path],
    ['systempath', path === '' ? [] : path.split(':')],
  ];
}

/** The first name of an id in passwd(5) or group(5). */
function nameOf(text: string | undefined, id: number): string {
  const line = text?.split('\n').find((one) => one.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}

export function settingGrains(facts: FactSources): Facts {
  const timezone = timeZone(facts);
  return [
    ['selinux', selinux(facts)],
    ['locale_info', localeInfo(facts, timezone)],
    ['timezone', timezone],
  ];
}

function selinux({ machine }: FactSources): Value {
  const enforce = firstLine(machine.text('/sys/fs/selinux/enforce'));
  if (enforce === undefined) return new Map([['enabled', false]]);
  return new Map<Value, Value>([
    ['enabled', true],
    ['enforced', enforce === '1' ? 'Enforcing' : 'Permissive'],
  ]);
}

function localeInfo({ system, installed }: FactSources, timezone: string): Value {
  const set =
    assignments(installed.text('/etc/default/locale') ?? installed.text('/etc/locale.conf')).get('LANG') ??
    '';
  const locale = system.env['LC_ALL'] || system.env['LC_CTYPE'] || system.env['LANG'] || set;
  const [language, encoding] = locale.split('@')[0]!.split('.');
  const known = language && language !== 'C' && language !== 'POSIX';
  return new Map<Value, Value>([
    ['defaultlanguage', known ? language : null],
    ['defaultencoding', encoding ?? null],
    ['detectedencoding', 'utf-8'],
    ['timezone', timezone],
  ]);
}

/** Name of the zone in the tz database. */
function timeZone({ installed }: FactSources): string {
  const linked = installed.link('/etc/localtime')?.split('/zoneinfo/')[1];
  return linked ?? firstLine(installed.text('/etc/timezone')) ?? 'UTC';
}
