/** What the API demands of names, passwords and addresses, so that it is told before anything is sent. */
import type { Field } from './form.ts';

export const nameField = {
  name: 'name',
  label: 'Name',
  autocomplete: 'username',
} as const satisfies Field;

export const newNameField = {
  ...nameField,
  hint: '3 to 32 of a–z, 0–9, - and _; a letter first.',
  check: (value: string) =>
    /^[a-z][a-z0-9_-]{2,31}$/.test(value)
      ? undefined
      : 'A name has 3 to 32 of a–z, 0–9, - and _, and begins with a letter.',
} as const satisfies Field;

export const emailField = {
  name: 'email',
  label: 'E-mail address',
  type: 'email',
  autocomplete: 'email',
  check: (value: string) =>
    /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(value) && value.length <= 254
      ? undefined
      : 'An e-mail address looks like name@example.org.',
} as const satisfies Field;

export const passwordField = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
} as const satisfies Field;

export const newPasswordField = {
  ...passwordField,
  autocomplete: 'new-password',
  hint: 'At least 10 characters. A sentence does well.',
  check: (value: string) =>
    value.length >= 10 && value.length <= 200 ? undefined : 'A password has 10 to 200 characters.',
} as const satisfies Field;
