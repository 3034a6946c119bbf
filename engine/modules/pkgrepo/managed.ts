/** The state pkgrepo.managed: a package repository is configured as described, with the key it is signed with. */

import type { Reader } from '../../core/host.ts';
import { baseOf } from '../../core/path.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, isRefusal, type Plan, type Refusal } from '../../core/state.ts';
import { type AptNow, planApt, readApt } from './_apt.ts';
import { familyOf, identityOf, sourceProperties } from './_arguments.ts';
import { commentsOf } from './_comments.ts';
import { type DnfNow, planDnf, readDnf, refuseId, settingsOf } from './_dnf.ts';
import { bringsKey, type Key, keyProperties, readKey } from './_key.ts';
import { optionProperties } from './_options.ts';
import { sectionsOf } from './_repo-file.ts';
import { certainly, type Wanted, wantedOf } from './_wanted.ts';

const properties = {
  ...sourceProperties,
  ...keyProperties,
  signedby: {
    type: 'string',
    minLength: 1,
    description:
      'Debian: path of the file with the key. With `key_url` or `key_text` that is where the key is written; unless given, to `/etc/apt/keyrings`.',
  },
  enabled: { type: 'boolean', description: 'Whether it is used; true unless given.' },
  disabled: { type: 'boolean', description: 'The opposite of `enabled`.' },
  refresh: {
    type: 'boolean',
    default: true,
    description:
      'Whether what the repository offers is fetched when something changed. A repository that cannot be fetched fails the state.',
  },
  refresh_db: { type: 'boolean', description: 'An older name of `refresh`.' },
  clean_file: {
    type: 'boolean',
    default: false,
    description: 'Debian: remove everything else from the file.',
  },
  aptkey: {
    type: 'boolean',
    description: 'Accepted for Salt trees; apt-key is never used.',
  },
  comments: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Comments that stand with it in its file. Others there are left alone.',
  },
  consolidate: {
    type: 'boolean',
    description: 'Accepted for Salt trees; a repository is never described twice anyway.',
  },
  humanname: { type: 'string', minLength: 1, description: 'RPM: what people read instead of the id.' },
  ...optionProperties,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

type Now =
  | { readonly refused: Refusal }
  | { readonly manager: 'apt'; readonly wanted: Wanted; readonly key: Key | undefined; readonly apt: AptNow }
  | {
      readonly manager: 'dnf';
      readonly values: ReadonlyMap<string, string | null>;
      readonly key: Key | undefined;
      readonly dnf: DnfNow;
    };

function read(args: Arguments, reader: Reader): Now | Promise<Now> {
  if (args.enabled !== undefined && args.disabled !== undefined && args.enabled === args.disabled)
    return { refused: certainly('enabled and disabled contradict each other.', 'Give one of them.') };
  const family = familyOf(reader);
  if (typeof family === 'object') return { refused: family };
  return family === 'apt' ? fromApt(args, reader) : fromDnf(args, reader);
}

function isEnabled({ enabled, disabled }: Arguments): boolean {
  return enabled ?? !disabled;
}

function fromApt(args: Arguments, reader: Reader): Now | Promise<Now> {
  const plain = wantedOf(args, isEnabled(args));
  if (isRefused(plain)) return { refused: plain };
  const named = args.signedby ?? plain.entry.options.get('signed-by');
  const path =
    named ??
    (bringsKey(args) ? `/etc/apt/keyrings/${baseOf(plain.file).replace(/\.[a-z]+$/, '')}.asc` : undefined);
  const options = new Map(plain.entry.options);
  if (path !== undefined) options.set('signed-by', path);
  const wanted: Wanted = { ...plain, entry: { ...plain.entry, options } };
  const ready = (key: Key | Refusal | undefined): Now =>
    key && isRefused(key) ? { refused: key } : { manager: 'apt', wanted, key, apt: readApt(wanted, reader) };
  const key = readKey(args, path, reader);
  return key instanceof Promise ? key.then(ready) : ready(key);
}

function fromDnf(args: Arguments, reader: Reader): Now | Promise<Now> {
  const bad = refuseId(args);
  if (bad) return { refused: bad };
  const path = bringsKey(args) ? `/etc/pki/rpm-gpg/RPM-GPG-KEY-${args.name}` : undefined;
  const dnf = readDnf(args, reader);
  const isNew = sectionsOf(dnf.file.text).every(({ id }) => id !== args.name);
  const values = settingsOf(args, isEnabled(args), path, isNew);
  if (!(values instanceof Map)) return { refused: values };
  const ready = (key: Key | Refusal | undefined): Now =>
    key && isRefused(key) ? { refused: key } : { manager: 'dnf', values, key, dnf };
  const key = readKey(args, path, reader);
  return key instanceof Promise ? key.then(ready) : ready(key);
}

function isRefused(one: object): one is Refusal {
  return 'refused' in one;
}

