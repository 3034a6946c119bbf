/** Which node does what is asked: what changes what nodes have in common is done by one of them for all. */
import type { CouchNode } from './cluster.ts';
import type { Question } from './question.ts';

/** The name of the node; undefined: whoever leads. */
export function placeOf(self: CouchNode, { method, path }: Question): string | undefined {
  const [first, second, third = ''] = path;
  const isRead = ['GET', 'HEAD'].includes(method);
  if (first === '_node') {
    if (!isRead && ['_nodes', '_dbs'].includes(third)) return undefined;
    return second === '_local' || second === undefined ? self.name : second;
  }
  if (isRead || first === undefined || first === '_session' || first === '_dbs_info') return self.name;
  return isQuery(path) ? self.name : undefined;
}

/** A question that is asked by POST. */
function isQuery([, second = '', , fourth = '']: readonly string[]): boolean {
  return /^_(?:all_docs|find|explain|bulk_get|changes|design_docs)$/.test(second) || fourth === '_view';
}
