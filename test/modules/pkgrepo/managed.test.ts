import managed from '../../../engine/modules/pkgrepo/managed.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fingerprint, key, otherFingerprint, otherKey } from './_keys.ts';

const debian = { os_family: 'Debian' };
const apt = {
  '/etc/apt/sources.list.d': { directory: true },
  '/etc/apt/keyrings': { directory: true },
} as const;
const folder = '/etc/apt/sources.list.d';
const line = 'deb http://deb.example.org/debian bookworm main';
const example = {
  name: 'example',
  uris: 'http://deb.example.org/debian',
  suites: 'bookworm',
  components: 'main',
};
const stanza = 'Types: deb\nURIs: http://deb.example.org/debian\nSuites: bookworm\nComponents: main\n';

stateTester('pkgrepo.managed on Debian', managed, [
  {
    title: 'writes a file of its own in the format deb822',
    args: { ...example, architectures: ['amd64', 'arm64'], options: { trusted: true } },
    grains: debian,
    host: { files: apt },
    expects: {
      changes: ['repository', 'remember'],
      files: {
        [`${folder}/example.sources`]: {
          content: `${stanza}Architectures: amd64 arm64\nTrusted: yes\n`,
          mode: 0o644,
        },
      },
    },
  },
  {
    title: 'makes the folders',
    args: { ...example, key_text: key },
    grains: debian,
    expects: {
      changes: [
        '/etc',
        '/etc/apt',
        '/etc/apt/keyrings',
        '/etc/apt/sources.list.d',
        '/etc/apt/keyrings/example.asc',
        'repository',
        'remember',
      ],
      files: {
        '/etc/apt/keyrings/example.asc': { content: key, mode: 0o644 },
        [`${folder}/example.sources`]: `${stanza}Signed-By: /etc/apt/keyrings/example.asc\n`,
      },
    },
  },
  {
    title: 'is content with the same in other words',
    args: example,
    grains: debian,
    host: {
      files: {
        [`${folder}/example.sources`]:
          '# mine\nSuites:  bookworm\nTYPES: deb\nX-Note: a\nURIs:\n http://deb.example.org/debian/\nEnabled: yes\nComponents: main\n',
      },
    },
    expects: { changes: [], comment: `The package source is as it should be in ${folder}/example.sources` },
  },
  {
    title: 'changes the fields that differ, and keeps comments and labels',
    args: { ...example, suites: 'trixie', disabled: true },
    grains: debian,
    host: {
      files: {
        [`${folder}/example.sources`]: `# mine\nX-Note: a\n${stanza}# and this\nTrusted: yes\n`,
      },
    },
    expects: {
      changes: ['Suites', 'Trusted', 'Enabled', 'remember'],
      files: {
        [`${folder}/example.sources`]:
          '# mine\nX-Note: a\nTypes: deb\nURIs: http://deb.example.org/debian\nSuites: trixie\nComponents: main\n# and this\nEnabled: no\n',
      },
    },
  },
  {
    title: 'has its own file for itself',
    args: example,
    grains: debian,
    host: { files: { [`${folder}/example.sources`]: `${stanza}\n${stanza.replace('bookworm', 'sid')}` } },
    expects: { changes: ['repository', 'remember'], files: { [`${folder}/example.sources`]: stanza } },
  },
  {
    title: 'takes a line of sources.list as its name',
    args: {
      name: `deb [arch=amd64,arm64 trusted=yes] http://u:secret@deb.example.org/debian bookworm main contrib`,
    },
    grains: debian,
    host: { files: apt },
    expects: {
      changes: ['repository', 'remember'],
      files: {
        [`${folder}/deb.example.org-debian-bookworm.sources`]:
          'Types: deb\nURIs: http://u:secret@deb.example.org/debian\nSuites: bookworm\nComponents: main contrib\nArchitectures: amd64 arm64\nTrusted: yes\n',
      },
    },
  },
  {
    title: 'takes the release and the components from arguments',
    args: { name: line, dist: 'trixie', comps: 'main,contrib', file: `${folder}/x.list` },
    grains: debian,
    host: { files: apt },
    expects: {
      changes: ['repository', 'remember'],
      files: { [`${folder}/x.list`]: 'deb http://deb.example.org/debian trixie main contrib\n' },
    },
  },
  {
    title: 'writes one line, and leaves the others alone',
    args: {
      name: line,
      file: `${folder}/x.list`,
      architectures: 'amd64',
      signedby: '/usr/share/keyrings/x.gpg',
    },
    grains: debian,
    host: {
      files: {
        [`${folder}/x.list`]: `# by hand\ndeb http://other.example.org/ ./\n# ${line}\ndeb-src http://deb.example.org/debian bookworm main\n`,
      },
    },
    expects: {
      changes: ['Enabled', 'Architectures', 'Signed-By', 'remember'],
      files: {
        [`${folder}/x.list`]:
          '# by hand\ndeb http://other.example.org/ ./\ndeb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://deb.example.org/debian bookworm main\ndeb-src http://deb.example.org/debian bookworm main\n',
      },
    },
  },
  {
    title: 'comments a line out where it is disabled',
    args: { name: line, file: '/etc/apt/sources.list', disabled: true },
    grains: debian,
    host: { files: { '/etc/apt/sources.list': `${line}\n` } },
    expects: { changes: ['Enabled', 'remember'], files: { '/etc/apt/sources.list': `# ${line}\n` } },
  },
  {
    title: 'removes everything else from a file that is to be clean',
    args: { name: line, file: `${folder}/x.list`, clean_file: true },
    grains: debian,
    host: { files: { [`${folder}/x.list`]: `deb http://other.example.org/ ./\n${line}\n` } },
    expects: { changes: ['repository', 'remember'], files: { [`${folder}/x.list`]: `${line}\n` } },
  },
  {
    title: 'leaves an equal line where it is',
    args: { name: line },
    grains: debian,
    host: { files: { '/etc/apt/sources.list': `${line}  # the mirror\n` } },
    expects: { changes: [], comment: 'The package source is as it should be in /etc/apt/sources.list' },
  },
  {
    title: 'puts a line right where it is',
    args: { name: `${line} contrib` },
    grains: debian,
    host: { files: { '/etc/apt/sources.list': `${line}\n` } },
    expects: {
      changes: ['Components', 'remember'],
      files: { '/etc/apt/sources.list': `${line} contrib\n` },
    },
  },
  {
    title: 'is content with a stanza that says more',
    args: { name: line },
    grains: debian,
    host: {
      files: {
        [`${folder}/folder.list`]: { directory: true },
        [`${folder}/pipe.list`]: { fifo: true },
        [`${folder}/lost.list`]: { link: '/nosuch' },
        [`${folder}/debian.sources`]:
          'Types: deb deb-src\nURIs: http://deb.example.org/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\n',
      },
    },
    expects: { changes: [] },
  },
  {
    title: 'moves what another file describes, but for the components that are not its own',
    args: { ...example, components: ['main', 'contrib'] },
    grains: debian,
    host: {
      files: {
        '/etc/apt/sources.list': `${line}\n`,
        [`${folder}/old.list`]: `${line}\n`,
        [`${folder}/more.list`]: `${line} non-free\n`,
      },
    },
    expects: {
      changes: ['repository', '/etc/apt/sources.list', `${folder}/old.list`, 'remember'],
      files: {
        '/etc/apt/sources.list': '',
        [`${folder}/old.list`]: null,
        [`${folder}/more.list`]: `${line} non-free\n`,
        [`${folder}/example.sources`]: stanza.replace('main', 'main contrib'),
      },
      warnings: [`${folder}/more.list brings a part of this repository, too.`],
    },
  },
  {
    title: 'writes several places and types as lines of their own',
    args: {
      name: 'x',
      uris: ['http://a.example.org', 'http://b.example.org'],
      suites: './',
      types: ['deb', 'deb-src'],
      file: `${folder}/x.list`,
    },
    grains: debian,
    host: { files: { [`${folder}/x.list`]: 'deb http://b.example.org ./\n' } },
    expects: {
      changes: ['repository', 'repository', 'repository', 'remember'],
      files: {
        [`${folder}/x.list`]:
          'deb http://b.example.org ./\ndeb http://a.example.org ./\ndeb-src http://a.example.org ./\ndeb-src http://b.example.org ./\n',
      },
    },
  },
  {
    title: 'takes a key from the file roots where the fingerprint is right, in the form its name asks for',
    args: { ...example, key_url: 'salt://x.asc', fingerprint, signedby: '/etc/apt/keyrings/x.gpg' },
    sources: { 'x.asc': key },
    grains: debian,
    host: { files: apt },
    expects: {
      changes: ['/etc/apt/keyrings/x.gpg', 'repository', 'remember'],
      files: {
        '/etc/apt/keyrings/x.gpg': Buffer.from(
          key
            .split('\n')
            .slice(2, -3)
            .join('')
            .replace(/=....$/, ''),
          'base64',
        ),
      },
    },
  },
  {
    title: 'does not ask the web for a key that it has',
    args: {
      ...example,
      key_url: 'http://192.0.2.1/key.asc',
      fingerprint: [fingerprint.replace(/(....)/g, '$1 ')],
    },
    grains: debian,
    host: {
      files: {
        '/etc/apt/keyrings/example.asc': key,
        [`${folder}/example.sources`]: `${stanza}Signed-By: /etc/apt/keyrings/example.asc\n`,
      },
    },
    expects: { changes: [] },
  },
  {
    title: 'adds comments that are missing',
    args: { ...example, comments: ['# for the web', 'and more'] },
    grains: debian,
    host: { files: { [`${folder}/example.sources`]: `#and  more\n${stanza}`.replace('  ', ' ') } },
    expects: {
      changes: ['comment', 'remember'],
      files: { [`${folder}/example.sources`]: `# for the web\n#and more\n${stanza}` },
    },
  },
  {
    title: 'writes comments with a new line',
    args: { name: line, file: `${folder}/x.list`, comments: 'mine' },
    grains: debian,
    host: { files: { [`${folder}/x.list`]: 'deb http://other.example.org/ ./\n' } },
    expects: {
      changes: ['repository', 'comment', 'remember'],
      files: { [`${folder}/x.list`]: `deb http://other.example.org/ ./\n# mine\n${line}\n` },
    },
  },
  {
    title: 'leaves comments as they are, whatever their encoding, and takes a fingerprint for signed-by',
    args: { name: line.replace('deb', `deb [signed-by=${fingerprint}]`), file: `${folder}/x.list` },
    grains: debian,
    host: { files: { [`${folder}/x.list`]: Buffer.from('# D\xe9p\xf4t\n', 'latin1') } },
    expects: {
      changes: ['repository', 'remember'],
      files: {
        [`${folder}/x.list`]: Buffer.from(
          `# D\xe9p\xf4t\n${line.replace('deb', `deb [signed-by=${fingerprint}]`)}\n`,
          'latin1',
        ),
      },
    },
  },
  {
    title: 'warns of aptkey',
    args: { ...example, aptkey: true },
    grains: debian,
    host: { files: { [`${folder}/example.sources`]: stanza } },
    expects: { changes: [], warnings: [/^aptkey: true has no effect/] },
  },
  ...(
    [
      [
        'another key',
        { key_text: otherKey, fingerprint },
        `key_text holds the key ${otherFingerprint}, which is not among the fingerprints asked for.`,
      ],
      [
        'a second key beside the right one',
        { key_text: `${key}${otherKey}`, fingerprint },
        /which is not among/,
      ],
      ['what is no key', { key_text: 'hello' }, 'key_text is no file of public keys.'],
      [
        'a private key',
        { key_text: '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ==\n' },
        'key_text holds a private key.',
      ],
      [
        'half a key',
        { key_text: key.replace(/\nHgECF4[\s\S]*\n=/, '\n=') },
        'key_text ends in the middle of a key.',
      ],
      [
        'a key from plain http without fingerprint',
        { key_url: 'http://192.0.2.1/k' },
        'Anybody on the way could replace the key of http://192.0.2.1/k.',
      ],
      [
        'a fingerprint that is none',
        { key_text: key, fingerprint: 'F9326D67' },
        '"F9326D67" is no fingerprint.',
      ],
      ['a short key id', { keyid: 'F9326D67', keyserver: 'keys.example.org' }, /is too short/],
      ['a key server without key id', { keyserver: 'keys.example.org' }, 'keyserver is given without keyid.'],
      [
        'a key that is not in the file roots',
        { key_url: 'salt://nosuch' },
        'salt://nosuch is not in the file roots',
      ],
      [
        'a newline in a suite',
        { suites: ['book\nTrusted:yes#'] },
        '"Trusted:yes#" cannot be part of a package source.',
      ],
      [
        'a newline in an option',
        { options: { trusted: 'no\nEnabled: no' } },
        'The value of the option "trusted" cannot be part of a package source.',
      ],
      ['a bracket in an option', { options: { trusted: 'no] x' } }, /cannot be part/],
      ['a type that is none', { types: 'rpm' }, 'The type "rpm" cannot be part of a package source.'],
      [
        'a URI that is none',
        { uris: 'example.org' },
        'The URI "example.org" cannot be part of a package source.',
      ],
      [
        'a file that apt does not read',
        { file: `${folder}/x.conf` },
        `apt would not read the file "${folder}/x.conf".`,
      ],
      ['no place', { uris: [] }, 'The package source "example" has no uris.'],
      ['no components', { components: [] }, 'The package source "example" has no components.'],
      ['a flat repository with components', { suites: './' }, /has no components\.$/],
      ['a PPA', { name: 'ppa:wolfnet/logstash' }, /^A PPA cannot be given/],
      [
        'a line that is none',
        { name: 'deb http://example.org' },
        '"deb http://example.org" is no package source.',
      ],
      ['a line with a second one', { name: `${line}\n${line}` }, /is no package source/],
      ['contradictions', { enabled: true, disabled: true }, 'enabled and disabled contradict each other.'],
    ] as const
  ).map(([title, args, refused]) => ({
    title: `refuses ${title}`,
    args: { ...example, ...args },
    grains: debian,
    expects: { refused },
  })),
  {
    title: 'warns of what makes apt give up: one release with two keys',
    args: { ...example, signedby: '/k.asc' },
    grains: debian,
    host: { files: { [`${folder}/old.list`]: `${line.replace('main', 'contrib')}\n` } },
    expects: {
      changes: ['repository', 'remember'],
      files: { [`${folder}/example.sources`]: `${stanza}Signed-By: /k.asc\n` },
      warnings: [
        `${folder}/old.list describes the same release with signed-by nothing instead of /k.asc: apt gives up until both are alike.`,
      ],
    },
  },
  {
    title: 'refuses a key that somebody else brought and is not the right one',
    args: { ...example, signedby: '/k.asc', fingerprint },
    grains: debian,
    host: { files: { '/k.asc': otherKey } },
    expects: {
      refused: `/k.asc holds the key ${otherFingerprint}, which is not among the fingerprints asked for.`,
    },
  },
  {
    title: 'refuses systems that it does not know',
    args: example,
    grains: { os_family: 'Gentoo' },
    expects: { refused: 'Package repositories of this system (os_family Gentoo) are not known.' },
  },
]);

