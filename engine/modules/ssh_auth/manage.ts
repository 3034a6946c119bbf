/** ssh_auth.manage: a user may log in by these keys and no others. */
import { sshFile, sshFileSteps } from '../../core/ssh-file.ts';
import { defineState } from '../../core/state.ts';
import { exactlyKeys } from './_edit.ts';
import { keyProperties, placeProperties, type Wanted, wantedKeys } from './_keys.ts';

export default defineState({
  summary: 'the user may log in by these keys and no others',
  description: `Lines that are neither one of the keys, nor a comment, nor empty are removed.

Unlike Salt: ssh_auth.manage makes the whole file in one step, so there is no moment at which a wanted key is missing.`,
  properties: {
    ssh_keys: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'The keys, as whole lines or as their Base64 alone. An empty list leaves none.',
    },
    ...placeProperties,
    ...keyProperties,
  },
  required: ['user', 'ssh_keys'],
  examples: [
    {
      title: 'all keys of a user',
      sls: `keys of deploy:
  ssh_auth.manage:
    - user: deploy
    - config: /etc/ssh/keys/%u
    - ssh_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi alice@laptop
      - from="192.0.2.0/24" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbnUSuh6SYDbBaoTQA2MRXrKRr7IFtoDnCRxYgqWuIf ci
`,
    },
  ],
  owns: ({ user, config }) => [{ kind: 'ssh-keys', name: `${user}: ${config}` }],
  read(args, reader) {
    const file = sshFile(args, reader);
    const wanted = wantedKeys(args.ssh_keys, args, reader);
    return wanted instanceof Promise
      ? wanted.then((keys) => ({ file, wanted: keys as Wanted }))
      : { file, wanted };
  },
  plan(_, { file, wanted }) {
    if ('refused' in wanted) return wanted;
    if (file.refusal) return file.refusal;
    const { text, changes } = exactlyKeys(file.text, wanted);
    return sshFileSteps(file, text, changes, 0o600);
  },
});
