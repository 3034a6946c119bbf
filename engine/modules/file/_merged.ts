/** One mapping laid over another. */
import { type Dict, isDict } from '../../core/value.ts';

/** Salt: dicts merge at every depth, lists and everything else are replaced. */
export function merged(under: Dict, over: Dict): Dict {
  const result = new Map(under);
  for (const [key, value] of over) {
    const below = result.get(key);
    result.set(key, isDict(below) && isDict(value) ? merged(below, value) : value);
  }
  return result;
}
