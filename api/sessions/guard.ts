/** Lets in who has a session, and proves by the header C-Token that it is their own page that asks. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';
import type { Cookies, Session, Sessions } from './sessions.ts';

export class Guard {
  readonly #sessions: Sessions;
  readonly #options: object;

  /** `isSecure` where users reach the site by https. */
  constructor(sessions: Sessions, isSecure: boolean) {
    this.#sessions = sessions;
    this.#options = { path: '/api', httpOnly: true, sameSite: 'strict', secure: isSecure };
  }

  cookiesOf({ cookies }: FastifyRequest): Cookies {
    return { auth: cookies['AuthSession'], session: cookies['Session'] };
  }

  /** @throws Problem */
  async session(request: FastifyRequest, reply: FastifyReply): Promise<Session> {
    const session = await this.#sessions.of(this.cookiesOf(request));
    if (session === undefined) throw new Problem('session');
    if (!this.#sessions.fits(session, request.headers['c-token'])) throw new Problem('token');
    if (session.isRenewed) this.give(reply, session);
    return session;
  }

  give(reply: FastifyReply, { cookies, token }: Session): void {
    reply.header('C-Token', token);
    // As it came from CouchDB: it is of letters that need no encoding.
    const options = { ...this.#options, encode: (value: string) => value };
    reply.setCookie('AuthSession', cookies.auth, options).setCookie('Session', cookies.session, options);
  }

  take(reply: FastifyReply): void {
    reply.clearCookie('AuthSession', this.#options).clearCookie('Session', this.#options);
  }
}
