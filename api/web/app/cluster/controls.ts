/** What to ask for: one request, so many uuids, or without an end. */
import { h, uniqueId } from '../dom.ts';
import type { Order } from './load.ts';

export interface Controls {
  readonly element: HTMLElement;
}

interface Acts {
  start(order: Order): Promise<void>;
  stop(): void;
}

const modes = { one: 'Once', batch: 'Batch', loop: 'Loop' } as const;
type Mode = keyof typeof modes;

const amounts = {
  total: { label: 'Uuids in all', value: 1000, min: 1, max: 1_000_000, of: ['batch'] },
  perRequest: { label: 'Uuids per request', value: 10, min: 1, max: 1000, of: ['one', 'batch', 'loop'] },
  parallel: { label: 'Requests at a time', value: 4, min: 1, max: 16, of: ['batch', 'loop'] },
  pause: { label: 'Pause between them, ms', value: 100, min: 0, max: 60_000, of: ['loop'] },
} as const;
type Amount = keyof typeof amounts;

export function controls({ start, stop }: Acts): Controls {
  let mode: Mode = 'batch';
  let isRunning = false;
  const fields = (Object.keys(amounts) as Amount[]).map(field);
  const button = h('button', { type: 'submit', class: 'primary' }, 'Start');
  const element = h(
    'form',
    { class: 'card controls', novalidate: true, onsubmit: submit, 'aria-label': 'Ask for uuids' },
    h(
      'fieldset',
      { class: 'modes' },
      h('legend', { class: 'unseen' }, 'How'),
      ...(Object.keys(modes) as Mode[]).map(choice),
    ),
    ...fields.map(({ row }) => row),
    button,
  );
  showFields();

  function choice(name: Mode): HTMLElement {
    const input = h('input', { type: 'radio', name: 'mode', value: name, checked: name === mode });
    input.addEventListener('change', () => {
      mode = name;
      showFields();
    });
    return h('label', {}, input, h('span', {}, modes[name]));
  }

  function field(name: Amount) {
    const { label, value, min, max } = amounts[name];
    const id = uniqueId();
    const error = h('p', { class: 'error', id: `${id}-error` });
    const input = h('input', {
      id,
      name,
      type: 'number',
      inputmode: 'numeric',
      min,
      max,
      value,
      'aria-describedby': `${id}-error`,
    });
    return {
      name,
      input,
      error,
      row: h('div', { class: 'field' }, h('label', { for: id }, label), input, error),
    };
  }

  function showFields(): void {
    for (const { name, row } of fields) row.hidden = !(amounts[name].of as readonly string[]).includes(mode);
  }

  /** Nothing where a value will not do; it is told at its field then. */
  function ordered(): Order | undefined {
    const values: { [K in Amount]?: number } = {};
    let wrong: HTMLInputElement | undefined;
    for (const { name, input, error, row } of fields) {
      const { min, max } = amounts[name];
      const value = input.valueAsNumber;
      const isWrong = !row.hidden && !(Number.isInteger(value) && value >= min && value <= max);
      error.textContent = isWrong ? `A whole number from ${min} to ${max}.` : '';
      if (isWrong) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
      if (isWrong) wrong ??= input;
      values[name] = value;
    }
    wrong?.focus();
    if (wrong !== undefined) return undefined;
    const { total, perRequest, parallel, pause } = values as { [K in Amount]: number };
    if (mode === 'one') return { total: perRequest, perRequest, parallel: 1, pause: 0 };
    if (mode === 'batch') return { total, perRequest, parallel, pause: 0 };
    return { perRequest, parallel, pause };
  }

  function submit(event: Event): void {
    event.preventDefault();
    const order = isRunning ? undefined : ordered();
    if (isRunning) stop();
    if (order === undefined) return;
    show(true);
    void start(order).finally(() => show(false));
  }

  function show(running: boolean): void {
    isRunning = running;
    button.textContent = running ? 'Stop' : 'Start';
    element.classList.toggle('running', running);
  }

  return { element };
}
