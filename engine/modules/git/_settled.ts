/** What git leaves behind, as far as converge reads it: for the later states of a dry run. */
import type { Settled } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import type { Access } from './_access.ts';

function directory(path: string, { uid, gid }: Access): Settled {
  return { about: 'file', effect: { kind: 'directory', path, user: uid, group: gid } };
}

function file(path: string, text: string, { uid, gid }: Access): Settled {
  const content = Buffer.from(text);
  return { about: 'file', effect: { kind: 'write', path, content, user: uid, group: gid } };
}

/** The beginning of a hash stands for all of it. */
function whole(commit: string): string {
  return commit.length === 64 ? commit : commit.padEnd(40, '0');
}

function refFile(commonDir: string, ref: string, commit: string, access: Access): Settled[] {
  const parts = ref.split('/');
  const folders = parts.slice(0, -1).map((_, index) => join(commonDir, parts.slice(0, index + 1).join('/')));
  return [
    ...folders.map((path) => directory(path, access)),
    file(join(commonDir, ref), `${whole(commit)}\n`, access),
  ];
}

export interface Head {
  /** Undefined: detached. */
  readonly branch: string | undefined;
  /** Undefined: none yet. */
  readonly commit: string | undefined;
}

/** HEAD, and the branch it names. */
export function settledHead(
  { gitDir, commonDir }: { readonly gitDir: string; readonly commonDir: string },
  { branch, commit }: Head,
  access: Access,
): Settled[] {
  const head = branch === undefined ? whole(commit ?? '') : `ref: refs/heads/${branch}`;
  const tip = branch === undefined || commit === undefined ? [] : [{ ref: `refs/heads/${branch}`, commit }];
  return [
    ...tip.flatMap(({ ref, commit: to }) => refFile(commonDir, ref, to, access)),
    file(`${gitDir}/HEAD`, `${head}\n`, access),
    file(`${gitDir}/index`, '', access),
  ];
}

export function settledRefs(
  commonDir: string,
  refs: Iterable<readonly [string, string]>,
  access: Access,
): Settled[] {
  return [...refs].flatMap(([ref, object]) => refFile(commonDir, ref, object, access));
}

/** A repository in an existing directory; `config` is all that is known of its configuration. */
export function settledRepository(gitDir: string, config: string, access: Access): Settled[] {
  return [
    directory(gitDir, access),
    directory(`${gitDir}/objects`, access),
    directory(`${gitDir}/refs`, access),
    directory(`${gitDir}/refs/heads`, access),
    file(`${gitDir}/config`, config, access),
  ];
}
