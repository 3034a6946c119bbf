/** Forms: labelled fields, errors that belong to their field, one request at a time. */
import { Failure } from './call.ts';
import { type Child, h, uniqueId } from './dom.ts';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  readonly hint?: string;
  /** What is wrong with a value, as a sentence. */
  check?(value: string): string | undefined;
}

export interface FormOf<F extends Field> {
  readonly fields: readonly F[];
  readonly submit: string;
  /** While it is being sent. */
  readonly busy: string;
  readonly kind?: 'danger';
  /** Whose password is asked for: for those who keep passwords. */
  readonly user?: string;
  /** Kinds of problems (`name-taken`) that belong to a field. */
  readonly belongs?: { readonly [kind: string]: F['name'] };
  send(values: { readonly [K in F['name']]: string }): Promise<void>;
}

export function form<const F extends Field>(of: FormOf<F>): HTMLFormElement {
  const rows = of.fields.map(row);
  const alert = h('p', { class: 'notice bad', role: 'alert', hidden: true });
  const keeper = { type: 'text', autocomplete: 'username', value: of.user, readonly: true, hidden: true };
  const user = of.user !== undefined && h('input', keeper);
  const button = h('button', { type: 'submit', class: of.kind ?? 'primary' }, of.submit);
  const element = h(
    'form',
    { novalidate: true, onsubmit: submit },
    alert,
    ...rows.map((r) => r.element),
    user,
    button,
  );
  let sending = false;

  function submit(event: Event): void {
    event.preventDefault();
    if (sending) return;
    tell('');
    for (const { field, input, tell: told } of rows) told(wrong(field, input.value));
    if (focusOnWrong()) return;
    void send();
  }

  async function send(): Promise<void> {
    sending = true;
    button.setAttribute('aria-disabled', 'true');
    button.textContent = of.busy;
    try {
      const values = rows.map(({ field, input }) => [field.name, input.value] as const);
      await of.send(Object.fromEntries(values) as { [K in F['name']]: string });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      show(error);
    } finally {
      sending = false;
      button.removeAttribute('aria-disabled');
      button.textContent = of.submit;
    }
  }

  function show(failure: Failure): void {
    const own = of.belongs?.[failure.kind];
    const fields = own === undefined ? failure.fields : [{ field: own, message: failure.message }];
    const known = fields.flatMap(({ field, message }) => {
      const found = rows.find((one) => one.field.name === field.replace(/^\//, ''));
      found?.tell(message);
      return found ? [found] : [];
    });
    if (known.length > 0) focusOnWrong();
    else tell(failure.message + (failure.passes ? ' Please try again.' : ''));
  }

  function tell(text: string): void {
    alert.textContent = text;
    alert.hidden = text === '';
  }

  function focusOnWrong(): boolean {
    const first = rows.find(({ input }) => input.getAttribute('aria-invalid') === 'true');
    first?.input.focus();
    return first !== undefined;
  }

  return element;
}

function wrong({ label, check }: Field, value: string): string {
  return value === '' ? `${label} is missing.` : (check?.(value) ?? '');
}

function row<F extends Field>(field: F) {
  const id = uniqueId();
  const { name, label, type = 'text', autocomplete, hint } = field;
  const input = h('input', {
    id,
    name,
    type,
    autocomplete,
    required: true,
    autocapitalize: 'none',
    spellcheck: 'false',
    'aria-describedby': hint === undefined ? `${id}-error` : `${id}-hint ${id}-error`,
  });
  const error = h('p', { class: 'error', id: `${id}-error` });
  const told: Child = hint !== undefined && h('p', { class: 'hint', id: `${id}-hint` }, hint);
  const box = h('span', { class: 'box' }, input, type === 'password' && reveal(input, label));
  const element = h('div', { class: 'field' }, h('label', { for: id }, label), told, box, error);
  // Once told, it is told until it is right.
  input.addEventListener('input', () => {
    if (error.textContent !== '') tell(wrong(field, input.value));
  });

  function tell(text: string): void {
    error.textContent = text;
    if (text === '') input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
  }

  return { field, input, element, tell };
}

function reveal(input: HTMLInputElement, label: string): HTMLButtonElement {
  const attributes = {
    type: 'button',
    class: 'quiet',
    'aria-pressed': 'false',
    'aria-label': `Show ${label}`,
  };
  const button = h('button', attributes, 'Show');
  button.addEventListener('click', () => {
    const isShown = input.type === 'text';
    input.type = isShown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!isShown));
    button.textContent = isShown ? 'Show' : 'Hide';
  });
  return button;
}
