/** Says in words what is wrong with the pillar, and where it was written. Values are never shown: they may be secrets. */
import { type Diagnostic, didYouMean, type Origin } from '../core/diagnostic.ts';
import { stepsOf } from '../core/json-pointer.ts';
import type { SchemaFile } from '../core/json-schema.ts';
import type { Path } from '../core/sls.ts';
import { type BrokenRule, chosenBranches, type Mistake, type SchemaPart } from './schema-branches.ts';
import type { Violation } from './validator.ts';

/** Where the pillar has a key or a value; undefined where nobody wrote it. */
export type LocatePillar = (path: Path, on: 'key' | 'value') => Origin | undefined;

/** In the order of the pillar's keys as the schema has them; keys that are missing in one place are told together. */
export function explainMistakes(
  mistakes: readonly Mistake[],
  file: SchemaFile,
  locate: LocatePillar,
): Diagnostic[] {
  const told = new Set<string>();
  return chosenBranches(mistakes, file.schema).flatMap((mistake, _, all): Diagnostic[] => {
    // One value breaks several rules: what is of the wrong kind is none of those allowed either.
    const wrongKind = (one: BrokenRule) =>
      one.keyword === 'type' && one.instancePath === mistake.instancePath;
    const first = all.find(wrongKind) ?? mistake;
    if (first !== mistake) return [];
    if (mistake.keyword !== 'required') return [explain(mistake, file, locate)];
    if (told.has(mistake.instancePath)) return [];
    told.add(mistake.instancePath);
    const alike = all.filter(
      ({ keyword, instancePath }) => keyword === 'required' && instancePath === mistake.instancePath,
    );
    return mistake.instancePath === ''
      ? alike.map((one) => nothingThere(one, file))
      : [missing(alike, file, locate)];
  });
}

/** The pillar has nothing at all for the tree. */
function nothingThere(mistake: BrokenRule, file: SchemaFile): Diagnostic {
  const key = missingIn(mistake);
  const part = mistake.parentSchema?.properties?.[key];
  const needed = part?.required ?? [];
  const told = typeof part?.description === 'string' ? ` ${part.description}` : '';
  return {
    code: 'no-pillar',
    message: `The pillar of this node has no "${key}", which the states in ${folderOf(file)} need.`,
    origin: file.locate(described(mistake, key), 'key'),
    hint: `Write "${key}" into a pillar file that this node gets${needed.length > 0 ? `, with ${listed(needed)}` : ''}.${told}`,
  };
}

function missing(mistakes: readonly BrokenRule[], file: SchemaFile, locate: LocatePillar): Diagnostic {
  const [first] = mistakes as readonly [BrokenRule];
  const path = stepsOf(first.instancePath);
  const keys = mistakes.map(missingIn);
  const [key = ''] = keys;
  return {
    code: 'missing-pillar-key',
    message: `${named(path)} lacks ${listed(keys)}.`,
    origin: nearest(path, locate) ?? file.locate(first.rule, 'key'),
    ...(keys.length === 1 ? describing(key, first.parentSchema?.properties?.[key]) : {}),
    related: [asked(file, described(first, key))],
  };
}

function explain(mistake: BrokenRule, file: SchemaFile, locate: LocatePillar): Diagnostic {
  const path = stepsOf(mistake.instancePath);
  const extra = mistake.params['additionalProperty'] ?? mistake.params['unevaluatedProperty'];
  if (typeof extra === 'string') return unknownKey(mistake, extra, file, locate);
  const hint = hintFor(mistake);
  return {
    code: mistake.keyword === 'dependentRequired' ? 'missing-pillar-key' : 'bad-pillar-value',
    message: `${named(path)} ${demand(mistake)}.`,
    origin: locate(path, 'value') ?? nearest(path, locate) ?? file.locate(mistake.rule, 'key'),
    ...(hint === undefined ? describing(path.at(-1) ?? '', mistake.parentSchema) : { hint }),
    related: [asked(file, mistake.rule)],
  };
}

function unknownKey(mistake: BrokenRule, key: string, file: SchemaFile, locate: LocatePillar): Diagnostic {
  const path = stepsOf(mistake.instancePath);
  const known = Object.keys(mistake.parentSchema?.properties ?? {});
  const meant = didYouMean(key, known);
  return {
    code: 'unknown-pillar-key',
    message: `${named(path)} has no key "${key}".`,
    origin: locate([...path, key], 'key') ?? nearest(path, locate) ?? file.locate(mistake.rule, 'key'),
    ...(meant !== undefined && { hint: `Did you mean "${meant}"?` }),
    ...(meant === undefined && isShort(known) && { hint: `It has: ${known.join(', ')}.` }),
    related: [asked(file, mistake.rule)],
  };
}

function isShort({ length }: readonly string[]): boolean {
  return length > 0 && length <= 12;
}

