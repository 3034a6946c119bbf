/** What it means to make an interface: the command, and what is there afterwards. */
import type { FileEffect, Reader, Settled } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import type { LinkKind } from './_boot.ts';
import type { Link } from './_links.ts';

export interface Wanted {
  readonly name: string;
  readonly kind?: LinkKind;
  readonly parent?: string;
  readonly id?: number;
  readonly peer?: string;
}

/** A folder of kernel parameters that each interface has of its own; a new one begins with those of `default`. */
export interface Parameters {
  readonly folder: string;
  readonly names: readonly string[];
}

export function kernelParameters(reader: Reader): Parameters[] {
  return ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'].map((one) => {
    const folder = `/proc/sys/net/${one}`;
    return { folder, names: reader.list(`${folder}/default`) ?? [] };
  });
}

/** A later state of a dry run may set them: sysctl.present. */
export function settleParameters(kernel: readonly Parameters[], name: string): Settled[] {
  return kernel
    .filter(({ names }) => names.length > 0)
    .flatMap(({ folder, names }): FileEffect[] => [
      { kind: 'directory', path: `${folder}/${name}` },
      ...names.map(
        (one) =>
          ({ kind: 'copy', from: `${folder}/default/${one}`, path: `${folder}/${name}/${one}` }) as const,
      ),
    ])
    .map((effect) => ({ about: 'file', effect }));
}

export function newWords({ name, kind, parent, id, peer }: Wanted): string[] {
  const lower = kind === 'vlan' ? ['link', parent!] : [];
  const more = kind === 'vlan' ? ['id', String(id)] : kind === 'veth' ? ['peer', 'name', peer!] : [];
  return ['add', ...lower, 'name', name, 'type', kind!, ...more];
}

export function newLinks({ name, kind, parent, id, peer }: Wanted): Link[] {
  const made: Link = {
    ifname: name,
    flags: [],
    mtu: 1500,
    link_type: 'ether',
    ...(parent && { link: parent }),
    ...(peer && { link: peer }),
    linkinfo: { info_kind: kind, ...(id !== undefined && { info_data: { id } }) },
    addr_info: [],
  };
  return kind === 'veth' ? [made, { ...made, ifname: peer!, link: name }] : [made];
}

export function mismatch({ name, kind, parent, id }: Wanted, link: Link): Refusal | undefined {
  const found = link.linkinfo?.info_kind ?? link.link_type ?? 'unknown kind';
  const hint = 'Remove it first (network.link_absent), or choose another name.';
  if (found !== kind)
    return { refused: `${name} is there already, but it is no ${kind}: it is a ${found}.`, hint };
  if (kind === 'vlan' && (link.link !== parent || link.linkinfo?.info_data?.id !== id)) {
    return { refused: `${name} is VLAN ${link.linkinfo?.info_data?.id} on ${link.link}.`, hint };
  }
  return undefined;
}
