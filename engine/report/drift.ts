/** What the reports for people say of drift, of states that flap, and of what is declared no more. */
import type { ChunkResult, Flapping, Orphan } from '../core/event.ts';
import { visible, visibleLine } from './visible.ts';

/** A word behind a state; that something is new, or was meant to change, is what everybody expects. */
export function motiveWord({ motive, flapping }: Pick<ChunkResult, 'motive' | 'flapping'>): string {
  return flapping ? 'drift, flapping' : motive === 'corrective' ? 'drift' : '';
}

export function flappingLines({ times, suspects }: Flapping): string[] {
  const lead = `flapping: corrected ${times} times within a day, so something else keeps changing it.`;
  return [lead, ...suspects].flatMap((line) => visible(line).split('\n'));
}

/** Beyond so many a report refers to `converge owns`. */
const most = 20;

export function orphanLines(orphans: readonly Orphan[]): string[] {
  const lines = orphans.slice(0, most).map((one) => `  ${orphanText(one)}`);
  const more = orphans.length - most;
  return [
    'Declared once and no more:',
    ...lines,
    ...(more > 0 ? [`  and ${more} more: see converge owns`] : []),
  ];
}

/** `file /etc/app.conf  (file.managed of ID "app", SLS app; since 2026-11-23)`. */
export function orphanText({ kind, name, state, id, sls, since, stays }: Orphan): string {
  const author = `${state} of ID "${visibleLine(id)}", SLS ${visibleLine(sls)}`;
  const day = new Date(since).toISOString().slice(0, 10);
  return `${kind} ${visibleLine(name)}  (${author}; since ${day}${stays === undefined ? '' : `; it stays: ${visibleLine(stays)}`})`;
}