function folderOf({ file }: SchemaFile): string {
  return file.replace(/\/?[^/]*$/, '') || '.';
}

/** The mapping that is there, or the one around it. */
function nearest(path: Path, locate: LocatePillar): Origin | undefined {
  for (let length = path.length; length > 0; length--) {
    const found = locate(path.slice(0, length), 'key');
    if (found) return found;
  }
  return undefined;
}

function missingIn({ params }: BrokenRule): string {
  return String(params['missingProperty']);
}

/** Where the schema describes a key that it wants, or else where it wants it. */
function described({ rule, parentSchema }: BrokenRule, key: string): readonly string[] {
  return parentSchema?.properties?.[key] ? [...rule.slice(0, -1), 'properties', key] : rule;
}

function asked(file: SchemaFile, path: Path) {
  return { message: 'The state tree says so', origin: file.locate(path, 'key') };
}

function named(path: readonly string[]): string {
  return path.length === 0 ? 'The pillar' : `"${path.join(':')}" of the pillar`;
}

function describing(key: string, part: SchemaPart | undefined): { hint?: string } {
  return typeof part?.description === 'string' ? { hint: `"${key}": ${part.description}` } : {};
}

function listed(keys: readonly string[], word = 'and'): string {
  return joined(
    keys.map((key) => `"${key}"`),
    word,
  );
}

/** What the value has to be, as the end of a sentence. */
export function demand({ keyword, params, data, message, propertyName }: Mistake): string {
  const limit = String(params['limit']);
  if (propertyName !== undefined) return `may not have a key "${propertyName}"`;
  switch (keyword) {
    case 'type':
      return `has to be ${joined([params['type']].flat().map(typeWord))}, and is ${kind(data)}`;
    case 'enum':
      return `has to be ${joined((params['allowedValues'] as unknown[]).map((one) => JSON.stringify(one)))}`;
    case 'const':
      return `has to be ${JSON.stringify(params['allowedValue'])}`;
    case 'pattern':
      return `has to match ${params['pattern']}`;
    case 'minimum':
      return `has to be at least ${limit}`;
    case 'maximum':
      return `has to be at most ${limit}`;
    case 'exclusiveMinimum':
      return `has to be more than ${limit}`;
    case 'exclusiveMaximum':
      return `has to be less than ${limit}`;
    case 'multipleOf':
      return `has to be a multiple of ${params['multipleOf']}`;
    case 'minLength':
      return limit === '1' ? 'may not be empty' : `has to be ${limit} characters long at least`;
    case 'maxLength':
      return `has to be ${limit} characters long at most`;
    case 'minItems':
    case 'minProperties':
      return limit === '1' ? 'may not be empty' : `has to have ${limit} members at least`;
    case 'maxItems':
    case 'maxProperties':
      return `has to have ${limit} members at most`;
    case 'uniqueItems':
      return `holds the same twice: members ${Number(params['j']) + 1} and ${Number(params['i']) + 1}`;
    case 'dependentRequired':
    case 'dependencies':
      return `lacks "${params['missingProperty']}", which "${params['property']}" needs`;
    case 'anyOf':
    case 'oneOf':
      if (params['passingSchemas']) return 'is in more than one of the forms that exclude each other';
      return wantedOf(params, data) ?? 'is in none of the forms that are taken here';
    case 'not':
      return 'may not be like that';
    case 'false schema':
      return 'is not taken';
    default:
      return message ?? 'is not taken';
  }
}

/** Of a choice: what its branches take. */
function wantedOf({ types, values, keys }: Violation['params'], value: unknown): string | undefined {
  if (Array.isArray(keys)) return `lacks ${listed(keys, 'or')}`;
  if (!Array.isArray(types) || !Array.isArray(values)) return undefined;
  const named = [...values.map((one) => JSON.stringify(one)), ...types.map(typeWord)];
  return `has to be ${joined(named)}, and is ${kind(value)}`;
}

const words: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'empty',
};

function typeWord(type: unknown): string {
  return words[String(type)] ?? String(type);
}

/** As a list in a sentence. */
function joined(all: readonly string[], word = 'or'): string {
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(', ')} ${word} ${all.at(-1)}`;
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false', object: 'a mapping' }[
      typeof value as string
    ] ?? 'something else'
  );
}

function hintFor({ keyword, params, data }: Mistake): string | undefined {
  const types = [params['type']].flat();
  if (keyword === 'type' && types.includes('string') && ['number', 'boolean'].includes(typeof data))
    return 'Put it in quotes if text is meant.';
  if (keyword === 'type' && typeof data === 'string') {
    const bare = types.includes('boolean') ? /^(?:true|false|yes|no|on|off)$/i : /^-?\d+$/;
    if (bare.test(data)) return 'Write it without quotes.';
  }
  return undefined;
}
