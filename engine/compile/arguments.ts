/** Checks the arguments of each state against its schema and turns them into what the state receives. */
import type { Chunk } from '../core/chunk.ts';
import { type Diagnostic, didYouMean, type Origin } from '../core/diagnostic.ts';
import { type Argument, keyOrigin, originIn, valueOrigin } from '../core/high.ts';
import { stepsOf } from '../core/json-pointer.ts';
import type { Schema } from '../core/schema.ts';
import type { AnyState } from '../core/state.ts';
import { type Dict, Float, keyText, type Plain, toPlain, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';
import { engineArgumentNames, isEngineArgument } from './requisite-names.ts';
import { type Validator, type Violation, validatorFor } from './validator.ts';

export type Arguments = { readonly [name: string]: Plain | Dict; readonly name: string };

/** What the engine needs to know of a definition, worked out once for all its states. */
interface Checker {
  readonly validate: Validator;
  readonly properties: { readonly [name: string]: Schema };
  readonly defaults: readonly (readonly [string, Plain])[];
}

const checkers = new WeakMap<AnyState, Checker>();

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
    // What begins with two underscores is between the engine and the state.
    const internal = key.startsWith('__');
    const schema = !internal && Object.hasOwn(checker.properties, key) ? checker.properties[key] : undefined;
    if (!schema) {
      if (isEngineArgument(key) || (conditionArguments.has(key) && hasConditions(chunk))) continue;
      if (internal) {
        if (!definition.anyArguments) diagnostics.push(unknownArgument(chunk, definition, address, key));
        continue;
      }
    }
    const value = schema ? accepted(arg, schema, diagnostics) : toPlain(arg.value);
    if (value !== undefined) args[key] = value;
  }
  args['name'] = chunk.name;
  for (const [key, value] of checker.defaults) if (!(key in args)) args[key] = value;
  if (!checker.validate(args)) {
    const said = new Set<string>();
    for (const violation of checker.validate.errors ?? []) {
      // One mistake breaks several rules: text that is no number is none of the numbers allowed either.
      const spot = `${violation.instancePath} ${Object.values(distinct(violation.params)).join()}`;
      if (said.has(spot)) continue;
      said.add(spot);
      diagnostics.push(explain(chunk, definition, args, violation));
    }
  }
  return diagnostics.length > before ? undefined : (args as Arguments);
}

function checkerFor(address: string, definition: AnyState): Checker {
  let checker = checkers.get(definition);
  if (!checker) {
    const properties: { readonly [name: string]: Schema } = definition.properties;
    checker = {
      validate: validatorFor(address, definition),
      properties,
      defaults: Object.entries(properties)
        .filter(([, schema]) => schema.default !== undefined)
        .map(([key, schema]) => [key, schema.default as Plain] as const),
    };
    checkers.set(definition, checker);
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
        message: `"${arg.key}" expects text, and YAML reads ${written} as the number ${keyText(value)}.`,
        origin: valueOrigin(arg),
        hint: `Put it in quotes: '${written}'.`,
      });
      return undefined;
    }
    return keyText(value);
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

/** What tells two mistakes in one place apart: a mapping may have several members too many or too few. */
function distinct({ additionalProperty, missingProperty }: Violation['params']): object {
  return { additionalProperty, missingProperty };
}

function explain(
  chunk: Chunk,
  definition: AnyState,
  args: { readonly [name: string]: Plain | Dict },
  violation: Violation,
): Diagnostic {
  const address = `${chunk.state}.${chunk.fun}`;
  const path = stepsOf(violation.instancePath);
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
    origin: arg
      ? innerOrigin(arg, inner, violation)
      : originIn(chunk.declaration.sls, chunk.declaration.path, 'key'),
    ...hintFor(arg, inner, value, violation),
  };
}

function unknownArgument(chunk: Chunk, definition: AnyState, address: string, key: string): Diagnostic {
  const arg = chunk.written.get(key);
  const own = Object.keys(definition.properties).filter((one) => !one.startsWith('__'));
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

function innerOrigin({ sls, path }: Argument, inner: readonly string[], { params }: Violation): Origin {
  const extra = params['additionalProperty'];
  if (typeof extra === 'string') return keyOrigin({ sls, path: [...path, ...inner, extra] });
  return valueOrigin({ sls, path: [...path, ...inner] });
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
    case 'minimum':
      return `expected at least ${params['limit']}`;
    case 'maximum':
      return `expected at most ${params['limit']}`;
    case 'minLength':
      return 'expected some text';
    case 'minItems':
      return `expected a list of at least ${params['limit']}`;
    case 'pattern':
      return `which does not match ${params['pattern']}`;
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

function hintFor(
  arg: Argument | undefined,
  inner: readonly string[],
  value: unknown,
  violation: Violation,
): { hint?: string } {
  const types = [violation.params['type']].flat();
  if (typeof value === 'boolean' && types.includes('string') && arg) {
    const written = arg.sls.ambiguous([...arg.path, ...inner]);
    return { hint: `YAML reads ${written ?? value} as a boolean. Put it in quotes if text is meant.` };
  }
  if (typeof value === 'number' && types.includes('string')) {
    return { hint: 'Put it in quotes if text is meant.' };
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

function lowerFirst(text: string): string {
  return text ? text[0]!.toLowerCase() + text.slice(1) : text;
}
