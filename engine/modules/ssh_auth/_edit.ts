/** Edits of authorized_keys: the lines of others keep every byte. */
import { byteLines, withLine } from '../../core/byte-text.ts';
import { keyLineOf, keyName, sameKey } from '../../core/ssh-key.ts';
import type { Change } from '../../core/state.ts';
import { lineFor, shown, type WantedKey } from './_keys.ts';

export interface Edited {
  readonly text: string;
  readonly changes: readonly Change[];
}

/**
 * Each key has one line with its options and comment. A second line of a key goes where the options are known, for it
 * could allow what the first one forbids.
 */
export function withKeys(text: string, keys: readonly WantedKey[]): Edited {
  let result = text;
  const changes: Change[] = [];
  for (const key of keys) {
    const lines = byteLines(result);
    const mine = lines
      .map((line) => keyLineOf(line))
      .map((one) => (one && sameKey(one, key) ? one : undefined));
    const first = mine.findIndex((one) => one !== undefined);
    const there = mine[first];
    const line = lineFor(key, there);
    if (there === undefined) {
      changes.push({ subject: keyName(key), new: shown(line) });
      result = withLine(result, line);
      continue;
    }
    const wanted = keyLineOf(line)!;
    const same = there.options === wanted.options && there.comment === wanted.comment;
    const further =
      key.options === undefined ? [] : mine.flatMap((one, at) => (one && at > first ? [at] : []));
    if (same && further.length === 0) continue;
    changes.push({
      subject: keyName(key),
      old: [first, ...further].map((at) => shown(lines[at]!)).join('\n'),
      new: shown(line),
    });
    result = lines
      .filter((_, at) => !further.includes(at))
      .map((old, at) => (at === first && !same ? line + (/\r?\n$/.exec(old)?.[0] ?? '') : old))
      .join('');
  }
  return { text: result, changes };
}

export function withoutKeys(text: string, keys: readonly WantedKey[]): Edited {
  return without(text, (line) => {
    const there = keyLineOf(line);
    return there !== undefined && keys.some((key) => sameKey(key, there));
  });
}

/** Only these keys. What is neither a key nor a comment goes, too: sshd may know keys that we do not. */
export function exactlyKeys(text: string, keys: readonly WantedKey[]): Edited {
  const rid = without(text, (line) => {
    const bare = line.trim();
    if (bare === '' || bare.startsWith('#')) return false;
    const there = keyLineOf(line);
    return there === undefined || !keys.some((key) => sameKey(key, there));
  });
  const done = withKeys(rid.text, keys);
  return { text: done.text, changes: [...rid.changes, ...done.changes] };
}

function without(text: string, goes: (line: string) => boolean): Edited {
  const lines = byteLines(text);
  const gone = lines.filter(goes);
  const changes = gone.map((line): Change => {
    const key = keyLineOf(line);
    return { subject: key ? keyName(key) : shown(line), old: shown(line) };
  });
  return { text: gone.length === 0 ? text : lines.filter((line) => !goes(line)).join(''), changes };
}
