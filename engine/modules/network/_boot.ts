/** What of the network is to be there after a boot, in the files of whichever program sets it up on this node. */
import type { Reader } from '../../core/host.ts';
import type { Prefixed } from '../../core/ip-address.ts';
import { parentOf } from '../../core/path.ts';
import type { Refusal, Step } from '../../core/state.ts';
import type { Link } from './_links.ts';

export type LinkKind = 'bridge' | 'dummy' | 'vlan' | 'veth';

export interface LinkPiece {
  readonly kind: 'link';
  readonly interface: string;
  /** Of a virtual interface; without it, one that the machine has. */
  readonly type?: LinkKind;
  readonly up: boolean;
  readonly mtu?: number;
  readonly mac?: string;
  readonly parent?: string;
  readonly id?: number;
  readonly peer?: string;
  readonly ports?: readonly string[];
}

export interface RoutePiece {
  readonly kind: 'route';
  readonly interface: string;
  /** `0.0.0.0/0` or `::/0` for the default route. */
  readonly destination: Prefixed;
  readonly gateway?: string;
  readonly metric?: number;
}

export type Piece =
  | LinkPiece
  | { readonly kind: 'address'; readonly interface: string; readonly address: Prefixed }
  | RoutePiece;

export interface Backend {
  readonly title: string;
  add(piece: Piece): Refusal | undefined;
  remove(piece: Piece): Refusal | undefined;
  /** Addresses of the interface that a state of ours wrote. */
  ownAddresses(name: string): Prefixed[];
}

/** Files as they will be, so that several pieces can go into one. Text is latin1. */
export class Drafts {
  readonly reader: Reader;
  readonly links: readonly Link[];
  readonly #texts = new Map<string, { readonly old?: string; now?: string; readonly mode: number }>();

  constructor(reader: Reader, links: readonly Link[]) {
    this.reader = reader;
    this.links = links;
  }

  get(path: string): string | undefined {
    const draft = this.#texts.get(path);
    return draft ? draft.now : this.reader.content(path)?.toString('latin1');
  }

  set(path: string, now: string | undefined, mode = 0o644): void {
    const draft = this.#texts.get(path);
    if (draft) draft.now = now;
    else this.#texts.set(path, { old: this.get(path), now, mode });
  }

  /** Names in a folder, those of drafts with them. */
  list(folder: string): string[] {
    const names = new Set(this.reader.list(folder) ?? []);
    for (const [path, { now }] of this.#texts) {
      if (parentOf(path) !== folder) continue;
      const name = path.slice(folder.length + 1);
      if (now === undefined) names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  /** In the order of the drafts; folders that are missing first, and those that are left empty last. */
  steps(): Step[] {
    const steps: Step[] = [];
    const made = new Set<string>();
    const emptied = new Set<string>();
    for (const [path, { old, now, mode }] of this.#texts) {
      if (old === now) continue;
      const folder = parentOf(path);
      if (now === undefined) {
        steps.push({ change: { subject: path, old, text: true }, effect: { kind: 'remove', path } });
        if (folder.endsWith('.d') && folder.startsWith('/etc/systemd/network/')) emptied.add(folder);
        continue;
      }
      for (const missing of this.#missing(folder)) {
        if (made.has(missing)) continue;
        made.add(missing);
        steps.push({
          change: { subject: missing, new: 'directory' },
          effect: { kind: 'directory', path: missing, mode: 0o755 },
        });
      }
      const content = Buffer.from(now, 'latin1');
      steps.push({
        change: { subject: path, old, new: now, text: true },
        effect: { kind: 'write', path, content, mode },
      });
    }
    for (const path of emptied) {
      if (this.list(path).length === 0) {
        steps.push({ change: { subject: path, old: 'directory' }, effect: { kind: 'remove', path } });
      }
    }
    return steps;
  }

  #missing(folder: string): string[] {
    const missing: string[] = [];
    for (let at = folder; at !== '/' && !this.reader.stat(at); at = parentOf(at)) missing.unshift(at);
    return missing;
  }
}

/** Part of a file name that says what the file is for. */
export function slug(text: string): string {
  return text.replace(/[^A-Za-z0-9_]+/g, '-');
}

export function textOfPrefixed({ address, prefix }: Prefixed): string {
  return `${address}/${prefix}`;
}

export function foreign(what: string, path: string): Refusal {
  return {
    refused: `${what} is also set up by ${path}, which converge did not write, and would be back after a boot.`,
    hint: 'Remove it there first, or set `persist: false`.',
  };
}

export const persistProperties = {
  persist: { type: 'boolean', default: true, description: 'After a boot, too; false: only now.' },
  backend: {
    type: 'string',
    enum: ['networkd', 'ifupdown', 'networkmanager'],
    description: 'What sets up the network at boot. Found out unless given.',
  },
} as const;
