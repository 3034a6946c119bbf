/** ssh_auth.absent: a user may not log in by a key. */
import { knownUser } from '../../core/accounts.ts';
import { sshFile, sshFileSteps } from '../../core/ssh-file.ts';
import { defineState } from '../../core/state.ts';
import { withoutKeys } from './_edit.ts';
import { keyProperties, placeProperties, type Wanted, wantedKeys } from './_keys.ts';

export default defineState({
  summary: 'the user may not log in by this key',
  description: `All lines of the key go, whatever their options and comments are.

Unlike Salt: ssh_auth.absent holds for a user that does not exist.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'The key: a whole line, or its Base64 alone. With `source` any name.',
    },
    ...placeProperties,
    ...keyProperties,
  },
  required: ['user'],
  examples: [
    {
      title: 'a key that was lost',
      sls: `alice's old laptop:
  ssh_auth.absent:
    - user: alice
    - name: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi
`,
    },
  ],
  read(args, reader) {
    const there = knownUser(reader, args.user) !== undefined;
    const file = there ? sshFile(args, reader) : undefined;
    const wanted = wantedKeys([args.name], { ...args, options: undefined }, reader);
    return wanted instanceof Promise
      ? wanted.then((keys) => ({ file, wanted: keys as Wanted }))
      : { file, wanted };
  },
  plan(_, { file, wanted }) {
    if ('refused' in wanted) return wanted;
    if (file?.stat === undefined) return file?.refusal?.certain ? file.refusal : [];
    if (file.refusal) return file.refusal;
    const { text, changes } = withoutKeys(file.text, wanted);
    return text === file.text ? [] : sshFileSteps(file, text, changes, 0o600);
  },
});
