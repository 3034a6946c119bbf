/** The command line in process: words in; exit code, output and errors out. */
import { join } from 'node:path';
import { executeCli } from '../../engine/cli/main.ts';
import { buildTree, type Tree, temporaryFolder } from './folders.ts';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream that keeps what is written to it. */
export function sink(): { text: string; write(more: string): void } {
  return {
    text: '',
    write(more) {
      this.text += more;
    },
  };
}

export interface Stage extends AsyncDisposable {
  readonly path: string;
  /** Runs converge in the folder; `--root root` stands for the machine unless the words name another root. */
  run(...words: string[]): Promise<Said>;
}

/** A folder with `states/`, maybe `pillar/`, and an empty `root/`; gone with the block. */
export function stage(files: Tree): Stage {
  const folder = temporaryFolder();
  buildTree(folder.path, { root: { directory: true }, pillar: { directory: true }, ...files });
  return {
    path: folder.path,
    async run(...words) {
      const [stdout, stderr] = [sink(), sink()];
      const rooted =
        words.some((word) => word.startsWith('--root')) || !takesRoot(words[0]) ? [] : ['--root', 'root'];
      const code = await executeCli([...words, ...rooted], {
        stdout,
        stderr,
        env: { LANG: 'C.UTF-8', XDG_CACHE_HOME: join(folder.path, 'cache'), HOME: folder.path },
        cwd: folder.path,
        // Not root's places: tests keep what they write in their own folder.
        uid: 1,
      });
      return { code, stdout: stdout.text, stderr: stderr.text };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function takesRoot(verb: string | undefined): boolean {
  return verb !== undefined && ['highstate', 'apply', 'single', 'show', 'lint'].includes(verb);
}
