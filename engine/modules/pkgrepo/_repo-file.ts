/** Repository files of dnf and yum: sections found, changed and removed, with everything else left as it is. */
import { listOptions } from './_options.ts';

export interface Section {
  readonly id: string;
  /** Lines of the file: from its header to before the next section. */
  readonly from: number;
  readonly to: number;
  readonly settings: readonly Setting[];
}

interface Setting {
  readonly key: string;
  /** Continuation lines after a newline each. */
  readonly value: string;
  readonly from: number;
  readonly to: number;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function sectionsOf(text: string): Section[] {
  const lines = linesOf(text);
  const heads = lines.flatMap((line, at) => {
    const id = /^\[([^\]]*)\]/.exec(line)?.[1];
    return id === undefined ? [] : [{ id, at }];
  });
  return heads.map(({ id, at }, index) => {
    const to = heads[index + 1]?.at ?? lines.length;
    return { id, from: at, to, settings: settingsIn(lines, at + 1, to) };
  });
}

function settingsIn(lines: readonly string[], from: number, to: number): Setting[] {
  const settings: Setting[] = [];
  for (let at = from; at < to; at++) {
    const line = lines[at]!;
    if (/^\s*([#;]|$)/.test(line)) continue;
    const last = settings.at(-1);
    if (/^\s/.test(line) && last) {
      settings[settings.length - 1] = { ...last, value: `${last.value}\n${line.trim()}`, to: at + 1 };
      continue;
    }
    const sign = line.search(/[=:]/);
    const key = line.slice(0, Math.max(sign, 0)).trim().toLowerCase();
    if (key !== '') settings.push({ key, value: line.slice(sign + 1).trim(), from: at, to: at + 1 });
  }
  return settings;
}

/** The last of several settings of one key counts. */
export function settingOf(section: Section | undefined, key: string): string | undefined {
  return section?.settings.findLast((setting) => setting.key === key)?.value;
}

const yes = /^(1|yes|true|on|enabled)$/i;
const no = /^(0|no|false|off|disabled)$/i;

/** Whether two values mean the same to dnf. */
export function sameValue(key: string, a: string, b: string): boolean {
  return comparable(key, a) === comparable(key, b);
}

function comparable(key: string, value: string): string {
  if (yes.test(value)) return '1';
  if (no.test(value)) return '0';
  return listOptions.includes(key)
    ? value
        .split(/[\s,]+/)
        .filter(Boolean)
        .sort()
        .join(' ')
    : value;
}

/** The text with these values in a section, which is made at the end if need be; null removes a setting. */
export function withSettings(text: string, id: string, values: ReadonlyMap<string, string | null>): string {
  const lines = linesOf(text);
  let section = sectionsOf(text).find((one) => one.id === id);
  if (section === undefined) {
    if (lines.length > 0 && lines.at(-1)!.trim() !== '') lines.push('');
    lines.push(`[${id}]`);
    section = { id, from: lines.length - 1, to: lines.length, settings: [] };
  }
  const { from, to, settings } = section;
  const own = lines.slice(from, to);
  for (const { key, from: first, to: last } of [...settings].reverse()) {
    const value = values.get(key);
    if (value === undefined) continue;
    const first_ = settings.findIndex((one) => one.key === key);
    // Where a key is set twice, the first place is kept.
    const keeps = value !== null && settings[first_]!.from === first;
    own.splice(first - from, last - first, ...(keeps ? settingLines(key, value) : []));
  }
  // New settings follow the last one, before whatever comments lead to the next section.
  const missing = [...values].filter(
    ([key, value]) => value !== null && !settings.some((one) => one.key === key),
  );
  let end = own.length;
  while (end > 1 && /^\s*([#;]|$)/.test(own[end - 1]!)) end--;
  own.splice(end, 0, ...missing.flatMap(([key, value]) => settingLines(key, value!)));
  lines.splice(from, to - from, ...own);
  return lines.map((line) => `${line}\n`).join('');
}

function settingLines(key: string, value: string): string[] {
  const [first, ...more] = value.split('\n');
  return [`${key}=${first}`, ...more.map((line) => `    ${line}`)];
}

/** The text without a section; comments right above the next one stay with that. */
export function withoutSection(text: string, id: string): string {
  let lines = linesOf(text);
  for (const { from, to } of sectionsOf(text)
    .filter((one) => one.id === id)
    .reverse()) {
    let end = to;
    if (end < lines.length) while (end > from + 1 && /^\s*[#;]/.test(lines[end - 1]!)) end--;
    lines.splice(from, end - from);
  }
  if (lines.every((line) => line.trim() === '')) lines = [];
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  return lines.map((line) => `${line}\n`).join('');
}
