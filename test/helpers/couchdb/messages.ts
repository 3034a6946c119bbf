/** What nodes of several processes tell each other of themselves. */
import type { CouchNode } from './cluster.ts';
import type { Item } from './ledger.ts';

export type Settings = { readonly [section: string]: { readonly [key: string]: string } };

export interface Hello {
  readonly from: string;
  readonly life: string;
  readonly members: readonly (readonly [string, number])[];
}

export interface Welcome {
  /** Whether the one who asks is a member. */
  readonly isMember: boolean;
  readonly members: Hello['members'];
  /** Of this life of the other, and how much of its log there is. */
  readonly life: string;
  readonly length: number;
  /** How much it has of the log of the one who asks. */
  readonly heard: number;
  readonly settings: Settings;
}

export interface Items {
  readonly from: string;
  readonly items: readonly (readonly [string, Item])[];
  readonly settings?: Settings;
  /** After these it has the log up to here. */
  readonly upTo?: number;
  readonly life?: string;
}

/** What the others need to know of it. */
export function settingsOf({ config }: CouchNode): Settings {
  const sections = ['couchdb', 'couch_peruser'].map((name) => [
    name,
    Object.fromEntries(config.get(name) ?? []),
  ]);
  return Object.fromEntries(sections);
}

export function takeSettings(node: CouchNode, settings: Settings): void {
  for (const [section, keys] of Object.entries(settings))
    node.config.set(section, new Map(Object.entries(keys)));
}
