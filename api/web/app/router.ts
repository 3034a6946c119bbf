/** Which view the address shows: links without loading a page, the focus on what is new, the title told. */
import { byId, type Child, h, nodes } from './dom.ts';

export interface View {
  readonly title: string;
  readonly content: Child;
  /** A class of `main`, where a view has another width than forms. */
  readonly kind?: string;
  /** Called when it is shown no longer. */
  leave?(): void;
}

export interface Route {
  readonly path: string;
  /** Who may see it; others are sent where they belong. */
  readonly for: 'all' | 'guests' | 'users';
  show(): View;
}

let routes: readonly Route[] = [];
let isUser = (): boolean => false;
let shown: View | undefined;
let notice: HTMLElement | undefined;
/** Where somebody wanted to go who had to sign in first. */
let wanted = '/';

export function startRouter(table: readonly Route[], hasSession: () => boolean): void {
  routes = table;
  isUser = hasSession;
  addEventListener('popstate', () => render(true));
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a');
    const { altKey, ctrlKey, metaKey, shiftKey, button } = event;
    if (altKey || ctrlKey || metaKey || shiftKey || button !== 0) return;
    if (link === null || link.origin !== location.origin || link.getAttribute('href')!.startsWith('#'))
      return;
    event.preventDefault();
    go(link.pathname);
  });
  render(false);
}

/** The notice stands above the next view, once. */
export function go(path: string, say?: string, kind: 'good' | 'bad' = 'good'): void {
  notice = say === undefined ? undefined : h('p', { class: `notice ${kind}`, role: 'status' }, say);
  if (path !== location.pathname || location.hash !== '') history.pushState(null, '', path);
  render(true);
}

/** After signing in: to where one wanted to go. */
export function goOn(): void {
  const path = wanted;
  wanted = '/';
  go(path);
}

function render(focus: boolean): void {
  const route = allowed(routes.find(({ path }) => path === location.pathname) ?? routes.at(-1)!);
  shown?.leave?.();
  shown = route.show();
  document.title = `${shown.title} · converge`;
  const heading = h('h1', { tabindex: -1 }, shown.title);
  const main = byId('main');
  main.className = shown.kind ?? 'narrow';
  main.replaceChildren(...nodes([heading, notice, shown.content]));
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a')) {
    if (link.pathname === location.pathname) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  notice = undefined;
  if (!focus) return;
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

/** Those who may not see a view are sent where they belong. */
function allowed(route: Route): Route {
  const other =
    route.for === 'users' && !isUser() ? '/sign-in' : route.for === 'guests' && isUser() ? '/' : undefined;
  if (other === undefined) return route;
  if (route.for === 'users') wanted = route.path;
  history.replaceState(null, '', other);
  return routes.find(({ path }) => path === other)!;
}
