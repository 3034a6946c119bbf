/** What a run replaces, kept so that it can be put back: between the host, which changes, and the journal, which keeps. */
import type { Stat, Unit, UnitEffect } from './host.ts';

/** What lies at a path, or lay there. */
export interface Trace {
  readonly kind: Stat['kind'] | 'absent';
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds since the epoch. */
  readonly mtime?: number;
  readonly device?: Stat['device'];
  /** Of a link. */
  readonly target?: string;
  /** Of a file: SHA-256 of its bytes, in hex. */
  readonly hash?: string;
  /** Why the bytes of a file were not kept, as the end of a sentence: "the disk is full". */
  readonly unkept?: string;
}

/** A line of the log of what a run changes. */
export type Note =
  /** The first line: when the run began, in milliseconds since the epoch. */
  | { readonly about: 'run'; readonly began: number }
  /** What lay at a path when the run first touched this of it. */
  | {
      readonly about: 'path';
      readonly path: string;
      readonly was: Trace;
      /** `attributes`: owner, mode and times; `records`: the lines with these keys; all of it unless told. */
      readonly part?: 'attributes' | { readonly records: readonly string[] };
      /** What was put there came from this path, and was the only one of it. */
      readonly from?: string;
    }
  /** What the run left at a path; of records their hash, null: gone. */
  | {
      readonly about: 'left';
      readonly path: string;
      readonly now: Trace;
      readonly records?: { readonly [key: string]: string | null };
    }
  /** What a unit was like before something was done to it. */
  | {
      readonly about: 'unit';
      readonly name: string;
      readonly verb: UnitEffect['verb'];
      readonly enabled: string;
      readonly active: string;
    }
  /** A command that puts back what another one changed, both as JSON in an object; `label` is how it is shown. */
  | { readonly about: 'command'; readonly label: string; readonly object: string }
  /** A sentence about what cannot be undone. */
  | { readonly about: 'lost'; readonly what: string };

/** Where a run keeps what it replaces. */
export interface Keeper {
  /** Nothing may be changed that was not kept for good first. */
  readonly strict: boolean;
  /**
   * What lies at a place; a link is not followed. Of a file its bytes are kept, or hashed, or not read at all. Throws
   * what the file system says.
   */
  look(at: string, bytes: 'keep' | 'hash' | 'leave'): Trace;
  /** Bytes that can still be kept. */
  room(): number;
  /** Keeps some bytes; their hash. */
  keep(bytes: Buffer): string;
  hashOf(bytes: Buffer): string;
  /** Adds to the log. What was kept by then is on the disk when this returns; where it is strict, the log as well. */
  write(notes: readonly Note[]): void;
  /** Adds to the log with what is written next, or at the end of the run: a note that may be lost with its process. */
  add(notes: readonly Note[]): void;
  /** Something cannot be kept, and why: told once. */
  trouble(why: string): void;
}

/** It cannot be kept, and no disk is to blame; the message is the end of a sentence. */
export class Unkept extends Error {}

/** As much of a unit as can be put back. */
export type UnitBefore = Pick<Unit, 'name' | 'enabled' | 'active'>;
