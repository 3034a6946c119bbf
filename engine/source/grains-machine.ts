/** The machine itself: kernel, processors, memory, firmware, and what it runs in. */
import type { Value } from '../core/value.ts';
import type { Facts } from './grains.ts';
import { type FactSources, type Files, firstLine } from './grains-facts.ts';

export function kernelGrains({ machine, system }: FactSources): Facts {
  return [
    ['kernel', system.kernel],
    ['kernelrelease', system.release],
    ['kernelversion', system.version],
    ['kernelparams', kernelParameters(machine.text('/proc/cmdline'))],
  ];
}

/** Salt: pairs, with None where a parameter has no value. */
function kernelParameters(line: string | undefined): Value {
  const words = line?.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return words.map((word) => {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1).replaceAll('"', '')];
  });
}

export function cpuGrains({ machine, system }: FactSources): Facts {
  const info = machine.text('/proc/cpuinfo') ?? '';
  const field = (names: string) => new RegExp(`^(?:${names})\\s*:\\s*(.*)$`, 'm').exec(info)?.[1]?.trim();
  const processors = info.match(/^processor\s*:/gm)?.length;
  return [
    ['num_cpus', processors ?? system.cpus],
    ['cpu_model', field('model name|Processor|cpu|uarch') ?? 'Unknown'],
    ['cpu_flags', field('flags|Features')?.split(/\s+/) ?? []],
  ];
}

/** MiB, as Salt counts. */
export function memoryGrains({ machine, system }: FactSources): Facts {
  const info = machine.text('/proc/meminfo') ?? '';
  const kibibytes = (name: string): number | undefined => {
    const found = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(info);
    return found ? Number(found[1]) : undefined;
  };
  return [
    ['mem_total', Math.floor((kibibytes('MemTotal') ?? system.memory / 1024) / 1024)],
    ['swap_total', Math.floor((kibibytes('SwapTotal') ?? 0) / 1024)],
  ];
}

export function initGrains({ machine, installed, image }: FactSources): Facts {
  const version = ['/usr/lib/systemd', '/lib/systemd', '/usr/lib64/systemd']
    .concat(
      installed
        .list('/usr/lib')
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => `/usr/lib/${name}/systemd`),
    )
    .flatMap((folder) => installed.list(folder))
    .map((name) => /^libsystemd-shared-(\d+)/.exec(name)?.[1])
    .find((found) => found !== undefined);
  return [
    ['init', image ? (version ? 'systemd' : 'unknown') : initSystem(machine)],
    // Unlike Salt: the grain `systemd` has no `features`, as only a process could tell them.
    ['systemd', version ? new Map([['version', version]]) : undefined],
  ];
}

function initSystem(machine: Files): string {
  // sd_booted(3)
  if (machine.exists('/run/systemd/system')) return 'systemd';
  const program = (machine.text('/proc/1/cmdline') ?? '').split('\0')[0]!.split('/').at(-1)!;
  if (['runit', 'supervisord', 'dumb-init', 'tini'].includes(program)) return program;
  if (machine.exists('/run/openrc')) return 'openrc';
  return program === 'init' && machine.exists('/etc/inittab') ? 'sysvinit' : 'unknown';
}

// Product or vendor name of the firmware → Salt's name of the hypervisor.
const hypervisors: readonly (readonly [name: RegExp, virtual: string])[] = [
  [/VMware/i, 'VMware'],
  [/VirtualBox|innotek/i, 'VirtualBox'],
  [/Microsoft Corporation Virtual Machine|Hyper-V/i, 'HyperV'],
  [/Parallels/i, 'Parallels'],
  [/Google/i, 'kvm'],
  [/KVM|OpenStack|Amazon EC2|DigitalOcean|Hetzner/i, 'kvm'],
  [/QEMU|Bochs|Standard PC/i, 'kvm'],
  [/\bXen\b|HVM domU/i, 'xen'],
];

// $container of https://systemd.io/CONTAINER_INTERFACE → Salt's name.
const containers: { readonly [name: string]: string } = {
  docker: 'Docker',
  podman: 'Podman',
  lxc: 'LXC',
  'lxc-libvirt': 'LXC',
};

export function virtualGrains({ machine }: FactSources): Facts {
  const container = containerKind(machine);
  if (container) {
    return [
      ['virtual', 'container'],
      ['virtual_subtype', containers[container] ?? container],
    ];
  }
  const dmi = (name: string) => firstLine(machine.text(`/sys/class/dmi/id/${name}`)) ?? '';
  const firmware = `${dmi('sys_vendor')} ${dmi('product_name')} ${dmi('bios_vendor')}`;
  const found = hypervisors.find(([name]) => name.test(firmware))?.[1];
  const hypervisor = firstLine(machine.text('/sys/hypervisor/type'));
  const flagged = /^flags\s*:.*\bhypervisor\b/m.test(machine.text('/proc/cpuinfo') ?? '');
  return [['virtual', found ?? hypervisor ?? (flagged ? 'kvm' : 'physical')]];
}

function containerKind(machine: Files): string | undefined {
  const named = firstLine(machine.text('/run/systemd/container'));
  if (named) return named;
  if (machine.exists('/.dockerenv')) return 'docker';
  if (machine.exists('/run/.containerenv')) return 'podman';
  const group = machine.text('/proc/1/cgroup') ?? '';
  return /[/:](docker|lxc)[/-]/.exec(group)?.[1];
}

export function hardwareGrains({ installed, machine }: FactSources): Facts {
  const dmi = (name: string) => firstLine(machine.text(`/sys/class/dmi/id/${name}`));
  return [
    [
      'machine_id',
      firstLine(installed.text('/etc/machine-id') ?? installed.text('/var/lib/dbus/machine-id')),
    ],
    // Only root may read these two.
    ['uuid', dmi('product_uuid')?.toLowerCase()],
    ['serialnumber', dmi('product_serial')],
    ['manufacturer', dmi('sys_vendor')],
    ['productname', dmi('product_name')],
    ['biosversion', dmi('bios_version')],
    ['efi', machine.exists('/sys/firmware/efi')],
  ];
}
