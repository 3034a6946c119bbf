/** Signing in and out, and the uuids of who is signed in. */
import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.ts';
import { whose } from '../limits.ts';
import { Problem } from '../problems.ts';
import { schemas } from '../schemas.ts';
import { prepareDatabase } from '../users/documents.ts';
import { countUuids, fetchUuids } from './uuids.ts';

export function sessionRoutes(app: FastifyInstance, api: Api): void {
  const { accounts, sessions, limits, store, guard } = api;

  app.post<{ Body: { name: string; password: string } }>(
    '/api/sessions/',
    { schema: schemas.signIn },
    async (request, reply) => {
      const { name, password } = request.body;
      const address = whose(request.ip);
      await limits.count('guesses', address);
      await limits.count('guessesOfAccount', name);
      const user = await accounts.check(name, password);
      const session = user && (await sessions.begin(name, password));
      if (session === undefined) throw new Problem('credentials');
      await Promise.all([limits.forget('guesses', address), limits.forget('guessesOfAccount', name)]);
      await prepareDatabase(store, name);
      guard.give(reply, session);
      return { name, token: session.token, expires: session.expires };
    },
  );

  app.get('/api/sessions/', { schema: schemas.whoAmI }, async (request, reply) => {
    const session = await sessions.of(guard.cookiesOf(request));
    if (session === undefined) return { name: null };
    guard.give(reply, session);
    return { name: session.name, token: session.token, expires: session.expires };
  });

  app.delete('/api/sessions/', { schema: schemas.signOut }, async (request, reply) => {
    await sessions.end(await guard.session(request, reply));
    guard.take(reply);
    return reply.code(204).send();
  });

  app.get<{ Querystring: { count?: string } }>(
    '/api/sessions/uuid',
    { schema: schemas.uuids },
    async (request, reply) => {
      const session = await guard.session(request, reply);
      return fetchUuids(store, session, { count: Number(request.query.count ?? 1), app: api.node });
    },
  );

  app.get('/api/sessions/uuid/stats', { schema: schemas.stats }, async (request, reply) =>
    countUuids(store, await guard.session(request, reply)),
  );
}
