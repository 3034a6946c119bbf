/** The charts' figures as a table: one row for each node. */
import { h } from '../dom.ts';
import { quantile, type Role, short, type Tally } from './tally.ts';
import { milliseconds, svgKey } from './timeline.ts';

export interface Table {
  readonly element: HTMLElement;
  draw(tally: Tally, now: number): void;
}

const columns = ['Node', 'Uuids', 'Share', 'Half within', 'Last answer'];
const groups = { app: 'App nodes', db: 'Db nodes' } as const;

export function createTable(): Table {
  const bodies = (Object.keys(groups) as Role[]).map((role) => ({ role, body: h('tbody') }));
  const head = columns.map((column) => h('th', { scope: 'col' }, column));
  const table = h(
    'table',
    {},
    h('caption', {}, h('h2', {}, 'Nodes')),
    h('thead', {}, h('tr', {}, ...head)),
    ...bodies.map(({ body }) => body),
  );
  const element = h('section', { class: 'card' }, table);
  function draw(tally: Tally, now: number): void {
    for (const { role, body } of bodies) {
      const rows = tally.of(role).map(({ name, colour, uuids, times, seen, silent }) => {
        const ago = now - seen;
        const cells = [
          uuids.toLocaleString('en'),
          `${Math.round((uuids / tally.uuids) * 100)} %`,
          milliseconds(quantile(times, 0.5)),
          silent ? `silent for ${milliseconds(ago)}` : ago < 1000 ? 'just now' : `${milliseconds(ago)} ago`,
        ];
        return h(
          'tr',
          { class: silent ? 'silent' : '' },
          h('th', { scope: 'row', title: name }, svgKey(`${role} n${colour}`), short(name)),
          ...cells.map((cell) => h('td', {}, cell)),
        );
      });
      body.replaceChildren(groupRow(role), ...(rows.length > 0 ? rows : [emptyRow()]));
    }
  }

  return { element, draw };
}

function groupRow(role: Role): HTMLElement {
  return h('tr', { class: 'group' }, h('th', { scope: 'rowgroup', colspan: columns.length }, groups[role]));
}

function emptyRow(): HTMLElement {
  return h('tr', {}, h('td', { colspan: columns.length, class: 'dim' }, 'None has answered yet.'));
}
