/** Recorded runs of real Salt 3007.0, replayed: what Salt did with a tree is what we do with it. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { sink } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const folder = join(import.meta.dirname, 'cases');
const mark = '@SANDBOX@';

/** Cases that a documented difference excuses; docs/differences-from-salt.md tells each. */
const excused: { readonly [name: string]: string } = {
  'errors/arguments_as_mapping': 'arguments may be written as a plain mapping',
  'errors/required_argument_missing': 'a missing argument stops the run before anything is touched',
  'errors/unknown_module': 'an unknown state stops the run before anything is touched',
  'requisites/prereq_target_requirement_fails_later':
    'a prereq on a state that cannot run because its requirement failed fails too',
};

interface Case {
  readonly title: string;
  readonly command: 'lowstate' | 'highstate' | 'apply';
  readonly mods?: readonly string[];
  readonly test?: boolean;
  readonly mentions?: readonly string[];
  readonly mentions_all?: readonly string[];
  readonly compare?: readonly ('results' | 'files')[];
  readonly may_refuse?: boolean;
}

type Row = { readonly [key: string]: unknown };

interface Golden {
  readonly chunks?: readonly Row[];
  readonly results?: readonly Row[];
  readonly files?: { readonly [path: string]: unknown };
  readonly error?: boolean;
}

/** Requisites that may be kept or resolved while compiling; both are right. */
const resolved = /_in$|^use$|^prerequired$/;
const requisites = /^(?:require|watch|onchanges|onfail|prereq|listen)(?:_any|_all)?$/;

describe('conformance with Salt 3007', () => {
  it('excuses at most four cases', () => expect(Object.keys(excused)).to.have.length.at.most(4));

  for (const area of readdirSync(folder).sort()) {
    describe(area, () => {
      for (const name of readdirSync(join(folder, area)).sort()) {
        const path = join(folder, area, name);
        const recorded = JSON.parse(readFileSync(join(path, 'case.json'), 'utf8')) as Case;
        const golden = JSON.parse(readFileSync(join(path, 'golden.json'), 'utf8')) as Golden;
        const excuse = excused[`${area}/${name}`];
        if (excuse === undefined) {
          it(`${name}: ${recorded.title}`, async () => {
            expect(await problemsOf(path, recorded, golden)).to.deep.equal([]);
          });
        } else {
          it(`${name} differs: ${excuse}`, async () => {
            expect(await problemsOf(path, recorded, golden)).not.to.deep.equal([]);
          });
        }
      }
    });
  }
});

async function problemsOf(path: string, recorded: Case, golden: Golden): Promise<string[]> {
  await using workspace = temporaryFolder();
  const sandbox = join(workspace.path, 'sandbox');
  for (const tree of ['states', 'pillar', 'sandbox'])
    copyMarked(join(path, tree), join(workspace.path, tree), sandbox);
  const before = snapshot(sandbox);
  const { code, stdout, stderr } = await invoke(workspace.path, recorded);
  if (recorded.may_refuse && code === 3) return unequal('files', before, snapshot(sandbox));
  if (golden.error) {
    const text = stdout + stderr;
    const any = recorded.mentions ?? [];
    return [
      ...(code === 0 ? ['an error was wanted, the exit code is 0'] : []),
      ...(any.length > 0 && !any.some((word) => text.includes(word))
        ? [`names none of ${any}: ${text}`]
        : []),
      ...(recorded.mentions_all ?? [])
        .filter((word) => !text.includes(word))
        .map((word) => `does not name ${word}`),
      ...(golden.files ? unequal('files', golden.files, snapshot(sandbox)) : []),
    ];
  }
  if (stdout === '') return [`no output, exit code ${code}: ${stderr}`];
  const document = JSON.parse(stdout.replaceAll(sandbox, mark).replaceAll(workspace.path, '@TMP@'));
  if (document.errors) return [`unexpected errors: ${stdout}`];
  if (recorded.command === 'lowstate') return lowStateProblems(golden.chunks ?? [], document);
  const compare = recorded.compare ?? ['results', 'files'];
  return [
    ...(compare.includes('results') ? resultProblems(golden.results ?? [], document.results) : []),
    ...(compare.includes('files') ? unequal('files', golden.files, snapshot(sandbox, workspace.path)) : []),
  ];
}

