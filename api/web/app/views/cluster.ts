/** The cluster at work: asks for uuids, and shows who serves them and how fast. */
import { call, Failure } from '../call.ts';
import { controls } from '../cluster/controls.ts';
import { createFlow } from '../cluster/flow.ts';
import { type Answer, type Happening, load, type Order, sleep } from '../cluster/load.ts';
import { createLog } from '../cluster/log.ts';
import { stored } from '../cluster/stored.ts';
import { createTable } from '../cluster/table.ts';
import { quantile, short, Tally } from '../cluster/tally.ts';
import { createTiles } from '../cluster/tiles.ts';
import { createTimeline } from '../cluster/timeline.ts';
import { h, say } from '../dom.ts';
import type { View } from '../router.ts';

/** Milliseconds: between two tries of a request, doubled each time; and between two pictures. */
const soonest = 50;
const latest = 2000;
const picture = { flow: 33, charts: 100, words: 250 };
const told = 15_000;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export function clusterView(): View {
  const flow = createFlow(() => calm.matches);
  const timeline = createTimeline();
  const tiles = createTiles();
  const table = createTable();
  const log = createLog();
  const stats = stored();
  const panel = controls({ start, stop: () => running?.abort() });
  let tally = new Tally();
  let begun = performance.now();
  let ended = begun;
  let running: AbortController | undefined;
  let painted = { flow: 0, charts: 0, words: 0, said: 0 };

  async function start(order: Order): Promise<void> {
    const own = new AbortController();
    running = own;
    // A single request adds to what there is; everything else begins anew.
    if (order.total !== order.perRequest || tally.requests === 0) {
      tally = new Tally();
      begun = performance.now();
    }
    painted = { flow: 0, charts: 0, words: 0, said: performance.now() };
    say('Asking.');
    requestAnimationFrame(paint);
    try {
      const means = { ask, again, wait: sleep, now: () => performance.now() };
      await load(order, means, happened, own.signal);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      log.add(error.message, 'bad');
    } finally {
      running = undefined;
      ended = performance.now();
      drawAll(ended);
      say(`${own.signal.aborted ? 'Stopped' : 'Done'}. ${summary()}`);
      if (stage.isConnected) stats.refresh();
    }
  }

  function happened(happening: Happening): void {
    for (const line of tally.add(happening)) log.add(line, 'good');
    if (happening.kind === 'retried') log.retried(happening.why);
    else {
      if (happening.tries > 1) log.served();
      tiles.last(happening.answer);
    }
  }

  function paint(now: number): void {
    if (running === undefined) return;
    requestAnimationFrame(paint);
    if (now - painted.flow >= picture.flow) {
      painted.flow = now;
      flow.draw(tally, now, false);
    }
    if (now - painted.charts >= picture.charts) {
      painted.charts = now;
      timeline.draw(tally, begun, now);
    }
    if (now - painted.words < picture.words) return;
    painted.words = now;
    for (const line of tally.silences(now)) log.add(line, 'bad');
    tiles.draw(tally);
    table.draw(tally, now);
    if (now - painted.said < told) return;
    painted.said = now;
    say(summary());
  }

  function drawAll(now: number): void {
    flow.draw(tally, now, running === undefined);
    timeline.draw(tally, begun, now);
    tiles.draw(tally);
    table.draw(tally, now);
  }

  function summary(): string {
    const apps = tally.of('app').map(({ name, uuids }) => `${short(name)} ${uuids}`);
    const median = quantile(
      tally.recent.map(({ took }) => took),
      0.5,
    );
    return `${tally.uuids} uuids in ${tally.requests} requests, ${tally.retries} tried again, half within ${Math.round(median)} milliseconds. By ${apps.join(', ')}.`;
  }

  const resized = new ResizeObserver(() => drawAll(running ? performance.now() : ended));
  resized.observe(timeline.element);
  const stage = h(
    'div',
    { class: 'stage' },
    tiles.element,
    flow.element,
    timeline.element,
    table.element,
    stats.element,
  );
  return {
    title: 'Cluster',
    kind: 'wide',
    content: [
      h(
        'p',
        { class: 'lead' },
        'Every uuid comes from a db node by way of an app node. Take one away, and watch.',
      ),
      h('div', { class: 'grid' }, panel.element, stage, log.element),
    ],
    leave() {
      running?.abort();
      resized.disconnect();
    },
  };
}

function ask(count: number, signal: AbortSignal): Promise<Answer> {
  return call<Answer>('GET', `/sessions/uuid?count=${count}`, undefined, signal);
}

function again(error: unknown, tries: number): { wait: number; why: string } | undefined {
  if (!(error instanceof Failure) || !error.passes) return undefined;
  const wait = Math.min(soonest * 2 ** (tries - 1), latest);
  return { wait: Math.max(wait, (error.retryAfter ?? 0) * 1000), why: error.message };
}