const apthost = {
  answers: {},
  files: { ...apt, '/usr/bin/apt-get': '', '/var/lib/apt/lists': { directory: true as const } },
};
const fetch = {
  argv: [
    ...['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'APT::Update::Error-Mode=any'],
    ...['-o', `Dir::Etc::SourceList=${folder}/example.sources`, '-o', 'Dir::Etc::SourceParts=/dev/null'],
    ...['-o', 'APT::Get::List-Cleanup=0', 'update'],
  ],
  env: { LC_ALL: 'C.UTF-8' },
};

stateTester('pkgrepo.managed, fetching lists', managed, [
  {
    title: 'fetches those of a changed repository, and says that all are out of date',
    args: example,
    grains: debian,
    host: apthost,
    expects: {
      changes: ['repository', 'remember', 'lists', 'remember'],
      effects: [
        {
          kind: 'write',
          path: `${folder}/example.sources`,
          content: Buffer.from(stanza),
          follow: true,
          mode: 0o644,
        },
        { kind: 'remember', topic: 'pkg.refreshed', values: [false] },
        { kind: 'exec', command: fetch },
        { kind: 'remember', topic: 'pkgrepo.fetched', values: [`${folder}/example.sources`] },
      ],
    },
  },
  {
    title: 'fetches those that are missing',
    args: example,
    grains: debian,
    host: { answers: {}, files: { ...apthost.files, [`${folder}/example.sources`]: stanza } },
    expects: {
      changes: ['lists', 'remember'],
      effects: [
        { kind: 'exec', command: fetch },
        { kind: 'remember', topic: 'pkgrepo.fetched', values: [`${folder}/example.sources`] },
      ],
    },
  },
  {
    title: 'is content with those that are there',
    args: { ...example, uris: 'http://u:p@deb.example.org:8080/a_b/~c' },
    grains: debian,
    host: {
      answers: {},
      files: {
        ...apthost.files,
        [`${folder}/example.sources`]: stanza.replace(
          'deb.example.org/debian',
          'u:p@deb.example.org:8080/a_b/~c',
        ),
        '/var/lib/apt/lists/deb.example.org:8080_a%5fb_%7ec_dists_bookworm_InRelease': '',
      },
    },
    expects: { changes: [] },
  },
  {
    title: 'leaves it where told so',
    args: { ...example, refresh: false },
    grains: debian,
    host: apthost,
    expects: { changes: ['repository', 'remember'], files: { [`${folder}/example.sources`]: stanza } },
  },
  {
    title: 'leaves it for a repository that is not enabled',
    args: { ...example, enabled: false },
    grains: debian,
    host: apthost,
    expects: {
      changes: ['repository', 'remember'],
      files: { [`${folder}/example.sources`]: `${stanza}Enabled: no\n` },
    },
  },
]);

const redhat = { os_family: 'RedHat' };
const repos = '/etc/yum.repos.d';
const base = { name: 'example', baseurl: 'https://rpm.example.org/9/$basearch' };
const section = '[example]\nname=example\nbaseurl=https://rpm.example.org/9/$basearch\nenabled=1\n';

stateTester('pkgrepo.managed on RPM systems', managed, [
  {
    title: 'writes a file of its own',
    args: {
      ...base,
      humanname: 'Example packages',
      gpgcheck: true,
      gpgkey: 'https://rpm.example.org/key',
      priority: 10,
      exclude: ['a*', 'b'],
    },
    grains: redhat,
    host: { files: { [repos]: { directory: true } } },
    expects: {
      changes: ['name', 'baseurl', 'gpgcheck', 'gpgkey', 'exclude', 'priority', 'enabled', 'remember'],
      files: {
        [`${repos}/example.repo`]: {
          content:
            '[example]\nname=Example packages\nbaseurl=https://rpm.example.org/9/$basearch\ngpgcheck=1\ngpgkey=https://rpm.example.org/key\nexclude=a* b\npriority=10\nenabled=1\n',
          mode: 0o644,
        },
      },
    },
  },
  {
    title: 'changes the options that differ in whichever file they are, and nothing else',
    args: { ...base, gpgcheck: false, proxy: null, enabled: false, cost: 500 },
    grains: redhat,
    host: {
      files: {
        [`${repos}/all.repo`]:
          '# all of them\n[other]\nname = Other\n\n[example]\nname = Mine\n# where\nbaseurl = https://old.example.org/\n  https://older.example.org/\ngpgcheck = yes\nproxy=http://p:1\nenabled=True\n\n# the last\n[third]\nenabled=0\n',
      },
    },
    expects: {
      changes: ['baseurl', 'gpgcheck', 'cost', 'proxy', 'enabled', 'remember'],
      files: {
        [`${repos}/all.repo`]:
          '# all of them\n[other]\nname = Other\n\n[example]\nname = Mine\n# where\nbaseurl=https://rpm.example.org/9/$basearch\ngpgcheck=0\nenabled=0\ncost=500\n\n# the last\n[third]\nenabled=0\n',
      },
    },
  },
  {
    title: 'is content with the same in other words',
    args: { ...base, baseurl: ['https://a.example.org', 'https://b.example.org'], gpgcheck: true },
    grains: redhat,
    host: {
      files: {
        [`${repos}/x.repo`]:
          '[example]\nname: x\nBaseURL = https://a.example.org\n\thttps://b.example.org\ngpgcheck=yes\nenabled = on\n',
      },
    },
    expects: { changes: [], comment: `The repository example is as it should be in ${repos}/x.repo` },
  },
  {
    title: 'moves a section to the file that is named, and writes the key beside the others',
    args: { ...base, file: `${repos}/mine.repo`, key_text: key, fingerprint },
    grains: redhat,
    host: {
      files: {
        '/etc/pki/rpm-gpg': { directory: true },
        [`${repos}/a.repo`]: section,
        [`${repos}/b.repo`]: `[other]\nbaseurl=x\n\n${section}`,
      },
    },
    expects: {
      changes: [
        '/etc/pki/rpm-gpg/RPM-GPG-KEY-example',
        'name',
        'baseurl',
        'gpgkey',
        'enabled',
        `${repos}/a.repo`,
        `${repos}/b.repo`,
        'remember',
      ],
      files: {
        '/etc/pki/rpm-gpg/RPM-GPG-KEY-example': key,
        [`${repos}/a.repo`]: null,
        [`${repos}/b.repo`]: '[other]\nbaseurl=x\n',
        [`${repos}/mine.repo`]:
          '[example]\nname=example\nbaseurl=https://rpm.example.org/9/$basearch\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-example\nenabled=1\n',
      },
    },
  },
  {
    title: 'fetches what it offers',
    args: base,
    grains: redhat,
    host: { answers: {}, files: { '/usr/bin/dnf': '', [repos]: { directory: true } } },
    expects: {
      changes: ['name', 'baseurl', 'enabled', 'remember', 'lists', 'remember'],
      files: { [`${repos}/example.repo`]: section },
    },
  },
  {
    title: 'writes comments, and options that it does not know',
    args: { ...base, comments: ['mine'], options: { Unheard_Of: 3 } },
    grains: redhat,
    host: { files: { [`${repos}/example.repo`]: section } },
    expects: {
      changes: ['unheard_of', 'comment', 'remember'],
      files: {
        [`${repos}/example.repo`]: section
          .replace('[example]\n', '[example]\n# mine\n')
          .concat('unheard_of=3\n'),
      },
    },
  },
  {
    title: 'forgets what was fetched by other rules',
    args: { ...base, gpgcheck: true },
    grains: redhat,
    host: {
      answers: {},
      files: {
        '/usr/bin/dnf': '',
        [`${repos}/example.repo`]: section,
        '/var/cache/dnf/example-0123456789abcdef/repodata/repomd.xml': '',
        '/var/cache/dnf/example-more-0123456789abcdef/repodata/repomd.xml': '',
      },
    },
    expects: {
      changes: ['remove', 'gpgcheck', 'remember', 'lists', 'remember'],
      files: {
        '/var/cache/dnf/example-0123456789abcdef': null,
        '/var/cache/dnf/example-more-0123456789abcdef/repodata/repomd.xml': '',
      },
    },
  },
  {
    title: 'keeps passwords from others',
    args: { ...base, username: 'u', password: 'hush' },
    grains: redhat,
    host: { files: { [repos]: { directory: true } } },
    expects: {
      changes: ['name', 'baseurl', 'username', 'password', 'enabled', 'remember'],
      files: { [`${repos}/example.repo`]: { mode: 0o600 } },
    },
  },
  ...(
    [
      ['a bracket in the id', { name: 'a]b' }, '"a]b" cannot be the id of a repository.'],
      ['a newline in an option', { exclude: ['a\n\n[b]'] }, /cannot be written/],
      ['the section of dnf itself', { name: 'main' }, '"main" cannot be the id of a repository.'],
      [
        'a repository without place',
        { baseurl: null },
        'The repository example has no baseurl, mirrorlist or metalink.',
      ],
      ['an option that is none', { options: { 'a]b': 1 } }, '"a]b" cannot be the name of an option.'],
      ['a COPR', { copr: 'owner/name' }, /^A COPR cannot be given/],
      [
        'a file that dnf does not read',
        { file: `${repos}/x.conf` },
        `dnf would not read the file "${repos}/x.conf".`,
      ],
    ] as const
  ).map(([title, args, refused]) => ({
    title: `refuses ${title}`,
    args: { ...base, ...args },
    grains: redhat,
    expects: { refused },
  })),
]);
