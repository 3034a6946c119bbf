/** What the API answers where it does not do what was asked: application/problem+json (RFC 9457). */

const titles = {
  invalid: [400, 'The request is not as it should be.'],
  'link-invalid': [400, 'This link is none of ours, or was cut off.'],
  credentials: [401, 'Name or password is wrong.'],
  session: [401, 'There is no session, or it has ended.'],
  token: [403, 'The header C-Token is missing, or of another session.'],
  forbidden: [403, 'This is not your account.'],
  'wrong-password': [403, 'The password is wrong.'],
  'not-found': [404, 'There is nothing here.'],
  method: [405, 'This cannot be done here.'],
  'name-taken': [409, 'This name is taken.'],
  'email-taken': [409, 'This e-mail address is taken.'],
  'link-used': [410, 'This link was used already.'],
  'link-expired': [410, 'This link is too old.'],
  'too-large': [413, 'The request is too large.'],
  'media-type': [415, 'Bodies have to be JSON.'],
  'too-many': [429, 'Too many requests.'],
  internal: [500, 'Something went wrong here.'],
  unavailable: [503, 'The data cannot be reached at the moment.'],
} as const satisfies { readonly [kind: string]: readonly [status: number, title: string] };

export type ProblemKind = keyof typeof titles;

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

interface Extras {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: { readonly [name: string]: string };
}

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly extras: Extras;

  constructor(kind: ProblemKind, extras: Extras = {}) {
    super(kind);
    this.kind = kind;
    this.extras = extras;
  }

  get status(): number {
    return titles[this.kind][0];
  }

  /** `instance` is the ID of the request, by which the log knows it. */
  body(instance: string): object {
    const [status, title] = titles[this.kind];
    const { detail = title, errors } = this.extras;
    return { type: `/problems/${this.kind}`, title, status, detail, instance, errors };
  }
}

export const problemSchema = {
  type: 'object',
  properties: {
    type: { type: 'string', enum: Object.keys(titles).map((kind) => `/problems/${kind}`) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'ID of the request.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
} as const;
