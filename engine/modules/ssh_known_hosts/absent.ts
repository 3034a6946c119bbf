/** ssh_known_hosts.absent: no key of a host is known. */
import { knownUser } from '../../core/accounts.ts';
import { sshFile, sshFileSteps } from '../../core/ssh-file.ts';
import { defineState } from '../../core/state.ts';
import { badHost, configOf, hostOf, linesOf, placeProperties, withoutLines } from './_hosts.ts';

export default defineState({
  summary: 'no key of the host is known',
  description: `The host is taken out of every line that names it, plainly or as a hash; lines of several hosts keep the others.

Unlike Salt: ssh_known_hosts.absent takes a \`port\`, for hosts that are known by one.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name or address of the host.' },
    ...placeProperties,
  },
  examples: [
    {
      title: 'a host that is gone',
      sls: 'old.example.test:\n  ssh_known_hosts.absent:\n    - user: alice\n',
    },
  ],
  read(args, reader) {
    const there = args.user === undefined || knownUser(reader, args.user) !== undefined;
    return there ? sshFile({ user: args.user, config: configOf(args) }, reader) : undefined;
  },
  plan({ name, port }, file) {
    const bad = badHost(name);
    if (bad) return bad;
    if (file?.stat === undefined) return file?.refusal?.certain ? file.refusal : [];
    if (file.refusal) return file.refusal;
    const host = hostOf(name, port);
    const gone = linesOf(file.text, host);
    if (gone.length === 0) return [];
    const changes = gone.map(({ key }) => ({ subject: `${host} ${key.type}`, old: key.blob }));
    return sshFileSteps(file, withoutLines(file.text, gone), changes, 0o644);
  },
});
