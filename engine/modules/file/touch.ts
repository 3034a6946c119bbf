/** The state file.touch: the file exists, and its times are those given, or now. */

import type { Stat } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { makedirsProperty, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { followed, pathOf } from './_path.ts';

interface Now {
  readonly path: string;
  readonly stat: Stat | undefined;
  readonly parents?: Parents;
  /** Milliseconds since the epoch. */
  readonly clock: number;
}

const time = { type: ['integer', 'number', 'string', 'null'], pattern: '^-?[0-9]+(\\.[0-9]+)?$' } as const;

export default defineState({
  summary: 'the file exists and was touched',
  description: `Creates an empty file, or sets the times of what is there: to \`atime\` and \`mtime\`, else to now.

Salt: without times an existing file is touched by every run, so the state always reports a change; give it \`onchanges\`
(or use file.managed with \`replace: false\`) where that is not wanted.

Unlike Salt: file.touch says the same in a dry run, where Salt says that nothing would change.

Unlike Salt: file.touch with only one of \`atime\` and \`mtime\` leaves the other as it is, so that a second run has nothing to do.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path. Links are followed.' },
    atime: { ...time, description: 'Time of last access, seconds since the epoch.' },
    mtime: { ...time, description: 'Time of last modification, seconds since the epoch.' },
    makedirs: makedirsProperty,
  },
  examples: [
    {
      title: 'an empty file',
      sls: `/var/lib/app/enabled:
  file.touch:
    - makedirs: true
`,
    },
  ],
  // Without times, having been touched cannot be seen afterwards.
  repeats: true,

  owns: ({ name }) => ownedPath('file', name),
  read(args, reader): Now {
    const path = pathOf(args.name, reader);
    const stat = followed(path, reader);
    return {
      path,
      stat,
      clock: Date.now(),
      parents: stat ? undefined : parentsOf(reader.resolve(path), reader),
    };
  },

  plan(args, { path, stat, parents, clock }) {
    const times = given(milliseconds(args.atime), milliseconds(args.mtime));
    const touched = { kind: 'attributes', path, follow: true } as const;
    if (stat === undefined) {
      const steps = parentSteps(parents!, args.makedirs, {});
      if ('refused' in steps) return steps;
      steps.push({
        change: { subject: path, new: 'an empty file' },
        effect: { kind: 'write', path, content: Buffer.alloc(0), follow: true },
      });
      if (times) steps.push({ effect: { ...touched, ...times } });
      return steps;
    }
    if (times === undefined) {
      return [
        { change: { subject: 'touched', new: path }, effect: { ...touched, atime: clock, mtime: clock } },
      ];
    }
    const [change, ...also] = (['atime', 'mtime'] as const)
      .filter((name) => times[name] !== undefined && seconds(times[name]) !== seconds(stat[name]))
      .map((name) => ({ subject: name, old: seconds(stat[name]), new: seconds(times[name]!) }));
    return change === undefined ? [] : [{ change, also, effect: { ...touched, ...times } }];
  },
});

/** The times that are given; undefined where none is. */
function given(atime?: number, mtime?: number): { atime?: number; mtime?: number } | undefined {
  if (atime === undefined && mtime === undefined) return undefined;
  return { ...(atime !== undefined && { atime }), ...(mtime !== undefined && { mtime }) };
}

function milliseconds(time: string | number | null | undefined): number | undefined {
  return time === undefined || time === null ? undefined : Math.round(Number(time) * 1000);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
