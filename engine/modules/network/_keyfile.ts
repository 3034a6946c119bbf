/** The network after a boot by NetworkManager: keyfiles, one connection per interface (nm-settings-keyfile(5)). */
import { isIpv6, type Prefixed, prefixedAddress } from '../../core/ip-address.ts';
import type { Refusal } from '../../core/state.ts';
import {
  type Backend,
  type Drafts,
  type LinkPiece,
  type Piece,
  type RoutePiece,
  textOfPrefixed,
} from './_boot.ts';
import { linkNamed } from './_links.ts';
import { sectionsOf } from './_networkd.ts';

const folder = '/etc/NetworkManager/system-connections';
/** May hold passwords, and NetworkManager ignores a file that others may read. */
const mode = 0o600;

export function isOwn(path: string): boolean {
  return path.startsWith(`${folder}/converge-`);
}

export function ownKeyfile(name: string): string {
  return `${folder}/converge-${name}.nmconnection`;
}

export function networkManager(drafts: Drafts): Backend {
  function files(of = folder): string[] {
    return drafts
      .list(of)
      .filter((file) => !file.endsWith('~') && !file.startsWith('.'))
      .map((file) => `${of}/${file}`);
  }

  /** Whether a keyfile is for the interface; undefined where it may be for any card. */
  function isFor(path: string, name: string): boolean | undefined {
    const text = drafts.get(path) ?? '';
    // What NetworkManager makes up for an interface that it finds set up, or that has no keyfile.
    if (valueIn(text, '.nmmeta', 'nm-generated') === 'true') return false;
    const given = valueIn(text, 'connection', 'interface-name');
    if (given !== undefined) return given === name;
    if (!['ethernet', '802-3-ethernet'].includes(valueIn(text, 'connection', 'type') ?? '')) return false;
    const mac = ['ethernet', '802-3-ethernet']
      .map((section) => valueIn(text, section, 'mac-address'))
      .find(Boolean);
    return mac === undefined ? undefined : mac.toLowerCase() === linkNamed(drafts.links, name)?.address;
  }

  /** The keyfile of an interface; undefined where there is none. */
  function pathOf(name: string): string | undefined {
    return files().find((path) => isFor(path, name));
  }

  /** What sets up the interface already and cannot be edited. */
  function refuseOthers(name: string, virtual: boolean): Refusal | undefined {
    const made = files('/run/NetworkManager/system-connections').find((path) => isFor(path, name));
    const ifcfg = `/etc/sysconfig/network-scripts/ifcfg-${name}`;
    const other = made ?? (drafts.get(ifcfg) === undefined ? undefined : ifcfg);
    if (other !== undefined) {
      return {
        refused: `${name} is set up by ${other}, which converge does not edit.`,
        hint: made
          ? 'Change what makes that file.'
          : 'Turn it into a keyfile first: `nmcli connection migrate`.',
      };
    }
    const any = virtual ? undefined : files().find((path) => isFor(path, name) === undefined);
    if (any === undefined) return undefined;
    return {
      refused: `${any} names no interface, so it may be for ${name} too.`,
      hint: 'Give it an `interface-name` in its section [connection].',
    };
  }

  /** The keyfile as it is to be edited; made where there is none. */
  function open(name: string, type?: string): string | Refusal {
    const path = pathOf(name);
    if (path !== undefined) return path;
    const link = linkNamed(drafts.links, name);
    // The connection takes the place of the one that NetworkManager makes for a card that has none.
    const dynamic = (family: string) =>
      link?.addr_info.some((one) => one.dynamic && one.family === family) ?? false;
    const kind = type ?? (name === 'lo' ? 'loopback' : (link?.linkinfo?.info_kind ?? 'ethernet'));
    const loopback = kind === 'loopback';
    const refusal = refuseOthers(name, kind !== 'ethernet' && kind !== 'veth');
    if (refusal) return refusal;
    const text = [
      '# Made by converge.',
      '[connection]',
      `id=converge-${name}`,
      `type=${kind === 'veth' && !type ? 'ethernet' : kind}`,
      `interface-name=${name}`,
      '',
      ...(loopback ? ['[loopback]', ''] : []),
      '[ipv4]',
      `method=${dynamic('inet') || loopback ? 'auto' : 'disabled'}`,
      '',
      '[ipv6]',
      `method=${dynamic('inet6') || loopback ? 'auto' : 'link-local'}`,
      '',
    ].join('\n');
    drafts.set(ownKeyfile(name), text, mode);
    return ownKeyfile(name);
  }

  function edit(path: string, change: (text: string) => string): void {
    const old = drafts.get(path)!;
    const now = change(old);
    if (now !== old) drafts.set(path, now, mode);
  }

  function addAddress(path: string, address: Prefixed): void {
    edit(path, (text) => {
      const family = isIpv6(address.address) ? 'ipv6' : 'ipv4';
      if (addressesIn(text, family).some(({ value }) => value === textOfPrefixed(address))) return text;
      const method = valueIn(text, family, 'method') ?? 'auto';
      const manual = ['auto', 'manual', 'dhcp', 'shared'].includes(method)
        ? text
        : withValue(text, family, 'method', 'manual');
      return withValue(manual, family, nextKey(manual, family, 'address'), textOfPrefixed(address));
    });
  }

  function removeAddress(path: string, address: Prefixed): void {
    edit(path, (text) => {
      const family = isIpv6(address.address) ? 'ipv6' : 'ipv4';
      const keys = addressesIn(text, family).filter(({ value }) => value === textOfPrefixed(address));
      let now = text;
      for (const { key } of keys) now = withValue(now, family, key, undefined);
      // A connection that is set up by hand has to have an address.
      const left = addressesIn(now, family).length > 0;
      if (keys.length === 0 || left || valueIn(now, family, 'method') !== 'manual') return now;
      return withValue(now, family, 'method', family === 'ipv4' ? 'disabled' : 'link-local');
    });
  }

  function editRoute(path: string, route: RoutePiece, wanted: boolean): void {
    edit(path, (text) => {
      const family = isIpv6(route.destination.address) ? 'ipv6' : 'ipv4';
      const value = [textOfPrefixed(route.destination), route.gateway ?? '', route.metric ?? '']
        .join(',')
        .replace(/,+$/, '');
      const settings = settingsOf(text, family).filter(([key]) => /^routes?\d*$/.test(key));
      if (!wanted) {
        const start = `${textOfPrefixed(route.destination)},${route.gateway ?? ''}`;
        return settings
          .filter(([, one]) => one === value || one.startsWith(start))
          .reduce((now, [key]) => withValue(now, family, key, undefined), text);
      }
      if (settings.some(([, one]) => one === value)) return text;
      return withValue(text, family, nextKey(text, family, 'route'), value);
    });
  }

  function addLink(piece: LinkPiece): Refusal | undefined {
    const needed = piece.type || piece.mtu !== undefined || piece.mac !== undefined || !piece.up;
    if (needed) {
      const path = open(piece.interface, piece.type);
      if (typeof path !== 'string') return path;
      edit(path, (text) => withLink(text, piece));
    }
    for (const port of piece.ports ?? []) {
      const path = open(port);
      if (typeof path !== 'string') return path;
      edit(path, (text) => {
        const member = withValue(text, 'connection', 'master', piece.interface);
        return withValue(member, 'connection', 'slave-type', 'bridge');
      });
    }
    return undefined;
  }

  function removeLink(name: string): void {
    if (drafts.get(ownKeyfile(name)) !== undefined) drafts.set(ownKeyfile(name), undefined);
    for (const file of drafts.list(folder)) {
      const path = `${folder}/${file}`;
      if (valueIn(drafts.get(path) ?? '', 'connection', 'master') !== name) continue;
      edit(path, (text) => {
        const free = withValue(text, 'connection', 'master', undefined);
        return withValue(free, 'connection', 'slave-type', undefined);
      });
    }
  }

  return {
    title: 'NetworkManager',
    add(piece) {
      if (piece.kind === 'link') return addLink(piece);
      const path = open(piece.interface);
      if (typeof path !== 'string') return path;
      if (piece.kind === 'address') addAddress(path, piece.address);
      else editRoute(path, piece, true);
      return undefined;
    },
    remove(piece: Piece) {
      if (piece.kind === 'link') {
        removeLink(piece.interface);
        return undefined;
      }
      const path = pathOf(piece.interface);
      if (path === undefined) return undefined;
      if (piece.kind === 'address') removeAddress(path, piece.address);
      else editRoute(path, piece, false);
      if (isOwn(path) && isIdle(drafts.get(path) ?? '')) drafts.set(path, undefined);
      return undefined;
    },
    ownAddresses(name) {
      const text = drafts.get(pathOf(name) ?? '') ?? '';
      return [...addressesIn(text, 'ipv4'), ...addressesIn(text, 'ipv6')].flatMap(
        ({ value }) => prefixedAddress(value) ?? [],
      );
    },
  };
}

