/** The lines of a crontab as crontab(5) and Salt's stamps have them, edited without touching any other line. */

/** Fields of a schedule in the order of a line. */
export const fields = ['minute', 'hour', 'daymonth', 'month', 'dayweek'] as const;

export interface Job {
  /** Five fields, or one word such as `@daily`. */
  readonly schedule: readonly string[];
  readonly command: string;
  /** The stamp: which state it belongs to. */
  readonly identifier?: string;
  /** Lines of comment above it, without their marks. */
  readonly comment?: string;
  /** Switched off: it stands there as a comment. */
  readonly commented: boolean;
}

/** A job and the lines it takes up: comments right above it count. */
export interface Entry extends Job {
  readonly from: number;
  readonly at: number;
}

export interface Setting {
  readonly name: string;
  /** As written, quotes included. */
  readonly value: string;
  readonly at: number;
}

/** Salt: this word before the identifier, at the end of a comment. */
const stamp = 'SALT_CRON_IDENTIFIER';

/** Salt: stands in a stamp where a state had no identifier. */
export const noIdentifier = 'NO ID SET';

/** Salt: what it manages stands below this line. */
const saltHeading = '# Lines below here are managed by Salt, do not edit';

/** Salt: starts a job that is switched off. */
const disabled = '#DISABLED#';

export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

export function entriesOf(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  let from: number | undefined;
  for (const [at, line] of lines.entries()) {
    const job = jobOf(line);
    if (job !== undefined)
      entries.push({ ...job, ...remarks(lines.slice(from ?? at, at)), from: from ?? at, at });
    const remark = job === undefined && isRemark(line);
    from = remark ? (from ?? at) : undefined;
  }
  return entries;
}

export function settingsOf(lines: readonly string[]): Setting[] {
  return lines.flatMap((line, at) => {
    const match = assignment.exec(line);
    return match ? [{ name: unquoted(match[1]!), value: trimmed(match[2]!), at }] : [];
  });
}

// Blanks are blank and tab alone: a byte of a letter is none, whatever it is called in Latin-1.
const assignment = /^[ \t]*("[^"]*"|'[^']*'|[^ \t=#"'@][^ \t=]*)[ \t]*=(.*)$/s;

function trimmed(text: string): string {
  return text.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
}

/** crontab(5): quotes around a name or a value are no part of it. */
export function unquoted(text: string): string {
  return (
    /^"([^"]*)"$|^'([^']*)'$/
      .exec(text)
      ?.slice(1)
      .find((part) => part !== undefined) ?? text
  );
}

function isRemark(line: string): boolean {
  return line.startsWith('#') && line !== saltHeading;
}

function jobOf(line: string): Pick<Job, 'schedule' | 'command' | 'commented'> | undefined {
  const commented = line.startsWith(disabled);
  const bare = trimmed(commented ? line.slice(disabled.length) : line);
  if (bare.startsWith('#') || assignment.test(bare)) return undefined;
  const match =
    /^(@[^ \t]+)[ \t]+(.+)$/s.exec(bare) ?? /^((?:[^ \t]+[ \t]+){4}[^ \t]+)[ \t]+(.+)$/s.exec(bare);
  return match ? { schedule: match[1]!.split(/[ \t]+/), command: match[2]!, commented } : undefined;
}

/** A comment as it is read again: marks and blanks before its lines are no part of it. */
export function plainComment(comment: string): string {
  const lines = comment.split('\n').map((line) => trimmed(line).replace(/^[# ]+/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.join('\n');
}

export function holdsStamp(text: string): boolean {
  return text.includes(stamp);
}

/** What the comments above a job say: its stamp is taken out of them. */
function remarks(lines: readonly string[]): Pick<Job, 'identifier' | 'comment'> {
  let identifier: string | undefined;
  const comment: string[] = [];
  for (const line of lines) {
    const [text, id] = line.replace(/^[# ]+/, '').split(stamp, 2) as [string, string?];
    if (id !== undefined && id.length > 1) identifier = id.slice(1);
    if (id === undefined || trimmed(text) !== '') comment.push(trimmed(text));
  }
  return { identifier, ...(comment.length > 0 && { comment: comment.join('\n') }) };
}

function linesFor({ schedule, command, identifier, comment, commented }: Job): string[] {
  const above = [...(comment ? comment.split('\n') : []).map((line) => (line === '' ? '#' : `# ${line}`))];
  if (identifier !== undefined) above.push(`${above.pop() ?? '#'} ${stamp}:${identifier}`);
  return [...above, `${commented ? disabled : ''}${schedule.join(' ')} ${command}`];
}

/** The lines with a job in the place of an entry, or behind all others. */
export function withJob(lines: readonly string[], job: Job, entry?: Entry): string[] {
  if (entry !== undefined) {
    return [...lines.slice(0, entry.from), ...linesFor(job), ...lines.slice(entry.at + 1)];
  }
  // A comment of somebody else's that ends the file is not to be taken for one of the job.
  const gap = isRemark(lines.at(-1) ?? '') && jobOf(lines.at(-1)!) === undefined ? [''] : [];
  return [...lines, ...gap, ...linesFor(job)];
}

export function withoutEntries(lines: readonly string[], entries: readonly Entry[]): string[] {
  const left = lines.filter((_, index) => !entries.some(({ from, at }) => index >= from && index <= at));
  // The gap that `withJob` made before the last job goes with it.
  const last = entries.some(({ at }) => at === lines.length - 1);
  return last && left.at(-1) === '' ? left.slice(0, -1) : left;
}

/** Where a variable has to stand to be seen by every job. */
export function firstJob(lines: readonly string[]): number {
  return entriesOf(lines)[0]?.from ?? lines.length;
}
