/** What can become of accounts. Each step can be done again after a node has died in the middle of it. */
import type { Store } from '../couchdb/store.ts';
import type { Mail } from '../mail/compose.ts';
import { Problem } from '../problems.ts';
import { digest, type Opened, type Tokens } from '../tokens.ts';
import { idOfUser, prepareDatabase, removeDatabase, type User, userIn } from './documents.ts';
import { canonical, claimEmail, ownerOf, releaseEmail } from './emails.ts';
import { fits, hash, type PasswordHash } from './passwords.ts';

export interface Wish {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

interface Parts {
  readonly store: Store;
  readonly tokens: Tokens;
  /** Returns once the mail cannot be lost any more. */
  readonly send: (mail: Mail) => Promise<void>;
}

/** Names that are words in paths, or would look like somebody they are not. */
const reserved = new Set(['admin', 'administrator', 'api', 'confirmation', 'password', 'postmaster', 'root']);

export class Accounts {
  readonly #store: Store;
  readonly #tokens: Tokens;
  readonly #send: Parts['send'];

  constructor({ store, tokens, send }: Parts) {
    this.#store = store;
    this.#tokens = tokens;
    this.#send = send;
  }

  /** Nothing is kept: all that is pending is in the link. */
  async register({ name, email, password }: Wish): Promise<void> {
    if (reserved.has(name) || (await userIn(this.#store, name))) throw new Problem('name-taken');
    if ((await ownerOf(this.#store, email)) !== undefined) throw new Problem('email-taken');
    const token = await this.#tokens.seal('registration', { name, email, ...(await hash(password)) });
    await this.#send({ kind: 'registration', to: email, name, token });
  }

  async confirmUser(token: string): Promise<{ name: string }> {
    const opened = await this.#open('registration', token);
    const { name, email, password_scheme, pbkdf2_prf, salt, iterations, derived_key } =
      opened.says as unknown as Wish & PasswordHash;
    const claim = opened.id;
    if (!(await claimEmail(this.#store, email, { user: name, claim }))) throw new Problem('email-taken');
    const user: User & { type: string; roles: string[] } = {
      _id: idOfUser(name),
      type: 'user',
      roles: [],
      name,
      email,
      created: new Date().toISOString(),
      claim,
      ...{ password_scheme, pbkdf2_prf, salt, iterations, derived_key },
    };
    const { held } = await this.#store.claim('_users', user);
    if (!held) {
      await releaseEmail(this.#store, email, ['claim', claim]);
      throw new Problem('name-taken');
    }
    await prepareDatabase(this.#store, name);
    await this.#used(opened);
    return { name };
  }

  /** Whether the password is right is found out for those who do not exist as well, in the same time. */
  async check(name: string, password: string): Promise<User | undefined> {
    const user = await userIn(this.#store, name);
    return (await fits(password, user)) ? user : undefined;
  }

  async read(name: string): Promise<User> {
    const user = await userIn(this.#store, name);
    if (user === undefined) throw new Problem('session');
    return user;
  }

  async wishEmail({ name, email: before }: User, email: string): Promise<void> {
    const owner = await ownerOf(this.#store, email);
    if (owner !== undefined && owner !== name) throw new Problem('email-taken');
    const token = await this.#tokens.seal('email', { name, email, before: digest(before) });
    await this.#send({ kind: 'email', to: email, name, token });
  }

  async confirmEmail(token: string): Promise<{ name: string; email: string }> {
    const opened = await this.#open('email', token);
    const { name, email, before } = opened.says as { name: string; email: string; before: string };
    const user = await userIn(this.#store, name);
    if (user === undefined) throw new Problem('link-used');
    if (user.email !== email) {
      if (digest(user.email) !== before) throw new Problem('link-used');
      if (!(await claimEmail(this.#store, email, { user: name, claim: opened.id }))) {
        throw new Problem('email-taken');
      }
      if (!(await this.#store.replace('_users', { ...user, email }))) throw new Problem('link-used');
      if (canonical(user.email) !== canonical(email))
        await releaseEmail(this.#store, user.email, ['user', name]);
      await this.#send({ kind: 'changed-email', to: user.email, name });
    }
    await this.#used(opened);
    return { name, email };
  }

  /** Says nothing about whether somebody has this address. */
  async wishPassword(email: string): Promise<void> {
    const name = await ownerOf(this.#store, email);
    const user = name === undefined ? undefined : await userIn(this.#store, name);
    if (user === undefined) return;
    const token = await this.#tokens.seal('password', { name: user.name, before: digest(user.salt ?? '') });
    await this.#send({ kind: 'password', to: user.email, name: user.name, token });
  }

  async resetPassword(token: string, password: string): Promise<{ name: string }> {
    const opened = await this.#open('password', token);
    const { name, before } = opened.says as { name: string; before: string };
    const user = await userIn(this.#store, name);
    // Another password was set since.
    if (user === undefined || digest(user.salt ?? '') !== before) throw new Problem('link-used');
    if (!(await this.changePassword(user, password))) throw new Problem('link-used');
    await this.#used(opened);
    return { name };
  }

  /** All sessions end by it. False where somebody else was first. */
  async changePassword(user: User, password: string): Promise<boolean> {
    if (!(await this.#store.replace('_users', { ...user, ...(await hash(password)) }))) return false;
    await this.#send({ kind: 'changed-password', to: user.email, name: user.name });
    return true;
  }

  /** The user first: what else there is belongs to nobody then. */
  async remove({ _id, _rev, name, email }: User): Promise<void> {
    if (!(await this.#store.remove('_users', _id, _rev!))) return this.remove(await this.read(name));
    await releaseEmail(this.#store, email, ['user', name]);
    await removeDatabase(this.#store, name);
  }

  async #open(purpose: 'registration' | 'email' | 'password', token: string): Promise<Opened> {
    const opened = await this.#tokens.open(purpose, token);
    if (await this.#store.read(this.#store.database, `used:${opened.id}`)) throw new Problem('link-used');
    return opened;
  }

  /** Noted at the end: who follows the link again after a failure in the middle gets on from there. */
  async #used({ id, until }: Opened): Promise<void> {
    await this.#store.claim(this.#store.database, { _id: `used:${id}`, claim: id, until });
  }
}