/** Whether a keyfile says nothing any more that the interface would not do without it. */
function isIdle(text: string): boolean {
  if (!['ethernet', 'loopback'].includes(valueIn(text, 'connection', 'type') ?? '')) return false;
  return sectionsOf(text).every(
    ({ title, settings }) =>
      ['connection', 'loopback', 'ipv4', 'ipv6'].includes(title) &&
      settings.every(([key]) => ['id', 'type', 'interface-name', 'method'].includes(key)),
  );
}

function withLink(text: string, { type, up, mtu, mac, parent, id, peer }: LinkPiece): string {
  const settings: [section: string, key: string, value: string | undefined][] = [
    ['connection', 'autoconnect', up ? undefined : 'false'],
    ['ethernet', 'mtu', mtu === undefined ? undefined : String(mtu)],
    ['ethernet', 'cloned-mac-address', mac],
  ];
  if (type === 'vlan') settings.push(['vlan', 'parent', parent], ['vlan', 'id', String(id)]);
  if (type === 'veth') settings.push(['veth', 'peer', peer]);
  return settings.reduce((now, [section, key, value]) => withValue(now, section, key, value), text);
}

function settingsOf(text: string, section: string): (readonly [string, string])[] {
  return sectionsOf(text)
    .filter(({ title }) => title === section)
    .flatMap(({ settings }) => settings);
}

