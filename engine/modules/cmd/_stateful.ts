/** Understands what a `stateful` command says of itself in its output. */

import type { Outcome } from '../../core/host.ts';
import { shellWords } from '../../core/shell-words.ts';
import type { Verdict } from '../../core/state.ts';

/**
 * Salt: all of the output as a JSON object, or its last line as `key=value` words; `changed` tells whether
 * something changed, `comment` is shown, the rest becomes part of the changes.
 */
export function statefulVerdict(outcome: Outcome): Verdict {
  const out = outcome.stdout;
  if (out.trim() === '') return { comment: outcome.stderr.trim(), changes: {} };
  const told = fromJson(out) ?? fromLastLine(out);
  if (typeof told === 'string') return { failed: true, comment: told, changes: standard(outcome) };
  const { data, rest } = told;
  const { changed = 'no', comment, ...more } = data;
  const isChanged = truth(changed);
  if (isChanged === undefined) {
    return {
      failed: true,
      comment: `The command says "changed=${changed}", which is neither yes nor no.`,
      changes: standard(outcome),
    };
  }
  const said = comment === undefined ? {} : { comment: String(comment) };
  if (!isChanged) return { ...said, changes: {} };
  return { ...said, changes: { ...standard(outcome), stdout: rest, ...more } };
}

interface Told {
  readonly data: { readonly [key: string]: unknown };
  /** Output that is not part of the message. */
  readonly rest: string;
}

function standard({ pid, status, stdout, stderr }: Outcome): { readonly [subject: string]: unknown } {
  return { pid, retcode: status, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}

function fromJson(out: string): Told | string | undefined {
  let data: unknown;
  try {
    data = JSON.parse(out);
  } catch {
    return undefined;
  }
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) {
    return { data: data as Told['data'], rest: '' };
  }
  return 'The command printed JSON that is not an object such as {"changed": true}.';
}

function fromLastLine(out: string): Told | string {
  const trimmed = out.trimEnd();
  const start = trimmed.lastIndexOf('\n') + 1;
  const words = shellWords(trimmed.slice(start));
  if (words?.every((word) => /^[^=]+=/.test(word))) {
    const pairs = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
    return { data: Object.fromEntries(pairs), rest: trimmed.slice(0, Math.max(0, start - 1)) };
  }
  return 'The last line the command printed is neither JSON nor a line such as changed=yes comment="…".';
}

function truth(value: unknown): boolean | undefined {
  const text = String(value).toLowerCase();
  if (['true', 'yes', '1'].includes(text)) return true;
  return ['false', 'no', '0', '', 'null', 'none'].includes(text) ? false : undefined;
}
