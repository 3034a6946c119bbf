/** The network after a boot by systemd-networkd: a drop-in for each piece (systemd.network(5), systemd.netdev(5)). */
import { fnmatch } from '../../core/fnmatch.ts';
import { type Prefixed, prefixedAddress } from '../../core/ip-address.ts';
import type { Refusal } from '../../core/state.ts';
import {
  type Backend,
  type Drafts,
  foreign,
  type LinkPiece,
  type Piece,
  type RoutePiece,
  slug,
  textOfPrefixed,
} from './_boot.ts';
import { linkNamed } from './_links.ts';

const etc = '/etc/systemd/network';
const folders = [etc, '/run/systemd/network', '/usr/local/lib/systemd/network', '/usr/lib/systemd/network'];

interface Section {
  readonly title: string;
  readonly settings: readonly (readonly [key: string, value: string])[];
}

export function sectionsOf(text: string): Section[] {
  const sections: { title: string; settings: [string, string][] }[] = [];
  for (const line of text.split('\n')) {
    const title = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (title !== undefined) sections.push({ title, settings: [] });
    else if (key !== undefined) sections.at(-1)?.settings.push([key, value!]);
  }
  return sections;
}

/** One per interface, where no other file is for it; everything else goes into drop-ins beside it. */
function ownBase(name: string): string {
  return `50-converge-${name}.network`;
}

/** It leaves alone whatever addresses are there when networkd starts. */
function baseText(name: string): string {
  return `# Made by converge.
[Match]
Name=${name}

[Link]
RequiredForOnline=no

[Network]
ConfigureWithoutCarrier=yes
KeepConfiguration=static
`;
}

export function networkd(drafts: Drafts): Backend {
  /** The file that networkd goes by for this interface: the first that matches, in the order of their names. */
  function baseOf(name: string): string | undefined {
    const files = new Map<string, string>();
    for (const folder of folders) {
      for (const file of drafts.list(folder)) {
        if (file.endsWith('.network') && !files.has(file)) files.set(file, `${folder}/${file}`);
      }
    }
    return [...files.keys()].sort().find((file) => isFor(drafts.get(files.get(file)!) ?? '', name));
  }

  function isFor(text: string, name: string): boolean {
    const match = sectionsOf(text).filter(({ title }) => title === 'Match');
    const settings = match.flatMap((section) => section.settings);
    if (settings.length === 0) return false;
    const link = linkNamed(drafts.links, name);
    const mac = link?.address;
    const type = link?.link_type === 'loopback' ? 'loopback' : link?.link_type;
    return settings.every(([key, value]) => {
      const words = value.split(/\s+/);
      if (key === 'Name') return among(words, name);
      if (key === 'MACAddress' || key === 'PermanentMACAddress')
        return mac !== undefined && words.some((one) => one.toLowerCase() === mac);
      if (key === 'Type') return type !== undefined && among(words, type);
      if (key === 'Kind') return among(words, link?.linkinfo?.info_kind ?? '');
      return true;
    });
  }

  /** Without a file for it networkd would not even bring an interface up. */
  function ensureBase(name: string): void {
    if (baseOf(name) === undefined) drafts.set(`${etc}/${ownBase(name)}`, baseText(name));
  }

  function dropIn(name: string, what: string): string {
    return `${etc}/${baseOf(name) ?? ownBase(name)}.d/converge-${what}.conf`;
  }

  /** Files for the interface in the order in which they count, each with its sections. */
  function effective(name: string): { path: string; sections: Section[] }[] {
    const base = baseOf(name);
    if (base === undefined) return [];
    const first = folders
      .map((folder) => `${folder}/${base}`)
      .find((path) => drafts.get(path) !== undefined)!;
    const beside = folders.flatMap((folder) =>
      drafts
        .list(`${folder}/${base}.d`)
        .filter((file) => file.endsWith('.conf'))
        .map((file) => `${folder}/${base}.d/${file}`),
    );
    return [first, ...beside].map((path) => ({ path, sections: sectionsOf(drafts.get(path) ?? '') }));
  }

  function sourceOf(name: string, is: (section: Section) => boolean): string | undefined {
    return effective(name).find(({ path, sections }) => !isOwn(path) && sections.some(is))?.path;
  }

  function put(name: string, what: string, text: string): void {
    ensureBase(name);
    drafts.set(dropIn(name, what), text);
  }

  /** The file that was made for drop-ins goes with the last of them. */
  function drop(name: string, what: string): void {
    const path = dropIn(name, what);
    if (drafts.get(path) !== undefined) drafts.set(path, undefined);
    const own = `${etc}/${ownBase(name)}`;
    const virtual = drafts.get(netdevOf(name)) !== undefined;
    if (!virtual && drafts.list(`${own}.d`).length === 0 && drafts.get(own) === baseText(name)) {
      drafts.set(own, undefined);
    }
  }

  function addLink(piece: LinkPiece): void {
    const name = piece.interface;
    // What a virtual interface begins with stands in the file that makes it.
    const settings = [
      ...(piece.up ? [] : ['ActivationPolicy=down']),
      ...(piece.mtu === undefined || piece.type ? [] : [`MTUBytes=${piece.mtu}`]),
      ...(piece.mac === undefined || piece.type ? [] : [`MACAddress=${piece.mac}`]),
    ];
    if (piece.type) drafts.set(netdevOf(name), netdevText(piece));
    if (settings.length > 0) put(name, 'link', `[Link]\n${settings.join('\n')}\n`);
    else drop(name, 'link');
    if (piece.type) ensureBase(name);
    if (piece.type === 'vlan') put(piece.parent!, `vlan-${slug(name)}`, `[Network]\nVLAN=${name}\n`);
    for (const port of piece.ports ?? []) put(port, 'bridge', `[Network]\nBridge=${name}\n`);
  }

  /** All that was written for the interface, and what others have of it. */
  function removeLink({ interface: name }: LinkPiece): Refusal | undefined {
    const other = folders
      .flatMap((folder) => drafts.list(folder).map((file) => `${folder}/${file}`))
      .find(
        (path) =>
          path.endsWith('.netdev') &&
          path !== netdevOf(name) &&
          sectionsOf(drafts.get(path) ?? '').some(({ settings }) =>
            settings.some(([key, value]) => key === 'Name' && value === name),
          ),
      );
    if (other) return foreign(name, other);
    if (drafts.get(netdevOf(name)) !== undefined) drafts.set(netdevOf(name), undefined);
    const base = baseOf(name) ?? ownBase(name);
    for (const file of drafts.list(`${etc}/${base}.d`)) {
      if (file.startsWith('converge-')) drop(name, file.slice('converge-'.length, -'.conf'.length));
    }
    drop(name, 'link');
    for (const folder of drafts.list(etc).filter((one) => one.endsWith('.network.d'))) {
      for (const file of drafts.list(`${etc}/${folder}`)) {
        const path = `${etc}/${folder}/${file}`;
        const refers = /^\[Network\]\n(?:Bridge|VLAN)=(.*)\n$/.exec(drafts.get(path) ?? '')?.[1] === name;
        if (!isOwn(path) || !refers) continue;
        const [, of] = /^50-converge-(.*)\.network\.d$/.exec(folder) ?? [];
        if (of) drop(of, file.slice('converge-'.length, -'.conf'.length));
        else drafts.set(path, undefined);
      }
    }
    return undefined;
  }

  return {
    title: 'systemd-networkd',
    add(piece) {
      if (piece.kind === 'link') addLink(piece);
      else if (sourceOf(piece.interface, (section) => says(section, piece)) === undefined) {
        put(piece.interface, nameOf(piece), textOf(piece));
      }
      return undefined;
    },
    remove(piece) {
      if (piece.kind === 'link') return removeLink(piece);
      const other = sourceOf(piece.interface, (section) => says(section, piece));
      if (other)
        return foreign(textOfPrefixed(piece.kind === 'address' ? piece.address : piece.destination), other);
      drop(piece.interface, nameOf(piece));
      return undefined;
    },
    ownAddresses: (name) =>
      effective(name)
        .filter(({ path }) => isOwn(path))
        .flatMap(({ sections }) => sections.flatMap(addressesOf)),
  };
}

