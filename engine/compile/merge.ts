/** Merges SLS files into high data: declarations, extends and excludes. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { fnmatch } from '../core/fnmatch.ts';
import {
  type Argument,
  type Declaration,
  type High,
  itemOf,
  originIn,
  type StateDeclaration,
} from '../core/high.ts';
import type { Path, Sls } from '../core/sls.ts';
import { type Dict, isDict, keyText, type Value } from '../core/value.ts';
import { ByValue } from './by-value.ts';
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

export interface Excludes {
  readonly sls: readonly string[];
  readonly ids: readonly string[];
}

export interface Merged {
  readonly high: High;
  readonly excludes: Excludes;
  readonly diagnostics: Diagnostic[];
}

/** Files come in the order Salt reads them: what a file includes before the file itself. */
export function merge(files: readonly Sls[]): Merged {
  const diagnostics: Diagnostic[] = [];
  const excludes = { sls: [] as string[], ids: [] as string[] };
  const declared = new Map<string, Declaration>();
  const declarations = new Map<Sls, Declaration[]>();
  const extensions = new Map<Sls, Extension[]>();
  let index = 0;
  for (const sls of files) {
    if (!isDict(sls.value)) continue;
    const own: Declaration[] = [];
    declarations.set(sls, own);
    for (const [key, body] of sls.value) {
      if (key === 'include') continue;
      if (key === 'extend') extensions.set(sls, readExtend(sls, body, diagnostics));
      else if (key === 'exclude') readExclude(sls, body, excludes, diagnostics);
      else {
        const declaration = readDeclaration(sls, key, body, () => index++, diagnostics);
        if (!declaration) continue;
        const first = declared.get(declaration.id);
        if (first) diagnostics.push(duplicate(declaration, first));
        else {
          declared.set(declaration.id, declaration);
          own.push(declaration);
        }
      }
    }
  }
  const merged = includersFirst(files);
  const high: High = new Map();
  for (const sls of merged)
    for (const declaration of declarations.get(sls) ?? []) high.set(declaration.id, declaration);
  const excludedFiles = excludes.sls.map(fnmatch);
  const byValue = new ByValue(high);
  for (const sls of merged) {
    // Salt: an excluded file extends nothing.
    if (excludedFiles.some((pattern) => pattern.test(sls.name))) continue;
    for (const extension of extensions.get(sls) ?? []) extend(high, extension, byValue, diagnostics);
  }
  return { high, excludes, diagnostics };
}

/**
 * Salt: states are numbered with what a file includes first, but merged with the file itself first. So of two
 * files that extend the same argument, what the included one says holds.
 */
function includersFirst(files: readonly Sls[]): readonly Sls[] {
  const trees: { readonly depth: number; readonly files: readonly Sls[] }[] = [];
  for (const sls of files) {
    const depth = sls.trail.length;
    const first = trees.findLastIndex((tree) => tree.depth <= depth) + 1;
    const included = trees.splice(first);
    trees.push({ depth, files: [sls, ...included.flatMap((tree) => tree.files)] });
  }
  return trees.flatMap((tree) => tree.files);
}

/** Takes what is excluded out of the high data. */
export function exclude(high: High, excludes: Excludes): void {
  const patterns = excludes.sls.map(fnmatch);
  for (const [id, declaration] of high) {
    if (excludes.ids.includes(id) || patterns.some((pattern) => pattern.test(declaration.sls.name)))
      high.delete(id);
  }
}

function duplicate(second: Declaration, first: Declaration): Diagnostic {
  return {
    code: 'duplicate-id',
    message: `The ID "${second.id}" is declared twice. IDs are unique over all SLS files.`,
    origin: originIn(second.sls, [second.id], 'key'),
    hint: 'Rename one of them, and give it a "name" if its ID was its name.',
    related: [{ message: 'first declared here', origin: originIn(first.sls, [first.id], 'key') }],
  };
}

function readDeclaration(
  sls: Sls,
  key: Value,
  body: Value,
  nextIndex: () => number,
  diagnostics: Diagnostic[],
): Declaration | undefined {
  const id = keyText(key);
  function wrong(message: string, hint: string, path: Path = [id], on: 'key' | 'value' = 'key'): undefined {
    diagnostics.push({
      code: typeof key === 'string' ? 'bad-declaration' : 'bad-id',
      message,
      origin: originIn(sls, path, on),
      hint,
    });
  }
  if (typeof key !== 'string') {
    return wrong(
      `The ID ${id} in SLS "${sls.name}" is not text but ${kindOf(key)}.`,
      'Put the ID in quotes.',
    );
  }
  const states = new Map<string, StateDeclaration>();
  const declaration: Declaration = { id, sls, states };
  if (typeof body === 'string') {
    const [state, fun, ...rest] = body.split('.');
    if (!state || !fun || rest.length > 0) {
      return wrong(
        `The ID "${id}" in SLS "${sls.name}" declares "${body}", which is no module.function.`,
        'Write the state as module.function, such as "pkg.installed".',
        [id],
        'value',
      );
    }
    states.set(state, { state, fun, args: [], sls, path: [id], index: nextIndex() });
    return declaration;
  }
  if (!isDict(body)) {
    return wrong(
      `The ID "${id}" in SLS "${sls.name}" is ${kindOf(body)}, expected a mapping of states.`,
      'Put the states below the ID, such as "  pkg.installed: []".',
    );
  }
  // Salt: `file: [managed]` counts before `pkg.installed: []`, wherever they stand below the ID.
  const entries = [...body].sort(
    ([a], [b]) => Number(keyText(a).includes('.')) - Number(keyText(b).includes('.')),
  );
  for (const [stateKey, content] of entries) {
    const written = keyText(stateKey);
    if (written.startsWith('_')) continue;
    const found = readState(sls, id, written, content, diagnostics);
    if (!found) continue;
    if (states.has(found.state)) {
      wrong(
        `The ID "${id}" in SLS "${sls.name}" declares the module "${found.state}" twice.`,
        'Give the second one an ID of its own and a "name".',
        [id, written],
      );
      continue;
    }
    const ordered = found.args.some((arg) => arg.key === 'order');
    states.set(found.state, { ...found, index: ordered ? -1 : nextIndex() });
  }
  return declaration;
}

