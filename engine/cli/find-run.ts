/** Finds a run of the history by what its user calls it. */
import { didYouMean, Trouble } from '../core/diagnostic.ts';
import type { RunRecord } from '../journal/history.ts';
import { onCommandLine } from './main.ts';

/** By its name, the beginning of it, or `last`, `last-1`… Throws Trouble. */
export function findRun(name: string, history: readonly RunRecord[]): RunRecord {
  const back = /^last(?:-(\d+))?$/.exec(name);
  const found = back
    ? [history.at(-1 - Number(back[1] ?? 0))].filter((run) => run !== undefined)
    : history.filter(({ run }) => run.startsWith(name));
  const whole = found.find(({ run }) => run === name);
  if (whole || found.length === 1) return whole ?? found[0]!;
  const names = history.map(({ run }) => run);
  const meant = didYouMean(name, names);
  throw new Trouble([
    {
      code: 'unknown-run',
      message:
        found.length === 0
          ? `The history holds no run "${name}".`
          : `${found.length} runs begin with "${name}".`,
      hint: meant ? `Did you mean "${meant}"?` : 'converge history lists them.',
      origin: onCommandLine(),
    },
  ]);
}
