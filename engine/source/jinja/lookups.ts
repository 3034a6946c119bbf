/** Answers of Salt functions, asked once per compile however often templates ask. */
import { Bug, Trouble } from '../../core/diagnostic.ts';
import type { SaltFunction } from './contracts.ts';
import { repr } from './printing.ts';
import { JinjaError, type Keywords } from './values.ts';

/** Thrown when something has to be waited for: then the template is rendered again from the start. */
export class Suspend extends Error {
  readonly until: Promise<unknown>;
  constructor(until: Promise<unknown>) {
    super();
    this.until = until;
  }
}

type Answer = { readonly value: unknown } | { readonly error: unknown };

/**
 * Shared by all templates of one compile, so that a command or a random value gives one answer. Lists and dicts
 * that a function returns at once are asked for again each time: they may be the pillar itself.
 */
export class Lookups {
  private readonly answers = new Map<string, Answer | Promise<unknown>>();

  /** What was asked may have changed. */
  forget(): void {
    this.answers.clear();
  }

  /** The answer, or Suspend until there is one. */
  ask(name: string, implementation: SaltFunction, args: unknown[], kwargs: Keywords): unknown {
    const key = `${name}${repr(args)}${Object.keys(kwargs).length === 0 ? '' : repr(new Map(Object.entries(kwargs)))}`;
    const known = this.answers.get(key);
    if (known instanceof Promise) throw new Suspend(known);
    if (known) {
      if ('error' in known) throw known.error;
      return copy(known.value);
    }
    const value = implementation(args, kwargs) ?? null;
    if (value instanceof Promise) {
      const settled = value.then(
        (result) => this.answers.set(key, { value: result ?? null }),
        (error) => this.answers.set(key, { error: failed(error) }),
      );
      this.answers.set(key, settled);
      throw new Suspend(settled);
    }
    if (typeof value !== 'object' || value === null) this.answers.set(key, { value });
    return value;
  }
}

/** A template may change what it was given; the next one must not see that. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) {
    const members = value.map(copy);
    return Object.setPrototypeOf(members, Object.getPrototypeOf(value));
  }
  if (value instanceof Map) return new Map(Array.from(value, ([key, member]) => [key, copy(member)]));
  return value;
}

/** Whatever a look-up was rejected with is the user's trouble, at the place of the call. */
function failed(error: unknown): unknown {
  if (error instanceof JinjaError || error instanceof Trouble || error instanceof Bug) return error;
  return new JinjaError(error instanceof Error ? error.message : String(error));
}
