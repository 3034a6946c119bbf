/** Reads what an SLS file declares below an ID: its states and their arguments. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { type Argument, type Declaration, originIn, type StateDeclaration } from '../core/high.ts';
import type { Path, Sls } from '../core/sls.ts';
import { type Dict, isDict, keyText, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';
import { isRequisiteList } from './requisite-names.ts';

export function readDeclaration(
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
export function readState(
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
