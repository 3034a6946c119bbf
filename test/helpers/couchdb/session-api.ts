/** Sessions: a login for a cookie, who one is, and the end. */
import { object } from './document-api.ts';
import { type Logins, wrongLogin } from './logins.ts';
import type { Asker, Envelope, Question, Reply } from './question.ts';
import { Refused } from './refused.ts';

const ended = { 'set-cookie': 'AuthSession=; Version=1; Path=/; HttpOnly' };

export function sessionApi(logins: Logins, asker: Asker, question: Question, envelope: Envelope): Reply {
  switch (question.method) {
    case 'POST':
      return login(logins, question, envelope);
    case 'DELETE':
      return [200, { ok: true }, { headers: ended }];
    case 'GET': {
      const { by, name, roles } = asker;
      const info = { authentication_handlers: ['cookie', 'default'], ...(by ? { authenticated: by } : {}) };
      return [200, { ok: true, userCtx: { name, roles }, info }];
    }
    default:
      throw new Refused(405, 'method_not_allowed', 'Only GET,HEAD,POST,DELETE allowed');
  }
}

function login(logins: Logins, question: Question, { from, headers }: Envelope): Reply {
  const { name, password } = given(question, String(headers['content-type'] ?? ''));
  if (name === undefined) throw new Refused(400, 'bad_request', 'request body must contain a username');
  try {
    const { roles } = logins.login(String(name), String(password ?? ''), from);
    const next = question.query.get('next');
    const more = { headers: { ...logins.cookieFor(String(name)), ...(next ? { location: next } : {}) } };
    return [next ? 302 : 200, { ok: true, name, roles }, more];
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    const { status, error: kind, message } = wrongLogin();
    return [status, { error: kind, reason: message }, { headers: ended }];
  }
}

function given(question: Question, type: string): { name?: unknown; password?: unknown } {
  if (/^application\/x-www-form-urlencoded\b/.test(type)) {
    const form = new URLSearchParams(question.text);
    const name = form.get('name') ?? form.get('username');
    return { ...(name === null ? {} : { name }), password: form.get('password') ?? '' };
  }
  if (!/^application\/json\b/.test(type))
    throw new Refused(
      415,
      'bad_content_type',
      'Content-Type must be application/x-www-form-urlencoded or application/json',
    );
  const { name, username = name, password } = object(question.json());
  return { ...(username === undefined ? {} : { name: username }), password };
}
