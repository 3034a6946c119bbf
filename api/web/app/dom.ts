/** Elements of the page, made by calls. */

export type Child = Node | string | number | false | null | undefined | readonly Child[];

/** Attributes by name; functions are listeners (`onclick`), `true` is an attribute without a value. */
export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | ((event: Event) => void);
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

function filled<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  setAttributes(element, attributes);
  element.append(...nodes(children));
  return element;
}

/** What is left out (`condition && …`) is left out. */
export function nodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === undefined || child === null || child === false) return [];
    if (child instanceof Node) return [child];
    return typeof child === 'object' ? nodes(child) : [String(child)];
  });
}

let last = 0;

/** An id that nothing else on the page has, to tie labels and messages to fields. */
export function uniqueId(): string {
  last += 1;
  return `i${last}`;
}

export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** For those who hear the page: said once, politely. */
export function say(text: string): void {
  byId('said').textContent = text;
}