function plan(args: Arguments, now: Now): Plan {
  if ('refused' in now) return now.refused;
  const refresh = args.refresh_db ?? args.refresh;
  const comments = commentsOf(args.comments);
  const planned =
    now.manager === 'apt'
      ? planApt(now.wanted, now.key, now.apt, { refresh, clean: args.clean_file, comments })
      : planDnf(args, now.values, now.key, now.dnf, { refresh, comments });
  if (!args.aptkey || isRefusal(planned) || !('steps' in planned)) return planned;
  const warning = 'aptkey: true has no effect: keys lie in files of their own that signed-by names.';
  return { ...planned, warnings: [...(planned.warnings ?? []), warning] };
}

const exampleKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawOCBxYJKwYBBAHaRw8BAQdAH8It7Fu0Jn22GoA8ZEMPFnS0FSzt2UnNdjnC
SXrZH5e0HkV4YW1wbGUgPHBhY2thZ2VzQGV4YW1wbGUub3JnPoiQBBMWCAA4FiEE
jxnuVa7N6OJK19g+w7OIGfkybWcFAmsDggcCGwMFCwkIBwIGFQoJCAsCBBYCAwEC
HgECF4AACgkQw7OIGfkybWfbpgD9EL9RIEWb+COno+dVgOpj6RAEL8FRdPblkt/9
tTzH0KUA/038T+YPGq2MsJBPCBDNV0i9gi+ZHqe5u6+Gd6CVxlwO
=Yt8e
-----END PGP PUBLIC KEY BLOCK-----
`;

export default defineState({
  summary: 'the package repository is configured',
  description: `
On Debian a repository is described by \`uris\`, \`suites\` and \`components\`, or by a name as in sources.list
(\`deb [arch=amd64] https://example.org/debian bookworm main\`). It is written to a file of its own below
\`/etc/apt/sources.list.d\`, in the format deb822; a \`file\` that ends in \`.list\` has the format of one line. In a file
that is named, everything else is left alone, comments too. A repository that another file describes already is not
written twice: without \`file\` it is put right where it is, with \`file\` it is moved there.

On RPM systems the name is the id of the repository. Only its section is changed, and of that only the options that
are given.

A key from \`key_url\` or \`key_text\` is written to a file that belongs to this repository alone. With \`fingerprint\`
nothing but that key is taken, and a key that is there already is not fetched again.

A new or changed repository is fetched at once, and the package states that follow fetch their lists again. Of a
repository whose lists are not there, because fetching failed, they are fetched by the next run.

Unlike Salt: pkgrepo.managed never uses apt-key; a key from \`key_url\` goes to \`/etc/apt/keyrings\` and is trusted for
this repository only.

Unlike Salt: pkgrepo.managed writes a repository without \`file\` to a file of its own in the format deb822, not to
\`/etc/apt/sources.list\`.

Unlike Salt: pkgrepo.managed refuses a key from plain \`http://\` without a \`fingerprint\`, and a \`keyid\` of less than 16
digits, because others can make keys of the same one.

Unlike Salt: pkgrepo.managed removes what other files say of the same repository where \`file\` is named.

Unlike Salt: pkgrepo.managed refuses a PPA or COPR by its short name; describe the repository and its key.`,
  properties,
  examples: [
    {
      title: 'a repository of Debian packages, trusted by the fingerprint of its key',
      sls: `example packages:
  pkgrepo.managed:
    name: example
    uris: https://packages.example.org/debian
    suites: bookworm
    components: main
    key_url: salt://example.asc
    fingerprint: 8F19 EE55 AECD E8E2 4AD7 D83E C3B3 8819 F932 6D67

curl:
  pkg.installed:
    require:
      - pkgrepo: example packages
`,
      files: { 'example.asc': exampleKey },
    },
    {
      title: 'a repository for both families',
      sls: `example:
  pkgrepo.managed:
    {% if grains.os_family == 'RedHat' %}
    humanname: Example packages
    baseurl: https://packages.example.org/el/$releasever/$basearch
    gpgcheck: true
    {% else %}
    uris: https://packages.example.org/debian
    suites: bookworm
    components: [main, contrib]
    architectures: amd64
    {% endif %}
    key_url: salt://example.asc
    fingerprint: 8F19EE55AECDE8E24AD7D83EC3B38819F9326D67
    refresh: false
`,
      files: { 'example.asc': exampleKey },
    },
    {
      title: 'one line, as in sources.list, in a file that is named',
      sls: `deb [arch=amd64] http://mirror.example.org/debian bookworm-backports main:
  pkgrepo.managed:
    file: /etc/apt/sources.list.d/backports.list
    refresh: false
`,
    },
  ],
  owns: (args) => [
    { kind: 'repository', name: args.name, absent: { state: 'pkgrepo.absent', args: identityOf(args) } },
  ],
  read,
  plan,
});
