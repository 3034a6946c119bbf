/** What cmd.script and cmd.wait_script share: a script of the file roots. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf, Properties } from '../../core/schema.ts';
import type { Place, Plan } from '../../core/state.ts';
import { type Dict, fromPlain } from '../../core/value.ts';
import { execution, type Setting, settingOf } from './_command.ts';
import { commandProperties } from './_properties.ts';

export const scriptProperties = {
  name: {
    type: 'string',
    description:
      'The script, or what it is called where `source` names it; words after the first are its arguments.',
  },
  source: {
    type: 'string',
    description: 'The script: a file of the file roots (salt://…), an absolute path, or https://….',
  },
  source_hash: { type: 'string', description: 'Hash of a script from the web, such as sha256=….' },
  args: {
    type: 'string',
    description: 'Arguments of the script as the shell reads them, unless `name` holds some.',
  },
  template: { type: 'string', description: 'Template language of the script, `jinja`.' },
  context: { type: 'object', ordered: true, description: 'Variables of the template.' },
  defaults: {
    type: 'object',
    ordered: true,
    description: 'Variables of the template that `context` does not set.',
  },
  ...commandProperties,
} as const satisfies Properties;

export type ScriptArguments = ArgumentsOf<typeof scriptProperties> & { readonly name: string };

export interface ScriptNow {
  readonly setting: Setting;
  readonly script: { readonly text: string } | { readonly refused: string; readonly hint?: string };
}

export async function readScript(args: ScriptArguments, reader: Reader, place: Place): Promise<ScriptNow> {
  return { setting: settingOf(args, reader), script: await scriptOf(args, reader, place) };
}

async function scriptOf(args: ScriptArguments, reader: Reader, place: Place): Promise<ScriptNow['script']> {
  const url = args.source ?? args.name.trim().split(/\s+/)[0]!;
  const isWeb = /^https?:/.test(url);
  const found = isWeb ? await reader.fetch(url, args.source_hash) : reader.source(url);
  if ('missing' in found) return { refused: `The script cannot be run: ${found.missing}.`, hint: found.hint };
  if (args.template === undefined) return { text: found.content.toString() };
  const context: Dict = new Map([...dictOf(args.defaults), ...dictOf(args.context)]);
  const rendered = await reader.render({ engine: args.template, source: found, context, ...place });
  return { text: rendered.text };
}

function dictOf(value: unknown): Dict {
  return fromPlain(value ?? {}) as Dict;
}

/**
 * Reads the script from its input into a folder of its own that nobody else can look into, runs it and removes it.
 * $1: its name; $2: the shell; $3: its arguments, which only that shell reads.
 */
const launcher = `fail() { echo "The script cannot be put into \${TMPDIR:-/tmp}." >&2; exit 126; }
folder=$(mktemp -d) || fail
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
cat > "$folder/$1" && chmod 700 "$folder/$1" || fail
"$2" -c "\\"\\$0\\" $3" "$folder/$1" < /dev/null`;

export function planScript(args: ScriptArguments, now: ScriptNow): Plan {
  if ('refused' in now.setting) return now.setting;
  if ('refused' in now.script) return now.script;
  const [first = '', ...rest] = args.name.trim().split(/\s+/);
  const words = rest.length > 0 ? args.name.trim().slice(first.length).trim() : (args.args ?? '');
  const base =
    (args.source ?? first)
      .replace(/[?#].*$/, '')
      .split('/')
      .pop() || 'script';
  const argv = ['/bin/sh', '-c', launcher, 'sh', base, args.shell, words];
  return execution(args, { ...now.setting, argv, stdin: now.script.text });
}
