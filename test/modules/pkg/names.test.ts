import type { AnyState } from '../../../engine/core/state.ts';
import held from '../../../engine/modules/pkg/held.ts';
import installed from '../../../engine/modules/pkg/installed.ts';
import latest from '../../../engine/modules/pkg/latest.ts';
import purged from '../../../engine/modules/pkg/purged.ts';
import removed from '../../../engine/modules/pkg/removed.ts';
import unheld from '../../../engine/modules/pkg/unheld.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const states: { readonly [name: string]: AnyState } = { held, installed, purged, removed, unheld, latest };

for (const [name, state] of Object.entries(states)) {
  stateTester(
    `pkg.${name}: names that would mean something else to apt`,
    state,
    ['curl-', 'curl=1', 'curl/testing', '-o', './x.deb', 'a b', '', 'curl\n-y', 'x'].map((bad) => ({
      title: JSON.stringify(bad),
      args: { pkgs: [bad], ...(name === 'latest' && { refresh: false }) },
      host: { packages: { [bad]: '1' } },
      expects: { refused: `"${bad}" cannot be the name of a package.` },
    })),
  );
}
