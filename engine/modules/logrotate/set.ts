/** logrotate.set: one setting of logrotate, for all logs or for those of a block. */
import { isUtf8 } from 'node:buffer';
import type { Reader } from '../../core/host.ts';
import { baseOf, join } from '../../core/path.ts';
import { defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { type Conf, confOf, type Edit, type Wanted, withSetting } from './_conf.ts';
import { complaints } from './_verify.ts';

const valueTypes = ['string', 'integer', 'boolean'] as const;

interface Arguments {
  readonly key: string;
  readonly value: string | number | boolean;
  readonly setting?: string | number | boolean;
  readonly conf_file: string;
}

interface Found {
  readonly path: string;
  readonly lines: readonly string[];
  readonly conf: Conf;
  readonly encoding: 'utf8' | 'latin1';
}

interface Now {
  readonly refusal?: Refusal;
  readonly path?: string;
  readonly subject?: string;
  readonly wanted?: Wanted;
  readonly edit?: Edit;
  /** Of the file before and after; the same where there is nothing to do. */
  readonly texts?: readonly [before: string, after: string];
  readonly encoding?: 'utf8' | 'latin1';
  readonly complaints?: readonly string[];
}

function read(args: Arguments, reader: Reader): Now | Promise<Now> {
  const refusal = refuseArguments(args);
  if (refusal) return { refusal };
  const main = fileOf(args.conf_file, reader);
  if (main === undefined) {
    return {
      refusal: {
        refused: `${args.conf_file} does not exist.`,
        hint: 'Install the package logrotate, or make the file by file.managed, in an earlier state.',
      },
    };
  }
  const inBlock = args.setting !== undefined;
  const files = [main, ...includedBy(main, reader)];
  const has = ({ conf }: Found) =>
    conf.blocks.some((one) => one.logs.includes(args.key)) ||
    conf.settings.some((one) => one.name === args.key);
  const found = files.find(has) ?? main;
  const block = found.conf.blocks.find((one) => one.logs.includes(args.key));
  if (block && !inBlock) {
    return {
      refusal: {
        refused: `${args.key} is a block of ${found.path}, and no setting of it is named.`,
        hint: 'Name the setting by `value`, and what it is to be by `setting`.',
        certain: true,
      },
    };
  }
  if (inBlock && !block && found.conf.settings.some((one) => one.name === args.key)) {
    return {
      refusal: {
        refused: `${args.key} is no block of ${found.path}, but a setting.`,
        hint: 'Leave out `setting`.',
        certain: true,
      },
    };
  }
  return edited(args, found, reader);
}

function edited(args: Arguments, found: Found, reader: Reader): Now | Promise<Now> {
  const { path, lines, conf, encoding } = found;
  const { key } = args;
  const inBlock = args.setting !== undefined;
  const wanted = wantedOf(inBlock ? args.setting : args.value);
  const block = conf.blocks.find((one) => one.logs.includes(key));
  const edit =
    inBlock && !block
      ? withBlock(lines, key, String(args.value), wanted)
      : withSetting(lines, inBlock ? block!.settings : conf.settings, {
          name: inBlock ? String(args.value) : key,
          wanted,
          fresh: inBlock ? block!.end : firstLine(lines),
          indent: inBlock ? '    ' : '',
        });
  const now: Now = {
    path,
    subject: inBlock ? `${args.value} of ${key}` : key,
    wanted,
    edit,
    texts: [textOf(lines), textOf(edit.lines)],
    encoding,
  };
  if (edit.lines === lines) return now;
  const content = Buffer.from(textOf(edit.lines), encoding);
  return complaints(content, baseOf(path), reader).then((said) => ({ ...now, complaints: said }));
}

function withBlock(lines: readonly string[], key: string, name: string, wanted: Wanted): Edit {
  if (wanted === false) return { lines, old: false };
  const log = /\s/.test(key) ? `"${key}"` : key;
  const line = wanted === true ? name : `${name} ${wanted}`;
  return { lines: [...lines, `${log} {`, `    ${line}`, '}'], old: false };
}

function wantedOf(value: string | number | boolean | undefined): Wanted {
  return typeof value === 'boolean' ? value : String(value ?? '').trim();
}

/** Settings for all logs count for the blocks below them, so a new one goes above everything. */
function firstLine(lines: readonly string[]): number {
  const at = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return at === -1 ? lines.length : at;
}

function fileOf(path: string, reader: Reader): Found | undefined {
  const bytes = reader.content(path);
  if (bytes === undefined) return undefined;
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  const lines = bytes.toString(encoding).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { path, lines, conf: confOf(lines), encoding };
}

/** logrotate.conf(5), tabooext: files in a folder that are left out. */
const taboo = /^\.|~$|,v$|\.(?:disabled|dpkg-\w+|cfsaved|rpm\w+|swp|ucf-\w+|bak)$/;

function includedBy({ conf }: Found, reader: Reader): Found[] {
  return conf.settings
    .filter((one) => one.name === 'include')
    .flatMap(({ value }) => {
      const kind = reader.stat(value)?.kind;
      if (kind === 'file') return [value];
      const names = kind === 'directory' ? reader.list(value) : undefined;
      return (names ?? []).filter((name) => !taboo.test(name)).map((name) => join(value, name));
    })
    .filter((path) => reader.stat(path)?.kind === 'file')
    .flatMap((path) => fileOf(path, reader) ?? []);
}

function refuseArguments({ key, value, setting, conf_file: path }: Arguments): Refusal | undefined {
  const texts = [key, String(value), String(setting ?? '')];
  if (texts.some((text) => /[\n\r\0{}#]/.test(text))) {
    return { refused: 'A setting of logrotate is one line without braces and #.', certain: true };
  }
  if (!path.startsWith('/')) return { refused: `"${path}" is no absolute path.`, certain: true };
  const name = setting === undefined ? key : String(value);
  if (setting !== undefined && typeof value === 'boolean') {
    return { refused: 'With `setting`, value has to be the name of what is set.', certain: true };
  }
  if (!/^[a-z]+$/.test(name)) {
    return {
      refused: `"${name}" is no setting of logrotate.`,
      hint: setting === undefined ? 'For a block of a log, give `setting` too.' : undefined,
      certain: true,
    };
  }
  if (wantedOf(setting ?? value) === '')
    return { refused: `${name} is to be set to nothing.`, certain: true };
  return undefined;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function plan({ key, conf_file }: Arguments, now: Now): Plan {
  if (now.refusal) return now.refusal;
  const { edit, texts, path, encoding, wanted } = now;
  if (texts![0] === texts![1]) {
    return { steps: [], comment: `${key} in ${path ?? conf_file} is as it should be.` };
  }
  if (now.complaints && now.complaints.length > 0) {
    return {
      refused: `logrotate would not take it: ${now.complaints.join(' ')}`,
      hint: 'See logrotate.conf(5).',
    };
  }
  const content = Buffer.from(texts![1], encoding);
  const step: Step = {
    change: {
      subject: now.subject!,
      ...(edit!.old !== false && { old: edit!.old }),
      ...(wanted !== false && { new: wanted }),
    },
    effect: { kind: 'write', path: path!, content, follow: true },
  };
  return [step];
}

export default defineState({
  summary: 'logrotate has this setting',
  description: `
\`key\` is a setting for all logs, such as \`rotate\`, and \`value\` what it is to be; or \`key\` is a log (or pattern) that
has a block, \`value\` a setting of the block and \`setting\` what that is to be. true stands for a setting without value
(\`compress\`), false takes a setting away. It is changed where it is, in \`conf_file\` or a file that it includes; all other
lines stay as they are. The new file is tried by \`logrotate --debug\` before it is put in place.

A whole file for the logs of a program is better written by file.managed:

    /etc/logrotate.d/app:
      file.managed:
        - contents: |
            /var/log/app/*.log {
                weekly
                missingok
            }
        - check_cmd: logrotate --debug

Unlike Salt: logrotate.set leaves the other lines of a block alone, comments and scripts included, and finds a block by
any of its logs.

Unlike Salt: a setting that logrotate.set sets to true takes the place of its opposite (\`nocompress\`, or \`daily\` for
\`weekly\`), which would else win or lose by its place.`,
  properties: {
    key: { type: 'string', minLength: 1, description: 'A setting, or a log that has a block.' },
    value: {
      type: valueTypes,
      description: 'What the setting is to be; with `setting` the name of a setting of the block.',
    },
    setting: { type: valueTypes, description: 'What the setting of the block is to be.' },
    conf_file: { type: 'string', default: '/etc/logrotate.conf', description: 'The configuration file.' },
  },
  required: ['key', 'value'],
  examples: [
    {
      title: 'how many old logs are kept',
      sls: 'keep old logs:\n  logrotate.set:\n    - key: rotate\n    - value: 8\n',
    },
    {
      title: 'a setting of one log',
      sls: `compress the log of logins:
  logrotate.set:
    - key: /var/log/wtmp
    - value: compress
    - setting: true
`,
    },
  ],
  read,
  plan,
});
