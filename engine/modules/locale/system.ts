/** The state locale.system: the locale that programs use unless they are told another. */
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';
import { hasLocale, parseLocale, plainName, plainText } from './_locales.ts';

interface Now {
  readonly isThere: boolean;
  readonly path: string;
  readonly folder: boolean;
  readonly text: string | undefined;
}

async function read({ name }: { readonly name: string }, reader: Reader): Promise<Now> {
  const locale = parseLocale(name);
  const path = pathFor(reader);
  return {
    isThere: locale !== undefined && (await hasLocale(plainName(locale), reader)),
    path,
    folder: reader.stat(parentOf(path)) !== undefined,
    text: reader.content(path)?.toString('latin1'),
  };
}

/** locale.conf(5); Debian had a file of its own, which is a link to the other one by now. */
function pathFor(reader: Reader): string {
  const [usual, debian] = ['/etc/locale.conf', '/etc/default/locale'];
  if (reader.grain('os_family') !== 'Debian') return usual;
  return reader.stat(debian) === undefined && reader.stat(usual) !== undefined ? usual : debian;
}

const setting = /^\s*(?:export\s+)?LANG\s*=(.*)$/;

function plan({ name }: { readonly name: string }, { isThere, path, folder, text }: Now): Plan {
  const locale = parseLocale(name);
  if (!locale || locale.charmap !== undefined) {
    return {
      refused: `"${name}" cannot be the name of a locale.`,
      hint: 'Write it as in de_DE.UTF-8.',
      certain: true,
    };
  }
  const lines = (text ?? '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  // The last one counts.
  const at = lines.findLastIndex((line) => setting.test(line));
  const old =
    at < 0
      ? undefined
      : setting
          .exec(lines[at]!)![1]!
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2');
  if (old !== undefined && plainText(old) === plainName(locale))
    return { steps: [], comment: `System locale ${name} already set` };
  if (!isThere) {
    return {
      refused: `There is no locale ${name} here.`,
      hint: 'Require a locale.present that makes it.',
    };
  }
  lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, `LANG=${name}`);
  return [
    ...(folder ? [] : [folderStep(parentOf(path))]),
    {
      change: { subject: 'LANG', ...(old !== undefined && { old }), new: name },
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
  summary: 'this is the locale of the system',
  description: `
Sets \`LANG\` in \`/etc/locale.conf\` or, on a Debian that has it, \`/etc/default/locale\`, and leaves other settings in
it alone. What runs already keeps its locale.

Unlike Salt: locale.system refuses a locale that is not there.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The locale: `de_DE.UTF-8`.' },
  },
  examples: [
    { title: 'a locale that is there everywhere', sls: 'C.UTF-8:\n  locale.system\n' },
    {
      title: 'one that has to be made',
      sls: `german:
  locale.present:
    name: de_DE.UTF-8

system locale:
  locale.system:
    name: de_DE.UTF-8
    require:
      - locale: german
`,
    },
  ],
  read,
  plan,
});
