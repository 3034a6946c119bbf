/** test.configurable_test_state: comes out as told. */
import { defineState, type Step } from '../../core/state.ts';
import { comment, pretended, saying, watchFired } from './_pretend.ts';

export default defineState({
  summary: 'the state comes out as told',
  description: `It touches nothing.

Salt: in a dry run a result of false does not show unless \`allow_test_mode_failure\` is set.

Unlike Salt: \`Random\` in test.configurable_test_state is drawn from the name, so that every run comes out the same.`,
  properties: {
    changes: {
      type: ['boolean', 'string'],
      default: true,
      description: 'Whether it claims a change; `Random` draws one from the name.',
    },
    result: {
      type: ['boolean', 'string'],
      default: true,
      description: 'Whether it succeeds; `Random` draws one from the name.',
    },
    comment,
    warnings: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'Warnings for the report.',
    },
    allow_test_mode_failure: {
      type: 'boolean',
      default: false,
      description: 'Whether a result of false also shows in a dry run.',
    },
  },
  repeats: true,
  examples: [
    {
      title: 'a change without failure',
      sls: `pretend:
  test.configurable_test_state:
    - changes: true
    - result: true
    - comment: As told.
`,
    },
  ],
  read() {},
  plan(args) {
    const said = args.comment ?? 'This is a test';
    const changes = choice(args.changes, `${args.name} changes`);
    const result = choice(args.result, `${args.name} result`);
    for (const [key, chosen] of Object.entries({ changes, result })) {
      if (chosen === undefined) return { refused: `"${key}" is neither true nor false nor Random.` };
    }
    const steps: Step[] = changes ? [saying(pretended, said)] : [];
    if (!result) {
      const surprise = !args.allow_test_mode_failure;
      steps.push({ effect: { kind: 'simulate', outcome: 'failed', surprise, comment: said } });
    }
    return { steps, comment: said, warnings: args.warnings === undefined ? [] : [args.warnings].flat() };
  },
  react: watchFired,
});

function choice(told: boolean | string, seed: string): boolean | undefined {
  if (typeof told === 'boolean') return told;
  return told === 'Random' ? isOdd(seed) : undefined;
}

/** The lowest bit of the text's FNV-1a hash (draft-eastlake-fnv), folded so that all of its bits count. */
function isOdd(text: string): boolean {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return ((hash ^ (hash >>> 16)) & 1) === 1;
}