function valueIn(text: string, section: string, name: string): string | undefined {
  return settingsOf(text, section).find(([key]) => key === name)?.[1];
}

/** An address may have its gateway after it. */
function addressesIn(text: string, family: string): { key: string; value: string }[] {
  return settingsOf(text, family).flatMap(([key, given]) => {
    const found = /^address(es)?\d*$/.test(key) ? prefixedAddress(given.split(/[,;]/)[0]!) : undefined;
    return found ? [{ key, value: textOfPrefixed(found) }] : [];
  });
}

function nextKey(text: string, family: string, word: string): string {
  const taken = new Set(settingsOf(text, family).map(([key]) => key));
  let number = 1;
  while (taken.has(`${word}${number}`) || taken.has(`${word}es${number}`) || taken.has(`${word}s${number}`))
    number++;
  return `${word}${number}`;
}

/** One setting set, added at the end of its section, or (undefined) removed. Everything else stays as it is. */
function withValue(text: string, section: string, key: string, value: string | undefined): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim() === `[${section}]`);
  if (start === -1) {
    if (value === undefined) return text;
    return `${text}${text.endsWith('\n') ? '' : '\n'}\n[${section}]\n${key}=${value}\n`;
  }
  const next = lines.findIndex((line, at) => at > start && /^\s*\[/.test(line));
  let end = next === -1 ? lines.length : next;
  while (end > start + 1 && lines[end - 1]!.trim() === '') end--;
  const at = lines.findIndex(
    (line, index) => index > start && index < end && line.split('=')[0]!.trim() === key,
  );
  if (value === undefined) return at === -1 ? text : lines.toSpliced(at, 1).join('\n');
  if (at === -1) return lines.toSpliced(end, 0, `${key}=${value}`).join('\n');
  return lines[at]!.slice(lines[at]!.indexOf('=') + 1).trim() === value
    ? text
    : lines.with(at, `${key}=${value}`).join('\n');
}
