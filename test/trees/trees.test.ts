/** Trees found by folder: what each compiles to, reports or complains about stands beside it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
 * `host.yaml` may hold `args` (words for the command line), `files` (the host before the run), `grains`.
 * CONVERGE_ACCEPT=1 writes what came out instead of comparing it; read the difference before it is committed.
 */
const folder = import.meta.dirname;
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
      const results = ['low.json', 'errors.txt', 'report.txt'].filter((file) => existsSync(join(path, file)));
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
  let stdout = '';
  let stderr = '';
  const code = await executeCli([...verb, ...common], {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    env: { LANG: 'C.UTF-8' },
    cwd: path,
    uid: process.getuid!(),
  });
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
