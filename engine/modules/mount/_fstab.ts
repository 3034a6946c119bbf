/** /etc/fstab (fstab(5)): one line at a time, every other byte left as it is. */
import {
  asBytes,
  type ByteText,
  byteLines,
  fromBytes,
  readBytes,
  withLine,
  writeBytes,
} from '../../core/byte-text.ts';
import type { Reader } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { escaped, unescaped } from './_mounts.ts';

export interface Entry {
  readonly device: string;
  readonly name: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: string;
  readonly pass_num: string;
}

const fields = ['device', 'name', 'fstype', 'opts', 'dump', 'pass_num'] as const;
type Field = (typeof fields)[number];

const absent: { readonly [field: string]: string } = { opts: 'defaults', dump: '0', pass_num: '0' };

export const configProperty = {
  type: 'string',
  pattern: '^/[^\\n\\0]*$',
  default: '/etc/fstab',
  description: 'The table of file systems.',
} as const;

export const matchProperty = {
  type: ['string', 'array'],
  items: { type: 'string' },
  default: 'auto',
  description:
    'By which fields a line is recognised as this one: `name` (the mount point), `device`, `fstype`, `opts`, `dump`, `pass_num`, or a list of them. With `auto` by the mount point, or by the device where there is none.',
} as const;

export const mountByProperty = {
  type: ['string', 'null'],
  enum: ['dev', 'device', 'uuid', 'label', 'partuuid', 'partlabel', null],
  description: 'What the device is called in the table: as it is named here, or by what is written on it.',
} as const;

/** Read with what tells whether systemd knows it: it makes units of its lines. */
export interface Fstab extends ByteText {
  readonly systemd: boolean;
  readonly unnoticed: boolean;
}

const generated = '/run/systemd/generator';

export function readFstab(config: string, reader: Reader): Fstab {
  const systemd =
    !reader.rooted && config === '/etc/fstab' && reader.stat('/run/systemd/system') !== undefined;
  const made = systemd ? reader.stat(generated)?.mtime : undefined;
  const written = made === undefined ? undefined : reader.stat(reader.resolve(config))?.mtime;
  return {
    ...readBytes(config, reader),
    systemd,
    unnoticed: made !== undefined && written !== undefined && written > made,
  };
}

/** The words of a line with the white space before each; undefined for a comment or an empty line. */
function wordsOf(line: string): { readonly gap: string; readonly word: string }[] | undefined {
  const words = [...line.matchAll(/([ \t]*)([^ \t\r\n]+)/g)].map(([, gap, word]) => ({
    gap: gap!,
    word: word!,
  }));
  return words.length < 3 || words[0]!.word.startsWith('#') ? undefined : words;
}

export function entryOf(line: string): Entry | undefined {
  const words = wordsOf(line);
  if (words === undefined) return undefined;
  const [device, name, fstype, opts, dump, pass] = words.map(({ word }) => fromBytes(unescaped(word)));
  return {
    device: device!,
    name: name!,
    fstype: fstype!,
    opts: opts ?? 'defaults',
    dump: dump ?? '0',
    pass_num: pass ?? '0',
  };
}

/** Which fields tell a line from others. */
export function keysOf(match: string | readonly string[], entry: Entry): Field[] | Refusal {
  const given = [match].flat();
  if (given.includes('auto')) return entry.name.startsWith('/') ? ['name'] : ['device'];
  const wrong = given.find((one) => !fields.some((field) => field === one));
  if (wrong !== undefined || given.length === 0) {
    return {
      refused: `match_on cannot be "${wrong ?? ''}".`,
      hint: `It is auto, or among ${fields.join(', ')}.`,
      certain: true,
    };
  }
  return given as Field[];
}

function same(field: Field, one: string, other: string): boolean {
  if (field === 'opts') return [...one.split(',')].sort().join() === [...other.split(',')].sort().join();
  const bare = (text: string) => (field === 'name' && text.length > 1 ? text.replace(/\/+$/, '') : text);
  return bare(one) === bare(other);
}

