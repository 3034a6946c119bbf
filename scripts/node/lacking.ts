/** Brings everything that a node has to be told and was not: asked for, made, or missing, which is told at once. */
import { hostname } from 'node:os';
import { answer } from './answering.ts';
import { otherNodes } from './cluster.ts';
import { at, type Mapping, merge, put } from './data.ts';
import { declinedPath, type Role, wanted } from './wanted.ts';

export interface Lacking {
  readonly role: Role;
  readonly domain: string;
  /** The pillar of the tree alone. */
  readonly base: Mapping;
  readonly told: Mapping;
  /** It is the first node of all, as somebody says who knows. */
  readonly first: boolean;
  readonly asks: boolean;
  /** Called with all that is told by now, after each answer. */
  readonly keep: (told: Mapping) => void;
}

/** Returns all that the node was told then. */
export async function bringLacking({
  role,
  domain,
  base,
  first,
  asks,
  keep,
  ...given
}: Lacking): Promise<Mapping> {
  let told = given.told;
  const lacking = wanted(role, merge(base, told));
  keep(told);
  function tell(more: Mapping): void {
    told = merge(told, more);
    keep(told);
  }
  await answer(lacking, { canAsk: asks, notFirst: await whyNotFirst() }, tell, (path) => {
    const declined = at(told, declinedPath);
    tell(put({}, declinedPath, [...(Array.isArray(declined) ? declined : []), path]));
  });
  return told;

  async function whyNotFirst(): Promise<string | undefined> {
    if (first || !lacking.some((one) => one.shared && one.make)) return undefined;
    const own = hostname().includes('.') ? hostname() : `${hostname()}.${domain}`;
    const found = await otherNodes(merge(base, told), domain, own);
    if (found === 'none') return undefined;
    return found === 'some'
      ? 'There are nodes in the DNS.'
      : 'The DNS does not tell whether there are nodes.';
  }
}
