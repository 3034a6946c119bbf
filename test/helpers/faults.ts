/** What tests of faults ask of a run: what became of its states, what it said, and what it left. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { Enclave, EnclaveOptions, Ended } from './enclave.ts';

/** The folder of the enclave, in an SLS. */
export const dir = '{{ salt["environ.get"]("DIR") }}';

/** Why there can be no enclave here, after a blank; empty where there can be. */
export const noEnclave = (() => {
  if (process.getuid!() !== 0) return ' (needs root)';
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? '' : ' (needs mount namespaces)';
})();

export interface Result {
  readonly id: string;
  readonly result: boolean | null;
  readonly changes: object;
  readonly comment: string;
}

/** ID → what became of it. */
export function resultsOf({ stdout, stderr }: Ended): { readonly [id: string]: Result } {
  expect(stderr, 'a stack trace').to.not.match(/^\s+at /m);
  const { results } = JSON.parse(stdout) as { results: Result[] };
  return Object.fromEntries(results.map((result) => [result.id, result]));
}

export function failedOf(ended: Ended): string[] {
  return Object.values(resultsOf(ended))
    .filter(({ result }) => result === false)
    .map(({ id }) => id);
}

/** Applies the SLS `web`. */
export function apply(here: Enclave, options?: EnclaveOptions): Promise<Ended> {
  return here.converge(['apply', 'web', '--json'], options);
}

/** What is said but that there is no lock and no undoing, which are matters of their own. */
export function warningsOf({ stderr }: Ended): string[] {
  const lines = stderr.split('\n').filter(Boolean);
  return lines.filter(
    (line) =>
      !/^converge: (There can be no lock in|Not all that this run changes can be undone:) [^.]+\./.test(line),
  );
}

/** Names that no run may leave behind. */
export function leftOver(here: Enclave): Promise<string> {
  return here.sh('find . -name ".converge*" -o -name "*.new" -o -name "*.extract" -o -name "tmp.*"');
}

/** Sizes, modes, owners and bytes of all below a folder. */
export function snapshot(here: Enclave, folder: string): Promise<string> {
  return here.sh(
    `cd ${folder}; find . | sort | while read -r f; do stat -c '%n %a %u %g %F' "$f"; [ ! -f "$f" ] || md5sum "$f"; done`,
  );
}
