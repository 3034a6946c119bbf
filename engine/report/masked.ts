/** Takes the secrets out of what happens in a run, before any reporter, log or history hears of it. */
import type { ChunkResult, Event, Flapping, Orphan } from '../core/event.ts';
import type { Secrets } from '../core/secret.ts';
import type { Change } from '../core/state.ts';
import type { Plain } from '../core/value.ts';

export interface MaskOptions {
  readonly secrets: Secrets;
  /** Whether a file held secrets when it was last written: then its old text may hold some that nobody knows now. */
  readonly heldSecrets: (path: string) => boolean;
}

export function maskEvent(event: Event, options: MaskOptions): Event {
  const { secrets } = options;
  if (secrets.isEmpty) return event;
  switch (event.kind) {
    case 'state-finished':
      return { ...event, result: maskResult(event.result, options) };
    case 'effect-performed': {
      if (!event.outcome) return event;
      const { stdout, stderr } = event.outcome;
      return {
        ...event,
        outcome: { ...event.outcome, stdout: secrets.mask(stdout), stderr: secrets.mask(stderr) },
      };
    }
    case 'process-started':
      return { ...event, argv: event.argv.map((word) => secrets.mask(word)) };
    case 'state-started':
      return { ...event, id: secrets.mask(event.id), name: secrets.mask(event.name) };
    case 'retrying':
      return { ...event, id: secrets.mask(event.id) };
    case 'warning':
      return { ...event, message: secrets.mask(event.message) };
    case 'run-finished': {
      const { orphans } = event.summary;
      if (!orphans) return event;
      const masked = maskValue(orphans, secrets) as readonly Orphan[];
      return { ...event, summary: { ...event.summary, orphans: masked } };
    }
    case 'run-started':
      return event;
  }
}

function maskResult(result: ChunkResult, options: MaskOptions): ChunkResult {
  const { secrets, heldSecrets } = options;
  const strict = heldSecrets(result.name);
  const differences = result.differences.map((change) => maskChange(change, secrets, strict));
  const masked = new Map(result.differences.map((change, index) => [change.subject, differences[index]!]));
  return {
    ...result,
    id: secrets.mask(result.id),
    name: secrets.mask(result.name),
    comment: secrets.mask(result.comment),
    warnings: result.warnings.map((one) => secrets.mask(one)),
    differences,
    changes: Object.fromEntries(
      Object.entries(result.changes).map(([subject, change]) => {
        const known = masked.get(subject);
        const both = known && isPair(change);
        return [secrets.mask(subject), both ? pairOf(known) : (maskValue(change, secrets) as Plain)];
      }),
    ),
    ...(result.flapping && { flapping: maskValue(result.flapping, secrets) as Flapping }),
    diagnostics: result.diagnostics.map((one) => ({
      ...one,
      message: secrets.mask(one.message),
      ...(one.hint === undefined ? {} : { hint: secrets.mask(one.hint) }),
      ...(one.related && {
        related: one.related.map((more) => ({ ...more, message: secrets.mask(more.message) })),
      }),
    })),
  };
}

function isPair(change: Plain): boolean {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return false;
  return Object.keys(change).every((key) => key === 'old' || key === 'new');
}

function pairOf({ old, new: wanted }: Change): Plain {
  return {
    ...(old === undefined ? {} : { old: old as Plain }),
    ...(wanted === undefined ? {} : { new: wanted as Plain }),
  };
}

/**
 * The new value is masked by what is known. The old one may be a secret that was in force before, which nobody knows
 * any more: what stands in its place is taken for one.
 */
export function maskChange(change: Change, secrets: Secrets, strict: boolean): Change {
  const { old, new: wanted } = change;
  const subject = secrets.mask(change.subject);
  const shown = maskValue(wanted, secrets);
  let before = maskValue(old, secrets);
  if (typeof old === 'string') {
    const text = typeof wanted === 'string' ? wanted : undefined;
    if (change.text) before = maskOldText(old, text ?? '', secrets, strict);
    else if (before === old) before = maskOldLine(old, text === undefined ? [] : [text], secrets);
  }
  return { ...change, subject, old: before, new: shown };
}

function maskValue(value: unknown, secrets: Secrets): unknown {
  if (typeof value === 'string') return secrets.mask(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    const text = String(value);
    return secrets.holds(text) ? secrets.mask(text) : value;
  }
  if (Array.isArray(value)) return value.map((one) => maskValue(one, secrets));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [secrets.mask(key), maskValue(one, secrets)]),
  );
}

function maskOldText(old: string, wanted: string, secrets: Secrets, strict: boolean): string {
  const kept = new Set(wanted.split('\n'));
  const holding = [...kept].filter((line) => secrets.holds(line));
  if (holding.length === 0 && !strict) return secrets.mask(old);
  return old
    .split('\n')
    .map((line) => {
      const known = secrets.mask(line);
      if (known !== line || kept.has(line) || line.trim() === '') return known;
      const fitted = maskOldLine(line, holding, secrets);
      return fitted === line && strict ? '«hidden: this file held secrets»' : fitted;
    })
    .join('\n');
}

/** What differs from a line that holds a secret is the secret it had before. */
function maskOldLine(line: string, holding: readonly string[], secrets: Secrets): string {
  for (const other of holding) {
    const masked = secrets.mask(other);
    const label = /«([^«»\s]+) #[0-9a-f]{4}»/.exec(masked);
    if (!label) continue;
    const head = masked.slice(0, label.index);
    const tail = masked.slice(label.index + label[0].length);
    // A second secret on the line: only what stands before the first and behind the last is the same.
    const end = tail.slice(tail.lastIndexOf('»') + 1);
    if (head.trim() === '' && end.trim() === '' && other.trim() !== '' && holding.length > 1) continue;
    if (line.length < head.length + end.length || !line.startsWith(head) || !line.endsWith(end)) continue;
    const value = line.slice(head.length, line.length - end.length);
    return head + (value === '' ? '' : secrets.label(label[1]!, value)) + end;
  }
  return line;
}
