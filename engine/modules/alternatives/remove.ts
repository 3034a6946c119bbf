/** The state alternatives.remove: a path is none of the alternatives of a group. */
import { defineState } from '../../core/state.ts';
import { without } from './_group.ts';
import { commandStep, look, nameProperty, refusePath } from './_look.ts';

export default defineState({
  summary: 'the path is none of the alternatives',
  description:
    'If it was chosen, the choice is made anew by the priorities; with the last one the group goes.',
  properties: {
    ...nameProperty,
    path: { type: 'string', minLength: 1, description: 'The alternative.' },
  },
  required: ['path'],
  examples: [
    {
      title: 'an editor that is no choice any more',
      sls: 'editor:\n  alternatives.remove:\n    path: /opt/edit/bin/edit\n',
    },
  ],
  read: ({ name }, reader) => look(name, reader),
  plan({ name, path }, now) {
    const bad = refusePath('path', path);
    if (bad) return bad;
    const { group } = now;
    if (!group?.alternatives.some((one) => one.path === path))
      return { steps: [], comment: `Alternative ${path} for ${name} is not registered` };
    if (now.closed) return now.closed;
    const after = without(group, path);
    const changes = [
      { subject: 'alternative', old: path },
      ...(after?.current === group.current
        ? []
        : [{ subject: 'chosen', old: group.current, ...(after && { new: after.current }) }]),
    ];
    return [commandStep(['--remove', name, path], changes, now, after)];
  },
});
