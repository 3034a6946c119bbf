/** Of a schema with alternatives, the mistakes in the one that was meant: the others are not worth a word. */
import type { Mistake } from './pillar-mistakes.ts';

/** ajv tells the mistakes in all branches of a choice, and after them that none was taken. */
export function chosenBranches(mistakes: readonly Mistake[]): Mistake[] {
  const kept: Mistake[] = [];
  for (const mistake of mistakes) {
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

/** Takes away what was told for the sake of a rule: it stands behind everything else. */
function taken(kept: Mistake[], { schemaPath, instancePath, keyword }: Mistake): Mistake[] {
  const found: Mistake[] = [];
  for (let last = kept.at(-1); last && isPart(last); last = kept.at(-1)) {
    found.unshift(last);
    kept.pop();
  }
  return found;

  function isPart(one: Mistake): boolean {
    if (keyword === 'propertyNames') return one.propertyName !== undefined;
    const below = one.instancePath === instancePath || one.instancePath.startsWith(`${instancePath}/`);
    // What a branch refers to is told by its place elsewhere in the schema.
    return (
      below &&
      (one.schemaPath.startsWith(`${schemaPath}/`) || /^#\/(?:\$defs|definitions)\//.test(one.schemaPath))
    );
  }
}

function choose(choice: Mistake, parts: readonly Mistake[]): Mistake[] {
  if (choice.params['passingSchemas']) return [choice];
  const branches = new Map<string, Mistake[]>();
  for (const part of parts) {
    const rest = part.schemaPath.slice(choice.schemaPath.length + 1);
    const branch = part.schemaPath.startsWith(`${choice.schemaPath}/`)
      ? rest.split('/')[0]!
      : part.schemaPath.split('/').slice(0, 3).join('/');
    branches.set(branch, [...(branches.get(branch) ?? []), part]);
  }
  const likely = [...branches.values()].filter((branch) => !branch.some((one) => rulesOut(one, choice)));
  const [only, ...others] = likely;
  if (only && others.length === 0) return only;
  const here = parts.filter(({ instancePath }) => instancePath === choice.instancePath);
  const all = (keyword: string) =>
    parts.length > 0 && parts.length === here.length && parts.every((one) => one.keyword === keyword);
  if (all('type'))
    return [withParams(choice, { types: [...new Set(parts.flatMap(({ params }) => params['type']))] })];
  if (all('required'))
    return [
      withParams(choice, {
        keys: [...new Set(parts.map(({ params }) => String(params['missingProperty'])))],
      }),
    ];
  return [choice];
}

/** A branch for another kind of value, or for one that says by a fixed word that it is another. */
function rulesOut({ keyword, instancePath }: Mistake, choice: Mistake): boolean {
  if (instancePath === choice.instancePath) return ['type', 'const', 'enum'].includes(keyword);
  return keyword === 'const';
}

function withParams(choice: Mistake, params: Mistake['params']): Mistake {
  return { ...choice, params: { ...choice.params, ...params } };
}
