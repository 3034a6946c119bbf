/** What the user's own database says: all uuids that were ever stored, by node. */
import { call } from '../call.ts';
import { h } from '../dom.ts';
import { pending } from '../pending.ts';
import { short } from './tally.ts';

interface Stats {
  readonly uuids: number;
  readonly requests: number;
  readonly app: { readonly [node: string]: number };
  readonly db: { readonly [node: string]: number };
}

export interface Stored {
  readonly element: HTMLElement;
  refresh(): void;
}

export function stored(): Stored {
  const box = h('div');
  const button = h('button', { type: 'button', class: 'quiet again', onclick: refresh }, 'Count again');
  const element = h('section', { class: 'card stored' }, h('h2', {}, 'In your database'), button, box);
  refresh();

  function refresh(): void {
    box.replaceChildren(pending(() => call<Stats>('GET', '/sessions/uuid/stats'), show));
  }

  return { element, refresh };
}

function show({ uuids, requests, app, db }: Stats): HTMLElement[] {
  const told = h(
    'p',
    {},
    `${uuids.toLocaleString('en')} uuids of ${requests.toLocaleString('en')} requests, from all your sessions.`,
  );
  if (uuids === 0) return [told];
  const by = (counts: Stats['app']) =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([node, count]) => `${short(node)} ${count.toLocaleString('en')}`)
      .join(' · ');
  const list = h(
    'dl',
    {},
    ...[h('dt', {}, 'By app node'), h('dd', {}, by(app))],
    ...[h('dt', {}, 'By db node'), h('dd', {}, by(db))],
  );
  return [told, list];
}
