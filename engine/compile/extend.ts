/** Extends declarations of other files: arguments replace those of the same name, requisites are appended. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { type Argument, type High, itemOf, originIn, type StateDeclaration } from '../core/high.ts';
import type { Path, Sls } from '../core/sls.ts';
import { isDict, keyText, type Value } from '../core/value.ts';
import type { ByValue } from './by-value.ts';
import { readState } from './declaration.ts';
import { kindOf } from './kind-of.ts';
import { isRequisiteList } from './requisite-names.ts';

/** What one `extend` entry or `*_in` requisite adds to a declaration. */
export interface Extension {
  readonly id: string;
  readonly state: string;
  readonly fun?: string;
  readonly args: readonly Argument[];
  readonly sls: Sls;
  readonly path: Path;
}

export function readExtend(sls: Sls, body: Value, diagnostics: Diagnostic[]): Extension[] {
  const found: Extension[] = [];
  if (!isDict(body)) {
    diagnostics.push({
      code: 'bad-extend',
      message: `"extend" in SLS "${sls.name}" is ${kindOf(body)}, expected a mapping of IDs.`,
      origin: originIn(sls, ['extend'], 'key'),
    });
    return found;
  }
  // Paths of an extend begin at its key; the reader of declarations builds them from the ID on.
  const shifted: Sls = {
    ...sls,
    locate: (path, on) => sls.locate(['extend', ...path], on),
    ambiguous: (path) => sls.ambiguous(['extend', ...path]),
  };
  for (const [key, states] of body) {
    const id = keyText(key);
    if (typeof states === 'string' && /^[^.\s]+\.[^.\s]+$/.test(states)) {
      const [state = '', fun] = states.split('.');
      found.push({ id, state, ...(fun ? { fun } : {}), args: [], sls: shifted, path: [id] });
      continue;
    }
    if (!isDict(states)) {
      diagnostics.push({
        code: 'bad-extend',
        message: `The extension of "${id}" in SLS "${sls.name}" is ${kindOf(states)}, expected a mapping of states.`,
        origin: originIn(shifted, [id], 'key'),
      });
      continue;
    }
    for (const [stateKey, content] of states) {
      const written = keyText(stateKey);
      if (written.startsWith('_')) continue;
      const declared = readState(shifted, id, written, content, diagnostics, true);
      if (declared) {
        const { state, fun, args, path } = declared;
        found.push({ id, state, ...(fun ? { fun } : {}), args, sls: shifted, path });
      }
    }
  }
  return found;
}

/** Applies one extension: arguments replace those of the same name, requisites are appended. */
export function extend(high: High, extension: Extension, byValue: ByValue, diagnostics: Diagnostic[]): void {
  const id = high.has(extension.id) ? extension.id : idByName(byValue, extension.id, extension.state);
  if (id === undefined) {
    diagnostics.push({
      code: 'extend-unknown',
      message: `SLS "${extension.sls.name}" extends the ID "${extension.id}", which is not declared.`,
      origin: originIn(extension.sls, extension.path, 'key'),
      hint: 'Include the SLS that declares it, or correct the ID.',
    });
    return;
  }
  const { states } = high.get(id)!;
  const target = states.get(extension.state);
  if (!target) {
    if (!extension.fun) {
      diagnostics.push({
        code: 'bad-extend',
        message: `The ID "${id}" declares nothing of the module "${extension.state}" that could be extended.`,
        origin: originIn(extension.sls, extension.path, 'key'),
        hint: `The ID declares: ${[...states.keys()].join(', ') || 'nothing'}.`,
      });
      return;
    }
    const { state, fun, args, sls, path } = extension;
    // Salt: states that an extension adds get no number of their own, so they come after those that have one.
    const added: StateDeclaration = { state, fun, args: [...args], sls, path, index: undefined };
    states.set(state, added);
    byValue.add(id, added, args);
    return;
  }
  if (extension.fun) target.fun = extension.fun;
  byValue.add(id, target, extension.args);
  for (const arg of extension.args) {
    // The last of several is the one that counts.
    const position = target.args.findLastIndex((known) => known.key === arg.key);
    const known = target.args[position];
    if (!known) target.args.push(arg);
    else target.args[position] = isRequisiteList(arg.key) && known.value !== null ? joined(known, arg) : arg;
    // Salt: a name given by extend takes the place of the names of the declaration.
    if (arg.key === 'name') target.args = target.args.filter((other) => other.key !== 'names');
  }
}

/** Two lists of requisites as one. One that is no list stays, to be told of. */
function joined(known: Argument, more: Argument): Argument {
  if (!Array.isArray(known.value)) return known;
  if (!Array.isArray(more.value)) return more;
  // Thousands may require the same state from the other side: what was joined once is added to.
  const value = known.items ? known.value : [...known.value];
  const items = known.items ?? known.value.map((_, position) => itemOf(known, position));
  for (const [position, item] of more.value.entries()) {
    value.push(item);
    items.push(itemOf(more, position));
  }
  return { ...known, value, items };
}

/** Salt: an ID may also be named by any argument's value of its declaration; it has to be the only one. */
function idByName(byValue: ByValue, name: string, state: string): string | undefined {
  const found = byValue
    .holders(name)
    .filter(
      ({ declaration }) => declaration.state === state && declaration.args.some((arg) => arg.value === name),
    );
  return found.length === 1 ? found[0]!.id : undefined;
}
