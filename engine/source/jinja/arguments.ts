/** Binds what a template passed to the parameters of a method, filter or function, with Python's complaints. */
import { isInt, typeName } from './kinds.ts';
import { truthy } from './order.ts';
import { JinjaError, type Keywords, Undefined } from './values.ts';

/**
 * Values in the order of the parameters; JavaScript's undefined for those not given. A parameter marked `!` is
 * required.
 */
export function bind(
  name: string,
  parameters: readonly string[],
  args: readonly unknown[],
  kwargs: Keywords = {},
): unknown[] {
  const names = parameters.map((parameter) => parameter.replace('!', ''));
  if (args.length > names.length) {
    const most = names.length === 0 ? 'no arguments' : `at most ${names.length} argument${plural(names)}`;
    throw new JinjaError(`${name}() takes ${most} (${args.length} given)`);
  }
  const values: unknown[] = names.map((_, index) => args[index]);
  for (const given of Object.keys(kwargs)) {
    const index = names.indexOf(given);
    if (index === -1) throw new JinjaError(`${name}() got an unexpected keyword argument '${given}'`);
    if (index < args.length) throw new JinjaError(`${name}() got multiple values for argument '${given}'`);
    values[index] = kwargs[given];
  }
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.endsWith('!') && values[index] === undefined) {
      throw new JinjaError(`${name}() missing required argument: '${names[index]}'`);
    }
  }
  return values;
}

function plural(names: readonly string[]): string {
  return names.length === 1 ? '' : 's';
}

export function textArg(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Undefined) return value.fail();
  throw new JinjaError(`${name}() argument must be str, not ${typeName(value)}`);
}

/** A whole number, or `usual` where none (or None) was given. */
export function intArg(name: string, value: unknown, usual: number): number {
  if (value === undefined || value === null) return usual;
  if (isInt(value) || typeof value === 'boolean') return Number(value);
  if (value instanceof Undefined) return value.fail();
  throw new JinjaError(`${name}(): '${typeName(value)}' object cannot be interpreted as an integer`);
}

export function boolArg(value: unknown, usual: boolean): boolean {
  return value === undefined ? usual : truthy(value);
}
