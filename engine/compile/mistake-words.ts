/** What a rule of a schema asks for, in words. Values are never shown: they may be secrets. */
import type { Mistake } from './schema-branches.ts';
import type { Violation } from './validator.ts';

export function listed(keys: readonly string[], word = 'and'): string {
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

export function hintFor({ keyword, params, data }: Mistake): string | undefined {
  const types = [params['type']].flat();
  if (keyword === 'type' && types.includes('string') && ['number', 'boolean'].includes(typeof data))
    return 'Put it in quotes if text is meant.';
  if (keyword === 'type' && typeof data === 'string') {
    const bare = types.includes('boolean') ? /^(?:true|false|yes|no|on|off)$/i : /^-?\d+$/;
    if (bare.test(data)) return 'Write it without quotes.';
  }
  return undefined;
}
