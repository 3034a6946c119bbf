/** The figures of a run, and the uuid that came last. */
import { h } from '../dom.ts';
import type { Answer } from './load.ts';
import { quantile, short, type Tally } from './tally.ts';
import { milliseconds } from './timeline.ts';

export interface Tiles {
  readonly element: HTMLElement;
  draw(tally: Tally): void;
  last(answer: Answer): void;
}

const labels = ['Uuids', 'Requests', 'Tried again', 'Half within', '95 of 100 within'];

export function createTiles(): Tiles {
  const values = labels.map(() => h('dd', {}, '–'));
  const tiles = labels.map((label, index) => h('div', {}, h('dt', {}, label), values[index]));
  const uuid = h('code', {}, '–');
  const by = h('span', { class: 'dim' });
  const element = h(
    'section',
    { class: 'card tiles', 'aria-label': 'Figures' },
    h('dl', {}, ...tiles),
    h('p', { class: 'last' }, h('span', { class: 'dim' }, 'Last '), uuid, by),
  );
  let latest: Answer | undefined;

  function draw(tally: Tally): void {
    if (tally.requests + tally.retries === 0) return;
    const times = tally.recent.map(({ took }) => took);
    const figures = [tally.uuids, tally.requests, tally.retries].map((value) => value.toLocaleString('en'));
    const latency = [0.5, 0.95].map((part) => milliseconds(quantile(times, part)));
    [...figures, ...latency].forEach((figure, index) => {
      values[index]!.textContent = figure;
    });
    if (latest === undefined) return;
    uuid.textContent = latest.uuids.at(-1) ?? '';
    by.textContent = ` from ${short(latest.db)} by ${short(latest.app)}`;
  }

  function last(answer: Answer): void {
    latest = answer;
  }

  return { element, draw, last };
}
