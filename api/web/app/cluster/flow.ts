/** The picture of the last moments: ribbons from this browser to the app nodes, and from those to the db nodes, as broad as their share. */
import { h, setAttributes, svg } from '../dom.ts';
import { type NodeTally, type Role, short, type Tally } from './tally.ts';

/** What counts as now, in milliseconds. */
const moments = 4000;
/** A change of shares takes about so long to be seen in full. */
const smoothing = 250;
const bar = 10;
const label = 19;
const gap = 9;
const flowing = 150;

export interface Flow {
  readonly element: HTMLElement;
  draw(tally: Tally, now: number, idle: boolean): void;
}

interface Place {
  readonly node: NodeTally;
  readonly y: number;
  readonly height: number;
}

export function createFlow(isCalm: () => boolean): Flow {
  const picture = svg('svg', { role: 'img', class: 'flow' });
  const element = h('figure', { class: 'card' }, h('figcaption', {}, h('h2', {}, 'Who serves now')), picture);
  /** Shares as they are shown, by pair; they follow the true ones. */
  const shown = new Map<string, { app: string; db: string; share: number }>();
  let before = 0;

  function follow(tally: Tally, now: number, idle: boolean): void {
    // At rest the last picture stays.
    const at = idle ? (tally.recent.at(-1)?.at ?? now) : now;
    const pairs = tally.pairs(at, moments);
    const step = isCalm() || shown.size === 0 ? 1 : 1 - Math.exp((before - now) / smoothing);
    before = now;
    for (const { app, db } of pairs) {
      const key = JSON.stringify([app, db]);
      if (!shown.has(key)) shown.set(key, { app, db, share: 0 });
    }
    for (const [key, pair] of shown) {
      const target = pairs.find(({ app, db }) => app === pair.app && db === pair.db)?.share ?? 0;
      pair.share += (target - pair.share) * step;
      if (pair.share < 0.0005 && target === 0) shown.delete(key);
    }
  }

  function shareOf(role: Role, name: string): number {
    return [...shown.values()].reduce((sum, pair) => sum + (pair[role] === name ? pair.share : 0), 0);
  }

  function column(tally: Tally, role: Role, height: number): Place[] {
    const nodes = tally.of(role);
    const spare = height - flowing - nodes.length * label;
    const space = nodes.length > 1 ? spare / (nodes.length - 1) : 0;
    let y = nodes.length > 1 ? 0 : spare / 2;
    return nodes.map((node) => {
      const place = { node, y: y + label, height: flowing * shareOf(role, node.name) };
      y += label + place.height + space;
      return place;
    });
  }

  function draw(tally: Tally, now: number, idle: boolean): void {
    follow(tally, now, idle);
    const width = Math.max(picture.clientWidth, 240);
    const most = Math.max(tally.of('app').length, tally.of('db').length, 3);
    const height = flowing + most * label + (most - 1) * gap + 4;
    const apps = column(tally, 'app', height - 4);
    const dbs = column(tally, 'db', height - 4);
    const x = { you: 0, app: Math.round(width * 0.46), db: width - bar };
    const start = (height - flowing + label) / 2;
    const parts: SVGElement[] = [];

    if (tally.requests === 0) parts.push(...ghost(x, start, height));
    let leave = start;
    const arrive = new Map(dbs.map(({ node, y }) => [node.name, y]));
    for (const { node, y, height: high } of apps) {
      const kind = `app n${node.colour}`;
      parts.push(ribbon(x.you + bar, leave, x.app, y, high, kind));
      leave += high;
      let from = y;
      for (const db of dbs) {
        const thick = flowing * (shown.get(JSON.stringify([node.name, db.node.name]))?.share ?? 0);
        const to = arrive.get(db.node.name)!;
        parts.push(ribbon(x.app + bar, from, x.db, to, thick, kind));
        from += thick;
        arrive.set(db.node.name, to + thick);
      }
    }
    parts.push(rect(x.you, start, flowing, 'you'), text(x.you, start - 6, 'start', 'This browser', ''));
    for (const [role, places] of [['app', apps] as const, ['db', dbs] as const]) {
      for (const { node, y, height: high } of places) {
        const away = node.silent ? ' silent' : '';
        const share = node.silent ? ' silent' : ` ${Math.round(shareOf(role, node.name) * 100)} %`;
        parts.push(rect(x[role], y, Math.max(high, 2), `${role} n${node.colour}${away}`));
        const [at, anchor] = role === 'app' ? [x.app, 'start'] : [width, 'end'];
        parts.push(text(at, y - 5, anchor, fitted(short(node.name), (width - x.app) / 2), share, away));
      }
    }
    setAttributes(picture, { viewBox: `0 0 ${width} ${height}`, height, 'aria-label': summary(tally) });
    picture.replaceChildren(...parts);
  }

  /** Before the first answer: where it will come from. */
  function ghost(x: { you: number; app: number; db: number }, start: number, height: number): SVGElement[] {
    const thick = flowing / 3;
    const lanes = [0, 1, 2].map((lane) => ({
      from: start + lane * thick,
      to: label + (lane * (height - label - thick)) / 2,
    }));
    return [
      ...lanes.map(({ from, to }) => ribbon(x.you + bar, from, x.app, to, thick, 'ghost')),
      ...lanes.map(({ to }) => ribbon(x.app + bar, to, x.db, to, thick, 'ghost')),
      text(x.app, height / 2 + label / 2 + 4, 'middle', 'Nothing yet: press Start', ''),
    ];
  }

  function summary(tally: Tally): string {
    if (tally.requests === 0) return 'No request yet.';
    const told = (role: Role) =>
      tally
        .of(role)
        .map(({ name, silent }) =>
          silent ? `${name} silent` : `${name} ${Math.round(shareOf(role, name) * 100)} %`,
        )
        .join(', ');
    return `Shares of the last seconds. App nodes: ${told('app')}. Db nodes: ${told('db')}.`;
  }

  return { element, draw };
}

function ribbon(x0: number, y0: number, x1: number, y1: number, thick: number, kind: string): SVGElement {
  const middle = (x0 + x1) / 2;
  const d = `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}v${thick}C${middle} ${y1 + thick} ${middle} ${y0 + thick} ${x0} ${y0 + thick}z`;
  return svg('path', { d, class: `ribbon ${kind}` });
}

function rect(x: number, y: number, height: number, kind: string): SVGElement {
  return svg('rect', { x, y, width: bar, height, rx: 2, class: kind });
}

/** Names that are too long for so many pixels, with a share behind them, keep their end: it tells addresses apart. */
function fitted(name: string, room: number): string {
  const letters = Math.max(5, Math.floor((room - 50) / 7.5));
  return name.length > letters ? `…${name.slice(1 - letters)}` : name;
}

function text(x: number, y: number, anchor: string, name: string, share: string, kind = ''): SVGElement {
  return svg(
    'text',
    { x, y, 'text-anchor': anchor, class: kind },
    name,
    svg('tspan', { class: 'dim' }, share),
  );
}
