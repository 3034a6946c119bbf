import absent from '../../../engine/modules/pkgrepo/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { fingerprint, key } from './_keys.ts';

const grains = { os_family: 'Debian' };
const folder = '/etc/apt/sources.list.d';
const line = 'deb http://deb.example.org/debian bookworm main';
const signed = '[signed-by=/etc/apt/keyrings/x.asc]';
const stanza =
  'Types: deb\nURIs: http://deb.example.org/debian\nSuites: bookworm\nComponents: main\nSigned-By: /etc/apt/keyrings/x.asc\n';

stateTester('pkgrepo.absent on Debian', absent, [
  {
    title: 'is content where there is nothing',
    args: { name: 'x' },
    grains,
    expects: { changes: [], comment: 'The package repository x is not configured' },
  },
  {
    title: 'removes the file of a name, and its key',
    args: { name: 'x', remove_key: true },
    grains,
    host: { files: { [`${folder}/x.sources`]: stanza, '/etc/apt/keyrings/x.asc': key } },
    expects: {
      changes: [`${folder}/x.sources`, '/etc/apt/keyrings/x.asc'],
      files: { [`${folder}/x.sources`]: null, '/etc/apt/keyrings/x.asc': null },
    },
  },
  {
    title: 'leaves a key that another repository uses',
    args: { name: 'x', remove_key: true },
    grains,
    host: {
      files: {
        [`${folder}/x.sources`]: stanza,
        [`${folder}/y.list`]: `deb ${signed} http://y.example.org ./\n`,
        '/etc/apt/keyrings/x.asc': key,
      },
    },
    expects: { changes: [`${folder}/x.sources`], files: { '/etc/apt/keyrings/x.asc': key } },
  },
  {
    title: 'removes a key by its id only',
    args: { name: 'x', keyid: fingerprint.slice(-16).replace('8', '9') },
    grains,
    host: { files: { [`${folder}/x.sources`]: stanza, '/etc/apt/keyrings/x.asc': key } },
    expects: { changes: [`${folder}/x.sources`], files: { '/etc/apt/keyrings/x.asc': key } },
  },
  {
    title: 'removes a line from every file, disabled or not, and leaves the rest',
    args: { name: line },
    grains,
    host: {
      files: {
        '/etc/apt/sources.list': `# head\n${line} contrib\n# ${line}\n${line.replace('deb', 'deb-src')}\n`,
        [`${folder}/x.sources`]: `# first\nTypes: deb\nURIs: http://deb.example.org/debian/\nSuites: bookworm sid\nComponents: main\n\n${stanza}`,
        [`${folder}/y.list`]: `${line}\n`,
      },
    },
    expects: {
      changes: [
        '/etc/apt/sources.list',
        '/etc/apt/sources.list',
        `${folder}/x.sources`,
        `${folder}/x.sources`,
        `${folder}/y.list`,
      ],
      files: {
        '/etc/apt/sources.list': `# head\n${line.replace('main', 'contrib')}\n${line.replace('deb', 'deb-src')}\n`,
        [`${folder}/x.sources`]:
          '# first\nTypes: deb\nURIs: http://deb.example.org/debian/\nSuites: sid\nComponents: main\n',
        [`${folder}/y.list`]: null,
      },
    },
  },
  {
    title: 'looks at one file only where it is named',
    args: { name: line, file: `${folder}/y.list` },
    grains,
    host: { files: { '/etc/apt/sources.list': `${line}\n`, [`${folder}/y.list`]: `${line}\n` } },
    expects: {
      changes: [`${folder}/y.list`],
      files: { '/etc/apt/sources.list': `${line}\n`, [`${folder}/y.list`]: null },
    },
  },
  {
    title: 'refuses to take apart what no entry could say any more',
    args: { name: line },
    grains,
    host: {
      files: {
        [`${folder}/x.sources`]:
          'Types: deb\nURIs: http://deb.example.org/debian\nSuites: bookworm sid\nComponents: main contrib\n',
      },
    },
    expects: { refused: `${folder}/x.sources describes this repository together with others.` },
  },
  {
    title: 'refuses a PPA',
    args: { name: 'ppa:a/b' },
    grains,
    expects: { refused: /^A PPA/ },
  },
]);

const repos = '/etc/yum.repos.d';

stateTester('pkgrepo.absent on RPM systems', absent, [
  {
    title: 'removes the section, and keeps the comment of the next one',
    args: { name: 'b', remove_key: true },
    grains: { os_family: 'RedHat' },
    host: {
      files: {
        '/etc/pki/rpm-gpg/b': key,
        [`${repos}/all.repo`]:
          '# all\n[a]\nbaseurl=x\n[b]\nbaseurl=y\ngpgkey=file:///etc/pki/rpm-gpg/b\n\n# the third\n[c]\nbaseurl=z\n',
      },
    },
    expects: {
      changes: [`${repos}/all.repo`, '/etc/pki/rpm-gpg/b'],
      files: {
        [`${repos}/all.repo`]: '# all\n[a]\nbaseurl=x\n# the third\n[c]\nbaseurl=z\n',
        '/etc/pki/rpm-gpg/b': null,
      },
    },
  },
  {
    title: 'removes a file that is empty then',
    args: { name: 'b' },
    grains: { os_family: 'RedHat' },
    host: { files: { [`${repos}/b.repo`]: '[b]\nbaseurl=y\n' } },
    expects: { changes: [`${repos}/b.repo`], files: { [`${repos}/b.repo`]: null } },
  },
  {
    title: 'is content where there is none',
    args: { name: 'b' },
    grains: { os_family: 'RedHat' },
    expects: { changes: [] },
  },
  {
    title: 'refuses what is no id',
    args: { name: 'a b' },
    grains: { os_family: 'RedHat' },
    expects: { refused: '"a b" cannot be the id of a repository.' },
  },
]);
