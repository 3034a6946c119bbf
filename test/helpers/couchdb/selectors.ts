/** Which documents a selector of `_find` means. */
import { collate } from './collation.ts';
import { Refused } from './refused.ts';
import type { Body } from './revisions.ts';

type Check = (value: unknown) => boolean;

const kinds = ['null', 'boolean', 'number', 'string', 'array', 'object'];

export function matches(selector: unknown, doc: Body): boolean {
  return checkOf(selector)(doc);
}

function checkOf(selector: unknown): Check {
  if (!isObject(selector)) return (value) => value !== undefined && collate(value, selector) === 0;
  const checks = Object.entries(selector).map(([key, told]) =>
    key.startsWith('$') ? operator(key, told) : field(key, checkOf(told)),
  );
  return (value) => checks.every((check) => check(value));
}

/** `a.b` is b of a; a dot that belongs to a name has a backslash before it. */
function field(path: string, check: Check): Check {
  const names = partsOf(path);
  return (value) => check(at(value, names));
}

export function partsOf(path: string): string[] {
  return path.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
}

export function at(value: unknown, names: readonly string[]): unknown {
  let found = value;
  for (const name of names)
    found =
      typeof found === 'object' && found !== null && Object.hasOwn(found, name)
        ? (found as Body)[name]
        : undefined;
  return found;
}

function operator(name: string, told: unknown): Check {
  const compared = (isGood: (order: number) => boolean): Check => {
    return (value) => value !== undefined && isGood(collate(value, told));
  };
  const among: Check = (value) =>
    list(name, told).some((one) => (Array.isArray(value) ? [value, ...value] : [value]).some(checkOf(one)));
  switch (name) {
    case '$eq':
      return compared((order) => order === 0);
    case '$ne':
      return compared((order) => order !== 0);
    case '$lt':
      return compared((order) => order < 0);
    case '$lte':
      return compared((order) => order <= 0);
    case '$gt':
      return compared((order) => order > 0);
    case '$gte':
      return compared((order) => order >= 0);
    case '$exists':
      return (value) => (value !== undefined) === told;
    case '$type':
      if (!kinds.includes(String(told))) throw invalid(name, told);
      return (value) => value !== undefined && kindOf(value) === told;
    case '$in':
      return (value) => value !== undefined && among(value);
    case '$nin':
      return (value) => value !== undefined && !among(value);
    case '$size':
      return (value) => Array.isArray(value) && value.length === told;
    case '$mod': {
      const [divisor, rest] = list(name, told) as [number, number];
      if (!Number.isInteger(divisor) || divisor === 0 || !Number.isInteger(rest)) throw invalid(name, told);
      return (value) => Number.isInteger(value) && (value as number) % divisor === rest;
    }
    case '$regex': {
      const pattern = regex(told);
      return (value) => typeof value === 'string' && pattern.test(value);
    }
    case '$beginsWith':
      return (value) => typeof value === 'string' && value.startsWith(String(told));
    case '$and': {
      const checks = list(name, told).map(checkOf);
      return (value) => checks.every((check) => check(value));
    }
    case '$or':
    case '$nor': {
      const checks = list(name, told).map(checkOf);
      return (value) => checks.some((check) => check(value)) === (name === '$or');
    }
    case '$not': {
      const check = checkOf(told);
      return (value) => !check(value);
    }
    case '$all':
      return (value) => Array.isArray(value) && list(name, told).every((one) => value.some(checkOf(one)));
    case '$elemMatch':
    case '$allMatch': {
      const check = checkOf(told);
      return (value) =>
        Array.isArray(value) &&
        (name === '$elemMatch' ? value.some(check) : value.length > 0 && value.every(check));
    }
    default:
      throw new Refused(400, 'invalid_operator', `Invalid operator: ${name}`);
  }
}

function regex(told: unknown): RegExp {
  try {
    return new RegExp(String(told), 'u');
  } catch {
    throw invalid('$regex', told);
  }
}

function list(name: string, told: unknown): readonly unknown[] {
  if (Array.isArray(told)) return told;
  throw invalid(name, told);
}

function invalid(name: string, told: unknown): Refused {
  return new Refused(400, 'bad_arg', `Bad argument for operator ${name}: ${JSON.stringify(told)}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
