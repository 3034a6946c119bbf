/** What happened on the way, newest first: who fell silent, who came, what was tried again. */
import { h } from '../dom.ts';

export interface Log {
  readonly element: HTMLElement;
  add(line: string, kind: 'good' | 'bad'): void;
  /** A request had no answer and is tried again. */
  retried(why: string): void;
  /** One that was tried again has its answer. */
  served(): void;
}

const most = 40;
/** Failures that come so close together, in milliseconds, are one line. */
const together = 2000;

export function createLog(): Log {
  const list = h('ol', { class: 'log', role: 'log', 'aria-label': 'What happened' });
  const none = h('p', { class: 'dim' }, 'Nothing to tell yet.');
  const element = h('section', { class: 'card happened' }, h('h2', {}, 'What happened'), none, list);
  let burst:
    | { readonly why: string; at: number; tries: number; served: number; text: HTMLElement }
    | undefined;

  function add(line: string, kind: string): HTMLElement {
    const text = h('span', {}, line);
    const now = new Date();
    const time = h('time', { datetime: now.toISOString() }, now.toLocaleTimeString('en-GB'));
    list.prepend(h('li', { class: kind }, time, text));
    if (list.childElementCount > most) list.lastElementChild!.remove();
    none.hidden = true;
    return text;
  }

  function retried(why: string): void {
    const now = performance.now();
    if (burst === undefined || burst.why !== why || now - burst.at > together) {
      burst = { why, at: now, tries: 0, served: 0, text: add('', 'bad') };
    }
    burst.at = now;
    burst.tries += 1;
    tell();
  }

  function served(): void {
    if (burst === undefined) return;
    burst.served += 1;
    tell();
  }

  function tell(): void {
    const { why, tries, served, text } = burst!;
    const what =
      tries === 1 ? 'One request failed and is tried again' : `${tries} tries failed and are made again`;
    text.textContent = `${what}${served > 0 ? `, ${served} served since` : ''}. ${why}`;
  }

  return { element, add, retried, served };
}
