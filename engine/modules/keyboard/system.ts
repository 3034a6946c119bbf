/** The state keyboard.system: the layout of the keyboard of the console. */
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';

interface Now {
  readonly path: string;
  readonly key: string;
  readonly folder: boolean;
  readonly text: string | undefined;
  /** Layouts there are; undefined where that is not known. */
  readonly layouts: readonly string[] | undefined;
}

/** vconsole.conf(5); Debian keeps it where console-setup and X look, keyboard(5). */
function read(_args: object, reader: Reader): Now {
  const debian = reader.grain('os_family') === 'Debian';
  const path = debian ? '/etc/default/keyboard' : '/etc/vconsole.conf';
  const rules = debian ? reader.content('/usr/share/X11/xkb/rules/base.lst')?.toString('utf8') : undefined;
  const section = rules && /^! layout\n([\s\S]*?)\n(?:\n|!)/m.exec(rules)?.[1];
  return {
    path,
    key: debian ? 'XKBLAYOUT' : 'KEYMAP',
    folder: reader.stat(parentOf(path)) !== undefined,
    text: reader.content(path)?.toString('latin1'),
    layouts: section ? section.split('\n').map((line) => line.trim().split(/\s+/)[0]!) : undefined,
  };
}

function plan({ name }: { readonly name: string }, { path, key, folder, text, layouts }: Now): Plan {
  if (!/^[A-Za-z0-9][A-Za-z0-9_,+-]*$/.test(name))
    return { refused: `"${name}" cannot be the name of a keyboard layout.`, certain: true };
  const unknown = layouts && name.split(',').find((one) => !layouts.includes(one));
  if (unknown !== undefined) {
    return {
      refused: `There is no keyboard layout "${unknown}".`,
      hint: 'See /usr/share/X11/xkb/rules/base.lst.',
    };
  }
  const lines = (text ?? '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const setting = new RegExp(`^\\s*${key}\\s*=(.*)$`);
  const at = lines.findLastIndex((line) => setting.test(line));
  const old =
    at < 0
      ? undefined
      : setting
          .exec(lines[at]!)![1]!
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2');
  if (old === name) return { steps: [], comment: `System layout ${name} already set` };
  lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, `${key}="${name}"`);
  return [
    ...(folder ? [] : [folderStep(parentOf(path))]),
    {
      change: { subject: 'layout', ...(old !== undefined && { old }), new: name },
      effect: {
        kind: 'write',
        path,
        content: Buffer.from(`${lines.join('\n')}\n`, 'latin1'),
        follow: true,
        ...(text === undefined && { mode: 0o644 }),
      },
    },
  ];
}

function folderStep(path: string): Step {
  return { change: { subject: path, new: 'directory' }, effect: { kind: 'directory', path, mode: 0o755 } };
}

export default defineState({
  summary: 'this is the layout of the keyboard of the console',
  description: `
Sets \`XKBLAYOUT\` in \`/etc/default/keyboard\` on Debian, \`KEYMAP\` in \`/etc/vconsole.conf\` elsewhere. It takes
effect with the next boot.

Unlike Salt: keyboard.system only writes the file, and does not call localectl.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'The layout: `de`, `us`; on Debian also several: `us,de`.',
    },
  },
  examples: [{ title: 'a German keyboard', sls: 'de:\n  keyboard.system\n' }],
  read,
  plan,
});
