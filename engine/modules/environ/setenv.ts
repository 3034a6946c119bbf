/** environ.setenv: environment variables of the run. */
import { defineState, type Step } from '../../core/state.ts';
import { isDict } from '../../core/value.ts';

export default defineState({
  summary: 'environment variables of the run have these values',
  description: `Every later command of the run sees them. They end with the run: put what has to last into a file.

Unlike Salt: environ.setenv does not take \`permanent\`, which only means something on Windows.`,
  properties: {
    name: {
      type: 'string',
      description: 'The variable; with a dictionary as `value` only a title.',
    },
    value: {
      type: ['string', 'number', 'boolean', 'object'],
      ordered: true,
      description: 'Its value, or a dictionary of variables and values; false makes it empty.',
    },
    false_unsets: {
      type: 'boolean',
      default: false,
      description: 'Whether a value of false removes the variable instead.',
    },
    clear_all: {
      type: 'boolean',
      default: false,
      description:
        'Whether all variables that are not named become empty (with `false_unsets`: are removed).',
    },
    update_minion: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees; the run always sees the variables.',
    },
  },
  required: ['value'],
  examples: [
    {
      title: 'a proxy for later commands',
      sls: `http_proxy:
  environ.setenv:
    - value: http://proxy.example.org:3128
`,
    },
    {
      title: 'several variables at once',
      sls: `build environment:
  environ.setenv:
    - value:
        CFLAGS: -O2
        DEBUG: false
    - false_unsets: true
`,
    },
  ],
  read: (_args, reader) => reader.environment(),
  plan(args, now) {
    const wanted = wantedOf(args.name, args.value, args.false_unsets);
    for (const [name, value] of wanted) {
      if (name === '' || /[=\0]/.test(name))
        return { refused: `"${name}" cannot be the name of a variable.`, certain: true };
      if (value === undefined)
        return { refused: `The value of ${name} is neither text nor false.`, certain: true };
      if (value?.includes('\0'))
        return { refused: `The value of ${name} holds a NUL character.`, certain: true };
    }
    if (args.clear_all) {
      for (const name of Object.keys(now))
        if (!wanted.has(name)) wanted.set(name, args.false_unsets ? null : '');
    }
    const steps: Step[] = [];
    for (const [name, value] of wanted) {
      const old = now[name] ?? null;
      if (value === undefined || value === old) continue;
      steps.push({
        change: { subject: name, old, new: value },
        effect: { kind: 'environ', set: { [name]: value } },
      });
    }
    return steps;
  },
});

/** Variable → value; null: removed; undefined: not a value. */
function wantedOf(
  name: string,
  value: unknown,
  falseUnsets: boolean,
): Map<string, string | null | undefined> {
  const pairs: [string, unknown][] = isDict(value)
    ? [...value].map(([key, one]) => [String(key), one])
    : [[name, value]];
  return new Map(pairs.map(([key, one]) => [key, textOf(one, falseUnsets)]));
}

function textOf(value: unknown, falseUnsets: boolean): string | null | undefined {
  if (value === false) return falseUnsets ? null : '';
  if (typeof value === 'string') return value;
  // Salt refuses numbers; YAML makes one of every port, and its text is what is meant.
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}
