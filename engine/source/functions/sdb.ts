/** Salt's module `sdb`, which has nothing behind it on a single node. */
import { type FunctionModule, unavailable } from './context.ts';

const because = 'there is no sdb profile on a node without a master';

export const functions: FunctionModule = {
  get: unavailable('sdb.get', because, 'an encrypted pillar file'),
  get_or_set_hash: unavailable('sdb.get_or_set_hash', because, "salt['random.get_str'] or the pillar"),
};
