/** Trees found by folder: what each compiles to, reports or complains about stands beside it. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { executeCli } from '../../engine/cli/main.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

/**
 * A case is a folder `<theme>/<case>/` with `states/` and maybe `pillar/`, and at least one of
 *   low.json     what `show lowstate --json` prints
 *   errors.txt   what a dry run of it complains about on stderr
 *   report.txt   what a run prints, below a fresh root (times left out)
 *   results.txt  the results of a run in order, and the files of a sandbox after it; in states, pillar and args
 *                `@SANDBOX@` stands for its path, and commands run on this machine
 * `host.yaml` may hold `args` (words for the command line), `files` (the host before the run), `grains`.
 * CONVERGE_ACCEPT=1 writes what came out instead of comparing it; read the difference before it is committed.
 */
const folder = import.meta.dirname;
const goldens = ['low.json', 'errors.txt', 'report.txt', 'results.txt'];
const mark = '@SANDBOX@';
const accept = process.env['CONVERGE_ACCEPT'] === '1';

interface Setup {
  readonly args?: readonly string[];
  readonly files?: Tree;
  readonly grains?: object;
}

for (const theme of folders(folder)) {
  describe(`trees: ${theme}`, () => {
    for (const name of folders(join(folder, theme))) {
      const path = join(folder, theme, name);
      const results = goldens.filter((file) => existsSync(join(path, file)));
      it(`${name} says what is wanted of it`, () => expect(results).not.to.deep.equal([]));
      for (const file of results) {
        it(`${name}: ${file}`, async () => {
          const got = await output(path, file);
          if (accept) writeFileSync(join(path, file), got);
          expect(got).to.equal(readFileSync(join(path, file), 'utf8'));
        });
      }
    }
  });
}

function folders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function output(path: string, file: string): Promise<string> {
  const setup: Setup = existsSync(join(path, 'host.yaml'))
    ? parse(readFileSync(join(path, 'host.yaml'), 'utf8'))
    : {};
  if (file === 'results.txt') return await results(path, setup);
  await using root = temporaryFolder();
  if (setup.files) buildTree(root.path, setup.files);
  const words = setup.args ?? (existsTop(path) ? ['highstate'] : ['apply', 'main']);
  const common = ['--states', join(path, 'states'), '--id', 'node1', '--no-cache', '--root', root.path];
  if (existsSync(join(path, 'pillar'))) common.push('--pillar', join(path, 'pillar'));
  if (setup.grains) {
    await using grains = temporaryFolder();
    writeFileSync(join(grains.path, 'grains.json'), JSON.stringify(setup.grains));
    return await said(path, file, words, [...common, '--grains', join(grains.path, 'grains.json')]);
  }
  return await said(path, file, words, common);
}

/** One line for each state as it ran: function, ID, name where it differs, result; then the sandbox. */
async function results(path: string, { args, files = {} }: Setup): Promise<string> {
  await using workspace = temporaryFolder();
  const sandbox = join(workspace.path, 'sandbox');
  for (const tree of ['states', 'pillar']) {
    const copy = join(workspace.path, tree);
    if (!existsSync(join(path, tree))) continue;
    cpSync(join(path, tree), copy, { recursive: true });
    for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true })) {
      const place = join(entry.parentPath, entry.name);
      if (entry.isFile()) {
        writeFileSync(place, readFileSync(place, 'latin1').replaceAll(mark, sandbox), 'latin1');
      }
    }
  }
  mkdirSync(sandbox, { mode: 0o755 });
  buildTree(sandbox, files);
  const words = args ?? (existsTop(path) ? ['highstate'] : ['apply', 'main']);
  const pillar = existsSync(join(path, 'pillar')) ? ['--pillar', join(workspace.path, 'pillar')] : [];
  const { code, stdout, stderr } = await invoke(workspace.path, [
    ...words.map((word) => word.replaceAll(mark, sandbox)),
    ...['--states', join(workspace.path, 'states'), ...pillar, '--id', 'node1', '--no-cache', '--json'],
  ]);
  const lines = [`exit code ${code}`];
  if (stdout === '') return `${lines[0]}\n${stderr.replaceAll(workspace.path, '')}`;
  const { results: ran } = JSON.parse(stdout.replaceAll(sandbox, mark)) as { results?: Row[] };
  if (!ran) throw new Error(`It does not compile: ${stdout}`);
  for (const { state, fun, id, name, result, changes } of ran) {
    const named = name === id || `listener_${name}` === id ? '' : ` = ${name}`;
    const changed = Object.keys(changes).length > 0 ? ', changed' : '';
    lines.push(`${state}.${fun} ${id}${named}: ${result}${changed}`);
  }
  return `${[...lines, ...shownFolder(sandbox)].join('\n')}\n`;
}

interface Row {
  readonly state: string;
  readonly fun: string;
  readonly id: string;
  readonly name: string;
  readonly result: boolean | null;
  readonly changes: object;
}

/** Each file with its mode, and below it its lines between bars, so that blanks at their ends show. */
function shownFolder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, place: join(entry.parentPath, entry.name) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  return entries.flatMap(({ entry, place }) => {
    const name = relative(folder, place);
    if (entry.isSymbolicLink()) return [`${name} -> ${readlinkSync(place).replaceAll(folder, mark)}`];
    const mode = (lstatSync(place).mode & 0o7777).toString(8).padStart(4, '0');
    if (entry.isDirectory()) return [`${name}/ ${mode}`];
    const text = readFileSync(place, 'utf8').replaceAll(folder, mark);
    const lines = text.split('\n');
    const ended = lines.at(-1) === '';
    if (ended) lines.pop();
    return [`${name} ${mode}`, ...lines.map((line) => `  |${line}|`), ...(ended ? [] : ['  (no line end)'])];
  });
}

function existsTop(path: string): boolean {
  return ['top.sls', 'top.yaml'].some((name) => existsSync(join(path, 'states', name)));
}

async function said(
  path: string,
  file: string,
  words: readonly string[],
  common: readonly string[],
): Promise<string> {
  const low = ['show', 'lowstate', ...words.slice(1).filter((word) => !word.startsWith('-')), '--json'];
  const verb = file === 'low.json' ? low : file === 'errors.txt' ? [...words, '--test'] : words;
  const { code, stdout, stderr } = await invoke(path, [...verb, ...common]);
  const below = `${relative(process.cwd(), path)}/`;
  const plain = (text: string) =>
    text
      .replaceAll(`${path}/`, '')
      .replaceAll(below, '')
      .replaceAll(/\b\d+(?:\.\d+)? m?s\b/g, 'TIME');
  if (file === 'errors.txt') return `exit code ${code}\n${plain(stderr)}`;
  if (file === 'low.json') return stdout === '' ? plain(stderr) : stdout;
  return `${plain(stdout)}exit code ${code}\n`;
}

async function invoke(
  cwd: string,
  words: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using home = temporaryFolder();
  let stdout = '';
  let stderr = '';
  const code = await executeCli(words, {
    stdout: {
      write: (text) => {
        stdout += text;
      },
    },
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
    env: { LANG: 'C.UTF-8', PATH: process.env['PATH'], HOME: home.path },
    cwd,
    // Not root's places: what a run leaves behind stays in a folder of its own.
    uid: 1,
  });
  return { code, stdout, stderr };
}
