/** Has programs read again what was put back for them. It is no state of trees: `rollback` is made of it. */
import type { Effect } from '../../core/host.ts';
import { defineState } from '../../core/state.ts';

export const readAgain = defineState({
  summary: 'a program has read what was put back',
  properties: {
    verb: {
      type: 'string',
      enum: ['restart', 'reload', 'daemon-reload'],
      description: 'What the run did, too.',
    },
  },
  required: ['verb'],
  examples: [],
  repeats: true,
  async read({ name, verb }, reader) {
    if (verb === 'daemon-reload') return true;
    const unit = (await reader.units([name])).get(name)!;
    return unit.load !== 'not-found' && unit.active === 'active';
  },
  plan({ name, verb }, runs) {
    if (!runs) return [];
    const effect: Effect =
      verb === 'daemon-reload'
        ? {
            kind: 'exec',
            command: { argv: ['systemctl', '--no-ask-password', verb] },
            settles: [],
            foreseen: true,
          }
        : { kind: 'unit', unit: name, verb };
    return [{ change: { subject: name, new: `${verb}ed` }, effect }];
  },
});
