/** Grains: the facts of this node, each group of them gathered when one of its members is first asked for. */
import type { Dict, Value } from '../core/value.ts';
import { createFacts, type System, thisSystem } from './grains-facts.ts';
import {
  cpuGrains,
  hardwareGrains,
  initGrains,
  kernelGrains,
  memoryGrains,
  virtualGrains,
} from './grains-machine.ts';
import { addressGrains, nameGrains } from './grains-network.ts';
import { architectureGrains, distributionGrains } from './grains-os.ts';
import { processGrains, settingGrains } from './grains-process.ts';

export interface GrainsOptions {
  /** Where /etc is looked at; `/` unless told. A root without an os-release is a mere folder of this machine. */
  readonly root?: string;
  /** Where /proc, /sys and /run are looked at; `/` unless told. */
  readonly machine?: string;
  /** The id of the node; else its full name. */
  readonly id?: string;
  /** Version of this program, for the grain `convergeversion`. */
  readonly version?: string;
  /** Grains that win over gathered ones (/etc/converge/grains.yaml). */
  readonly own?: Dict;
  /** What Node tells of the system, where it is not to be asked itself. */
  readonly system?: System;
}

/** The dict `grains` of templates and targets. */
export function createGrains(options: GrainsOptions = {}): Dict {
  const facts = createFacts(options.root ?? '/', options.machine ?? '/', options.system ?? thisSystem());
  const grains = new LazyDict([
    group(['host', 'fqdn', 'domain', 'nodename', 'localhost', 'fqdns'], () => nameGrains(facts)),
    group(['id'], () => [['id', options.id ?? (grains.get('fqdn') as string)]]),
    group(
      [
        'os',
        'os_family',
        'osfullname',
        'osrelease',
        'osrelease_info',
        'osmajorrelease',
        'osfinger',
        'oscodename',
        'lsb_distrib_id',
        'lsb_distrib_release',
        'lsb_distrib_codename',
        'lsb_distrib_description',
      ],
      () => distributionGrains(facts),
    ),
    group(['cpuarch', 'osarch'], () => architectureGrains(facts, grains.get('os_family'))),
    group(['kernel', 'kernelrelease', 'kernelversion', 'kernelparams'], () => kernelGrains(facts)),
    group(['num_cpus', 'cpu_model', 'cpu_flags'], () => cpuGrains(facts)),
    group(['mem_total', 'swap_total'], () => memoryGrains(facts)),
    group(
      [
        'ipv4',
        'ipv6',
        'ip4_interfaces',
        'ip6_interfaces',
        'ip_interfaces',
        'hwaddr_interfaces',
        'fqdn_ip4',
        'fqdn_ip6',
        'ip_gw',
        'ip4_gw',
        'dns',
      ],
      () => addressGrains(facts),
    ),
    group(['init', 'systemd'], () => initGrains(facts)),
    group(['virtual', 'virtual_subtype'], () => virtualGrains(facts)),
    group(['machine_id', 'uuid', 'manufacturer', 'productname', 'serialnumber', 'biosversion', 'efi'], () =>
      hardwareGrains(facts),
    ),
    group(['selinux', 'locale_info', 'timezone'], () => settingGrains(facts)),
    group(['username', 'groupname', 'uid', 'gid', 'pid', 'cwd', 'shell', 'path', 'systempath'], () =>
      processGrains(facts),
    ),
    group(['roles', 'saltversion', 'saltversioninfo', 'convergeversion'], () => [
      ['roles', []],
      // Salt: trees ask for its version to tell what they may use; this is the one whose meaning is kept.
      ['saltversion', '3007.0'],
      ['saltversioninfo', [3007, 0]],
      ['convergeversion', options.version ?? '0'],
    ]),
  ]);
  for (const [name, value] of options.own ?? []) grains.set(name, value);
  return grains;
}

/** Facts in Salt's order of a group; what cannot be known is left out. */
export type Facts = readonly (readonly [name: string, value: Value | undefined])[];

interface Group {
  readonly names: readonly string[];
  gather(): Facts;
}

function group(names: readonly string[], gather: () => Facts): Group {
  return { names, gather };
}

/** A dict whose members are worked out when they are first asked for; setting one needs no look at all. */
class LazyDict extends Map<Value, Value> {
  readonly #waiting = new Map<Value, Group>();

  constructor(groups: readonly Group[]) {
    super();
    for (const one of groups) for (const name of one.names) this.#waiting.set(name, one);
  }

  #gather(key: Value): void {
    const wanted = this.#waiting.get(key);
    if (!wanted) return;
    for (const name of wanted.names) this.#waiting.delete(name);
    for (const [name, value] of wanted.gather()) {
      if (value !== undefined && !super.has(name)) super.set(name, value);
    }
  }

  #gatherAll(): void {
    for (const name of [...this.#waiting.keys()]) this.#gather(name);
  }

  override get(key: Value): Value | undefined {
    if (!super.has(key)) this.#gather(key);
    return super.get(key);
  }

  override has(key: Value): boolean {
    if (super.has(key)) return true;
    this.#gather(key);
    return super.has(key);
  }

  override delete(key: Value): boolean {
    this.#gather(key);
    return super.delete(key);
  }

  override clear(): void {
    this.#waiting.clear();
    super.clear();
  }

  override get size(): number {
    this.#gatherAll();
    return super.size;
  }

  override forEach(visit: (value: Value, key: Value, map: Map<Value, Value>) => void, self?: unknown): void {
    this.#gatherAll();
    super.forEach(visit, self);
  }

  override keys(): MapIterator<Value> {
    this.#gatherAll();
    return super.keys();
  }

  override values(): MapIterator<Value> {
    this.#gatherAll();
    return super.values();
  }

  override entries(): MapIterator<[Value, Value]> {
    this.#gatherAll();
    return super.entries();
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }
}
