/** The network after a boot by ifupdown: a file of stanzas for each piece (interfaces(5)). */
import { withLine } from '../../core/byte-text.ts';
import { fnmatch, isPattern } from '../../core/fnmatch.ts';
import type { Reader } from '../../core/host.ts';
import { isIpv6, type Prefixed, prefixedAddress } from '../../core/ip-address.ts';
import { parentOf } from '../../core/path.ts';
import { type Backend, Drafts, foreign, type LinkPiece, type Piece, slug, textOfPrefixed } from './_boot.ts';

const main = '/etc/network/interfaces';
const folder = '/etc/network/interfaces.d';
const own = `${folder}/converge-`;

interface Stanza {
  readonly path: string;
  readonly interface: string;
  readonly options: readonly (readonly [key: string, value: string])[];
}

/** Whether there is a stanza of the interface in any file that is read. */
export function hasStanza(reader: Reader, name: string): boolean {
  return stanzasIn(new Drafts(reader, [])).some((stanza) => stanza.interface.replace(/:.*/, '') === name);
}

export function ifupdown(drafts: Drafts): Backend {
  const stanzas = () => stanzasIn(drafts);

  /** The folder of our files has to be read at all. */
  function put(path: string, text: string): void {
    const probe = 'converge-probe';
    const reads = /^\s*(source|source-directory)\s+(\S+)/;
    const interfaces = drafts.get(main);
    const sources = (interfaces ?? '').split('\n').some((line) => {
      const [, word, pattern] = reads.exec(line) ?? [];
      if (word === undefined) return false;
      const at = pattern!.startsWith('/') ? pattern! : `${parentOf(main)}/${pattern}`;
      if (word === 'source-directory') return at.replace(/\/$/, '') === folder;
      return parentOf(at) === folder && fnmatch(at.slice(folder.length + 1)).test(probe);
    });
    if (!sources) {
      const start = interfaces ?? 'auto lo\niface lo inet loopback\n';
      drafts.set(main, withLine(start, `source ${folder}/*`));
    }
    drafts.set(path, text);
  }

  function sourceOf(piece: Piece): string | undefined {
    if (piece.kind !== 'address') return undefined;
    return stanzas().find(
      (stanza) =>
        !stanza.path.startsWith(own) &&
        stanza.interface.replace(/:.*/, '') === piece.interface &&
        addressOf(stanza) === textOfPrefixed(piece.address),
    )?.path;
  }

  return {
    title: 'ifupdown',
    add(piece) {
      if (sourceOf(piece) === undefined) put(pathOf(piece), textOf(piece));
      return undefined;
    },
    remove(piece) {
      const other = sourceOf(piece);
      if (other && piece.kind === 'address') return foreign(textOfPrefixed(piece.address), other);
      const gone = piece.kind === 'link' ? filesOf(piece.interface) : [pathOf(piece)];
      for (const path of gone) if (drafts.get(path) !== undefined) drafts.set(path, undefined);
      return undefined;
    },
    ownAddresses: (name) =>
      stanzas()
        .filter((stanza) => stanza.path.startsWith(own) && stanza.interface === name)
        .flatMap((stanza) => prefixedAddress(addressOf(stanza) ?? '') ?? []),
  };

  /** Of the interface itself, its addresses and routes. */
  function filesOf(name: string): string[] {
    return drafts
      .list(folder)
      .map((file) => `${folder}/${file}`)
      .filter(
        (path) =>
          path.startsWith(own) &&
          new RegExp(`^iface ${name.replaceAll('.', '\\.')} `, 'm').test(drafts.get(path) ?? ''),
      );
  }
}

function stanzasIn(drafts: Drafts): Stanza[] {
  const found: Stanza[] = [];
  const seen = new Set<string>();
  function readFile(path: string): void {
    if (seen.has(path)) return;
    seen.add(path);
    let current: { path: string; interface: string; options: [string, string][] } | undefined;
    for (const line of (drafts.get(path) ?? '').replace(/\\\n/g, ' ').split('\n')) {
      const [word, ...rest] = line.trim().split(/\s+/);
      if (!word || word.startsWith('#')) continue;
      if (word === 'iface') {
        current = { path, interface: rest[0] ?? '', options: [] };
        found.push(current);
      } else if (word === 'source' || word === 'source-directory') {
        current = undefined;
        for (const one of sourced(drafts, word, rest[0] ?? '', path)) readFile(one);
      } else if (/^(auto|allow-.*|mapping|no-auto-down|no-scripts|rename)$/.test(word)) current = undefined;
      else current?.options.push([word, rest.join(' ')]);
    }
  }
  readFile(main);
  return found;
}

