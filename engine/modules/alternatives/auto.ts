/** The state alternatives.auto: the alternative with the highest priority is chosen. */
import { defineState } from '../../core/state.ts';
import { chosen } from './_group.ts';
import { commandStep, linksHold, look, missingGroup, nameProperty } from './_look.ts';

export default defineState({
  summary: 'the alternative with the highest priority is chosen',
  properties: nameProperty,
  examples: [{ title: 'no choice of its own', sls: 'editor:\n  alternatives.auto\n' }],
  read: ({ name }, reader) => look(name, reader),
  plan({ name }, now) {
    const { group } = now;
    if (!group) return now.closed ?? missingGroup(name);
    const after = { ...group, mode: 'auto' as const };
    const best = chosen(after);
    if (group.mode === 'auto' && group.current === best && linksHold(now))
      return { steps: [], comment: `${name} is already in auto mode` };
    if (now.closed) return now.closed;
    const changes = [
      ...(group.current === best ? [] : [{ subject: 'chosen', old: group.current, new: best }]),
      ...(group.mode === 'auto' ? [] : [{ subject: 'mode', old: 'manual', new: 'auto' }]),
    ];
    const told = changes.length > 0 ? changes : [{ subject: 'links', old: 'damaged', new: 'repaired' }];
    return [commandStep(['--auto', name], told, now, { ...after, current: best })];
  },
});
