/** What filters, tests and execution functions are. */
import type { Keywords } from './values.ts';

/** What a filter or test may ask of the engine. */
export interface FilterRuntime {
  /** Applies another filter; an unknown name is an error with "did you mean". */
  filter(name: string, value: unknown, args?: unknown[], kwargs?: Keywords): unknown;
  test(name: string, value: unknown, args?: unknown[], kwargs?: Keywords): boolean;
  /** `value.name`: attribute or method, then item. Undefined (ours) where there is neither. */
  getattr(value: unknown, name: string): unknown;
  /** `value[key]`: item, then attribute. Undefined (ours) where there is neither. */
  getitem(value: unknown, key: unknown): unknown;
  /** Calls anything a template may call. */
  call(callable: unknown, args: unknown[], kwargs?: Keywords): unknown;
  /** Text as Salt's YAML loader reads it. */
  parseYaml(text: string): unknown;
  /** Whether a filter or test of that name exists. */
  hasFilter(name: string): boolean;
  hasTest(name: string): boolean;
  /** The node's ID: what `random` and its kind draw from, so that they draw the same on every run. */
  readonly seed?: string;
}

export type Filter = (value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime) => unknown;

export type Test = (value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime) => boolean;

/** An execution function (`salt['module.function']`). A promise suspends the rendering until it settles. */
export type SaltFunction = (args: unknown[], kwargs: Keywords) => unknown | Promise<unknown>;

export type FunctionTable = ReadonlyMap<string, SaltFunction>;
