/** schedule.absent: a job of schedule.present is gone. */
import { defineState } from '../../core/state.ts';
import { namesOf } from './_files.ts';
import { findJob, removeSteps, withoutTimer } from './_steps.ts';

export default defineState({
  summary: 'there is no job of this name, neither of cron nor of systemd',
  description: 'A run that is under way is not ended.',
  properties: {
    name: { type: 'string', minLength: 1, description: 'What schedule.present knew the job by.' },
  },
  examples: [{ title: 'a job that is no longer wanted', sls: 'report:\n  schedule.absent\n' }],
  read: (args, reader) => findJob(namesOf(args.name), reader, false),
  plan(args, found) {
    const steps = [...withoutTimer(found), ...removeSteps([found.names.cronFile], found)];
    return steps.length > 0 ? steps : { steps, comment: `There is no job "${args.name}".` };
  },
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
