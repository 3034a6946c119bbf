/** The history for people: a line per run, and what a run changed, as its own report told it. */
import type { Flapping, Motive, Summary } from '../core/event.ts';
import type { Plain } from '../core/value.ts';
import { palette } from './colour.ts';
import { differenceLines, diffLine } from './difference.ts';
import { flappingLines, motiveWord } from './drift.ts';
import { durationText } from './summary.ts';
import { visible, visibleLine } from './visible.ts';

interface Print {
  readonly color: boolean;
}

/** What a line tells of a run. */
export interface RunOutline {
  readonly run: string;
  readonly command: readonly string[];
  readonly cause: string;
  readonly began: number;
  readonly revision?: string;
  readonly pillar?: string;
  readonly ended?: number;
  readonly summary?: Summary;
  readonly exit?: number;
}

/** What is told of a state of a run. */
export interface ResultOutline {
  readonly id: string;
  readonly sls: string;
  readonly state: string;
  readonly fun: string;
  readonly name: string;
  readonly verdict: string;
  readonly comment: string;
  readonly motive?: Motive;
  readonly flapping?: Flapping;
  readonly changes: { readonly [subject: string]: Plain };
}

export function runLine(run: RunOutline, { color }: Print): string {
  const paint = palette(color);
  const { summary, ended, exit } = run;
  const words = [
    run.run,
    new Date(run.began).toISOString().replace(/\.\d+Z$/, 'Z'),
    run.cause,
    visibleLine(run.command.join(' ')),
    ...(run.revision ? [run.revision.slice(0, 10)] : []),
    ...(run.pillar ? [`pillar ${shortOf(run.pillar)}`] : []),
  ];
  let outcome = paint.yellow('did not end');
  if (ended !== undefined) {
    const counts = summary
      ? `${summary.changed} changed, ${summary.failed} failed of ${summary.total}${summary.stopped_by ? `, stopped by ${summary.stopped_by}` : ''}`
      : 'did not compile';
    const text = `${counts}, exit ${exit}, ${durationText(ended - run.began)}`;
    const paintText = exit !== 0 ? paint.red : summary?.changed ? paint.yellow : paint.green;
    outcome = paintText(text);
  }
  return `${words.join('  ')}  ${outcome}`;
}

export function resultLines(results: readonly ResultOutline[], print: Print): string[] {
  return results.flatMap((result) => [
    headline(result),
    ...(result.flapping ? flappingLines(result.flapping).map(indented) : []),
    ...visible(result.comment.trim()).split('\n').filter(Boolean).map(indented),
    ...Object.entries(result.changes).flatMap(([subject, change]) =>
      changeLines(subject, change, print).map(indented),
    ),
  ]);
}

/** What the second run was given that the first was not. */
export function differingGrounds(before: RunOutline, after: RunOutline): string[] {
  const grounds = [
    ['pillar', before.pillar, after.pillar, shortOf],
    ['tree', before.revision, after.revision, (commit: string) => commit.slice(0, 10)],
  ] as const;
  return grounds.flatMap(([what, old, now, short]) =>
    old !== undefined && now !== undefined && old !== now
      ? [`the ${what} changed: ${short(old)} → ${short(now)}`]
      : [],
  );
}

/** As secrets are marked, too: enough to see that it is another. */
function shortOf(fingerprint: string): string {
  return `#${fingerprint.slice(0, 6)}`;
}

/** States that came to something else in the second run, or changed something else. */
export function differingLines(
  before: readonly ResultOutline[],
  after: readonly ResultOutline[],
  print: Print,
): string[] {
  const key = ({ state, fun, id, name }: ResultOutline) => JSON.stringify([state, fun, id, name]);
  const earlier = new Map(before.map((one) => [key(one), one]));
  const later = new Map(after.map((one) => [key(one), one]));
  const lines: string[] = [];
  for (const one of before) if (!later.has(key(one))) lines.push(...marked('-', one, print));
  for (const one of after) {
    const other = earlier.get(key(one));
    if (other === undefined) lines.push(...marked('+', one, print));
    else if (outcome(other) !== outcome(one))
      lines.push(...marked('-', other, print), ...marked('+', one, print));
  }
  return lines.length > 0 ? lines : ['Both changed the same.'];
}

function outcome({ verdict, changes }: ResultOutline): string {
  return JSON.stringify([verdict, changes]);
}

function marked(sign: '+' | '-', result: ResultOutline, print: Print): string[] {
  return resultLines([result], print).map((line, index) => `${index === 0 ? sign : ' '} ${line}`);
}

function headline(result: ResultOutline): string {
  const { verdict, state, fun, name, id, sls } = result;
  const word = motiveWord(result);
  const aside = [id === name ? '' : id, sls].filter(Boolean).map(visibleLine).join(', ');
  return `${verdict} ${state}.${fun} ${visibleLine(name)}${aside ? `  (${aside})` : ''}${word ? `  ${word}` : ''}`;
}

function indented(line: string): string {
  return line === '' ? line : `    ${line}`;
}

function changeLines(subject: string, change: Plain, { color }: Print): string[] {
  const paint = palette(color);
  if (typeof change !== 'object' || change === null || Array.isArray(change)) {
    return [`${visibleLine(subject)}: ${visibleLine(String(change))}`];
  }
  const { diff } = change;
  if (typeof diff === 'string') {
    const lines = diff.replace(/\n$/, '').split('\n');
    return [`${visibleLine(subject)}:`, ...lines.map((line) => diffLine(line, paint))];
  }
  return differenceLines(
    { subject, old: change['old'], new: change['new'] },
    { paint, context: 3, arrow: '→' },
  );
}
