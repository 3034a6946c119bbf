/** Checks the arguments of each state against its schema and turns them into what the state receives. */
import type { Chunk } from '../core/chunk.ts';
import { type Diagnostic, didYouMean, type Origin } from '../core/diagnostic.ts';
import { type Argument, keyOrigin, originIn, valueOrigin } from '../core/high.ts';
import type { Schema } from '../core/schema.ts';
import type { AnyState } from '../core/state.ts';
import { type Dict, Float, type Plain, toPlain, type Value } from '../core/value.ts';
import { kindOf } from './merge.ts';
import { engineArgumentNames, isEngineArgument } from './requisite-names.ts';
import { type Validator, type Violation, validatorFor } from './validator.ts';

export type Arguments = { readonly [name: string]: Plain | Dict; readonly name: string };

/** What the engine needs to know of a definition, worked out once for all its states. */
interface Checker {
  readonly validate: Validator;
  readonly properties: { readonly [name: string]: Schema };
  readonly defaults: readonly (readonly [string, Plain])[];
}

const checkers = new Map<string, Checker>();

/** Arguments that only say how the commands of onlyif, unless and check_cmd run. */
const conditionArguments: ReadonlySet<string> = new Set([
  'cwd',
  'env',
  'prepend_path',
  'root',
  'runas',
  'shell',
  'success_retcodes',
  'timeout',
  'umask',
]);

/** The arguments of a state, or undefined where they are wrong. */
export function argumentsOf(
  chunk: Chunk,
  definition: AnyState,
  diagnostics: Diagnostic[],
): Arguments | undefined {
  const address = `${chunk.state}.${chunk.fun}`;
  const checker = checkerFor(address, definition);
  const before = diagnostics.length;
  const args: { [name: string]: Plain | Dict } = {};
  for (const [key, arg] of chunk.written) {
    const settable = Object.hasOwn(checker.properties, key) && !key.startsWith('__');
    const schema = settable ? checker.properties[key] : undefined;
    if (!schema) {
      if (isEngineArgument(key) || (conditionArguments.has(key) && hasConditions(chunk))) continue;
      if (key === '__proto__') continue;
    }
    const value = schema ? accepted(arg, schema, diagnostics) : toPlain(arg.value);
    if (value !== undefined) args[key] = value;
  }
  args['name'] = chunk.name;
  for (const [key, value] of checker.defaults) if (!(key in args)) args[key] = value;
  if (!checker.validate(args)) {
    for (const violation of checker.validate.errors ?? []) {
      const found = explain(chunk, definition, args, violation);
      if (found && !isSaid(found, diagnostics.slice(before))) diagnostics.push(found);
    }
  }
  return diagnostics.length > before ? undefined : (args as Arguments);
}

function checkerFor(address: string, definition: AnyState): Checker {
  let checker = checkers.get(address);
  if (!checker) {
    const properties: { readonly [name: string]: Schema } = definition.properties;
    checker = {
      validate: validatorFor(address, definition),
      properties,
      defaults: Object.entries(properties)
        .filter(([, schema]) => schema.default !== undefined)
        .map(([key, schema]) => [key, schema.default as Plain] as const),
    };
    checkers.set(address, checker);
  }
  return checker;
}

function hasConditions(chunk: Chunk): boolean {
  return ['onlyif', 'unless', 'check_cmd'].some((key) => chunk.written.has(key));
}

/** Undefined: as if it were not written. Numbers become text where text is meant and nothing is lost. */
function accepted(arg: Argument, schema: Schema, diagnostics: Diagnostic[]): Plain | Dict | undefined {
  const { value } = arg;
  if (value === null) return allows(schema, 'null') ? null : undefined;
  if (schema.ordered) return value as Dict;
  if (
    isNumber(value) &&
    allows(schema, 'string') &&
    !allows(schema, 'integer') &&
    !allows(schema, 'number')
  ) {
    const written = arg.sls.ambiguous(arg.path);
    if (written !== undefined) {
      diagnostics.push({
        code: 'ambiguous-scalar',
        message: `"${arg.key}" expects text, and YAML reads ${written} as the number ${toPlain(value)}.`,
        origin: valueOrigin(arg),
        hint: `Put it in quotes: '${written}'.`,
      });
      return undefined;
    }
    return String(toPlain(value));
  }
  if (
    typeof value === 'string' &&
    /^-?\d{1,15}$/.test(value) &&
    !allows(schema, 'string') &&
    allows(schema, 'integer')
  ) {
    return Number(value);
  }
  return toPlain(value);
}

function isNumber(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
}