function isOwn(path: string): boolean {
  return path.startsWith(`${etc}/`) && /\.network\.d\/converge-[^/]*\.conf$/.test(path);
}

function netdevOf(name: string): string {
  return `${etc}/50-converge-${name}.netdev`;
}

function netdevText({ interface: name, type, mac, mtu, id, peer }: LinkPiece): string {
  const lines = ['# Made by converge.', '[NetDev]', `Name=${name}`, `Kind=${type}`];
  if (mtu !== undefined) lines.push(`MTUBytes=${mtu}`);
  if (mac !== undefined) lines.push(`MACAddress=${mac}`);
  if (id !== undefined) lines.push('', '[VLAN]', `Id=${id}`);
  if (peer !== undefined) lines.push('', '[Peer]', `Name=${peer}`);
  return `${lines.join('\n')}\n`;
}

function among(words: readonly string[], name: string): boolean {
  const inverted = words[0]?.startsWith('!') ?? false;
  const patterns = inverted ? [words[0]!.slice(1), ...words.slice(1)] : words;
  return patterns.some((pattern) => fnmatch(pattern).test(name)) !== inverted;
}

type Part = Exclude<Piece, LinkPiece>;

function nameOf(piece: Part): string {
  if (piece.kind === 'address') return `address-${slug(textOfPrefixed(piece.address))}`;
  return `route-${slug(textOfPrefixed(piece.destination))}${piece.metric === undefined ? '' : `-${piece.metric}`}`;
}

function textOf(piece: Part): string {
  if (piece.kind === 'address') return `[Address]\nAddress=${textOfPrefixed(piece.address)}\n`;
  const lines = [`Destination=${textOfPrefixed(piece.destination)}`];
  if (piece.gateway) lines.push(`Gateway=${piece.gateway}`);
  else lines.push('Scope=link');
  if (piece.metric !== undefined) lines.push(`Metric=${piece.metric}`);
  return `[Route]\n${lines.join('\n')}\n`;
}

function addressesOf({ title, settings }: Section): Prefixed[] {
  if (title !== 'Address' && title !== 'Network') return [];
  return settings.flatMap(([key, value]) => {
    const address = key === 'Address' ? prefixedAddress(value) : undefined;
    return address ? [address] : [];
  });
}

/** Whether a section sets up what the piece asks for. */
function says(section: Section, piece: Part): boolean {
  if (piece.kind === 'address') {
    return addressesOf(section).some((one) => textOfPrefixed(one) === textOfPrefixed(piece.address));
  }
  return isRoute(section, piece);
}

function isRoute({ title, settings }: Section, { destination, gateway, metric }: RoutePiece): boolean {
  const get = (name: string) => settings.find(([key]) => key === name)?.[1];
  const isDefault = destination.prefix === 0;
  if (title === 'Network')
    return isDefault && metric === undefined && gateway !== undefined && get('Gateway') === gateway;
  if (title !== 'Route' || get('Gateway') !== gateway) return false;
  if (metric !== undefined && get('Metric') !== String(metric)) return false;
  const given = get('Destination');
  if (given === undefined) return isDefault;
  const found = prefixedAddress(given);
  return found !== undefined && textOfPrefixed(found) === textOfPrefixed(destination);
}
