/** Finds the job that a state means among those of a crontab. */
import { type Entry, noIdentifier } from './_entries.ts';

export const identifierProperty = {
  type: 'string',
  description:
    'What the job is known by, whatever its command and schedule are; the ID of the state unless given.',
} as const;

/** By its stamp, else by its command where nothing says that it belongs to another state. */
export function find(
  entries: readonly Entry[],
  wanted: { ids: readonly string[]; schedule: readonly string[]; command: string },
): Entry | undefined {
  const { ids, command } = wanted;
  const schedule = wanted.schedule.join(' ');
  const [first, ...others] = ids;
  return (
    entries.find((one) => one.identifier === first) ??
    entries.find((one) => others.includes(one.identifier!) && one.command === command) ??
    entries.find((one) => one.identifier === noIdentifier && one.command === command) ??
    entries.find(
      (one) => one.identifier === undefined && one.command === command && one.schedule.join(' ') === schedule,
    )
  );
}
