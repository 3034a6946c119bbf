/** The state file.rename: what was there lies here. */
import { defineState, type Step } from '../../core/state.ts';
import { removeStep } from './_clean.ts';
import { pairOf } from './_pair.ts';
import { makedirsProperty, parentSteps } from './_parents.ts';

export default defineState({
  summary: 'what lay at the source lies at the path',
  description: `Renames a file, a link or a directory of the host. Where the source is gone there is nothing left to do.

Salt: an existing target is left alone unless \`force\` is set, and that counts as success.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path to rename to.' },
    source: { type: 'string', minLength: 1, description: 'Absolute path to rename.' },
    force: { type: 'boolean', default: false, description: 'Replace what lies at the path already.' },
    makedirs: makedirsProperty,
  },
  required: ['source'],
  examples: [
    {
      title: 'a configuration file that has a new name',
      sls: `/etc/app.conf:
  file.rename:
    - source: /etc/app.cfg
`,
    },
  ],

  read: (args, reader) => pairOf(args.name, args.source, reader),

  plan(args, { path, from: source, stat, fromStat: sourceStat, parents }) {
    const steps: Step[] = [];
    if (sourceStat === undefined)
      return { steps, comment: `Source ${source} has already been moved out of place` };
    if (path === source) return steps;
    if (`${path}/`.startsWith(`${source}/`)) {
      return { refused: `${source} cannot be moved into itself.`, hint: 'Choose a path outside of it.' };
    }
    if (stat !== undefined && !args.force) {
      return { steps, comment: `The target ${path} exists and will not be overwritten` };
    }
    if (stat === undefined) {
      const made = parentSteps(parents!, args.makedirs, {});
      if ('refused' in made) return made;
      steps.push(...made);
    } else if (`${source}/`.startsWith(`${path}/`)) {
      return {
        refused: `${path} holds ${source}, so it cannot be replaced by it.`,
        hint: 'Rename to another path first.',
      };
    } else if (stat.kind === 'directory' || sourceStat.kind === 'directory') {
      steps.push(removeStep(path, stat.kind));
    }
    steps.push({
      change: { subject: path, old: source, new: path },
      effect: { kind: 'move', from: source, path },
    });
    return steps;
  },
});
