/** git.config_set: a key of git's configuration has this value, or these. */
import { defineState } from '../../core/state.ts';
import { keyParts, valuesOf, withValues } from './_config.ts';
import { maskValue, settingsOf, settingsProperties, settingsStep } from './_settings.ts';

type Scalar = string | number | boolean;

export default defineState({
  summary: "the key of git's configuration has this value",
  description: `Sets a key in the configuration of a repository or of a user. The file is edited, and everything else in it stays;
git itself is not needed.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'The key: `user.email`, `remote.origin.url`.',
    },
    value: {
      type: ['string', 'number', 'boolean'],
      description: 'The only value the key shall have.',
    },
    multivar: {
      type: 'array',
      minItems: 1,
      items: { type: ['string', 'number', 'boolean'] },
      description: 'All values of a key that may stand several times, in order, instead of `value`.',
    },
    ...settingsProperties,
  },
  examples: [
    {
      title: 'who commits, for one user',
      sls: `user.email:
  git.config_set:
    - value: deploy@example.com
    - user: deploy
    - global: true
`,
    },
    {
      title: 'a key with several values in one repository',
      sls: `remote.origin.fetch:
  git.config_set:
    - multivar:
      - +refs/heads/main:refs/remotes/origin/main
      - +refs/tags/*:refs/tags/*
    - repo: /srv/shop
`,
    },
  ],
  read: (args, reader) => settingsOf(args, reader),
  plan(args, now) {
    const { name, value, multivar } = args;
    if (keyParts(name) === undefined) {
      return {
        refused: `"${name}" is no key of git's configuration.`,
        hint: 'Write it as section.name or section.subsection.name.',
        certain: true,
      };
    }
    if ((value === undefined) === (multivar === undefined)) {
      return { refused: 'Exactly one of value and multivar has to be given.', certain: true };
    }
    const wanted = ((multivar ?? [value]) as Scalar[]).map(String);
    if (wanted.some((one) => one.includes('\0'))) {
      return { refused: 'A value cannot hold a NUL character.', certain: true };
    }
    if ('refused' in now) return now;
    const present = valuesOf(now.config, name);
    if (present.length === wanted.length && present.every((one, index) => one === wanted[index])) {
      return { steps: [], comment: `${name} is already set` };
    }
    const shown = (values: readonly string[]) => {
      const masked = values.map((one) => maskValue(name, one));
      return masked.length > 1 || multivar ? masked : masked[0];
    };
    const change = {
      subject: name,
      old: present.length === 0 ? undefined : shown(present),
      new: shown(wanted),
    };
    return settingsStep(now, withValues(now.config, name, wanted), [change]);
  },
});
