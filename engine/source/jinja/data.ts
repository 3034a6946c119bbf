/** Values of a template as data: what the filters for YAML and JSON can write, and what they read. */
import { JsonSyntax, parseJson } from '../../core/json-reader.ts';
import type { Value } from '../../core/value.ts';
import { isNumeric, typeName } from './kinds.ts';
import { JinjaError, Lazy, Namespace, Range, Undefined, View } from './values.ts';

type Target = 'YAML' | 'JSON';

/** A copy that holds dicts, lists and scalars alone; everything else is an error in the words of Python's writers. */
export function dataOf(value: unknown, target: Target, depth = 0): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || isNumeric(value)) return value;
  if (value instanceof Undefined) return value.fail();
  if (depth > 900) {
    throw new JinjaError(`The value is nested too deeply for ${target} (does it contain itself?).`);
  }
  if (Array.isArray(value)) return Array.from(value, (member) => dataOf(member, target, depth + 1));
  const dict = value instanceof Namespace ? value.members : value;
  if (dict instanceof Map) {
    const copy = new Map<Value, Value>();
    for (const [key, member] of dict) {
      if (target === 'JSON') refuseKey(key);
      copy.set(dataOf(key, target, depth + 1), dataOf(member, target, depth + 1));
    }
    return copy;
  }
  const kind = typeName(value);
  const isUnread = value instanceof Range || value instanceof Lazy || value instanceof View;
  throw new JinjaError(
    target === 'YAML'
      ? `cannot represent an object of type ${kind}`
      : `Object of type ${kind} is not JSON serializable`,
    'template-error',
    isUnread ? 'Put "| list" before the filter.' : undefined,
  );
}

function refuseKey(key: unknown): void {
  if (key === null || typeof key === 'string' || isNumeric(key)) return;
  if (key instanceof Undefined) key.fail();
  throw new JinjaError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** The value of a JSON text. */
export function jsonIn(text: string): Value {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof JsonSyntax ? new JinjaError(error.message) : error;
  }
}
