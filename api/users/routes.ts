/** Accounts: made, confirmed, changed and removed by those whose they are. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api.ts';
import { whose } from '../limits.ts';
import { Problem } from '../problems.ts';
import { schemas } from '../schemas.ts';
import type { Session } from '../sessions/sessions.ts';
import { digest } from '../tokens.ts';
import type { Wish } from './accounts.ts';
import type { User } from './documents.ts';
import { canonical } from './emails.ts';

interface Named {
  readonly Params: { readonly name: string };
}

export function userRoutes(app: FastifyInstance, api: Api): void {
  const { accounts, sessions, limits, guard } = api;

  app.post<{ Body: Wish }>('/api/users/', { schema: schemas.register }, async (request, reply) => {
    const { name, email } = request.body;
    await limits.count('registrations', whose(request.ip));
    await limits.count('mails', digest(canonical(email)));
    await accounts.register(request.body);
    return reply.code(202).send({ name, email });
  });

  app.get<{ Params: { token: string } }>(
    '/api/users/confirmation/user/:token',
    { schema: schemas.confirmUser },
    async (request) => {
      await limits.count('links', whose(request.ip));
      return accounts.confirmUser(request.params.token);
    },
  );

  app.get<{ Params: { token: string } }>(
    '/api/users/confirmation/email/:token',
    { schema: schemas.confirmEmail },
    async (request) => {
      await limits.count('links', whose(request.ip));
      return accounts.confirmEmail(request.params.token);
    },
  );

  app.post<{ Body: { email: string } }>(
    '/api/users/password/reset',
    { schema: schemas.wishReset },
    async (request, reply) => {
      const { email } = request.body;
      await limits.count('mailsAsked', whose(request.ip));
      await limits.count('mails', digest(canonical(email)));
      // Later, as how long it takes would tell whether somebody has this address.
      api.later(() => accounts.wishPassword(email));
      return reply.code(202).send({ email });
    },
  );

  app.put<{ Body: { token: string; password: string } }>(
    '/api/users/password/reset',
    { schema: schemas.reset },
    async (request) => {
      await limits.count('links', whose(request.ip));
      return accounts.resetPassword(request.body.token, request.body.password);
    },
  );

  app.get<Named>('/api/users/:name', { schema: schemas.user }, async (request, reply) => {
    const { name } = await own(request, reply);
    const { email, created } = await accounts.read(name);
    return { name, email, created };
  });

  app.put<Named & { Body: { email: string; password: string } }>(
    '/api/users/:name/email',
    { schema: schemas.changeEmail },
    async (request, reply) => {
      const { email, password } = request.body;
      const user = await proved(request, reply, password);
      await limits.count('mails', digest(canonical(email)));
      await accounts.wishEmail(user, email);
      return reply.code(202).send({ name: user.name, email });
    },
  );

  app.put<Named & { Body: { current: string; password: string } }>(
    '/api/users/:name/password',
    { schema: schemas.changePassword },
    async (request, reply) => {
      const { current, password } = request.body;
      const user = await proved(request, reply, current);
      if (!(await accounts.changePassword(user, password))) throw new Problem('wrong-password');
      const session = await sessions.begin(user.name, password);
      if (session === undefined) throw new Problem('session');
      guard.give(reply, session);
      return { name: user.name, token: session.token, expires: session.expires };
    },
  );

  app.delete<Named & { Body: { password: string } }>(
    '/api/users/:name',
    { schema: schemas.removeUser },
    async (request, reply) => {
      await accounts.remove(await proved(request, reply, request.body.password));
      guard.take(reply);
      return reply.code(204).send();
    },
  );

  async function own(request: FastifyRequest<Named>, reply: FastifyReply): Promise<Session> {
    const session = await guard.session(request, reply);
    if (session.name !== request.params.name) throw new Problem('forbidden');
    return session;
  }

  /** What cannot be undone takes the password once more. */
  async function proved(
    request: FastifyRequest<Named>,
    reply: FastifyReply,
    password: string,
  ): Promise<User> {
    const { name } = await own(request, reply);
    await limits.count('guessesOfAccount', name);
    const user = await accounts.check(name, password);
    if (user === undefined) throw new Problem('wrong-password');
    await limits.forget('guessesOfAccount', name);
    return user;
  }
}
