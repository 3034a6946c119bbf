/** acme.certificate_absent: the files of a certificate, its key and what was kept of it are gone. */
import { defineState } from '../../core/state.ts';
import { certificateProperties, folderProperty, keptFor } from './_arguments.ts';

export default defineState({
  summary: 'the files of a certificate, its key and what was kept of it are gone',
  description: `
The certificate is not revoked: it just ends some day. The key of the account stays.

Unlike Salt: acme.certificate_absent is not one of Salt's states.`,
  properties: {
    name: certificateProperties.name,
    key_file: {
      ...certificateProperties.key_file,
      description: 'The file of the private key, if it has one of its own.',
    },
    chain_file: {
      ...certificateProperties.chain_file,
      description: 'The file of the issuers alone, if there is one.',
    },
    ...folderProperty,
  },
  examples: [
    {
      title: 'a site that is no more',
      sls: `/etc/haproxy/certs/old.pem:
  acme.certificate_absent: []
`,
    },
  ],
  read({ name, key_file, chain_file, folder }, reader) {
    const files = [name, key_file, chain_file, ...Object.values(keptFor(name, folder))];
    return files.filter((path) => path !== undefined && reader.stat(path) !== undefined) as string[];
  },
  plan(_, files) {
    return files.map((path) => ({
      change: { subject: path, old: 'file' },
      effect: { kind: 'remove', path },
    }));
  },
});
