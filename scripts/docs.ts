/** Writes the generated part of docs/ (npm run docs); with --check it only tells what is out of date. */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { architecturePage } from './docs/architecture.ts';
import { beaconsPage } from './docs/beacons.ts';
import { commandLinePage } from './docs/command-line.ts';
import { differencesPage } from './docs/differences.ts';
import { errorsPage } from './docs/errors.ts';
import { saltStatesPage } from './docs/salt-states.ts';
import { settingsPage } from './docs/settings.ts';
import { loadStates, statePage, statesIndex } from './docs/states.ts';

const top = join(import.meta.dirname, '..');

/** Path below the top folder → text, of every generated page. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const states = await loadStates();
  return new Map([
    ['docs/architecture.md', architecturePage(top)],
    ['docs/beacons.md', await beaconsPage()],
    ['docs/command-line.md', commandLinePage()],
    ['docs/differences-from-salt.md', differencesPage(top)],
    ['docs/errors.md', errorsPage()],
    ['docs/salt-states.md', saltStatesPage(top, states)],
    ['docs/settings.md', settingsPage()],
    ['docs/states/README.md', statesIndex(states)],
    ...states.map((state): [string, string] => [`docs/states/${state.address}.md`, statePage(state)]),
  ]);
}

/** Pages whose file is missing, differs, or should be gone. */
export function outdatedPages(pages: ReadonlyMap<string, string>): string[] {
  const stale = globSync('docs/states/*.md', { cwd: top }).filter((path) => !pages.has(path));
  const changed = [...pages].filter(([path, text]) => {
    const file = join(top, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  return [...changed.map(([path]) => path), ...stale].sort();
}

if (import.meta.main) {
  const pages = await generatedPages();
  const outdated = outdatedPages(pages);
  for (const path of outdated) console.log(path);
  if (process.argv.includes('--check')) process.exitCode = outdated.length > 0 ? 1 : 0;
  else for (const path of outdated) update(path, pages.get(path));
}

function update(path: string, text: string | undefined): void {
  const file = join(top, path);
  if (text === undefined) rmSync(file);
  else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
