/** Converge in process on this machine, with all of its things in a folder of its own. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { executeCli } from '../../engine/cli/main.ts';
import { type Said, sink } from './cli.ts';
import { buildTree, type Tree, temporaryFolder } from './folders.ts';

export interface Home extends AsyncDisposable {
  readonly path: string;
  at(name: string): string;
  run(...words: string[]): Promise<Said>;
  /** A run by its JSON report; throws where there is none. */
  told(...words: string[]): Promise<Report>;
  /** Empty where there is no such file. */
  text(name: string): string;
  write(files: Tree): void;
}

export interface Report {
  readonly code: number;
  readonly results: readonly {
    readonly id: string;
    readonly sls: string;
    readonly state: string;
    readonly name: string;
    readonly result: boolean | null;
    readonly comment: string;
    readonly motive?: string;
    readonly flapping?: { readonly times: number; readonly suspects: readonly string[] };
  }[];
  readonly summary: {
    readonly corrected?: number;
    readonly orphans?: readonly { readonly kind: string; readonly name: string; readonly stays?: string }[];
  };
}

/** `{dir}` in a file stands for the folder. Settings are in `c.yaml`. */
export function home(files: Tree, settings = ''): Home {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  function write(more: Tree): void {
    const tree = Object.entries(more).map(([name, entry]) => {
      rmSync(at(name), { recursive: true, force: true });
      return [name, typeof entry === 'string' ? entry.replaceAll('{dir}', folder.path) : entry] as const;
    });
    buildTree(folder.path, Object.fromEntries(tree));
  }
  async function run(...words: string[]): Promise<Said> {
    const [stdout, stderr] = [sink(), sink()];
    const code = await executeCli([...words, '--config', at('c.yaml')], {
      stdout,
      stderr,
      env: { LANG: 'C.UTF-8', HOME: folder.path },
      cwd: folder.path,
      // Not root's places: tests keep what they write in their own folder.
      uid: 1,
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  }
  write({
    'states/top.yaml': "base:\n  '*': [web]\n",
    ...files,
    'c.yaml': `states: states\nstate_dir: state\ncache: cache\ncolor: never\nsyslog: false\n${settings}`,
  });
  return {
    path: folder.path,
    at,
    run,
    async told(...words) {
      const { code, stdout, stderr } = await run(...words, '--json');
      const { results, summary } = JSON.parse(stdout);
      if (!results) throw new Error(stdout + stderr);
      return { code, results, summary };
    },
    text: (name) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : ''),
    write,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
