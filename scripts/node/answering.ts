/** Finds an answer to everything that is wanted: by asking, by making one, or not at all, which is told at once. */
import { ask } from './ask.ts';
import { type Mapping, put } from './data.ts';
import { Trouble } from './trouble.ts';
import type { Wanted } from './wanted.ts';

export interface Answering {
  readonly canAsk: boolean;
  /** Why this node may not make what others share, where it may not. */
  readonly notFirst: (one: Wanted) => string | undefined;
}

/** `told` is called after each answer, so that an interruption loses none. */
export async function answer(
  wanted: readonly Wanted[],
  { canAsk, notFirst }: Answering,
  told: (given: Mapping) => void,
  declined: (path: string) => void,
): Promise<void> {
  const missing: Wanted[] = [];
  for (const one of wanted) {
    const mayMake = one.make !== undefined && notFirst(one) === undefined;
    let text = '';
    if (canAsk) {
      const offer = mayMake ? ' (empty: one is made)' : '';
      do text = await ask(`${one.question}${offer}`, { unseen: one.secret });
      while (text === '' && !mayMake && !one.optional);
    }
    if (text === '' && mayMake) text = one.make!();
    if (text !== '') told(put({}, one.path, text));
    else if (!one.optional) missing.push(one);
    else if (canAsk) declined(one.path);
  }
  if (missing.length === 0) return;
  const reasons = new Set(missing.flatMap((one) => (one.make === undefined ? [] : (notFirst(one) ?? []))));
  throw new Trouble(
    'The answers lack what this node needs.',
    ...missing.map(({ path, question }) => `${path}: ${question}`),
    ...(reasons.size > 0
      ? [
          `${[...reasons].join(' ')} What nodes share comes from one of the same role that is there:`,
          '  (umask 077; ssh root@NODE /opt/converge/tree/bootstrap.sh share > answers.yaml)',
          'On the very first node: --first.',
        ]
      : ['Write them into a file (--answers), or run this on a terminal to be asked.']),
  );
}
