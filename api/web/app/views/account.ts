/** The account: e-mail address, password, and its end. */
import { call } from '../call.ts';
import { h } from '../dom.ts';
import { form } from '../form.ts';
import { pending } from '../pending.ts';
import { go, type View } from '../router.ts';
import { emailField, newPasswordField, passwordField } from '../rules.ts';
import { begin, end, type Session, userName } from '../session.ts';

interface User {
  readonly name: string;
  readonly email: string;
  readonly created: string;
}

export function accountView(): View {
  const user = userName()!;
  const path = `/users/${user}`;
  const who = pending(
    () => call<User>('GET', path),
    ({ name, email, created }) =>
      h(
        'dl',
        {},
        ...[h('dt', {}, 'Name'), h('dd', {}, name)],
        ...[h('dt', {}, 'E-mail address'), h('dd', {}, email)],
        ...[h('dt', {}, 'Since'), h('dd', {}, new Date(created).toLocaleDateString())],
      ),
  );

  const email = form({
    fields: [{ ...emailField, label: 'New e-mail address' }, passwordField],
    submit: 'Change address',
    user,
    busy: 'Changing …',
    belongs: { 'email-taken': 'email', 'wrong-password': 'password' },
    async send(values) {
      await call('PUT', `${path}/email`, values);
      go(
        '/account',
        `A mail is on its way to ${values.email}. The address changes when you open the link in it.`,
      );
    },
  });

  const current = { ...passwordField, name: 'current', label: 'Present password' } as const;
  const password = form({
    fields: [current, { ...newPasswordField, label: 'New password' }],
    submit: 'Change password',
    user,
    busy: 'Changing …',
    belongs: { 'wrong-password': 'current' },
    async send(values) {
      begin(await call<Session>('PUT', `${path}/password`, values));
      go('/account', 'Your password is changed. Other sessions of yours have ended.');
    },
  });

  const remove = form({
    fields: [passwordField],
    submit: 'Delete my account',
    user,
    busy: 'Deleting …',
    kind: 'danger',
    belongs: { 'wrong-password': 'password' },
    async send(values) {
      await call('DELETE', path, values);
      end();
      go('/sign-in', 'Your account and everything in it is gone.');
    },
  });

  return {
    title: 'Account',
    content: [
      h('section', { class: 'card' }, who),
      h('section', { class: 'card' }, h('h2', {}, 'E-mail address'), email),
      h('section', { class: 'card' }, h('h2', {}, 'Password'), password),
      h(
        'section',
        { class: 'card' },
        h('h2', {}, 'Delete'),
        h('p', {}, 'The account and all stored uuids go, at once and for good.'),
        remove,
      ),
    ],
  };
}