function allows(schema: Schema, type: string): boolean {
  const { type: own } = schema;
  if (own === undefined) return true;
  return Array.isArray(own) ? own.includes(type as never) : own === type;
}

function isSaid(diagnostic: Diagnostic, said: readonly Diagnostic[]): boolean {
  return said.some((one) => one.message === diagnostic.message);
}

function explain(
  chunk: Chunk,
  definition: AnyState,
  args: { readonly [name: string]: Plain | Dict },
  violation: Violation,
): Diagnostic | undefined {
  const address = `${chunk.state}.${chunk.fun}`;
  const path = pointer(violation.instancePath);
  if (violation.keyword === 'additionalProperties' && path.length === 0) {
    return unknownArgument(chunk, definition, address, String(violation.params['additionalProperty']));
  }
  if (violation.keyword === 'required' && path.length === 0) {
    const missing = String(violation.params['missingProperty']);
    const { sls, path: place } = chunk.declaration;
    return {
      code: 'missing-argument',
      message: `${address} of ID "${chunk.id}" lacks the argument "${missing}".`,
      origin: originIn(sls, place, 'key'),
      hint: `Add "${missing}": ${lowerFirst(definition.properties[missing]?.description ?? 'it is required')}`,
    };
  }
  const [key = '', ...inner] = path;
  const arg = chunk.written.get(key);
  const value = path.reduce<unknown>(
    (member, step) =>
      member instanceof Map ? member.get(step) : (member as { [key: string]: unknown })?.[step],
    args,
  );
  return {
    code: 'bad-argument',
    message: `"${path.join('.')}" of ${address} is ${kindOf(value instanceof Object && !Array.isArray(value) ? new Map() : value)}, ${expectation(violation)}.`,
    origin: arg ? innerOrigin(arg, inner) : originIn(chunk.declaration.sls, chunk.declaration.path, 'key'),
    ...hintFor(arg, value, violation),
  };
}

function unknownArgument(chunk: Chunk, definition: AnyState, address: string, key: string): Diagnostic {
  const arg = chunk.written.get(key);
  const own = Object.keys(definition.properties);
  const meant = didYouMean(key, own) ?? didYouMean(key, engineArgumentNames());
  const short =
    own.length <= 12 ? `It has: ${['name', ...own.filter((one) => one !== 'name')].join(', ')}.` : undefined;
  return {
    code: 'unknown-argument',
    message: `${address} has no argument "${key}".`,
    ...(arg ? { origin: keyOrigin(arg) } : {}),
    hint: meant ? `Did you mean "${meant}"?` : (short ?? `See docs/states/${address}.md for its arguments.`),
  };
}

function innerOrigin(arg: Argument, inner: readonly string[]): Origin {
  return valueOrigin({ sls: arg.sls, path: [...arg.path, ...inner] });
}

function expectation(violation: Violation): string {
  const { params, keyword } = violation;
  switch (keyword) {
    case 'type': {
      const types = [params['type']].flat().map((type) => words[String(type)] ?? String(type));
      return `expected ${types.length > 1 ? `${types.slice(0, -1).join(', ')} or ${types.at(-1)}` : types[0]}`;
    }
    case 'enum':
      return `expected one of ${(params['allowedValues'] as unknown[]).map((one) => JSON.stringify(one)).join(', ')}`;
    case 'additionalProperties':
      return `which has no member "${params['additionalProperty']}"`;
    case 'required':
      return `which lacks "${params['missingProperty']}"`;
    default:
      return violation.message ?? 'which is not allowed';
  }
}

const words: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
};

function hintFor(arg: Argument | undefined, value: unknown, violation: Violation): { hint?: string } {
  const types = [violation.params['type']].flat();
  if (typeof value === 'boolean' && types.includes('string') && arg) {
    const written = arg.sls.ambiguous(arg.path);
    return { hint: `YAML reads ${written ?? value} as a boolean. Put it in quotes if text is meant.` };
  }
  if (typeof value === 'string' && /^(?:true|false|yes|no)$/i.test(value) && types.includes('boolean')) {
    return { hint: `Write ${/^(?:true|yes)$/i.test(value)} without quotes.` };
  }
  if (violation.keyword === 'enum') {
    const meant = didYouMean(String(value), (violation.params['allowedValues'] as unknown[]).map(String));
    return meant ? { hint: `Did you mean "${meant}"?` } : {};
  }
  return {};
}

/** The steps of a JSON pointer (RFC 6901). */
function pointer(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lowerFirst(text: string): string {
  return text ? text[0]!.toLowerCase() + text.slice(1) : text;
}
