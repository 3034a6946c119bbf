import system from '../../../engine/modules/keyboard/system.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const debian = { os_family: 'Debian' };
const keyboard = '/etc/default/keyboard';
const text = '# See keyboard(5)\nXKBMODEL="pc105"\nXKBLAYOUT="us"\nXKBVARIANT=""\n';
const rules =
  '! model\n  pc105           Generic\n\n! layout\n  us              English (US)\n  de              German\n\n! variant\n  x               y\n';

stateTester('keyboard.system', system, [
  {
    title: 'sets the layout, and leaves the rest',
    args: { name: 'us,de' },
    grains: debian,
    host: { files: { [keyboard]: text, '/usr/share/X11/xkb/rules/base.lst': rules } },
    expects: { changes: ['layout'], files: { [keyboard]: text.replace('"us"', '"us,de"') } },
  },
  {
    title: 'is content with what is so, in quotes or not',
    args: { name: 'us' },
    grains: debian,
    host: { files: { [keyboard]: text.replaceAll('"', '') } },
    expects: { changes: [], comment: 'System layout us already set' },
  },
  {
    title: 'makes the file of systemd elsewhere',
    args: { name: 'de-latin1' },
    grains: { os_family: 'RedHat' },
    host: { files: { '/etc': { directory: true } } },
    expects: {
      changes: ['layout'],
      files: { '/etc/vconsole.conf': { content: 'KEYMAP="de-latin1"\n', mode: 0o644 } },
    },
  },
  {
    title: 'refuses a layout that is none',
    args: { name: 'us,xx' },
    grains: debian,
    host: { files: { [keyboard]: text, '/usr/share/X11/xkb/rules/base.lst': rules } },
    expects: { refused: 'There is no keyboard layout "xx".' },
  },
  {
    title: 'refuses what cannot be a name',
    args: { name: 'us"; rm' },
    grains: debian,
    host: { files: { [keyboard]: text } },
    expects: { refused: '"us"; rm" cannot be the name of a keyboard layout.' },
  },
]);
