/** Fetching what a changed repository offers, once, and telling the package states of the run that it changed. */
import type { Command } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';

/** Only this repository: what is wrong with another one is not its fault. */
const commands: { readonly [manager in 'apt' | 'dnf']: (what: string) => Command } = {
  apt: (file) => ({
    argv: [
      ...['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'APT::Update::Error-Mode=any'],
      ...['-o', `Dir::Etc::SourceList=${file}`, '-o', 'Dir::Etc::SourceParts=/dev/null'],
      ...['-o', 'APT::Get::List-Cleanup=0', 'update'],
    ],
    env: { LC_ALL: 'C.UTF-8' },
  }),
  dnf: (id) => ({
    argv: [
      ...['dnf', '-q', '-y', '--disablerepo=*', `--enablerepo=${id}`],
      ...[`--setopt=${id}.skip_if_unavailable=False`, 'makecache'],
    ],
    env: { LC_ALL: 'C.UTF-8' },
  }),
};

/**
 * What the package states call it: lists that were fetched before this are out of date, so they fetch them again
 * before they install anything.
 */
const refreshedTopic = 'pkg.refreshed';

export function staleStep(): Step {
  return { effect: { kind: 'remember', topic: refreshedTopic, values: [false] } };
}

/**
 * What was fetched by other rules counts no more. It goes first, before anything else changes: if the run is cut short
 * or fetching fails, its absence tells the next run.
 */
export function forgetStep(path: string): Step {
  return { effect: { kind: 'remove', path } };
}

export const fetchedTopic = 'pkgrepo.fetched';

/** `missing`: nothing else is to be done, but its lists are not there. */
export function fetchSteps(manager: 'apt' | 'dnf', what: string, old: 'missing' | undefined): Step[] {
  return [
    {
      change: { subject: 'lists', ...(old && { old }), new: 'fetched' },
      effect: { kind: 'exec', command: commands[manager](what) },
    },
    { effect: { kind: 'remember', topic: fetchedTopic, values: [what] } },
  ];
}
