/** Charts over time that share one axis: latency, and the uuids by app node and by db node. */
import { type Child, h, nodes, setAttributes, svg } from '../dom.ts';
import { buckets, type Frame, frameAt, roundAbove, roundValues } from './frame.ts';
import { quantile, type Role, short, type Tally } from './tally.ts';

const gutter = 52;
const heights = { latency: 170, share: 96, axis: 20 };

export interface Timeline {
  readonly element: HTMLElement;
  draw(tally: Tally, begun: number, now: number): void;
}

export function createTimeline(): Timeline {
  const panels = [
    panel('Latency', 'milliseconds, each dot a request; rings were tried more than once'),
    panel('Served by app nodes', 'uuids per second'),
    panel('Served by db nodes', 'uuids per second'),
  ] as const;
  const element = h(
    'section',
    { class: 'card charts', 'aria-label': 'Over time' },
    ...panels.map((p) => p.figure),
  );

  function draw(tally: Tally, begun: number, now: number): void {
    const frame = frameAt(begun, now);
    const [latency, app, db] = panels;
    latency.show(heights.latency, (x, height) => latencyParts(tally, frame, x, height), frame);
    for (const [shown, role] of [[app, 'app'] as const, [db, 'db'] as const]) {
      shown.show(heights.share, (x, height) => shareParts(tally, role, frame, x, height), frame);
      const summary = tally.of(role).map(({ name, uuids }) => `${short(name)} ${uuids}`);
      shown.tell(tally, role, `Uuids by node: ${summary.join(', ') || 'none yet'}.`);
    }
    const times = tally.recent.map(({ took }) => took);
    const half = `half within ${milliseconds(quantile(times, 0.5))}, 95 of 100 within ${milliseconds(quantile(times, 0.95))}`;
    latency.tell(tally, 'app', times.length === 0 ? 'No request yet.' : `Latency: ${half}.`);
  }

  return { element, draw };
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 9.95 ? 1 : 0)} ms`;
}

type Across = (at: number) => number;

function panel(title: string, unit: string) {
  const picture = svg('svg', { role: 'img' });
  const legend = h('ul', { class: 'legend' });
  const caption = h('figcaption', {}, h('h2', {}, title), h('p', { class: 'dim' }, unit), legend);
  const figure = h('figure', {}, caption, picture);

  function show(height: number, parts: (x: Across, height: number) => Child[], { from, span }: Frame): void {
    const width = Math.max(picture.clientWidth, 200);
    const x = (at: number) => gutter + ((at - from) / span) * (width - gutter - 4);
    const seconds = span / 1000;
    const ticks = [0, 0.5, 1].map((part) => {
      const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
      const told = part === 1 ? 'now' : `−${(seconds * (1 - part)).toFixed(seconds < 10 ? 1 : 0)} s`;
      return svg('text', { x: x(from + part * span), y: height + 15, 'text-anchor': anchor }, told);
    });
    setAttributes(picture, {
      viewBox: `0 0 ${width} ${height + heights.axis}`,
      height: height + heights.axis,
    });
    const line = svg('path', { d: `M${gutter} ${height + 0.5}H${width}`, class: 'axis' });
    picture.replaceChildren(...(nodes([parts(x, height), line, ticks]) as Node[]));
  }

  function tell(tally: Tally, role: Role, summary: string): void {
    picture.setAttribute('aria-label', summary);
    const names = tally
      .of(role)
      .map(({ name, colour, silent }) => ({ name, key: `${role} n${colour}`, silent }));
    const text = names.map(({ name, silent }) => `${name} ${silent}`).join();
    if (legend.dataset['of'] === text) return;
    legend.dataset['of'] = text;
    const items = names.map(({ name, key, silent }) =>
      h('li', { class: silent ? 'silent' : '' }, svgKey(key), short(name), silent && ' (silent)'),
    );
    legend.replaceChildren(...items);
  }

  return { figure, show, tell };
}

export function svgKey(kind: string): SVGElement {
  const attributes = { viewBox: '0 0 10 10', class: 'key', 'aria-hidden': 'true' };
  return svg('svg', attributes, svg('rect', { width: 10, height: 10, rx: 2, class: kind }));
}

/** Dots are the round ends of strokes without a length: one path holds all those of a node. */
function latencyParts(tally: Tally, { from }: Frame, x: Across, height: number): Child[] {
  const seen = tally.recent.filter(({ at }) => at >= from);
  const times = seen.map(({ took }) => Math.max(took, 0.5));
  const low = roundAbove(Math.min(...times, 10) / 2.5);
  const high = roundAbove(Math.max(...times, low * 10));
  const decades = Math.log10(high / low);
  const y = (took: number) => height - 5 - (Math.log10(Math.max(took, low) / low) / decades) * (height - 14);
  const rules = roundValues(low, high).map((value) => [
    svg('path', { d: `M${gutter} ${y(value)}H9999`, class: 'rule' }),
    svg(
      'text',
      { x: gutter - 6, y: y(value) + 4, 'text-anchor': 'end' },
      value >= 1000 ? `${value / 1000} s` : `${value} ms`,
    ),
  ]);
  const dots = tally.of('app').map(({ name, colour }) => {
    const own = seen.filter(({ app }) => app === name);
    const d = own.map(({ at, took }) => `M${x(at).toFixed(1)} ${y(took).toFixed(1)}h0`).join('');
    return svg('path', { d, class: `dots app n${colour}` });
  });
  const rings = seen
    .filter(({ tries }) => tries > 1)
    .slice(-200)
    .map(({ at, took }) => svg('circle', { cx: x(at), cy: y(took), r: 6, class: 'ring' }));
  return [rules, dots, rings];
}

function shareParts(tally: Tally, role: Role, frame: Frame, x: Across, height: number): Child[] {
  const sums = buckets(tally.recent, role, frame);
  const perSecond = 1000 / frame.bucket;
  const totals = [...sums.values()].map((names) => [...names.values()].reduce((a, b) => a + b, 0));
  const top = roundAbove(Math.max(0, ...totals) * perSecond);
  const tall = (sum: number) => ((sum * perSecond) / top) * (height - 8);
  const wide = Math.max(1, x(frame.bucket) - x(0) - 1);
  const levels = new Map<number, number>();
  const bars = tally.of(role).map(({ name, colour }) => {
    let d = '';
    for (const [at, names] of sums) {
      const sum = names.get(name) ?? 0;
      if (sum === 0) continue;
      const level = levels.get(at) ?? 0;
      const left = Math.max(gutter, x(at));
      const width = x(at) + wide - left;
      if (width <= 0) continue;
      d += `M${left.toFixed(1)} ${(height - tall(level)).toFixed(1)}v${-tall(sum).toFixed(1)}h${width.toFixed(1)}v${tall(sum).toFixed(1)}z`;
      levels.set(at, level + sum);
    }
    return svg('path', { d, class: `${role} n${colour}` });
  });
  const marks = [0, top].map((value) =>
    svg('text', { x: gutter - 6, y: value === 0 ? height : 12, 'text-anchor': 'end' }, compact(value)),
  );
  return [svg('path', { d: `M${gutter} 8.5H9999`, class: 'rule' }), bars, marks];
}

function compact(value: number): string {
  return value >= 1000 ? `${value / 1000}k` : String(value);
}
