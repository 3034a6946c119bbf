/** Turns high data into low chunks in run order: `names` unfolded, order numbers worked out. */
import type { Chunk } from '../core/chunk.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { type Argument, type High, keyOrigin, type StateDeclaration, valueOrigin } from '../core/high.ts';
import type { Path } from '../core/sls.ts';
import { Float, isDict, keyText, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';

/** Salt numbers states automatically from here on. */
const firstAutomaticOrder = 10_000;

export function lower(high: High, automaticOrder: boolean, diagnostics: Diagnostic[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (const { id, states } of high.values()) {
    for (const declaration of states.values()) lowerOne(id, declaration, chunks, diagnostics);
  }
  number(chunks, automaticOrder);
  return sorted(chunks);
}

function lowerOne(
  id: string,
  declaration: StateDeclaration,
  chunks: Chunk[],
  diagnostics: Diagnostic[],
): void {
  const written = new Map<string, Argument>();
  let names: Argument | undefined;
  for (const arg of declaration.args) {
    if (arg.key === 'names') names = arg;
    else if (arg.key !== 'state' && arg.key !== 'fun') written.set(arg.key, arg);
  }
  /** Until it is numbered, the order of a state is its place among `names`. */
  function chunk(name: string, args: Map<string, Argument>, place = 0): void {
    const { state, fun, sls } = declaration;
    chunks.push({ id, state, fun, name, sls: sls.name, order: place, written: args, declaration });
  }
  const named = written.get('name');
  if (named && typeof named.value !== 'string') {
    // Unlike Salt: a `name` that is not text is an error; Salt silently takes the ID instead.
    diagnostics.push({
      code: 'bad-argument',
      message: `The name of ID "${id}" is ${kindOf(named.value)}, expected text.`,
      origin: valueOrigin(named),
      hint: 'Put the name in quotes.',
    });
    return;
  }
  if (!names) {
    chunk((named?.value as string | undefined) ?? id, written);
    return;
  }
  if (!Array.isArray(names.value)) {
    diagnostics.push({
      code: 'bad-declaration',
      message: `"names" of ID "${id}" is ${kindOf(names.value)}, expected a list.`,
      origin: keyOrigin(names),
      hint: 'Write one name per line, each with a dash.',
    });
    return;
  }
  if (names.value.length === 0) chunk((named?.value as string | undefined) ?? id, written);
  else unfold(id, names, written, chunk, diagnostics);
}

/** `names: [a, {b: [{mode: '0600'}]}]`: one state for each, with arguments of its own where given. */
function unfold(
  id: string,
  names: Argument,
  written: ReadonlyMap<string, Argument>,
  chunk: (name: string, args: Map<string, Argument>, place: number) => void,
  diagnostics: Diagnostic[],
): void {
  const seen = new Set<string>();
  for (const [position, item] of (names.value as Value[]).entries()) {
    const entries: [Value, Value][] = isDict(item) ? [...item] : [[item, null]];
    const [name, own] = entries[0] ?? [null, null];
    const spot = [...names.path, position];
    function wrong(message: string, hint: string, path: Path = spot): void {
      const origin = valueOrigin({ sls: names.sls, path });
      diagnostics.push({ code: 'bad-declaration', message, origin, hint });
    }
    if (entries.length !== 1) {
      wrong(`An item of the names of ID "${id}" holds ${entries.length} names.`, 'Begin each with a dash.');
      continue;
    }
    if (typeof name !== 'string') {
      wrong(`A name of ID "${id}" is ${kindOf(name)}, expected text.`, 'Put the name in quotes.');
      continue;
    }
    // Salt: a name that stands twice counts once.
    const identity = isDict(item) ? `${name}\0${position}` : name;
    if (seen.has(identity)) continue;
    seen.add(identity);
    const args = new Map(written);
    const members: Value[] = own === null ? [] : Array.isArray(own) ? own : [own];
    for (const [index, member] of members.entries()) {
      if (!isDict(member)) {
        wrong(
          `The name "${name}" of ID "${id}" has ${kindOf(member)} below it, expected arguments of its own.`,
          'Write them below the name, each as "- argument: value".',
          Array.isArray(own) ? [...spot, name, index] : [...spot, name],
        );
        continue;
      }
      for (const [key, value] of member) {
        const path = [...spot, name, ...(isDict(own) ? [] : [index]), keyText(key)];
        args.set(keyText(key), { key: keyText(key), value, sls: names.sls, path });
      }
    }
    chunk(name, args, seen.size);
  }
}

/** Salt's order_chunks: words become numbers above all others, negative ones count from the end. */
function number(chunks: readonly Chunk[], automatic: boolean): void {
  let cap = 1;
  for (const chunk of chunks) {
    const order = written(chunk, automatic);
    if (typeof order === 'number' && Number.isInteger(order) && order > cap - 1 && order > 0)
      cap = order + 100;
  }
  for (const chunk of chunks) {
    const order = written(chunk, automatic);
    const place = chunk.order;
    chunk.order = cap;
    if (order === undefined) continue;
    if (typeof order === 'number') chunk.order = order;
    else if (order === 'last') chunk.order = cap + 1_000_000;
    else if (order === 'first') chunk.order = 0;
    chunk.order += place / 10_000;
    if (chunk.order < 0) chunk.order += cap + 1_000_000;
  }
}

/** A number, a word (anything else counts as an unknown one), or undefined where there is none. */
function written(chunk: Chunk, automatic: boolean): number | string | undefined {
  const order = chunk.written.get('order')?.value;
  if (order instanceof Float) return order.value;
  if (typeof order === 'number') return order;
  if (order !== undefined) return String(order);
  const { index } = chunk.declaration;
  return automatic && index !== undefined ? firstAutomaticOrder + index : undefined;
}

/** Salt: equal numbers are sorted by module, name and function as one text. */
function sorted(chunks: Chunk[]): Chunk[] {
  return chunks.sort((a, b) => {
    if (a.order !== b.order) return a.order - b.order;
    const first = `${a.state}${a.name}${a.fun}`;
    const second = `${b.state}${b.name}${b.fun}`;
    return first < second ? -1 : first > second ? 1 : 0;
  });
}