function sourced(drafts: Drafts, word: string, pattern: string, from: string): string[] {
  const at = pattern.startsWith('/') ? pattern : `${parentOf(from)}/${pattern}`;
  if (word === 'source-directory') {
    return drafts
      .list(at)
      .filter((name) => /^[\w-]+$/.test(name))
      .map((name) => `${at}/${name}`);
  }
  if (!isPattern(at)) return [at];
  const name = at.slice(parentOf(at).length + 1);
  return drafts
    .list(parentOf(at))
    .filter((one) => fnmatch(name).test(one))
    .map((one) => `${parentOf(at)}/${one}`);
}

/** Names are such as `source-directory` takes, and sort so that an interface comes before its addresses and routes. */
function pathOf(piece: Piece): string {
  const name = `${own}${slug(piece.interface)}`;
  if (piece.kind === 'link') return name;
  if (piece.kind === 'address') return `${name}-address-${slug(textOfPrefixed(piece.address))}`;
  return `${name}-route-${slug(textOfPrefixed(piece.destination))}${piece.metric === undefined ? '' : `-${piece.metric}`}`;
}

function textOf(piece: Piece): string {
  const name = piece.interface;
  const start = `# Made by converge.\nauto ${name}\niface ${name}`;
  if (piece.kind === 'address') {
    const family = isIpv6(piece.address.address) ? 'inet6' : 'inet';
    return `${start} ${family} static\n    address ${textOfPrefixed(piece.address)}\n`;
  }
  if (piece.kind === 'route') {
    const family = isIpv6(piece.destination.address) ? '-6' : '-4';
    const via = piece.gateway ? ` via ${piece.gateway}` : '';
    const metric = piece.metric === undefined ? '' : ` metric ${piece.metric}`;
    const route = `${textOfPrefixed(piece.destination)}${via} dev ${name}${metric}`;
    return `${start} inet manual\n    up ip ${family} route replace ${route}\n`;
  }
  return `${start} inet manual\n${linkLines(piece)
    .map((line) => `    ${line}\n`)
    .join('')}`;
}

/** Every word of these is checked: they are run by a shell. */
function linkLines({ interface: name, type, up, mtu, mac, parent, id, peer, ports }: LinkPiece): string[] {
  const kinds = {
    bridge: `name ${name} type bridge`,
    dummy: `name ${name} type dummy`,
    vlan: `link ${parent} name ${name} type vlan id ${id}`,
    veth: `name ${name} type veth peer name ${peer}`,
  };
  const settings = [
    ...(mac === undefined ? [] : [`address ${mac}`]),
    ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
  ];
  return [
    ...(type ? [`pre-up [ -e /sys/class/net/${name} ] || ip link add ${kinds[type]}`] : []),
    ...settings.map((setting) => `pre-up ip link set dev ${name} ${setting}`),
    ...(ports ?? []).map((port) => `up ip link set dev ${port} master ${name} up`),
    `up ip link set dev ${name} ${up ? 'up' : 'down'}`,
    ...(type ? [`post-down ip link delete dev ${name} || true`] : []),
  ];
}

function addressOf({ options }: Stanza): string | undefined {
  const get = (name: string) => options.find(([key]) => key === name)?.[1];
  const given = get('address');
  if (given === undefined) return undefined;
  const found: Prefixed | undefined = prefixedAddress(given);
  if (found === undefined || given.includes('/')) return found && textOfPrefixed(found);
  const mask = get('netmask');
  const prefix = mask === undefined ? found.prefix : prefixOf(mask);
  return textOfPrefixed({ address: found.address, prefix });
}

/** 255.255.255.0 is 24. */
function prefixOf(mask: string): number {
  if (/^\d+$/.test(mask)) return Number(mask);
  const bits = mask.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
  return bits.join('').replace(/0+$/, '').length;
}
