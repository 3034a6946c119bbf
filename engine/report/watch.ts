/** What `converge status` says of the watch, for people: what it looks at, what waits, and what it did last. */
import type { StatusReaction, StatusWatch } from './status.ts';
import { durationText } from './summary.ts';
import { cut, visibleLine } from './visible.ts';

/** Reactions, and names that wait: the rest is counted. */
const most = 5;

/** A name and a text each; where the name is empty it goes on. */
export function watchRows(watch: StatusWatch, { now }: { readonly now: number }): [string, string][] {
  const ago = (time: string) => `${durationText(Math.max(0, now - Date.parse(time)))} ago`;
  const rows: [string, string][] = [];
  function list<T>(name: string, all: readonly T[], count: number, text: (one: T) => string): void {
    all.forEach((one, index) => void rows.push([index === 0 ? name : '', cut(text(one), 200)]));
    if (count > all.length && all.length > 0) rows.push(['', `and ${count - all.length} more`]);
  }
  rows.push(['watch', standing(watch, ago)]);
  if (watch.running) {
    list('beacons', watch.beacons, watch.beacons.length, ({ name, tells }) =>
      visibleLine(`${name}: ${tells}`),
    );
    list('queue', watch.queue.slice(0, most), watch.queued, ({ tag, since }) =>
      visibleLine(`${tag}, since ${ago(since)}`),
    );
  }
  list(
    'breakers',
    watch.breakers,
    watch.breakers.length,
    ({ tag, times, until }) =>
      `${visibleLine(tag)}, put right ${times} times, the next time at ${short(until)} at the earliest: something else changes it`,
  );
  const newest = watch.reactions.slice(-most).reverse();
  list('reactions', newest, newest.length, (one) => `${ago(one.time)}: ${reactionText(one)}`);
  return rows;
}

function standing(
  { running, enabled, pid, since, state, reacted }: StatusWatch,
  ago: (time: string) => string,
): string {
  if (!running && since === null) return 'does not run, though its service is enabled';
  if (!running)
    return `does not run any more (pid ${pid})${enabled ? ', though its service is enabled' : ''}`;
  const times = reacted === 1 ? '1 reaction' : `${reacted} reactions`;
  return `${state} (pid ${pid}), began ${ago(since!)}, ${times}`;
}

function reactionText({ tags, notices, what, changed, failed, trouble, latency_ms }: StatusReaction): string {
  const more = notices > tags.length ? ` and ${notices - tags.length} more` : '';
  const came =
    trouble !== null
      ? visibleLine(trouble)
      : failed > 0
        ? `${changed} changed, ${failed} failed`
        : changed > 0
          ? `${changed} changed`
          : 'nothing to do';
  return `${tags.map(visibleLine).join(', ')}${more}: ${visibleLine(what)}, ${came}, after ${durationText(latency_ms)}`;
}

function short(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
