/** What the states of the `test` family share: differences that are only claimed. */
import type { Schema } from '../../core/schema.ts';
import type { Plan, Step } from '../../core/state.ts';

export const comment = {
  type: 'string',
  description: 'What the state says of itself instead of the standard comment.',
} as const satisfies Schema;

export const pretended: Step = {
  change: { subject: 'testing', old: 'Unchanged', new: 'Something pretended to change' },
  effect: { kind: 'simulate', outcome: 'done' },
};

/** Salt: a state of the `test` family that did nothing itself reports a change when something it watches changed. */
export function watchFired(_args: unknown, _now: unknown, taken: readonly Step[]): Plan {
  if (taken.length > 0) return [];
  const said = 'Watch statement fired.';
  return [
    {
      change: { subject: 'Requisites with changes', new: 'Something watched has changed' },
      effect: { kind: 'simulate', outcome: 'done', comment: said },
    },
  ];
}

/** A step that says `said` once it is done. */
export function saying(step: Step, said: string): Step {
  return { ...step, effect: { kind: 'simulate', outcome: 'done', comment: said } };
}
