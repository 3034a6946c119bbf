/** Views for those without a session: sign in, register, forgotten password, and where the links in mails lead. */
import { call } from '../call.ts';
import { type Child, h } from '../dom.ts';
import { form } from '../form.ts';
import { go, goOn, type View } from '../router.ts';
import { emailField, nameField, newNameField, newPasswordField, passwordField } from '../rules.ts';
import { signIn } from '../session.ts';

export function signInView(): View {
  const content = form({
    fields: [nameField, passwordField],
    submit: 'Sign in',
    busy: 'Signing in …',
    async send({ name, password }) {
      await signIn(name, password);
      goOn();
    },
  });
  const more = h(
    'p',
    { class: 'more' },
    h('a', { href: '/register' }, 'Register'),
    h('a', { href: '/forgotten' }, 'Forgotten your password?'),
  );
  return { title: 'Sign in', content: [content, more] };
}

export function registerView(): View {
  const content = form({
    fields: [newNameField, emailField, newPasswordField],
    submit: 'Register',
    busy: 'Registering …',
    belongs: { 'name-taken': 'name', 'email-taken': 'email' },
    async send({ name, email, password }) {
      await call('POST', '/users/', { name, email, password });
      go('/sign-in', `A mail is on its way to ${email}. Open the link in it, then sign in.`);
    },
  });
  const more = h('p', { class: 'more' }, h('a', { href: '/sign-in' }, 'Sign in instead'));
  return { title: 'Register', content: [content, more] };
}

export function forgottenView(): View {
  const content = form({
    fields: [emailField],
    submit: 'Send me a link',
    busy: 'Sending …',
    async send({ email }) {
      await call('POST', '/users/password/reset', { email });
      go('/sign-in', `If ${email} belongs to an account, a mail with a link is on its way.`);
    },
  });
  const lead = h('p', { class: 'lead' }, 'We send you a link by which you can choose another password.');
  return { title: 'Forgotten password', content: [lead, content] };
}

export function resetView(): View {
  const token = location.hash.slice(1);
  if (token === '') return incomplete('Choose a password');
  const content = form({
    fields: [newPasswordField],
    submit: 'Set this password',
    busy: 'Setting …',
    async send({ password }) {
      const { name } = await call<{ name: string }>('PUT', '/users/password/reset', { token, password });
      go('/sign-in', `The password of ${name} is changed. Please sign in.`);
    },
  });
  return { title: 'Choose a password', content };
}

export function confirmUserView(): View {
  return confirmView(
    'Confirm your account',
    'Your account exists once you have confirmed it.',
    async (token) => {
      const { name } = await call<{ name: string }>('GET', `/users/confirmation/user/${token}`);
      go('/sign-in', `Welcome, ${name}. Your account is ready: sign in.`);
    },
  );
}

export function confirmEmailView(): View {
  return confirmView(
    'Confirm your e-mail address',
    'It takes the place of your present one.',
    async (token) => {
      const { email } = await call<{ email: string }>('GET', `/users/confirmation/email/${token}`);
      go('/account', `Your e-mail address is ${email} now.`);
    },
  );
}

/** Not done by opening it alone: programs that look through mails open links. */
function confirmView(title: string, lead: string, send: (token: string) => Promise<void>): View {
  const token = location.hash.slice(1);
  if (token === '') return incomplete(title);
  const content: Child = [
    h('p', { class: 'lead' }, lead),
    form({
      fields: [],
      submit: 'Confirm',
      busy: 'Confirming …',
      send: () => send(encodeURIComponent(token)),
    }),
  ];
  return { title, content };
}

function incomplete(title: string): View {
  const text = 'This link is incomplete. Copy all of it from the mail, up to its last character.';
  return { title, content: h('p', { class: 'notice bad' }, text) };
}
