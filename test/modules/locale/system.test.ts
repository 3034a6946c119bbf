import system from '../../../engine/modules/locale/system.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { archiveOf } from './_archive.ts';

const debian = { os_family: 'Debian' };
const there = { '/usr/lib/locale/locale-archive': archiveOf(['de_DE.utf8']) };
const args = { name: 'de_DE.UTF-8' };

stateTester('locale.system', system, [
  {
    title: 'sets it, and leaves the rest',
    args,
    grains: debian,
    host: { files: { ...there, '/etc/default/locale': '# mine\nLANG="en_US.UTF-8"\nLC_TIME=C\n' } },
    expects: {
      changes: ['LANG'],
      files: { '/etc/default/locale': '# mine\nLANG=de_DE.UTF-8\nLC_TIME=C\n' },
    },
  },
  {
    title: 'makes the file',
    args,
    grains: debian,
    host: { files: { ...there, '/etc/default': { directory: true } } },
    expects: {
      changes: ['LANG'],
      files: { '/etc/default/locale': { content: 'LANG=de_DE.UTF-8\n', mode: 0o644 } },
    },
  },
  {
    title: 'writes through the link that newer releases have',
    args,
    grains: debian,
    host: {
      files: { ...there, '/etc/default/locale': { link: '../locale.conf' }, '/etc/locale.conf': 'LC_TIME=C' },
    },
    expects: {
      changes: ['LANG'],
      files: {
        '/etc/default/locale': { link: '../locale.conf' },
        '/etc/locale.conf': 'LC_TIME=C\nLANG=de_DE.UTF-8\n',
      },
    },
  },
  {
    title: 'sets it on RPM systems',
    args,
    grains: { os_family: 'RedHat' },
    host: { files: { ...there, '/etc/locale.conf': 'LANG=C.UTF-8\n' } },
    expects: { changes: ['LANG'], files: { '/etc/locale.conf': 'LANG=de_DE.UTF-8\n' } },
  },
  {
    title: 'is content with the same in other words',
    args,
    grains: debian,
    host: { files: { '/etc/default/locale': "export LANG='de_DE.utf8'\n" } },
    expects: { changes: [], comment: 'System locale de_DE.UTF-8 already set' },
  },
  {
    title: 'refuses one that is not there',
    args: { name: 'fr_FR.UTF-8' },
    grains: debian,
    host: { files: there },
    expects: { refused: 'There is no locale fr_FR.UTF-8 here.' },
  },
  {
    title: 'refuses what cannot be a name',
    args: { name: 'C\nLD_PRELOAD=/x' },
    grains: debian,
    host: { files: there },
    expects: { refused: '"C\nLD_PRELOAD=/x" cannot be the name of a locale.' },
  },
]);
