/** The state alternatives.set: a certain alternative is chosen. */
import { defineState } from '../../core/state.ts';
import { commandStep, linksHold, look, missingGroup, nameProperty, refusePath } from './_look.ts';

export default defineState({
  summary: 'this alternative is chosen',
  description: `
The choice stays whatever priorities others have.

Unlike Salt: alternatives.set makes the choice a manual one even where the priorities led to the same alternative.`,
  properties: {
    ...nameProperty,
    path: { type: 'string', minLength: 1, description: 'The alternative.' },
  },
  required: ['path'],
  examples: [
    { title: 'an editor for all', sls: 'editor:\n  alternatives.set:\n    path: /usr/bin/vim.basic\n' },
  ],
  read: ({ name }, reader) => look(name, reader),
  plan({ name, path }, now) {
    const bad = refusePath('path', path);
    if (bad) return bad;
    const { group } = now;
    if (group?.current === path && group.mode === 'manual' && linksHold(now))
      return { steps: [], comment: `${path} is already chosen for ${name}` };
    if (now.closed) return now.closed;
    if (!group) return missingGroup(name);
    if (!group.alternatives.some((one) => one.path === path)) {
      const others = group.alternatives.map((one) => one.path).join(', ');
      return {
        refused: `${path} is none of the alternatives for ${name}: ${others}.`,
        hint: 'Require an alternatives.install, or choose another one.',
      };
    }
    const changes = [
      ...(group.current === path ? [] : [{ subject: 'chosen', old: group.current, new: path }]),
      ...(group.mode === 'manual' ? [] : [{ subject: 'mode', old: 'auto', new: 'manual' }]),
    ];
    const told = changes.length > 0 ? changes : [{ subject: 'links', old: 'damaged', new: 'repaired' }];
    return [commandStep(['--set', name, path], told, now, { ...group, mode: 'manual', current: path })];
  },
});
