/** Names that would mean something else to apt, as cases of every state that takes names. */
import type { StateCase } from '../../helpers/state-tester.ts';

const bad = ['curl-', 'curl=1', 'curl/testing', '-o', './x.deb', 'a b', '', 'curl\n-y', 'x'];

export function badNames(args: Record<string, unknown> = {}): StateCase[] {
  return bad.map((name) => ({
    title: `refuses the name ${JSON.stringify(name)}`,
    args: { pkgs: [name], ...args },
    host: { packages: { [name]: '1' } },
    expects: { refused: `"${name}" cannot be the name of a package.` },
  }));
}
