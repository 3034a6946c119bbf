/** What each route takes and answers: checked by ajv, and described by /api/openapi.json. */

const name = {
  type: 'string',
  pattern: '^[a-z][a-z0-9_-]{2,31}$',
  description: '3 to 32 of a-z 0-9 - _, a letter first.',
} as const;
const password = { type: 'string', minLength: 10, maxLength: 200 } as const;
/** Of a password that is to be checked: whatever it was made of. */
const known = { type: 'string', minLength: 1, maxLength: 200 } as const;
/** No line ends, no lists, no display names, no quotes: nothing that could be taken for more than one address. */
const email = {
  type: 'string',
  maxLength: 254,
  pattern:
    "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$",
  description: 'An address in ASCII, e.g. anna@example.org.',
} as const;
const token = { type: 'string', maxLength: 2000, pattern: '^[A-Za-z0-9_.-]+$' } as const;
const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const counts = { type: 'object', additionalProperties: integer } as const;

function object<T extends object>(properties: T) {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties };
}

/** Statuses beside what is answered where all is well. */
function route(
  summary: string,
  [tag, ...problems]: readonly [string, ...number[]],
  answer: { readonly [status: number]: object },
  parts: { readonly body?: object; readonly params?: object; readonly querystring?: object } = {},
) {
  const failures = [...new Set([400, 429, 500, 503, ...problems])].map((status) => [
    status,
    { $ref: 'problem#' },
  ]);
  const security = problems.includes(401) && tag !== 'sign-in' ? [{ session: [], token: [] }] : undefined;
  const tags = [tag === 'sign-in' ? 'sessions' : tag];
  return { summary, tags, security, ...parts, response: { ...answer, ...Object.fromEntries(failures) } };
}

const nothing = { type: 'null', description: 'Nothing.' } as const;
const signedIn = object({ name: text, token: text, expires: integer });
const ofUser = { params: object({ name }) };
const ofLink = { params: object({ token }) };

export const schemas = {
  register: route(
    'Register: a mail with a link goes out',
    ['users', 409],
    { 202: object({ name: text, email: text }) },
    { body: object({ name, email, password }) },
  ),
  confirmUser: route('Confirm a registration', ['users', 409, 410], { 200: object({ name: text }) }, ofLink),
  confirmEmail: route(
    'Confirm another e-mail address',
    ['users', 409, 410],
    { 200: object({ name: text, email: text }) },
    ofLink,
  ),
  wishReset: route(
    'Ask for a new password by mail',
    ['users'],
    { 202: object({ email: text }) },
    { body: object({ email }) },
  ),
  reset: route(
    'Set a new password by the link of a mail',
    ['users', 410],
    { 200: object({ name: text }) },
    { body: object({ token, password }) },
  ),
  user: route(
    'The own account',
    ['users', 401, 403],
    { 200: object({ name: text, email: text, created: text }) },
    ofUser,
  ),
  changeEmail: route(
    'Ask for another e-mail address: a mail with a link goes there',
    ['users', 401, 403, 409],
    { 202: object({ name: text, email: text }) },
    { ...ofUser, body: object({ email, password: known }) },
  ),
  changePassword: route(
    'Change the password: all other sessions end',
    ['users', 401, 403],
    { 200: signedIn },
    { ...ofUser, body: object({ current: known, password }) },
  ),
  removeUser: route(
    'Remove the account and its data',
    ['users', 401, 403],
    { 204: nothing },
    { ...ofUser, body: object({ password: known }) },
  ),
  signIn: route(
    'Sign in',
    ['sign-in', 401],
    { 200: signedIn },
    { body: object({ name: { type: 'string', minLength: 1, maxLength: 64 }, password: known }) },
  ),
  whoAmI: route('Who is signed in, and the session goes on', ['sessions'], {
    200: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: ['string', 'null'] }, token: text, expires: integer },
    },
  }),
  signOut: route('Sign out, on all nodes', ['sessions', 401, 403], { 204: nothing }),
  uuids: route(
    'Fetch uuids from a db node, and keep them',
    ['uuids', 401, 403],
    { 200: object({ uuids: { type: 'array', items: text }, app: text, db: text }) },
    {
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          count: { type: 'string', pattern: '^([1-9][0-9]{0,2}|1000)$', description: '1 to 1000.' },
        },
      },
    },
  ),
  stats: route('Uuids by the nodes that served them', ['uuids', 401, 403], {
    200: object({
      uuids: integer,
      requests: integer,
      app: counts,
      db: counts,
      pairs: {
        type: 'array',
        items: object({ app: text, db: text, uuids: integer, requests: integer }),
      },
    }),
  }),
};

export const openapi = {
  openapi: '3.1.0',
  info: { title: 'The API', version: '1', description: 'Accounts, sessions, and uuids by node.' },
  components: {
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'AuthSession', description: 'And the cookie Session.' },
      token: { type: 'apiKey', in: 'header', name: 'C-Token' },
    },
  },
} as const;
