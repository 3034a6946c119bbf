/** Which distribution this is, named as Salt names it. */
import type { Value } from '../core/value.ts';
import type { Facts } from './grains.ts';
import { assignments, type FactSources, firstLine } from './grains-facts.ts';
import { toTuple } from './jinja/values.ts';

// Salt: `os` is NAME of os-release without "Linux" or "GNU/Linux", but for these, found by the first ten
// characters of that in lower case and without blanks.
const osNames: { readonly [start: string]: string } = {
  redhatente: 'RedHat',
  arch: 'Arch',
  archarm: 'Arch ARM',
  debian: 'Debian',
  raspbian: 'Raspbian',
  oracleserv: 'OEL',
  almalinux: 'AlmaLinux',
  scientific: 'ScientificLinux',
  cloudlinux: 'CloudLinux',
  manjaro: 'Manjaro',
  linuxmint: 'Mint',
  neon: 'KDE neon',
  'pop!_os': 'Pop',
  rocky: 'Rocky',
  sles: 'SUSE',
  opensusele: 'SUSE',
  opensusetu: 'SUSE',
  void: 'Void',
};

const families: { readonly [family: string]: readonly string[] } = {
  Debian: ['Ubuntu', 'Mint', 'Raspbian', 'KDE neon', 'Pop', 'Devuan', 'Kali', 'Deepin', 'elementary OS'],
  RedHat: [
    'Fedora',
    'CentOS',
    'CentOS Stream',
    'Rocky',
    'AlmaLinux',
    'Amazon',
    'OEL',
    'ScientificLinux',
    'CloudLinux',
  ],
  Suse: ['SUSE', 'SLED', 'openSUSE', 'openSUSE Leap', 'openSUSE Tumbleweed'],
  Arch: ['Arch ARM', 'Manjaro', 'EndeavourOS'],
};

export function distributionGrains({ installed }: FactSources): Facts {
  const release = assignments(installed.text('/etc/os-release') ?? installed.text('/usr/lib/os-release'));
  const lsb = assignments(installed.text('/etc/lsb-release'));
  const name = release.get('NAME') ?? 'Linux';
  const os = osName(name);
  const osfullname = fullName(name);
  const osrelease =
    exactRelease(release, installed.text('/etc/centos-release')) ?? lsb.get('DISTRIB_RELEASE') ?? 'rolling';
  const oscodename = codeName(release);
  const info = osrelease.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const major = info[0]!;
  const finger = ['Debian', 'Raspbian'].includes(os) ? os : osfullname;
  return [
    ['os', os],
    ['os_family', familyOf(os, release)],
    ['osfullname', osfullname],
    ['osrelease', osrelease],
    // Salt: a tuple, which trees compare with tuples.
    ['osrelease_info', toTuple(info) as unknown as Value],
    ['osmajorrelease', typeof major === 'number' ? major : undefined],
    ['osfinger', `${finger}-${['Ubuntu', 'Pop'].includes(os) ? osrelease : major}`],
    ['oscodename', oscodename],
    ['lsb_distrib_id', lsb.get('DISTRIB_ID') ?? name],
    ['lsb_distrib_release', lsb.get('DISTRIB_RELEASE') ?? osrelease],
    ['lsb_distrib_codename', lsb.get('DISTRIB_CODENAME') ?? oscodename],
    ['lsb_distrib_description', lsb.get('DISTRIB_DESCRIPTION') ?? release.get('PRETTY_NAME')],
  ];
}

function osName(name: string): string {
  const short = name.replace(/\W(?:gnu\/)?linux/gi, '').trim();
  const start = short.replaceAll(' ', '').toLowerCase().slice(0, 10);
  return Object.hasOwn(osNames, start) ? osNames[start]! : short;
}

/** Salt: openSUSE's products go by their own names. */
function fullName(name: string): string {
  if (name.startsWith('openSUSE ')) return name.slice('openSUSE '.length).trim();
  return name.trim();
}

function familyOf(os: string, release: ReadonlyMap<string, string>): string {
  const family = Object.keys(families).find((one) => families[one]!.includes(os));
  if (family || ['Debian', 'RedHat', 'Arch', 'Alpine', 'Gentoo', 'Void'].includes(os)) return family ?? os;
  const like = (release.get('ID_LIKE') ?? '').split(/\s+/);
  if (like.includes('debian') || like.includes('ubuntu')) return 'Debian';
  if (like.includes('rhel') || like.includes('fedora')) return 'RedHat';
  if (like.includes('suse') || like.includes('opensuse')) return 'Suse';
  return like.includes('arch') ? 'Arch' : os;
}

/** Salt: CentOS Linux keeps its minor release from os-release, so it is read elsewhere. */
function exactRelease(release: ReadonlyMap<string, string>, centos: string | undefined): string | undefined {
  if (release.get('NAME') === 'CentOS Linux') {
    const exact = /\brelease ([\d.]+)/.exec(firstLine(centos) ?? '');
    if (exact) return exact[1];
  }
  return release.get('VERSION_ID') || undefined;
}

function codeName(release: ReadonlyMap<string, string>): string {
  const named = release.get('VERSION_CODENAME');
  if (named) return named;
  const pretty = release.get('PRETTY_NAME') ?? '';
  // Salt: only of these the name in brackets is taken.
  if (['almalinux', 'rocky', 'rhel'].includes(release.get('ID') ?? '')) {
    return /\((.+)\)/.exec(release.get('VERSION') ?? pretty)?.[1] ?? pretty;
  }
  return named ?? pretty;
}

const debianArchitectures: { readonly [machine: string]: string } = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'armhf',
  armv6l: 'armel',
  i686: 'i386',
  i586: 'i386',
  ppc64le: 'ppc64el',
  loongarch64: 'loong64',
};

export function architectureGrains({ installed, system }: FactSources, family: Value | undefined): Facts {
  const debian = firstLine(installed.text('/var/lib/dpkg/arch')) ?? debianArchitectures[system.machine];
  return [
    ['cpuarch', system.machine],
    ['osarch', (family === 'Debian' ? debian : undefined) ?? system.machine],
  ];
}
