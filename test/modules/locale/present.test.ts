import present from '../../../engine/modules/locale/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { archiveOf } from './_archive.ts';

const debian = { os_family: 'Debian' };
const redhat = { os_family: 'RedHat' };
const files = {
  '/usr/sbin/locale-gen': '',
  '/usr/share/i18n/SUPPORTED':
    'de_DE.UTF-8 UTF-8\nde_DE ISO-8859-1\nde_DE@euro ISO-8859-15\nen_US.UTF-8 UTF-8\n',
  '/etc/locale.gen': '# Locales\n\n# de_DE ISO-8859-1\n# de_DE.UTF-8 UTF-8\n',
};
const answers = { 'locale -a': 'C\nC.utf8\nPOSIX\n' };
const listed = '# Locales\n\n# de_DE ISO-8859-1\nde_DE.UTF-8 UTF-8\n';
const archive = '/usr/lib/locale/locale-archive';

function made(argv: readonly string[], stdout: string) {
  return {
    kind: 'exec',
    command: { argv, env: { LC_ALL: 'C' } },
    settles: [{ about: 'answer', command: { argv: ['locale', '-a'], env: { LC_ALL: 'C' } }, stdout }],
    foreseen: true,
  };
}

stateTester('locale.present', present, [
  {
    title: 'lists a locale and makes it',
    args: { name: 'de_DE.UTF-8' },
    grains: debian,
    host: { answers, files },
    expects: { changes: ['/etc/locale.gen', 'locale'], files: { '/etc/locale.gen': listed } },
  },
  {
    title: 'takes the charset of the list where none is written',
    args: { name: 'de_DE@euro' },
    grains: debian,
    host: { answers, files },
    expects: {
      changes: ['/etc/locale.gen', 'locale'],
      files: { '/etc/locale.gen': `${files['/etc/locale.gen']}de_DE@euro ISO-8859-15\n` },
    },
  },
  {
    title: 'is content with one that is listed and in the archive, and starts nothing to see it',
    args: { name: 'de_DE.utf8 UTF-8' },
    grains: debian,
    host: { files: { ...files, '/etc/locale.gen': listed, [archive]: archiveOf(['de_DE.utf8']) } },
    expects: { changes: [], comment: 'Locale de_DE.utf8 UTF-8 is already present' },
  },
  {
    title: 'asks glibc where the archive is not its own',
    args: { name: 'de_DE.UTF-8' },
    grains: debian,
    host: {
      answers: { 'locale -a': 'C\nde_DE.utf8\n' },
      files: { ...files, '/etc/locale.gen': listed, [archive]: 'something else' },
    },
    expects: { changes: [] },
  },
  {
    title: 'lists one that is there',
    args: { name: 'de_DE.UTF-8' },
    grains: debian,
    host: { files: { ...files, [archive]: archiveOf(['de_DE.utf8']) } },
    expects: { changes: ['/etc/locale.gen'], files: { '/etc/locale.gen': listed } },
  },
  {
    title: 'is content with what every system has',
    args: { name: 'C.UTF-8' },
    grains: debian,
    host: { files: { '/usr/lib/locale/C.utf8/LC_IDENTIFICATION': '' } },
    expects: { changes: [] },
  },
  {
    title: 'is made by localedef where no list is kept',
    args: { name: 'de_DE.utf8' },
    grains: redhat,
    host: { answers, files: { '/usr/share/i18n/locales/de_DE': '' } },
    expects: {
      changes: ['locale'],
      effects: [
        made(
          ['localedef', '-c', '-i', 'de_DE', '-f', 'UTF-8', 'de_DE.utf8'],
          `${answers['locale -a']}de_DE.utf8\n`,
        ),
      ],
    },
  },
  {
    title: 'is content with what a package brought',
    args: { name: 'de_DE.UTF-8' },
    grains: redhat,
    host: { files: { '/usr/lib/locale/de_DE.utf8/LC_IDENTIFICATION': '' } },
    expects: { changes: [] },
  },
  {
    title: 'refuses where nothing could make it, and names the package',
    args: { name: 'de_DE.UTF-8' },
    grains: redhat,
    host: { answers },
    expects: { refused: 'The locale de_DE.UTF-8 is not there, nor what it could be made of.' },
  },
  {
    title: 'refuses where there is no locale-gen',
    args: { name: 'de_DE.UTF-8' },
    grains: debian,
    host: { answers },
    expects: { refused: 'The locale de_DE.UTF-8 cannot be made: there is no locale-gen.' },
  },
  {
    title: 'refuses a locale that is none',
    args: { name: 'xx_XX.UTF-8' },
    grains: debian,
    host: { answers, files },
    expects: { refused: 'The locale xx_XX.UTF-8 is none that is supported.' },
  },
  {
    title: 'refuses what cannot be a name',
    args: { name: '--purge' },
    grains: debian,
    host: { answers, files },
    expects: { refused: '"--purge" cannot be the name of a locale.' },
  },
  {
    title: 'refuses to make one below a root',
    args: { name: 'de_DE.UTF-8' },
    grains: debian,
    host: { files },
    expects: { refused: 'Locales cannot be made below another root than /.' },
  },
]);
