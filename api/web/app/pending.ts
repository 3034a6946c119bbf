/** Something that is on its way: a word while it is awaited, another try where it failed. */
import { Failure } from './call.ts';
import { type Child, h, nodes } from './dom.ts';

export function pending<T>(get: () => Promise<T>, show: (value: T) => Child): HTMLElement {
  const box = h('div', { 'aria-live': 'polite' });
  void attempt(false);
  return box;

  async function attempt(again: boolean): Promise<void> {
    box.setAttribute('aria-busy', 'true');
    box.replaceChildren(h('p', { class: 'dim' }, 'One moment …'));
    try {
      box.replaceChildren(...nodes([show(await get())]));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const button = h('button', { type: 'button', onclick: () => void attempt(true) }, 'Try again');
      box.replaceChildren(h('p', { class: 'notice bad' }, error.message), button);
      if (again) button.focus();
    } finally {
      box.removeAttribute('aria-busy');
    }
  }
}
