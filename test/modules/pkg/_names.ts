/** What the cases of several package states share. */
import type { Outcome } from '../../../engine/core/host.ts';
import type { StateCase } from '../../helpers/state-tester.ts';

/** Names that would mean something else to apt. */
const bad = ['curl-', 'curl=1', 'curl/testing', '-o', './x.deb', 'a b', '', 'curl\n-y', 'x'];

export function badNames(args: Record<string, unknown> = {}): StateCase[] {
  return bad.map((name) => ({
    title: `refuses the name ${JSON.stringify(name)}`,
    args: { pkgs: [name], ...args },
    host: { packages: { [name]: '1' } },
    expects: { refused: `"${name}" cannot be the name of a package.` },
  }));
}

export function onDebian(cases: readonly StateCase[]): StateCase[] {
  return cases.map((one) => ({ ...one, grains: { os_family: 'Debian' } }));
}

export function onRpm(cases: readonly StateCase[]): StateCase[] {
  return cases.map((one) => ({ ...one, title: `${one.title} (dnf)`, grains: { os_family: 'RedHat' } }));
}

/** A command that ended. */
export function ended(status: number, stdout: string, stderr = ''): Outcome {
  return { status, stdout, stderr, pid: 1 };
}