/** `file.managed: […]`, `file: [managed, …]` or, ours, `file.managed: {…}`. */
function readState(
  sls: Sls,
  id: string,
  written: string,
  content: Value,
  diagnostics: Diagnostic[],
  extending = false,
): Omit<StateDeclaration, 'index'> | undefined {
  const path: Path = [id, written];
  function wrong(message: string, hint: string, at: Path = path, on: 'key' | 'value' = 'key'): undefined {
    diagnostics.push({ code: 'bad-declaration', message, origin: originIn(sls, at, on), hint });
  }
  const [state = '', ...parts] = written.split('.');
  const functions: string[] = parts.length > 0 ? [parts.join('.')] : [];
  const args: Argument[] = [];
  if (content === null) {
    return wrong(
      `The ID "${id}" in SLS "${sls.name}" declares "${written}:" with nothing below it.`,
      `Write "${written}: []", or "${id}: ${written}" on one line.`,
    );
  }
  if (isDict(content)) {
    // Unlike Salt: the arguments of a state may be a plain mapping instead of a list of single-key mappings.
    for (const [key, value] of content)
      args.push({ key: keyText(key), value, sls, path: [...path, keyText(key)] });
  } else if (Array.isArray(content)) {
    for (const [position, item] of content.entries()) {
      if (typeof item === 'string') {
        if (/\s/.test(item.trim())) {
          wrong(
            `The function "${item}" in ID "${id}" has blanks in it.`,
            'If this is an argument, a ":" is missing.',
            [...path, position],
            'value',
          );
        } else functions.push(item);
      } else if (isDict(item)) readArguments(item, position);
      else {
        wrong(
          `An argument of "${written}" in ID "${id}" is ${kindOf(item)}, expected "name: value".`,
          'Write each argument as a mapping of one key.',
          [...path, position],
          'value',
        );
      }
    }
  } else {
    return wrong(
      `The state "${written}" in ID "${id}" is ${kindOf(content)}, expected a list of arguments.`,
      typeof content === 'string' && state === written && /^\w+$/.test(content)
        ? `Write "${written}.${content}: []".`
        : `Write "${written}: []" if there are none.`,
    );
  }

  function readArguments(item: Dict, position: number): void {
    // Salt: arguments that share a dash count all, but a requisite has to stand alone.
    const keys = [...item.keys()].map(keyText);
    if (keys.length !== 1 && (keys.length === 0 || keys.some(isRequisiteList))) {
      wrong(
        `An item of "${written}" in ID "${id}" holds ${keys.length} arguments (${keys.join(', ')}), expected one.`,
        'Begin each argument with a dash of its own, or use no dashes at all.',
        keys.length > 1 ? [...path, position, keys[1]!] : [...path, position],
      );
    }
    for (const [key, value] of item) {
      args.push({ key: keyText(key), value, sls, path: [...path, position, keyText(key)] });
    }
  }

  if (functions.length === 0 && !extending) {
    return wrong(
      `The ID "${id}" in SLS "${sls.name}" declares no function of the module "${state}".`,
      `Write "${state}.FUNCTION:".`,
    );
  }
  if (functions.length > 1) {
    return wrong(
      `The ID "${id}" in SLS "${sls.name}" declares two functions of the module "${state}": ${functions.join(', ')}.`,
      'Use one ID for each function.',
    );
  }
  return { state, fun: functions[0] ?? '', args, sls, path };
}

function readExtend(sls: Sls, body: Value, diagnostics: Diagnostic[]): Extension[] {
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

function readExclude(
  sls: Sls,
  body: Value,
  excludes: { sls: string[]; ids: string[] },
  diagnostics: Diagnostic[],
): void {
  function wrong(message: string, path: Path): void {
    diagnostics.push({
      code: 'bad-exclude',
      message,
      origin: originIn(sls, path, 'value'),
      hint: 'Write a list of SLS names, "sls: NAME" or "id: ID".',
    });
  }
  if (!Array.isArray(body)) {
    wrong(`"exclude" in SLS "${sls.name}" is ${kindOf(body)}, expected a list.`, ['exclude']);
    return;
  }
  for (const [position, item] of body.entries()) {
    if (typeof item === 'string') excludes.sls.push(item);
    else if (isDict(item) && item.size === 1 && typeof item.get('sls') === 'string') {
      excludes.sls.push(item.get('sls') as string);
    } else if (isDict(item) && item.size === 1 && item.has('id')) excludes.ids.push(keyText(item.get('id')));
    else wrong(`An item of "exclude" in SLS "${sls.name}" cannot be understood.`, ['exclude', position]);
  }
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

/** What a value is, for "expected … but found". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a mapping';
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (typeof value === 'boolean') return `the boolean ${value}`;
  return `the number ${keyText(value)}`;
}
