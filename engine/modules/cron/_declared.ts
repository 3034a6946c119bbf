/** What the cron states of a run declare, so that cron.pruned knows what is left over. */
import type { Reader } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';
import { isDict } from '../../core/value.ts';

const pruned = 'pruned';

/** Identifier → command of what was declared for a user's crontab so far. */
export function declaredFor(user: string, reader: Reader): ReadonlyMap<string, string> {
  const all = reader.recall(topicOf(user)).flatMap((one) => (isDict(one) ? [...one] : []));
  return new Map(all.map(([id, command]) => [String(id), String(command)]));
}

export function declare(user: string, identifier: string, command: string): Step {
  return {
    effect: { kind: 'remember', topic: topicOf(user), values: [new Map([[identifier, command]])] },
  };
}

export function wasPruned(user: string, reader: Reader): boolean {
  return reader.recall(topicOf(user)).includes(pruned);
}

export function declarePruned(user: string): Step {
  return { effect: { kind: 'remember', topic: topicOf(user), values: [pruned] } };
}

function topicOf(user: string): string {
  return `cron:${user}`;
}
