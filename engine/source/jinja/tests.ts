/** All tests a template may use behind `is`: Jinja's own and Salt's. */
import { pythonRegex } from '../../core/regex.ts';
import { bind, boolArg } from './arguments.ts';
import { mod } from './arithmetic.ts';
import { contains, isIterable } from './containers.ts';
import type { Test } from './contracts.ts';
import { equals } from './equality.ts';
import { isFloat, isInt, isNumeric } from './kinds.ts';
import { compare } from './order.ts';
import { str } from './printing.ts';
import { Attributes, Callable, Range, Undefined } from './values.ts';

function one(name: string, args: unknown[]): unknown {
  return bind(name, ['other!'], args)[0];
}

function ordering(name: string, operator: string, holds: (order: number) => boolean): Test {
  return (value, args) => holds(compare(value, one(name, args), operator));
}

function parity(rest: number): Test {
  return (value) => Number(mod(value, 2)) === rest;
}

const equal: Test = (value, args) => equals(value, one('eq', args));
const unequal: Test = (value, args) => !equals(value, one('ne', args));
const less = ordering('lt', '<', (order) => order < 0);
const lessOrEqual = ordering('le', '<=', (order) => order <= 0);
const greater = ordering('gt', '>', (order) => order > 0);
const greaterOrEqual = ordering('ge', '>=', (order) => order >= 0);

/** An undefined value is named as such before anything else can be wrong with it. */
function given(test: Test): Test {
  return (value, args, kwargs, runtime) => {
    if (value instanceof Undefined) value.fail();
    return test(value, args, kwargs, runtime);
  };
}

function cased(change: (text: string) => string): Test {
  return (value) => {
    const text = str(value);
    return text === change(text) && text.toLowerCase() !== text.toUpperCase();
  };
}

const TESTS: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === 'boolean',
  callable: (value) => value instanceof Callable || (value instanceof Attributes && value.call !== undefined),
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  divisibleby: given((value, args) => {
    const by = bind('divisibleby', ['num!'], args)[0];
    return Number(mod(value, by)) === 0;
  }),
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: unequal,
  '!=': unequal,
  lt: less,
  lessthan: less,
  '<': less,
  le: lessOrEqual,
  '<=': lessOrEqual,
  gt: greater,
  greaterthan: greater,
  '>': greater,
  ge: greaterOrEqual,
  '>=': greaterOrEqual,
  // Salt renders without HTML escaping: nothing is ever marked as escaped.
  escaped: () => false,
  even: given(parity(0)),
  odd: given(parity(1)),
  false: (value) => value === false,
  true: (value) => value === true,
  none: (value) => value === null,
  filter: (value, _args, _kwargs, runtime) => runtime.hasFilter(str(value)),
  test: (value, _args, _kwargs, runtime) => runtime.hasTest(str(value)),
  float: isFloat,
  integer: isInt,
  number: isNumeric,
  string: (value) => typeof value === 'string',
  mapping: (value) => value instanceof Map,
  sequence: (value) =>
    typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Range,
  iterable: (value) => {
    if (value instanceof Undefined) value.fail();
    return isIterable(value);
  },
  in: (value, args) => contains(bind('in', ['seq!'], args)[0], value),
  lower: cased((text) => text.toLowerCase()),
  upper: cased((text) => text.toUpperCase()),
  sameas: (value, args) => same(value, one('sameas', args)),
  // Salt's own.
  list: (value) => Array.isArray(value),
  match: (value, args, kwargs) => {
    const [pattern, ignoreCase, multiline] = bind('match', ['rgx!', 'ignorecase', 'multiline'], args, kwargs);
    const flags = {
      ignoreCase: boolArg(ignoreCase, false),
      multiline: boolArg(multiline, false),
      sticky: true,
    };
    return pythonRegex(str(pattern), flags).test(str(value));
  },
};

/** The same object; small values are the same where they are equal and of one kind. */
function same(a: unknown, b: unknown): boolean {
  if (a instanceof Undefined) a.fail();
  if (a === b) return true;
  return isNumeric(a) && isNumeric(b) && typeof a === typeof b && isFloat(a) === isFloat(b) && equals(a, b);
}

export const tests: ReadonlyMap<string, Test> = new Map(Object.entries(TESTS));