export function isSame(line: string, entry: Entry, keys: readonly Field[]): boolean {
  const found = entryOf(line);
  return found !== undefined && keys.every((key) => same(key, found[key], entry[key]));
}

/** `keep`: a line that is there stays as it is. */
export function entrySteps(fstab: Fstab, entry: Entry, keys: readonly Field[], keep = false): Step[] {
  const lines = byteLines(fstab.text ?? '');
  const at = lines.findLastIndex((line) => isSame(line, entry, keys));
  if (at === -1) {
    const { device, name, fstype, opts, dump, pass_num } = entry;
    const line = `${[device, name, fstype, opts].map(written).join('\t')}\t${dump} ${pass_num}`;
    return rewritten(fstab, withLine(fstab.text ?? '', line), [
      { subject: subjectOf(entry, fstab), new: shown(entry) },
    ]);
  }
  const old = entryOf(lines[at]!)!;
  if (keep || fields.every((field) => same(field, old[field], entry[field])))
    return reloadSteps(fstab, false);
  const words = wordsOf(lines[at]!)!;
  const end = /\r?\n?$/.exec(lines[at]!)![0];
  let line = '';
  for (let field = 0; field < Math.max(words.length, fields.length); field++) {
    const name = fields[field];
    const word = words[field];
    const kept = name === undefined || (same(name, old[name], entry[name]) && (word || absent[name]));
    line += word?.gap ?? ' ';
    line += kept && word ? word.word : written(entry[name!]);
  }
  return rewritten(fstab, lines.with(at, line + end).join(''), [
    { subject: subjectOf(entry, fstab), old: shown(old), new: shown(entry) },
  ]);
}

/** Without all lines that are this entry. */
export function removalSteps(fstab: Fstab, is: (line: string) => boolean): Step[] {
  const lines = byteLines(fstab.text ?? '');
  const gone = lines.filter(is).map((line) => entryOf(line)!);
  if (gone.length === 0) return reloadSteps(fstab, false);
  const changes = gone.map((entry) => ({ subject: subjectOf(entry, fstab), old: shown(entry) }));
  return rewritten(fstab, lines.filter((line) => !is(line)).join(''), changes);
}

function rewritten(fstab: Fstab, text: string, changes: readonly Change[]): Step[] {
  return [...writeBytes(fstab, text, changes), ...reloadSteps(fstab, true)];
}

/** Later than any file can be: what systemd made is up to date. */
const afterAll = 8.64e15;

/** systemd mounts and checks by the units it made of the table when it last looked. */
function reloadSteps(fstab: Fstab, changed: boolean): Step[] {
  if (!fstab.systemd || !(changed || fstab.unnoticed)) return [];
  return [
    {
      change: { subject: 'units of systemd', old: `older than ${fstab.path}`, new: 'up to date' },
      effect: {
        kind: 'exec',
        command: { argv: ['systemctl', 'daemon-reload'] },
        settles: [
          { about: 'file', effect: { kind: 'directory', path: generated, mode: 0o755 } },
          { about: 'file', effect: { kind: 'attributes', path: generated, mtime: afterAll } },
        ],
        foreseen: true,
      },
    },
  ];
}

function written(word: string): string {
  const safe = escaped(asBytes(word));
  return safe.startsWith('#') ? `\\043${safe.slice(1)}` : safe;
}

function subjectOf({ name, device }: Entry, { path }: Fstab): string {
  return `${name.startsWith('/') ? name : device} in ${path}`;
}

/** The line without the passwords that its options may hold. */
function shown({ device, name, fstype, opts, dump, pass_num }: Entry): string {
  return `${device} ${name} ${fstype} ${masked(opts)} ${dump} ${pass_num}`;
}

export function masked(opts: string): string {
  return opts.replace(/\b(pass(?:word|wd)?2?)=[^,]*/gi, '$1=(hidden)');
}

export function refuseFields(entry: Entry): Refusal | undefined {
  const wrong = fields.find((field) => entry[field] === '' || entry[field].includes('\0'));
  if (wrong === undefined) return undefined;
  return { refused: `A line of the table of file systems cannot have an empty ${wrong}.`, certain: true };
}
