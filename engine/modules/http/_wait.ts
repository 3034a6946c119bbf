/** The plan of the http states: nothing where the server answers, else one wait. */
import type { Plan } from '../../core/state.ts';
import type { Now, QueryArguments } from './_query.ts';

/** `seconds` 0: it is asked once more, as what an earlier state of a dry run does cannot have its effect yet. */
export function planWait(args: QueryArguments, { target, found }: Now, seconds: number): Plan {
  if (found?.reached) return { steps: [], comment: `It answers: ${found.seen}` };
  const comment = found
    ? `It does not answer as wanted now: ${found.seen}.`
    : 'It is only asked when applied.';
  return {
    comment,
    steps: [
      {
        effect: {
          kind: 'await',
          target,
          timeout: seconds,
          every: args.request_interval,
          backoff: args.backoff,
          most: Math.max(args.request_interval, args.max_interval),
          attempt: args.request_timeout,
        },
      },
    ],
  };
}
