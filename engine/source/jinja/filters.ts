/** All filters a template may use, gathered: Jinja's own and Salt's. */

import type { Filter } from './contracts.ts';
import { HASH_FILTERS } from './filters-hash.ts';
import { LIST_FILTERS } from './filters-list.ts';
import { NET_FILTERS } from './filters-net.ts';
import { NUMBER_FILTERS } from './filters-number.ts';
import { SALT_FILTERS } from './filters-salt.ts';
import { SALT_LIST_FILTERS } from './filters-salt-list.ts';
import { TEXT_FILTERS } from './filters-text.ts';

/** Salt: its `unique` and `tojson` replace Jinja's. */
export const filters: ReadonlyMap<string, Filter> = new Map(
  Object.entries({
    ...TEXT_FILTERS,
    ...NUMBER_FILTERS,
    ...LIST_FILTERS,
    ...SALT_FILTERS,
    ...SALT_LIST_FILTERS,
    ...HASH_FILTERS,
    ...NET_FILTERS,
  }),
);
