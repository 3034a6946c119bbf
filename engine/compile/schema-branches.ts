/** Of a schema with alternatives, the mistakes in the one that was meant: the others are not worth a word. */
import { stepsOf } from '../core/json-pointer.ts';
import type { Violation } from './validator.ts';

/** What ajv says where it is told to be verbose. */
export interface Mistake extends Violation {
  readonly schemaPath: string;
  /** The value. */
  readonly data?: unknown;
  readonly parentSchema?: SchemaPart;
  /** The key, where a key is wrong. */
  readonly propertyName?: string;
}

export interface SchemaPart {
  readonly description?: unknown;
  readonly properties?: { readonly [name: string]: SchemaPart };
  readonly required?: readonly string[];
  readonly $ref?: string;
}

/** With the way through the schema to the rule that is broken. */
export interface BrokenRule extends Mistake {
  readonly rule: readonly string[];
}

/** ajv tells the mistakes in all branches of a choice, and after them that none was taken. */
export function chosenBranches(mistakes: readonly Mistake[], schema: unknown): BrokenRule[] {
  const kept: BrokenRule[] = [];
  for (const mistake of withRules(mistakes, schema)) {
    switch (mistake.keyword) {
      case 'anyOf':
      case 'oneOf':
        kept.push(...choose(mistake, taken(kept, mistake)));
        break;
      case 'propertyNames':
        taken(kept, mistake);
        kept.push({ ...mistake, propertyName: String(mistake.params['propertyName']) });
        break;
      case 'if':
        // What `then` or `else` asks for is told by itself.
        break;
      default:
        kept.push(mistake);
    }
  }
  return kept;
}

/** The path that ajv gives leads astray behind a reference; the part of the schema that it gives does not. */
function withRules(mistakes: readonly Mistake[], schema: unknown): BrokenRule[] {
  const ways = new Map<unknown, readonly string[]>();
  function walk(part: unknown, way: readonly string[]): void {
    if (typeof part !== 'object' || part === null) return;
    ways.set(part, way);
    for (const [key, member] of Object.entries(part)) walk(member, [...way, key]);
  }
  walk(schema, []);
  return mistakes.map((one) => {
    const way = one.parentSchema && ways.get(one.parentSchema);
    return { ...one, rule: way ? [...way, one.keyword] : stepsOf(one.schemaPath) };
  });
}

/** Takes away what was told for the sake of a rule: it stands behind everything else. */
function taken(kept: BrokenRule[], choice: BrokenRule): BrokenRule[] {
  const found: BrokenRule[] = [];
  for (let last = kept.at(-1); last && isPart(last, choice); last = kept.at(-1)) {
    found.unshift(last);
    kept.pop();
  }
  return found;
}

function isPart(one: BrokenRule, { instancePath, keyword, rule }: BrokenRule): boolean {
  if (keyword === 'propertyNames') return one.propertyName !== undefined;
  const isBelow = one.instancePath === instancePath || one.instancePath.startsWith(`${instancePath}/`);
  // What a branch refers to lies elsewhere in the schema; what stands beside the choice does not belong to it.
  return isBelow && (begins(one.rule, rule) || !begins(one.rule, rule.slice(0, -1)));
}

function begins(way: readonly string[], start: readonly string[]): boolean {
  return start.every((step, index) => way[index] === step);
}

function choose(choice: BrokenRule, parts: readonly BrokenRule[]): BrokenRule[] {
  if (choice.params['passingSchemas']) return [choice];
  const branches = Map.groupBy(parts, ({ rule }) =>
    // Of a definition that is referred to: its name.
    begins(rule, choice.rule) ? rule[choice.rule.length] : rule.slice(0, 2).join('/'),
  );
  const likely = [...branches.values()].filter((branch) => !branch.some((one) => rulesOut(one, choice)));
  const [only, ...others] = likely;
  if (only && others.length === 0) return only;
  const areAll = (...keywords: string[]) =>
    parts.length > 0 &&
    parts.every((one) => keywords.includes(one.keyword) && one.instancePath === choice.instancePath);
  const all = (name: string) => [...new Set(parts.flatMap(({ params }) => params[name] ?? []))];
  if (areAll('required')) return [{ ...choice, params: { keys: all('missingProperty') } }];
  if (areAll('type', 'enum', 'const')) {
    const values = [...all('allowedValues'), ...all('allowedValue')];
    return [{ ...choice, params: { types: all('type'), values } }];
  }
  return [choice];
}

/** A branch for another kind of value, or for one that says by a fixed word that it is another. */
function rulesOut({ keyword, instancePath }: BrokenRule, choice: BrokenRule): boolean {
  if (instancePath === choice.instancePath) return ['type', 'const', 'enum'].includes(keyword);
  return keyword === 'const';
}
