/** Brings everything that a node has to be told and was not: asked for, made, or missing, which is told at once. */
import { hostname } from 'node:os';
import { answer } from './answering.ts';
import { type FoundByRole, otherNodes } from './cluster.ts';
import { at, type Mapping, merge, put } from './data.ts';
import { declinedPath, type Role, type Wanted, wanted } from './wanted.ts';

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
  const found = await lookAround();
  await answer(lacking, { canAsk: asks, notFirst: (one) => whyNot(one, found) }, tell, (path) => {
    const declined = at(told, declinedPath);
    tell(put({}, declinedPath, [...(Array.isArray(declined) ? declined : []), path]));
  });
  return told;

  /** Undefined: whatever there is, this node may make everything, or has nothing to make. */
  function lookAround(): Promise<FoundByRole> | undefined {
    if (first || !lacking.some((one) => one.shared && one.make)) return undefined;
    const own = hostname().includes('.') ? hostname() : `${hostname()}.${domain}`;
    return otherNodes(merge(base, told), domain, own);
  }
}

function whyNot({ shared, among }: Wanted, found: FoundByRole | undefined): string | undefined {
  if (!shared || found === undefined) return undefined;
  const about = among === undefined ? Object.values(found) : [found[among]];
  if (about.includes('some')) return `There are ${among ?? 'other'} nodes in the DNS.`;
  return about.includes('unknown') ? 'The DNS does not tell whether there are other nodes.' : undefined;
}
