/** The application: its views, its navigation, and what it does before the first view. */
import { Failure } from './call.ts';
import { byId, h } from './dom.ts';
import { pending } from './pending.ts';
import { go, type Route, startRouter, type View } from './router.ts';
import { resume, signOut, userName, watchSession } from './session.ts';
import { startTheme } from './theme.ts';
import { accountView } from './views/account.ts';
import { clusterView } from './views/cluster.ts';
import {
  confirmEmailView,
  confirmUserView,
  forgottenView,
  registerView,
  resetView,
  signInView,
} from './views/guest.ts';

const routes: readonly Route[] = [
  { path: '/', for: 'users', show: clusterView },
  { path: '/account', for: 'users', show: accountView },
  { path: '/sign-in', for: 'guests', show: signInView },
  { path: '/register', for: 'guests', show: registerView },
  { path: '/forgotten', for: 'all', show: forgottenView },
  { path: '/password/reset', for: 'all', show: resetView },
  { path: '/confirm/user', for: 'all', show: confirmUserView },
  { path: '/confirm/email', for: 'all', show: confirmEmailView },
  { path: '', for: 'all', show: notFoundView },
];

const links = {
  users: [
    ['/', 'Cluster'],
    ['/account', 'Account'],
  ],
  guests: [
    ['/sign-in', 'Sign in'],
    ['/register', 'Register'],
  ],
} as const;

startTheme();
watchConnection();
watchSession((hasEnded) => {
  showLinks();
  // The view of somebody who is gone: leads to signing in, and back here after that.
  if (hasEnded) go(location.pathname, 'Your session has ended. Please sign in again.');
});
byId('main').replaceChildren(
  pending(resume, () => {
    showLinks();
    // After what is shown here, as the first view takes its place.
    queueMicrotask(() => startRouter(routes, () => userName() !== undefined));
    return '';
  }),
);

function showLinks(): void {
  const items = links[userName() === undefined ? 'guests' : 'users'].map(([path, text]) =>
    h('li', {}, h('a', { href: path, 'aria-current': path === location.pathname && 'page' }, text)),
  );
  const out = h('button', { type: 'button', class: 'quiet', onclick: () => void leave() }, 'Sign out');
  byId('nav').replaceChildren(h('ul', {}, ...items, userName() !== undefined && h('li', {}, out)));
}

async function leave(): Promise<void> {
  try {
    await signOut();
    go('/sign-in', 'You are signed out.');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    go(location.pathname, `You are still signed in. ${error.message} Please try again.`, 'bad');
  }
}

function notFoundView(): View {
  const content = h('p', {}, 'There is no such page. ', h('a', { href: '/' }, 'Go to the first one.'));
  return { title: 'Not found', content };
}

function watchConnection(): void {
  const told = byId('offline');
  told.textContent = 'You are offline. What is under way goes on as soon as you are back.';
  const tell = () => {
    told.hidden = navigator.onLine;
  };
  for (const event of ['online', 'offline']) addEventListener(event, tell);
  tell();
}
