/** What a node that is awake is told, and what it is to do about it. */

/** Salt's word for what watches something: one file of engine/watch/beacons each. */
export type BeaconName =
  | 'files'
  | 'srv'
  | 'service'
  | 'health'
  | 'timer'
  | 'cert'
  | 'git'
  | 'network'
  | 'retry';

/**
 * Something may have changed. It cannot say what or how, so that nothing can depend on it: who is woken looks for
 * himself. A notice too many costs a look, one too few a repair.
 */
export interface Notice {
  readonly beacon: BeaconName;
  /** A path, a unit, a service: whatever its beacon calls things by. */
  readonly name: string;
}

/** `files//etc/motd`, `service/haproxy.service`: what a reactor goes by. */
export function tagOf({ beacon, name }: Notice): string {
  return `${beacon}/${name}`;
}

/** What is to be done about notices. The more there is of it, the less the rest matters. */
export interface Reaction {
  /** Everything that the top file gives this node. */
  readonly highstate: boolean;
  /** SLS by name. */
  readonly apply: readonly string[];
  /** States that looked at one of these, and what depends on them. */
  readonly affected: readonly Notice[];
  /** All that called for it. */
  readonly notices: readonly Notice[];
}

/** What became of a reaction. */
export interface Reacted {
  /** Name in the history; undefined: there was nothing to do. */
  readonly run?: string;
  /** Those of the notices that something had to be put right for. */
  readonly moved: readonly Notice[];
  readonly changed: number;
  readonly failed: number;
  /** It did not compile, or could not be run. */
  readonly trouble?: string;
}

/** What the last runs looked at, so that it is watched. */
export interface Targets {
  /** Absolute paths, those where nothing is among them. */
  readonly paths: ReadonlySet<string>;
  /** With suffix: `haproxy.service`. */
  readonly units: ReadonlySet<string>;
  /** Of discovery: `_app._tcp.example.org`. */
  readonly services: ReadonlySet<string>;
  /** PEM files that states renew. */
  readonly certificates: ReadonlySet<string>;
  /** States that failed or warned when they had their turn last. */
  readonly unsettled: ReadonlySet<string>;
  /** Folders and files that the runs are compiled from: file roots, pillar roots, settings. */
  readonly sources: readonly string[];
  /** When the last of them was begun to be looked at: what is newer may not have been seen. Milliseconds since the epoch. */
  readonly since: number;
}

/** The time, and alarms. Tests have one of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `work` once, so many milliseconds from now, unless it is disposed of before. */
  after(milliseconds: number, work: () => void): Disposable;
}
