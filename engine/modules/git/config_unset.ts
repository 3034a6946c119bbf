/** git.config_unset: a key of git's configuration is not set. */
import { pythonRegex, RegexSyntax } from '../../core/regex.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { canonicalKey, type Entry, withoutEntries } from './_config.ts';
import { maskValue, settingsOf, settingsProperties, settingsStep } from './_settings.ts';

export default defineState({
  summary: "the key of git's configuration is not set",
  description: 'Removes a key, or several, from the configuration of a repository or of a user.',
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'The key, or a regular expression that has to match whole keys: `remote\\..*\\.fetch`.',
    },
    value_regex: {
      type: 'string',
      description: 'Only values that match this regular expression are removed.',
    },
    all: {
      type: 'boolean',
      default: false,
      description: 'Remove every value of a key that stands several times. Otherwise that is a failure.',
    },
    ...settingsProperties,
  },
  examples: [
    {
      title: 'no proxy any more',
      sls: `http.proxy:
  git.config_unset:
    - user: deploy
    - global: true
`,
    },
  ],
  read: (args, reader) => settingsOf(args, reader),
  plan(args, now) {
    if ('refused' in now) return now;
    const isMeant = matcherOf(args.name, args.value_regex);
    if (typeof isMeant === 'object') return isMeant;
    const meant = now.config.entries.filter(isMeant);
    const byKey = new Map<string, Entry[]>();
    for (const entry of meant) byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
    const several = [...byKey].find(([, entries]) => entries.length > 1);
    if (several && !args.all) {
      return {
        refused: `${several[0]} has ${several[1].length} values in ${now.path}.`,
        hint: 'Set all: true to remove all of them, or value_regex to choose.',
      };
    }
    if (meant.length === 0) return { steps: [], comment: 'No matching keys are set' };
    const changes = [...byKey].map(([key, entries]) => {
      const values = entries.map(({ value }) => maskValue(key, value));
      return { subject: key, old: values.length > 1 ? values : values[0] };
    });
    return settingsStep(now, withoutEntries(now.config, meant), changes);
  },
});

/** Salt: a pattern has to match the whole key, but only some part of the value. */
function matcherOf(name: string, value: string | undefined): ((entry: Entry) => boolean) | Refusal {
  const exact = canonicalKey(name);
  try {
    const keys = pythonRegex(`(?:${name})\\Z`, { sticky: true });
    const values = value === undefined ? undefined : pythonRegex(value);
    return (entry) => {
      keys.lastIndex = 0;
      return (entry.key === exact || keys.test(entry.key)) && (values?.test(entry.value) ?? true);
    };
  } catch (error) {
    if (!(error instanceof RegexSyntax)) throw error;
    return { refused: `That is no regular expression: ${error.message}.`, certain: true };
  }
}
