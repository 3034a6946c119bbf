/** The mark in a repository while it is changed, by which the next run knows what a power cut left half done. */
import type { ExecEffect, Reader } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';
import type { Access } from './_access.ts';

/** `fetch`: at most locks are left. `checkout`: the files may be half those of the wanted commit. */
export type Interruption = 'fetch' | 'checkout';

const name = 'converge-update';

export function interruptionOf(gitDir: string, reader: Reader): { readonly interrupted?: Interruption } {
  const text = reader.content(`${gitDir}/${name}`)?.toString().trim();
  if (text === undefined) return {};
  return { interrupted: text === 'checkout' ? 'checkout' : 'fetch' };
}

/** The steps under their mark; the last of them takes it away. */
export function marked(
  gitDir: string,
  doing: Interruption,
  access: Access,
  steps: readonly (Step & { readonly effect: ExecEffect })[],
): Step[] {
  const path = `${gitDir}/${name}`;
  const content = Buffer.from(`${doing}\n`);
  return [
    { effect: { kind: 'write', path, content, user: access.uid, group: access.gid } },
    ...steps.map((step) => ({ ...step, effect: unmarking(step.effect, path) })),
    { effect: { kind: 'remove', path } },
  ];
}

/** Run by a shell, which sees the words as words. */
const script = '"$@" && exit 0; status=$?; rm -f -- "$0"; exit "$status"';

/** A git that fails has tidied up itself: what is changed afterwards is not ours to drop. */
function unmarking(effect: ExecEffect, mark: string): ExecEffect {
  const argv = ['/bin/sh', '-c', script, mark, ...effect.command.argv];
  return { ...effect, command: { ...effect.command, argv } };
}

/** Locks that git left when it was cut off: nobody else is at work on a repository that carries our mark. */
export function staleLocks(
  { gitDir, commonDir }: { readonly gitDir: string; readonly commonDir: string },
  reader: Reader,
): string[] {
  const found = new Set<string>();
  const walk = (folder: string, deep: boolean): void => {
    for (const name of reader.list(folder) ?? []) {
      if (name.endsWith('.lock')) found.add(`${folder}/${name}`);
      else if (deep && reader.stat(`${folder}/${name}`)?.kind === 'directory')
        walk(`${folder}/${name}`, true);
    }
  };
  walk(gitDir, false);
  walk(commonDir, false);
  walk(`${commonDir}/refs`, true);
  return [...found];
}
