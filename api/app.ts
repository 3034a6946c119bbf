/** Puts the routes together: `/status` and `/metrics`, the API, and the site for everything else. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Api } from './api.ts';
import { Unavailable } from './couchdb/cluster.ts';
import { whose } from './limits.ts';
import { details, Metrics } from './metrics.ts';
import { Problem, type ProblemKind, problemSchema } from './problems.ts';
import { openapi } from './schemas.ts';
import { sessionRoutes } from './sessions/routes.ts';
import type { Where } from './settings.ts';
import { sendFile } from './static.ts';
import { digest } from './tokens.ts';
import { userRoutes } from './users/routes.ts';

export interface Serving {
  readonly where: Where;
  /** Without it only /status and the site are served. */
  readonly api: Api | undefined;
  /** Whether this process is about to end. */
  readonly isDraining: () => boolean;
}

export async function createApp({ where, api, isDraining }: Serving): Promise<FastifyInstance> {
  const app = fastify({
    trustProxy: [...where.trusted],
    bodyLimit: 16 * 1024,
    logger: where.log && { base: null, timestamp: false },
    logController: new LogController({ disableRequestLogging: true }),
    // Not that of the client, who could make it look like any other.
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000 },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true } },
    frameworkErrors: (_error, request, reply) => sendFile(request, reply, where.site),
  });
  const metrics = new Metrics(api);
  app.addSchema({ $id: 'problem', ...problemSchema });
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'X-Request-Id': request.id,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    // Else the connection would go on, and its next request would find nobody.
    if (isDraining()) reply.header('Connection', 'close');
    if (!isOfApi(request)) return;
    reply.headers({ 'Cache-Control': 'no-store', 'Content-Security-Policy': "default-src 'none'" });
    await api?.limits.count('requests', whose(request.ip));
  });

  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
    metrics.observe(method, route, reply.statusCode, reply.elapsedTime);
    // Neither who, nor from where, nor what: that is in the path, and in the body.
    if (isOfApi(request))
      app.log.info({ request: request.id, method, route, status: reply.statusCode, milliseconds });
  });

  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500)
      app.log.error({ request: request.id, error: error.message, cause: String(error.cause ?? '') });
    return reply
      .code(problem.status)
      .headers(problem.extras.headers ?? {})
      .type('application/problem+json')
      .serializer(JSON.stringify)
      .send(problem.body(request.id));
  });

  app.get('/status', { schema: { hide: true } }, async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const status = isDraining() ? 'draining' : 'OK';
    if (isDraining()) reply.code(503);
    if (mayKnow(request, where.statusToken)) return { status, node: where.node, ...(await details(api)) };
    return reply.type('text/plain; charset=utf-8').send(`Status: ${status}\n`);
  });

  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!isHere(request)) return sendFile(request, reply, where.site);
    return reply
      .header('Cache-Control', 'no-store')
      .type('text/plain; version=0.0.4')
      .send(await metrics.text());
  });

  await app.register(async (part) => {
    const methods = new Map<string, string[]>();
    part.addHook('onRoute', ({ url, method }) => {
      methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
    });
    await part.register(swagger, { openapi });
    if (api === undefined) {
      part.all('/api/*', () => {
        throw new Problem('unavailable', { detail: 'This node has not been told how to reach the data.' });
      });
      return;
    }
    sessionRoutes(part, api);
    userRoutes(part, api);
    part.get('/api/openapi.json', { schema: { hide: true } }, () => part.swagger());
    for (const [url, known] of [...methods]) {
      const other = part.supportedMethods.filter((method) => !known.includes(method) && method !== 'TRACE');
      part.route({
        method: other,
        url,
        schema: { hide: true },
        handler: () => {
          throw new Problem('method', { headers: { Allow: known.join(', ') } });
        },
      });
    }
    part.all('/api/*', { schema: { hide: true } }, () => {
      throw new Problem('not-found');
    });
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    schema: { hide: true },
    handler: (request, reply) => sendFile(request, reply, where.site),
  });
  app.setNotFoundHandler((request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return sendFile(request, reply, where.site);
    reply.header('Allow', 'GET, HEAD').header('Cache-Control', 'no-store');
    return reply.code(405).type('text/plain; charset=utf-8').send('Method not allowed\n');
  });
  await app.ready();
  return app;
}

/** By the route, as there are many ways to write a path. */
function isOfApi({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith('/api/') ?? false;
}

/** haproxy comes from this machine as well, but says for whom. */
function isHere({ socket, headers }: FastifyRequest): boolean {
  const isLoopback = /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '');
  return isLoopback && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined;
}

function mayKnow({ headers }: FastifyRequest, token: string | undefined): boolean {
  if (token === undefined) return false;
  const [given, wanted] = [headers.authorization ?? '', `Bearer ${token}`].map((one) =>
    Buffer.from(digest(one)),
  );
  return timingSafeEqual(given!, wanted!);
}

const kinds: { readonly [status: number]: ProblemKind } = {
  404: 'not-found',
  413: 'too-large',
  415: 'media-type',
};

function problemOf(error: FastifyError | Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable) return new Problem('unavailable', { headers: { 'Retry-After': '1' } });
  const { validation, statusCode = 500 } = error as FastifyError;
  if (validation !== undefined) {
    const errors = validation.map(({ instancePath, params, message = '' }) => ({
      field: instancePath.slice(1) || String(params['missingProperty'] ?? params['additionalProperty'] ?? ''),
      message,
    }));
    return new Problem('invalid', { errors });
  }
  if (statusCode >= 500) return new Problem('internal');
  return new Problem(kinds[statusCode] ?? 'invalid');
}
