/** Has a question answered by one of several db nodes. */
import type { Member, Question, Reply } from './member.ts';

/** Milliseconds after which the next one is asked as well, where a node has said nothing at all since. */
const silence = 500;

/**
 * They are asked in this order: the next one when one fails, or has fallen silent. One that is only slow still answers
 * others, and is waited for: asking twice would make it no quicker. Rejects with the last reason.
 */
export function firstAnswer(
  members: readonly Member[],
  question: Question,
  { mayRepeat }: { readonly mayRepeat: boolean },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const waiting = [...members];
    let atWork = 0;
    let alarm: NodeJS.Timeout | undefined;

    function next(reason: unknown): void {
      clearTimeout(alarm);
      const member = waiting.shift();
      if (member === undefined) reject(reason);
      else void ask(member);
    }

    async function ask(member: Member): Promise<void> {
      atWork++;
      if (mayRepeat && waiting.length > 0) listen(member, performance.now());
      try {
        resolve(await member.ask(question));
        waiting.length = 0;
        clearTimeout(alarm);
      } catch (error) {
        atWork--;
        if (!mayRepeat) waiting.length = 0;
        if (waiting.length > 0 || atWork === 0) next(error);
      }
    }

    function listen(member: Member, since: number): void {
      alarm = setTimeout(() => {
        if (member.lastHeard > since) listen(member, performance.now());
        else next(undefined);
      }, silence);
    }

    next('None is known.');
  });
}
