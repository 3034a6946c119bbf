/** High data: the declarations of all SLS files, merged, before they become single states. */
import type { Origin } from './diagnostic.ts';
import type { Path, Sls } from './sls.ts';
import type { Value } from './value.ts';

/** One argument as the user wrote it. */
export interface Argument {
  readonly key: string;
  readonly value: Value;
  readonly sls: Sls;
  /** Path to the argument in its SLS file, the key last. */
  readonly path: Path;
  /** Where each item of a list stands that several declarations wrote. */
  readonly items?: Spot[];
}

/** A member of an SLS file. */
export interface Spot {
  readonly sls: Sls;
  readonly path: Path;
}

/** `file: [managed, name: …]` of an ID: one module, one function. */
export interface StateDeclaration {
  readonly state: string;
  fun: string;
  args: Argument[];
  readonly sls: Sls;
  /** Path to the key that names the module. */
  readonly path: Path;
  /** Place among all declarations: what Salt's state_auto_order gives, less its offset; none if extended into being. */
  readonly index: number | undefined;
}

/** An ID and what it declares, by module. */
export interface Declaration {
  readonly id: string;
  readonly sls: Sls;
  readonly states: Map<string, StateDeclaration>;
}

export type High = Map<string, Declaration>;

/** Where a member of an SLS file stands; worked out only when asked. */
export function originIn(sls: Sls, path: Path, on: 'key' | 'value'): Origin {
  return { place: () => sls.locate(path, on).place() };
}

export function keyOrigin(argument: Spot): Origin {
  return originIn(argument.sls, argument.path, 'key');
}

export function valueOrigin(argument: Spot): Origin {
  return originIn(argument.sls, argument.path, 'value');
}

export function itemOf({ sls, path, items }: Argument, position: number): Spot {
  return items?.[position] ?? { sls, path: [...path, position] };
}
