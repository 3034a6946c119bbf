/** Finds out what sets up the network of this node at boot. */
import type { Reader } from '../../core/host.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { type Backend, Drafts, type Piece } from './_boot.ts';
import { hasStanza, ifupdown } from './_ifupdown.ts';
import { isOwn, networkManager, ownKeyfile } from './_keyfile.ts';
import type { Link } from './_links.ts';
import { networkd } from './_networkd.ts';

const backends = { networkd, ifupdown, networkmanager: networkManager } as const;
export type BackendName = keyof typeof backends;

/**
 * For an interface. By links of systemd: what is enabled counts, because it is for the next boot, and no process needs to
 * be asked. NetworkManager leaves alone what ifupdown has a stanza for.
 */
export function backendOf(reader: Reader, name: string): BackendName | undefined {
  const wants = ['multi-user', 'network-online', 'network', 'sysinit', 'sockets'].map(
    (target) => `/etc/systemd/system/${target}.target.wants`,
  );
  const enabled = (unit: string) =>
    wants.some((folder) => reader.stat(`${folder}/${unit}`) !== undefined) &&
    reader.link(`/etc/systemd/system/${unit}`) !== '/dev/null';
  const ifup = (reader.stat('/usr/sbin/ifup') ?? reader.stat('/sbin/ifup')) !== undefined;
  if (enabled('NetworkManager.service'))
    return ifup && hasStanza(reader, name) ? 'ifupdown' : 'networkmanager';
  if (enabled('systemd-networkd.service')) return 'networkd';
  return ifup ? 'ifupdown' : undefined;
}

interface Request {
  /** The interface. */
  readonly name: string;
  readonly persist: boolean;
  readonly backend?: BackendName;
}

/** What has to be written so that these pieces are there after a boot, and those are not. */
export function persisting(
  request: Request,
  reader: Reader,
  links: readonly Link[],
  pieces: (backend: Backend) => { readonly add?: readonly Piece[]; readonly remove?: readonly Piece[] },
): readonly Step[] | Refusal {
  if (!request.persist) return [];
  const name = request.backend ?? backendOf(reader, request.name);
  if (name === undefined) {
    return {
      refused: 'It is not known what sets up the network of this node at boot.',
      hint: 'Enable systemd-networkd, NetworkManager or ifupdown, name it by `backend`, or set `persist: false`.',
    };
  }
  const drafts = new Drafts(reader, links);
  const backend = backends[name](drafts);
  const { add = [], remove = [] } = pieces(backend);
  for (const piece of remove) {
    const refusal = backend.remove(piece);
    if (refusal) return refusal;
  }
  for (const piece of add) {
    const refusal = backend.add(piece);
    if (refusal) return refusal;
  }
  const steps = drafts.steps();
  if (name !== 'networkmanager' || reader.rooted || !reader.stat('/run/NetworkManager')) return steps;
  const gone = remove.flatMap((piece) => (piece.kind === 'link' ? forgetSteps(steps, piece.interface) : []));
  return [...steps, ...gone, ...loadSteps(steps)];
}

/**
 * NetworkManager would write a keyfile again as it knows it. Only those it may know already: a new one could make it set
 * up an interface anew that runs; networkd does so with every change and is left alone altogether.
 */
function loadSteps(steps: readonly Step[]): Step[] {
  const paths = steps.flatMap(({ effect }) =>
    effect.kind === 'write' && !isOwn(effect.path) ? [effect.path] : [],
  );
  if (paths.length === 0) return [];
  return [
    {
      change: { subject: 'connections of NetworkManager', old: 'as before', new: 'as in their files' },
      effect: {
        kind: 'exec',
        command: { argv: ['nmcli', 'connection', 'load', ...paths] },
        // 8: it does not run now.
        success: [0, 8],
        foreseen: true,
      },
    },
  ];
}

/** It would make a virtual interface again whose connection it knows. */
function forgetSteps(steps: readonly Step[], name: string): Step[] {
  const path = ownKeyfile(name);
  if (!steps.some(({ effect }) => effect.kind === 'remove' && effect.path === path)) return [];
  return [
    {
      change: { subject: `connection converge-${name}`, old: 'known to NetworkManager' },
      effect: {
        kind: 'exec',
        command: { argv: ['nmcli', 'connection', 'delete', 'id', `converge-${name}`] },
        // 8: it does not run now; 10: it does not know the connection yet.
        success: [0, 8, 10],
        foreseen: true,
      },
    },
  ];
}
