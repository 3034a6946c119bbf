/** The map of the source, from the first line of each of its files. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, table } from './page.ts';

const introduction = `converge makes a node match its description. What flows through it:

\`\`\`
argv → Command → Tree ─ grains → Grains ─ top + pillar → Pillar ─ top → SLS names
  → render + parse → SLS → merge → high data → lower → low chunks → requisites, arguments, order → RunOrder
  → per state: gate → read → plan → Step[] → perform → plan again = [] → ChunkResult
  → Event … → report + journal → exit code
\`\`\`

Five ideas carry everything:

1. **A state is \`schema + read + plan\`.** \`read\` gathers what there is; \`plan\` is pure and returns steps; each step is one named difference plus the one effect (plain data) that closes it. The host performs effects, in one place.
2. **A dry run is not a flag.** It is the same run handed another host: an overlay that keeps changes in memory above the real one, so that later states see what earlier ones would have done.
3. **Every change is proved.** After its effects a state is read and planned again; what remains is a failure.
4. **Hub and rim.** Every folder of \`engine/\` imports \`core/\` and itself; only \`cli/\` imports across. \`test/laws/layers.test.ts\` enforces it.
5. **The address is the path.** \`file.managed\` is \`engine/modules/file/managed.ts\`, \`test/modules/file/managed.test.ts\` and \`docs/states/file.managed.md\`.

Decisions and their reasons are in [decisions/](decisions/README.md).`;

const folders: readonly (readonly [folder: string, what: string])[] = [
  ['cli', 'The command line: argv in, exit code out. The only folder that imports across.'],
  ['core', 'What everything else agrees on: contracts and plain data, no I/O.'],
  [
    'source',
    'Reads what the user wrote: files, templates, YAML, top file, pillar; and the facts of the node.',
  ],
  ['compile', 'Turns SLS into states in run order, and finds what is wrong with them.'],
  ['converge', 'Walks the order: decides, reads, plans, performs, proves.'],
  ['host', 'The machine, and the overlay that stands in for it in a dry run.'],
  ['journal', 'What has to outlive a run: the lock, history, backups.'],
  ['modules', 'The states. One file each; `_x.ts` is shared by siblings.'],
  ['watch', 'Runs when something happens.'],
  ['report', 'Tells people and programs what happened.'],
];

export function architecturePage(top: string): string {
  const lines = [introduction, ''];
  for (const [folder, what] of folders) {
    const files = globSync(`engine/${folder}/**/*.ts`, { cwd: top }).sort();
    if (files.length === 0) continue;
    lines.push(`## engine/${folder}`, '', what, '');
    lines.push(
      ...table(
        ['File', 'Purpose'],
        files.map((file) => [`\`${file.slice(`engine/${folder}/`.length)}\``, purposeOf(join(top, file))]),
      ),
      '',
    );
  }
  return page('Architecture', 'the first line of each source file', lines);
}

/** The comment on the first line of a file. */
export function purposeOf(file: string): string {
  const first = readFileSync(file, 'utf8').split('\n', 1)[0]!;
  return /^\/\*\* (.*) \*\/$/.exec(first)?.[1] ?? '';
}
