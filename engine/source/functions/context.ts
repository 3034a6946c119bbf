/** What Salt functions see of the node: everything is handed in, nothing here can change anything. */
import type { Command, NoSource, Outcome, Reader, Source } from '../../core/host.ts';
import type { Dict } from '../../core/value.ts';
import type { Service } from '../discovery.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';

/** DNS questions: the part of node:dns/promises that is asked. */
export interface Resolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  resolveCname(name: string): Promise<string[]>;
  resolveNs(name: string): Promise<string[]>;
  resolvePtr(name: string): Promise<string[]>;
  resolveTxt(name: string): Promise<string[][]>;
  resolveMx(name: string): Promise<{ priority: number; exchange: string }[]>;
  resolveSrv(name: string): Promise<{ priority: number; weight: number; port: number; name: string }[]>;
}

export interface FunctionContext {
  readonly id: string;
  readonly pillar: Dict;
  readonly grains: Dict;
  readonly opts: Dict;
  /** Runs a command that only looks, and waits for it. */
  readonly run: (command: Command) => Outcome;
  /** The machine; only the verbs that answer at once are used. */
  readonly host: () => Reader;
  /** A file of the file roots, by salt:// or bare path. */
  readonly source: (url: string) => Source | NoSource;
  /** Paths of all files of the file roots. */
  readonly names: () => Iterable<string>;
  /** Where templates leave messages. */
  readonly log?: (level: 'debug' | 'info' | 'warning' | 'error', message: string) => void;
  /** The members of a service by its full name; a node that is not this one is alone. */
  readonly discover?: (service: string) => Promise<Service>;
  /** Asks these name servers, or those of the machine; node's own resolver unless given. */
  readonly resolver?: (servers: readonly string[] | undefined) => Resolver;
}

/** One function; `module.name` in a template. */
export type ContextFunction = (
  context: FunctionContext,
  args: unknown[],
  kwargs: Keywords,
) => unknown | Promise<unknown>;

export type FunctionModule = Readonly<Record<string, ContextFunction>>;

/** A function Salt has and a single node without a master, or without changes, cannot have. */
export function unavailable(name: string, because: string, instead?: string): ContextFunction {
  return () => {
    throw new JinjaError(
      `The function "${name}" is not available: ${because}.`,
      'unknown-salt-function',
      instead === undefined ? undefined : `Use ${instead}.`,
    );
  };
}
