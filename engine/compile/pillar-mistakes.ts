/** Says what is wrong with the pillar, and where it was written. */
import { type Diagnostic, didYouMean, type Origin } from '../core/diagnostic.ts';
import { stepsOf } from '../core/json-pointer.ts';
import type { SchemaFile } from '../core/json-schema.ts';
import type { Path } from '../core/sls.ts';
import { demand, hintFor, listed } from './mistake-words.ts';
import { type BrokenRule, chosenBranches, type Mistake, type SchemaPart } from './schema-branches.ts';

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
  const part = memberOf(mistake, key, file);
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
    ...(keys.length === 1 ? describing(key, memberOf(first, key, file)) : {}),
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

/** What the schema says of a key that is missing; of a reference, what it leads to. */
function memberOf({ parentSchema }: BrokenRule, key: string, { schema }: SchemaFile): SchemaPart | undefined {
  const part = parentSchema?.properties?.[key];
  if (part?.$ref === undefined) return part;
  const target = stepsOf(part.$ref).reduce<unknown>((outer, step) => Object(outer)[step], schema);
  return { ...(target as SchemaPart | undefined), ...part };
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
