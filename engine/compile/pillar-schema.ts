/** Holds the pillar against the schema of a state tree. Loaded only where that was not done before. */
import { createRequire } from 'node:module';
import { type Diagnostic, didYouMean, Trouble } from '../core/diagnostic.ts';
import { stepsOf } from '../core/json-pointer.ts';
import type { SchemaFile } from '../core/json-schema.ts';
import type { Path } from '../core/sls.ts';
import { type Dict, isDict, keyText, toPlain } from '../core/value.ts';
import { demand } from './mistake-words.ts';
import { explainMistakes, type LocatePillar } from './pillar-mistakes.ts';
import { chosenBranches, type Mistake } from './schema-branches.ts';

interface Check {
  (pillar: unknown): boolean;
  errors?: readonly Mistake[] | null;
}

interface Checker {
  compile(schema: unknown): Check;
  validateSchema(schema: unknown): boolean;
  errors?: readonly Mistake[] | null;
  readonly RULES: { readonly keywords: object };
}

const options = {
  allErrors: true,
  verbose: true,
  // A keyword that is not known is a slip of the pen, and would be a rule that never holds.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateFormats: false,
  addUsedSchema: false,
  logger: false,
};

const checkers = new Map<'7' | '2020', Checker>();

/** What is wrong with the pillar. Throws Trouble where the schema itself is wrong. */
export function checkPillar(file: SchemaFile, pillar: Dict, locate: LocatePillar): Diagnostic[] {
  const check = compiled(file);
  if (check(toChecked(pillar))) return [];
  return explainMistakes(check.errors ?? [], file, locate);
}

function compiled(file: SchemaFile): Check {
  const checker = checkerFor(file);
  if (!checker.validateSchema(file.schema)) {
    throw new Trouble(
      chosenBranches(checker.errors ?? [], file.schema)
        .filter((one, index, all) => all.findIndex((two) => two.instancePath === one.instancePath) === index)
        .map((one) => badSchema(`This ${demand(one)}.`, file, stepsOf(one.instancePath), 'value')),
    );
  }
  try {
    return checker.compile(file.schema);
  } catch (error) {
    const { message } = error as Error;
    const keyword = /unknown keyword: "(.*)"/.exec(message)?.[1];
    const meant =
      keyword === undefined ? undefined : didYouMean(keyword, Object.keys(checker.RULES.keywords));
    throw new Trouble([
      {
        ...badSchema(
          keyword === undefined
            ? `The schema cannot be used: ${message}.`
            : `JSON Schema has no keyword "${keyword}".`,
          file,
          culprit(file, message),
          'key',
        ),
        ...(meant !== undefined && { hint: `Did you mean "${meant}"?` }),
      },
    ]);
  }
}

function checkerFor(file: SchemaFile): Checker {
  const { schema } = file;
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema)))
    throw new Trouble([badSchema('A schema is a JSON object.', file, [], 'value')]);
  const named: unknown = Object(schema).$schema ?? '2020-12';
  const draft = /draft-07/.test(String(named)) ? '7' : /2020-12/.test(String(named)) ? '2020' : undefined;
  if (!draft) {
    const bad = badSchema('This version of JSON Schema is not supported.', file, ['$schema'], 'value');
    throw new Trouble([{ ...bad, hint: 'Use https://json-schema.org/draft/2020-12/schema.' }]);
  }
  const known = checkers.get(draft);
  if (known) return known;
  const made: Checker = draft === '7' ? new (ajv().Ajv)(options) : new (ajv2020().Ajv2020)(options);
  checkers.set(draft, made);
  return made;
}

// biome-ignore lint/suspicious/noExplicitAny: loaded on demand, its types would load with it
function ajv(): any {
  return createRequire(import.meta.url)('ajv');
}

// biome-ignore lint/suspicious/noExplicitAny: loaded on demand, its types would load with it
function ajv2020(): any {
  return createRequire(import.meta.url)('ajv/dist/2020.js');
}

function badSchema(message: string, file: SchemaFile, path: Path, on: 'key' | 'value'): Diagnostic {
  return { code: 'bad-pillar-schema', message, origin: file.locate(path, on) };
}

/** The part of a schema that what ajv says is about: it names the part, not its place. */
function culprit({ schema }: SchemaFile, message: string): Path {
  const keyword = /unknown keyword: "(.*)"/.exec(message)?.[1];
  const reference = /can't resolve reference (\S+)/.exec(message)?.[1];
  function isIt(key: string, value: unknown): boolean {
    if (keyword !== undefined) return key === keyword;
    if (reference !== undefined) return key === '$ref' && value === reference;
    return key === 'pattern' && typeof value === 'string' && message.includes(value);
  }
  function search(value: unknown, path: Path): Path | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    for (const [key, member] of Object.entries(value)) {
      const found = isIt(key, member) ? [...path, key] : search(member, [...path, key]);
      if (found) return found;
    }
    return undefined;
  }
  return search(schema, []) ?? [];
}

/** As a state would receive it, but that a number of many digits is a number. */
function toChecked(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(toChecked);
  if (!isDict(value)) return toPlain(value);
  return Object.fromEntries([...value].map(([key, member]) => [keyText(key), toChecked(member)]));
}
