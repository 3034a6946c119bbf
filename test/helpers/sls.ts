/** SLS files as data: YAML texts in, with places that are worked out as the program works them out. */
import { lowState, runnables, type States } from '../../engine/compile/compile.ts';
import type { Runnable } from '../../engine/core/chunk.ts';
import { type Diagnostic, Trouble } from '../../engine/core/diagnostic.ts';
import type { Properties } from '../../engine/core/schema.ts';
import type { Path, Sls } from '../../engine/core/sls.ts';
import type { AnyState } from '../../engine/core/state.ts';
import { locateInYaml, parseYaml, placesIn } from '../../engine/source/yaml.ts';

/** A file `NAME.sls` that holds the text. */
export function slsOf(yaml: string, name = 'main'): Sls {
  const file = `${name}.sls`;
  const placeOf = placesIn(file, yaml);
  const { value, ambiguous } = parseYaml(yaml, placeOf);
  const written = new Map(ambiguous.map(([path, text]) => [path.join('\0'), text]));
  return {
    name,
    file,
    isInit: false,
    value,
    locate: (path: Path, on) => ({ place: () => placeOf(locateInYaml(yaml, path, on).start) }),
    ambiguous: (path: Path) => written.get(path.join('\0')),
    trail: [],
  };
}

/** Files by name, in the order the compiler receives them; one text is the file `main`. */
export function slsFiles(files: string | { readonly [name: string]: string }): Sls[] {
  if (typeof files === 'string') return [slsOf(files)];
  return Object.entries(files).map(([name, yaml]) => slsOf(yaml, name));
}

/** A state that does nothing, with the given arguments. */
export function stateWith(properties: Properties = {}, more: Partial<AnyState> = {}): AnyState {
  return { summary: '', properties, examples: [], read: () => undefined, plan: () => [], ...more };
}

/** States by address, as the compiler asks for them. */
export function statesOf(definitions: { readonly [address: string]: AnyState }): States {
  const known = new Map(Object.entries(definitions));
  return { list: () => [...known.keys()], get: (address) => known.get(address) };
}

/** Every module and function there may be, with any argument and a reaction. */
const anything = stateWith({}, { anyArguments: true, react: () => [] });
export const anyStates: States = { list: () => [], get: () => anything };

export function compiled(
  files: string | { readonly [name: string]: string },
  states: States = anyStates,
): readonly Runnable[] {
  return runnables(lowState(slsFiles(files)).chunks, states).states;
}

/** `module: name` of states, as the tests write what they expect. */
export function labels(states: readonly Runnable[] | undefined): string[] {
  return (states ?? []).map(({ chunk }) => `${chunk.state}: ${chunk.name}`);
}

/** What a pass complains about; nothing where it goes through. */
export function complaints(work: () => unknown): readonly Diagnostic[] {
  try {
    work();
  } catch (error) {
    if (error instanceof Trouble) return error.diagnostics;
    throw error;
  }
  return [];
}

/** `code file:line:column`, which is what most cases expect of a diagnostic. */
export function brief({ code, origin }: Diagnostic): string {
  if (!origin) return code;
  const { file, line, column } = origin.place();
  return `${code} ${file}:${line}:${column}`;
}
