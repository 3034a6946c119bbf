/** What the sysctl states share: names of kernel parameters, and the files that set them at boot (sysctl.d(5)). */
import { type ByteText, byteLines, readBytes, withLine } from '../../core/byte-text.ts';
import type { Reader } from '../../core/host.ts';
import { baseOf, parentOf } from '../../core/path.ts';
import type { Refusal } from '../../core/state.ts';

/** Unlike Salt: sysctl.present writes to /etc/sysctl.d/99-converge.conf where no `config` is given. */
export const defaultConfig = '/etc/sysctl.d/99-converge.conf';

export const configProperty = {
  type: 'string',
  pattern: '^/[^\\n\\0]*$',
  default: defaultConfig,
  description: 'The file that sets it at boot. Salt writes to `/etc/sysctl.d/99-salt.conf` unless told.',
} as const;

/** Files that systemd-sysctl reads at boot: of one name only the first, then all in the order of their names. */
const folders = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];

/**
 * The path below /proc/sys. sysctl(8): the first separator tells how the others are meant, so that
 * `net.ipv4.conf.eth0/1.forwarding` and `net/ipv4/conf/eth0.1/forwarding` are the same.
 */
export function pathOf(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  const swapped = (text: string) => text.replace(/[./]/g, (one) => (one === '.' ? '/' : '.'));
  return separator === '.' ? swapped(name) : name;
}

export function refuseName(name: string): Refusal | undefined {
  const sound = /^[\w.:/@+-]+$/.test(name) && !/^[-.]|[./]$/.test(name);
  const parts = pathOf(name).split('/');
  if (sound && parts.length > 1 && !parts.some((part) => part === '' || part === '..' || part === '.'))
    return undefined;
  return {
    refused: `"${name}" is not the name of a kernel parameter.`,
    hint: 'Write it as in net.ipv4.ip_forward.',
    certain: true,
  };
}

/** White space between the numbers of a list does not count: the kernel writes tabs. */
export function normalised(value: string): string {
  return value.trim().split(/\s+/).join(' ');
}

interface Setting {
  readonly key: string;
  readonly value: string;
}

function settingOf(line: string): Setting | undefined {
  const [, key, value] = /^\s*-?\s*([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/s.exec(line) ?? [];
  return key === undefined ? undefined : { key, value: value! };
}

/** The last setting of the parameter in a file counts. */
export function settingIn(text: string, name: string): string | undefined {
  const path = pathOf(name);
  return byteLines(text)
    .map(settingOf)
    .findLast((setting) => setting !== undefined && pathOf(setting.key) === path)?.value;
}

/** The text with the last setting of the parameter set, or with a new one at its end. */
export function withSetting(text: string, name: string, value: string): string {
  const path = pathOf(name);
  const lines = byteLines(text);
  const at = lines.findLastIndex((line) => pathOf(settingOf(line)?.key ?? '') === path);
  if (at === -1) return withLine(text, `${name} = ${value}`);
  const [, before, end] = /^([^=]*=[ \t]*).*?(\r?\n?)$/s.exec(lines[at]!)!;
  return lines.with(at, `${before}${value}${end}`).join('');
}

export function withoutSetting(text: string, name: string): string {
  const path = pathOf(name);
  return byteLines(text)
    .filter((line) => pathOf(settingOf(line)?.key ?? '') !== path)
    .join('');
}

export interface Override {
  readonly file: string;
  readonly value: string;
}

/** What a later file would set it to at boot. */
export function overrideOf(config: string, name: string, reader: Reader): Override | undefined {
  const own = config === '/etc/sysctl.conf' ? '99-sysctl.conf' : baseOf(config);
  if (own !== '99-sysctl.conf' && !folders.includes(parentOf(config))) return undefined;
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const file of reader.list(folder) ?? []) {
      if (file.endsWith('.conf') && !files.has(file)) files.set(file, `${folder}/${file}`);
    }
  }
  let found: Override | undefined;
  for (const file of [...files.keys()].sort()) {
    if (file <= own) continue;
    const value = settingIn(reader.content(files.get(file)!)?.toString('latin1') ?? '', name);
    if (value !== undefined) found = { file: files.get(file)!, value };
  }
  return found;
}

export interface Now {
  readonly config: ByteText;
  /** What the kernel has; undefined where it has no such parameter, or does not show it. */
  readonly live: string | undefined;
  readonly exists: boolean;
  readonly tool: boolean;
  readonly rooted: boolean;
  readonly folderMissing: boolean;
  readonly override: Override | undefined;
}

export function readSetting({ name, config }: { name: string; config: string }, reader: Reader): Now {
  const sound = refuseName(name) === undefined;
  const file = `/proc/sys/${pathOf(name)}`;
  const exists = sound && !reader.rooted && reader.stat(file)?.kind === 'file';
  return {
    config: readBytes(config, reader),
    exists,
    live: exists ? valueAt(file, reader) : undefined,
    tool: ['/usr/sbin/sysctl', '/sbin/sysctl', '/usr/bin/sysctl'].some(
      (path) => reader.stat(path) !== undefined,
    ),
    rooted: reader.rooted,
    folderMissing: reader.stat(parentOf(config)) === undefined,
    override: sound ? overrideOf(config, name, reader) : undefined,
  };
}

/** Some parameters can only be written. */
function valueAt(file: string, reader: Reader): string | undefined {
  if (((reader.stat(file)?.mode ?? 0) & 0o444) === 0) return undefined;
  return reader.content(file)?.toString('latin1');
}
