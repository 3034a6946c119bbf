/** Finds states by their address: `file.managed` is the file `file/managed.ts` beside this one. */
import { readdirSync } from 'node:fs';
import type { AnyState } from '../core/state.ts';

// The installed form replaces this whole file by a table made at build time (scripts/build.ts).
const folder = import.meta.dirname;

let addresses: readonly string[] | undefined;

/** Addresses of all states (`module.function`), sorted. */
export function listStates(): readonly string[] {
  if (!addresses) {
    addresses = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((module) =>
        readdirSync(`${folder}/${module.name}`)
          .filter((file) => /^[a-z].*\.ts$/.test(file))
          .map((file) => `${module.name}.${file.slice(0, -'.ts'.length)}`),
      )
      .sort();
  }
  return addresses;
}

/** The definition at an address of `listStates()`. */
export async function loadState(address: string): Promise<AnyState> {
  const module = await import(`${folder}/${address.replace('.', '/')}.ts`);
  return module.default;
}