async function invoke(
  root: string,
  recorded: Case,
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using home = temporaryFolder();
  const [stdout, stderr] = [sink(), sink()];
  const verb =
    recorded.command === 'lowstate'
      ? ['show', 'lowstate']
      : recorded.command === 'highstate'
        ? ['highstate']
        : ['apply', (recorded.mods ?? []).join(',')];
  const options = [
    '--states',
    join(root, 'states'),
    '--pillar',
    join(root, 'pillar'),
    '--id',
    'node1',
    '--json',
  ];
  const code = await executeCli([...verb, ...options, '--no-cache', ...(recorded.test ? ['--test'] : [])], {
    stdout,
    stderr,
    env: { ...process.env, HOME: home.path },
    cwd: root,
    // Not root's places: what a run leaves behind stays in a folder of its own.
    uid: 1,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function copyMarked(from: string, to: string, sandbox: string): void {
  mkdirSync(to, { recursive: true });
  let names: string[];
  try {
    names = readdirSync(from);
  } catch {
    return;
  }
  for (const name of names) {
    if (statSync(join(from, name)).isDirectory()) copyMarked(join(from, name), join(to, name), sandbox);
    else {
      const text = readFileSync(join(from, name), 'latin1').replaceAll(mark, sandbox);
      writeFileSync(join(to, name), text, { encoding: 'latin1', mode: 0o644 });
    }
  }
}

/** The sandbox in the shape of the golden files. */
function snapshot(sandbox: string, workspace = sandbox): Row {
  const found: { [path: string]: unknown } = {};
  const unmarked = (text: string) => text.replaceAll(sandbox, mark).replaceAll(workspace, '@TMP@');
  for (const entry of readdirSync(sandbox, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const mode = (lstatSync(path).mode & 0o7777).toString(8).padStart(4, '0');
    found[relative(sandbox, path)] = entry.isSymbolicLink()
      ? { type: 'symlink', target: unmarked(readlinkSync(path)) }
      : entry.isDirectory()
        ? { type: 'dir', mode }
        : { type: 'file', mode, content: unmarked(readFileSync(path, 'utf8')) };
  }
  return found;
}

function unequal(what: string, wanted: unknown, got: unknown): string[] {
  return same(wanted, got) ? [] : [`${what}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => same(one, b[i]));
  if (a && b && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && same((a as Row)[key], (b as Row)[key]))
    );
  }
  return a === b;
}

function lowStateProblems(wanted: readonly Row[], got: readonly Row[]): string[] {
  const identity = (row: Row) => [row['state'], row['fun'], row['__id__'], row['name'], row['__sls__']];
  const order = unequal('order', wanted.map(identity), got.map(identity));
  if (order.length > 0) return order;
  return wanted.flatMap((row, index) => {
    const args = row['args'] as Row;
    const own = got[index]!;
    const meta = ['state', 'fun', 'name', 'order'];
    const written = Object.keys(own).filter((key) => !key.startsWith('__') && !meta.includes(key));
    return [...new Set([...Object.keys(args), ...written])].flatMap((key) => {
      if (resolved.test(key)) return [];
      if (!requisites.test(key)) return unequal(`${row['__id__']}: ${key}`, args[key], own[key]);
      const [want, have] = [targets(args[key]), targets(own[key])];
      const fits = key === 'listen' ? want.every((one) => have.includes(one)) : same(want, have);
      return fits ? [] : [`${row['__id__']}: ${key}: wanted ${want}, got ${have}`];
    });
  });
}

/** Order and repetition of requisites carry no meaning. */
function targets(value: unknown): string[] {
  const items = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const found = items.flatMap((item) =>
    item && typeof item === 'object'
      ? Object.entries(item).map(([key, name]) => `${key === 'id' ? '' : key}:${name}`)
      : [`:${item}`],
  );
  return [...new Set(found)].sort();
}

function resultProblems(wanted: readonly Row[], got: readonly Row[]): string[] {
  const shape = (row: Row) => {
    const id = String(row['__id__'] ?? row['id']);
    const listener = row['fun'] === 'mod_watch' && id.startsWith('listener_');
    return {
      state: row['state'],
      fun: row['fun'],
      id: listener ? id.slice('listener_'.length) : id,
      name: row['name'],
      result: row['result'],
      changed: 'changed' in row ? row['changed'] : Object.keys((row['changes'] as object) ?? {}).length > 0,
    };
  };
  return unequal('results', wanted.map(shape), got.map(shape));
}
