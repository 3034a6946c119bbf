/** ssh_auth.present: a user may log in by a key. */

import { sshFile, sshFileSteps } from '../../core/ssh-file.ts';
import { keyLineOf, keyOf } from '../../core/ssh-key.ts';
import { defineState } from '../../core/state.ts';
import { withKeys } from './_edit.ts';
import { keyProperties, placeProperties, type Wanted, wantedKeys } from './_keys.ts';

export default defineState({
  summary: 'the user may log in by this key',
  description: `A key is the same key whatever its comment and options are: those are changed in its line, and all other lines keep every
byte. The directory of the file is made for its user alone (0700), and so is the file (0600); what others may write to,
which sshd would turn down, is closed to them.

Unlike Salt: ssh_auth.present takes the type of a key from the key itself, so a wrong or missing \`enc\` cannot make a line that sshd ignores.

Unlike Salt: ssh_auth.present keeps the options in the file where a key alone (not a whole line) is given without \`options\`.

Unlike Salt: ssh_auth.present refuses a key that is not one, or is cut short.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description:
        'The key: a whole line as in a .pub file, perhaps with options before it, or its Base64 alone. With `source` any name.',
    },
    ...placeProperties,
    ...keyProperties,
  },
  required: ['user'],
  examples: [
    {
      title: 'a key as it stands in a .pub file',
      sls: `alice's laptop:
  ssh_auth.present:
    - user: alice
    - name: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi alice@laptop
`,
    },
    {
      title: 'a key that may only do one thing',
      sls: `backup of app:
  ssh_auth.present:
    - user: app
    - name: AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi
    - comment: backup server
    - options:
      - restrict
      - command="/usr/local/bin/dump app"
    - config: /etc/ssh/keys/%u
`,
    },
  ],
  owns({ name, user, config, source }) {
    const key = keyOf(name.trim()) ?? keyLineOf(name);
    if (source !== undefined || !key) return [];
    const args = { name: key.blob, user, config };
    const place = config === placeProperties.config.default ? '' : ` in ${config}`;
    return [
      { kind: 'ssh-key', name: `${user}: ${key.blob}${place}`, absent: { state: 'ssh_auth.absent', args } },
    ];
  },
  read(args, reader) {
    const file = sshFile(args, reader);
    const wanted = wantedKeys([args.name], args, reader);
    return wanted instanceof Promise
      ? wanted.then((keys) => ({ file, wanted: keys as Wanted }))
      : { file, wanted };
  },
  plan(_, { file, wanted }) {
    if ('refused' in wanted) return wanted;
    if (file.refusal) return file.refusal;
    const { text, changes } = withKeys(file.text, wanted);
    return sshFileSteps(file, text, changes, 0o600);
  },
});
