/** acme.placeholder: a server that reads the files of a certificate can start. */
import { defineState } from '../../core/state.ts';
import { certificateProperties, ownedFiles } from './_arguments.ts';
import { heldSteps, lookAtHeld, placeholder, withFolders } from './_held.ts';

export default defineState({
  summary: 'a server that reads the files of a certificate can start',
  description: `
Where the files hold no private key with a certificate for it, they get one that the key signed itself. Whatever works is left
alone, with its owner and permissions, also if it is over or for other names or another key: that is for \`acme.certificate\`
to mend, or for whoever else has put it there.

Give it the same arguments as \`acme.certificate\` and put it before the server, and that after it: then the server runs
although no certificate can be had yet, and can serve the files by which an authority sees that the names are ours.

Unlike Salt: acme.placeholder is not one of Salt's states.`,
  properties: certificateProperties,
  required: ['domains'],
  examples: [
    {
      title: 'before haproxy is started',
      sls: `certificate to start with:
  acme.placeholder:
    - name: /etc/haproxy/certs/site.pem
    - domains: www.example.org
    - makedirs: true
`,
    },
  ],
  owns: ownedFiles,
  async read(args, reader) {
    return await lookAtHeld(args, [], reader);
  },
  plan(_, now) {
    if ('refused' in now) return now;
    return now.serving ? [] : withFolders(now, heldSteps(now, now.fit ?? placeholder(now)));
  },
});
