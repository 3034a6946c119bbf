/** Repositories and answers of git as data, for the tests of the git states. */
import type { Tree } from '../../helpers/folders.ts';

export const one = '1'.repeat(40);
export const two = '2'.repeat(40);
export const url = 'https://git.example.com/shop.git';

const options =
  '-c protocol.ext.allow=never -c gc.autoDetach=false -c maintenance.autoDetach=false -c advice.detachedHead=false';

/** The command line of a call of git. */
export function call(words: string): string {
  return `git ${options} ${words}`;
}

/** What ls-remote says of a rev. */
export function remote(rev: string, output: string, address = url): { [command: string]: string } {
  const patterns = rev === 'HEAD' ? 'HEAD' : `refs/heads/${rev} refs/tags/${rev} refs/tags/${rev}^{}`;
  return { [call(`ls-remote --symref -- ${address} ${patterns}`)]: output };
}

/** What git says of a clean work tree that has this commit already. */
export function clean(commit: string, changed = ''): { [command: string]: string } {
  return {
    [call(
      '--no-optional-locks status --porcelain=v1 -z --no-renames --untracked-files=no --ignore-submodules=dirty',
    )]: changed,
    [call(`cat-file -e ${commit}^{commit}`)]: '',
  };
}

/** A clone at /srv/shop. */
export function clone(files: Tree = {}): Tree {
  return {
    '/srv/shop/.git/HEAD': 'ref: refs/heads/main\n',
    '/srv/shop/.git/objects': { directory: true },
    '/srv/shop/.git/refs/heads/main': `${one}\n`,
    '/srv/shop/.git/index': '',
    '/srv/shop/.git/config': `[core]\n\tbare = false\n[remote "origin"]\n\turl = ${url}\n[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n`,
    ...files,
  };
}
