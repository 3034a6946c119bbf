/** Other programs that set up a firewall: two that both decide would each drop what the other one lets in. */
import type { Reader, Unit } from '../../core/host.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { table } from './_text.ts';

export interface Rivals {
  readonly units: readonly Unit[];
  /** The text of /etc/ufw/ufw.conf, where it says that ufw is on. */
  readonly ufw?: string;
}

const services = [
  'firewalld.service',
  'iptables.service',
  'ip6tables.service',
  'netfilter-persistent.service',
];
const folders = ['/usr/lib/systemd/system', '/lib/systemd/system', '/etc/systemd/system'];
const ufwConf = '/etc/ufw/ufw.conf';

/** systemd is asked only of those that are installed. */
export async function readRivals(reader: Reader): Promise<Rivals> {
  const ufw = reader.content(ufwConf)?.toString('latin1');
  const installed = services.filter((name) => folders.some((folder) => reader.stat(`${folder}/${name}`)));
  const units = installed.length > 0 ? [...(await reader.units(installed)).values()] : [];
  return {
    units: units.filter((unit) => unit.active === 'active' || unit.enabled.startsWith('enabled')),
    ...(ufw !== undefined && /^ENABLED=["']?yes\b/im.test(ufw) && { ufw }),
  };
}

/**
 * Every table has its say: what one of them drops is dropped. Looked for only where the ruleset changes, and not beside
 * a firewall that is taken over.
 */
export async function foreignDrops(reader: Reader): Promise<string[]> {
  const { status, stdout } = await reader.ask({ argv: ['nft', '-j', 'list', 'chains'] });
  if (status !== 0) return [];
  const entries = parsed(stdout).flatMap(({ chain }) => (chain ? [chain] : []));
  return entries
    .filter(({ hook, policy }) => hook === 'input' && policy === 'drop')
    .map((chain) => ({ ...chain, of: `${chain.family} ${chain.table}` }))
    .filter(({ of }) => of !== table)
    .map(
      ({ name, of }) =>
        `The chain ${name} of the table ${of} drops what it does not know, whatever is allowed here.`,
    );
}

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

function parsed(json: string): { readonly chain?: Chain }[] {
  try {
    return (JSON.parse(json) as { nftables: { readonly chain?: Chain }[] }).nftables;
  } catch {
    return [];
  }
}

export function refuseRivals({ units, ufw }: Rivals): Refusal | undefined {
  const names = [...units.map(({ name }) => name.replace(/\.service$/, '')), ...(ufw ? ['ufw'] : [])];
  if (names.length === 0) return undefined;
  return {
    refused: `${names.join(' and ')} ${names.length > 1 ? 'set' : 'sets'} up a firewall here already.`,
    hint: 'Set `take_over: true`, which stops and disables it once this ruleset is in place, or disable it yourself.',
  };
}

export function takeOverSteps({ units, ufw }: Rivals): Step[] {
  const steps: Step[] = [];
  for (const unit of units) {
    const { name } = unit;
    if (unit.active === 'active') {
      if (name === 'netfilter-persistent.service') steps.push(flushStep());
      steps.push(unitStep(name, 'stop', { subject: `${name} state`, old: unit.active, new: 'inactive' }));
    }
    if (unit.enabled.startsWith('enabled')) {
      steps.push(
        unitStep(name, 'disable', { subject: `${name} enablement`, old: unit.enabled, new: 'disabled' }),
      );
    }
  }
  if (ufw) steps.push(ufwStep(ufw));
  return steps;
}

function unitStep(unit: string, verb: 'stop' | 'disable', change: Step['change']): Step {
  return { change, effect: { kind: 'unit', unit, verb } };
}

/** Stopping it leaves its rules, and their policies, where they are. */
function flushStep(): Step {
  const undo = { argv: ['netfilter-persistent', 'start'] };
  return {
    change: { subject: 'rules of iptables', old: 'loaded', new: 'flushed' },
    effect: {
      kind: 'exec',
      command: { argv: ['netfilter-persistent', 'flush'] },
      undo,
      settles: [],
      foreseen: true,
    },
  };
}

function ufwStep(conf: string): Step {
  const content = Buffer.from(conf.replace(/^ENABLED=.*$/im, 'ENABLED=no'), 'latin1');
  const settles = [{ about: 'file', effect: { kind: 'write', path: ufwConf, content } }] as const;
  const undo = { argv: ['ufw', '--force', 'enable'] };
  return {
    change: { subject: 'ufw', old: 'on', new: 'off' },
    effect: { kind: 'exec', command: { argv: ['ufw', 'disable'] }, undo, settles, foreseen: true },
  };
}
