/** One order of a certificate (RFC 8555, 7.4), from account to chain, by acme-client. */
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import type * as Acme from 'acme-client';
import { type AcmeEffect, certificatesOf } from '../core/acme.ts';
import { type FileEffect, HostTrouble, type Performed } from '../core/host.ts';
import { type Proof, proofsOf } from './acme-proofs.ts';
import { AcmeTrouble, type Problem, refusedBy, said } from './acme-trouble.ts';
import type { DnsMeans } from './dns.ts';
import type { Files } from './files.ts';
import { trustAsMachine } from './trust.ts';

const require = createRequire(import.meta.url);

export interface Means {
  readonly files: Pick<Files, 'content' | 'stat'>;
  readonly dns: DnsMeans;
  /** Keeps something of our own, which is no business of a report. */
  keep(effect: FileEffect): Promise<Performed>;
  /** What ended the run from outside. */
  stoppedBy?(): string | undefined;
}

/** Seconds. */
const requestTimeout = 30;
const verdictTimeout = 120;
/** Pebble, asked to, turns down every other nonce. */
const mostNonces = 30;

interface Directory {
  readonly renewalInfo?: string;
  readonly meta?: { readonly profiles?: { readonly [name: string]: string } };
}

/** Parts of acme-client that its types do not tell. */
interface Inside {
  readonly http: { maxBadNonceRetries: number; getDirectory(): Promise<Directory> };
  readonly api: {
    createAccount(data: object): Promise<{ status: number; data: { contact?: readonly string[] } }>;
  };
}

/** The chain, the certificate itself first. Throws HostTrouble. */
export async function issue(effect: AcmeEffect, means: Means): Promise<readonly string[]> {
  const { account, directory, names, key } = effect;
  const authority = authorityOf(directory);
  return await told(authority, async () => {
    const acme = loaded();
    const client = new acme.Client({
      directoryUrl: directory,
      accountKey: await accountKey(acme, effect, means),
      ...(account.binding
        ? { externalAccountBinding: { kid: account.binding.id, hmacKey: account.binding.key } }
        : {}),
    });
    const { http, api } = client as unknown as Inside;
    http.maxBadNonceRetries = mostNonces;
    const offered = await http.getDirectory();
    checkProfile(effect, offered, authority);
    const contact = account.emails.map((one) => `mailto:${one}`);
    const data = { termsOfServiceAgreed: true, ...(contact.length > 0 ? { contact } : {}) };
    const known = await api.createAccount(data);
    const differs = known.data.contact && known.data.contact.join() !== contact.join();
    if (known.status === 200 && contact.length > 0 && differs) await client.updateAccount({ contact });
    const order = await placed(client, effect, offered);
    await proved(client, order, effect, means);
    if ((await awaited(client, order, ['ready', 'valid'], means)).status === 'ready') {
      const [, request] = await acme.crypto.createCsr({ altNames: [...names] }, key);
      await client.finalizeOrder(order, request);
    }
    const valid = await awaited(client, order, ['valid'], means);
    return checked(certificatesOf(await client.getCertificate(valid)), effect, authority);
  });
}

export function authorityOf(directory: string): string {
  return new URL(directory).host;
}

let prepared: typeof Acme | undefined;

function loaded(): typeof Acme {
  if (prepared) return prepared;
  const acme: typeof Acme = require('acme-client');
  // What an authority refuses is a problem document, of which acme-client only keeps a sentence, and which it answers by asking again for minutes.
  acme.axios.defaults.adapter = async (config) => {
    const url = config.url!;
    trustAsMachine();
    const response = await fetch(url, {
      method: config.method!.toUpperCase(),
      headers: config.headers.toJSON() as Record<string, string>,
      ...(config.data === undefined ? {} : { body: config.data }),
      signal: AbortSignal.timeout(requestTimeout * 1000),
    });
    const text = await response.text();
    const { status, statusText, headers } = response;
    if (status >= 400 && !/:badNonce"/.test(text))
      throw refusedBy(authorityOf(url), status, text, headers.get('retry-after'));
    return { status, statusText, headers: Object.fromEntries(headers), data: text, config, request: null };
  };
  prepared = acme;
  return acme;
}

/** What went wrong on the way, in the user's words. */
async function told<T>(authority: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HostTrouble) throw error;
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    if (name === 'TimeoutError' || cause !== undefined) {
      const why = name === 'TimeoutError' ? 'no answer' : (cause?.message ?? cause?.code ?? message);
      throw new AcmeTrouble(
        `${authority} cannot be reached: ${why.replace(/\.$/, '')}.`,
        'Check the way there, and that its certificate is trusted by this machine.',
      );
    }
    throw new AcmeTrouble(`The order at ${authority} failed: ${message.replace(/\.$/, '')}.`);
  }
}

async function accountKey(acme: typeof Acme, { account }: AcmeEffect, means: Means): Promise<string> {
  if (account.key !== undefined) return account.key;
  const { createPrivateKey } = process.getBuiltinModule('node:crypto');
  const kept = means.files.content(account.file)?.toString() ?? '';
  try {
    createPrivateKey(kept);
    return kept;
  } catch {
    const made = await acme.crypto.createPrivateEcdsaKey();
    const done = await means.keep({ kind: 'write', path: account.file, content: made, mode: 0o600 });
    if (done.became === 'failed') throw new HostTrouble(done.reason, done.hint);
    return made.toString();
  }
}

function checkProfile({ profile }: AcmeEffect, { meta }: Directory, authority: string): void {
  if (profile === undefined || Object.hasOwn(meta?.profiles ?? {}, profile)) return;
  const names = Object.keys(meta?.profiles ?? {}).join(', ');
  throw new AcmeTrouble(
    `${authority} has no profile "${profile}".`,
    names ? `It has: ${names}.` : 'It has none at all.',
  );
}

/** With what it replaces it counts against no limit (RFC 9773, 5); without, where that was told already. */
async function placed(
  client: Acme.Client,
  { names, profile, replaces }: AcmeEffect,
  { renewalInfo }: Directory,
): Promise<Acme.Order> {
  const wanted = {
    identifiers: names.map((value) => ({ type: 'dns', value })),
    ...(profile === undefined ? {} : { profile }),
  };
  if (replaces === undefined || renewalInfo === undefined) return await client.createOrder(wanted);
  try {
    return await client.createOrder({ ...wanted, replaces } as typeof wanted);
  } catch (error) {
    const isRefused = error instanceof AcmeTrouble && !error.isLimit && error.type !== '';
    if (!isRefused) throw error;
    return await client.createOrder(wanted);
  }
}

async function proved(
  client: Acme.Client,
  order: Acme.Order,
  { challenge }: AcmeEffect,
  means: Means,
): Promise<void> {
  const pending = (await client.getAuthorizations(order)).filter(({ status }) => status === 'pending');
  const asked = pending.map(({ identifier, challenges, wildcard }) => {
    const one = challenges.find(({ type }) => type === challenge.type);
    const shown = `${wildcard ? '*.' : ''}${identifier.value}`;
    if (!one)
      throw new AcmeTrouble(
        `The authority does not let ${shown} be proved by ${challenge.type}.`,
        'Wildcards are only proved by records of the DNS.',
      );
    return { name: identifier.value, challenge: one };
  });
  if (asked.length === 0) return;
  const proofs: Proof[] = [];
  for (const one of asked) {
    const answer = await client.getChallengeKeyAuthorization(one.challenge);
    proofs.push({ name: one.name, token: one.challenge.token, answer });
  }
  const shown = proofsOf(challenge, proofs, means);
  try {
    await shown.show();
    for (const one of asked) await client.completeChallenge(one.challenge);
    await judged(client, order, means);
  } finally {
    await shown.hide();
  }
}

async function judged(client: Acme.Client, order: Acme.Order, means: Means): Promise<void> {
  await repeated(means, async () => {
    const all = await client.getAuthorizations(order);
    for (const { status, identifier, challenges } of all) {
      if (status === 'valid' || status === 'pending') continue;
      const problem = challenges.map((one) => (one as { error?: Problem }).error).find(Boolean);
      throw new AcmeTrouble(
        `The authority could not see that ${identifier.value} is ours: ${said(problem ?? {})}.`,
      );
    }
    return all.every(({ status }) => status === 'valid') ? true : undefined;
  });
}

async function awaited(
  client: Acme.Client,
  order: Acme.Order,
  wanted: readonly string[],
  means: Means,
): Promise<Acme.Order> {
  return await repeated(means, async () => {
    const now = await client.getOrder(order);
    if (now.status === 'invalid') {
      throw new AcmeTrouble(
        `The authority gave up the order: ${said((now as { error?: Problem }).error ?? {})}.`,
      );
    }
    return wanted.includes(now.status) ? now : undefined;
  });
}

async function repeated<T>(means: Means, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + verdictTimeout * 1000;
  for (let spell = 100; ; spell = Math.min(spell * 1.5, 3000)) {
    const found = await look();
    if (found !== undefined) return found;
    if (means.stoppedBy?.() !== undefined) throw new AcmeTrouble('The run was stopped.');
    if (performance.now() > end)
      throw new AcmeTrouble(`The authority came to no verdict within ${verdictTimeout} seconds.`);
    await pause(spell);
  }
}

/** What is no good must not replace what is. */
function checked(chain: readonly string[], { key, names }: AcmeEffect, authority: string): readonly string[] {
  const { X509Certificate, createPrivateKey } = process.getBuiltinModule('node:crypto');
  const [first] = chain;
  if (first === undefined) throw new AcmeTrouble(`${authority} issued no certificate.`);
  const certificate = new X509Certificate(first);
  if (!certificate.checkPrivateKey(createPrivateKey(key)))
    throw new AcmeTrouble(`${authority} issued a certificate for another key.`);
  const missing = names.filter(
    (name) => certificate.checkHost(name.replace(/^\*/, 'any'), { subject: 'never' }) === undefined,
  );
  if (missing.length > 0)
    throw new AcmeTrouble(`${authority} issued a certificate without ${missing.join(', ')}.`);
  if (certificate.validToDate.getTime() <= Date.now())
    throw new AcmeTrouble(`${authority} issued a certificate that is over already.`, 'Check the clock.');
  return chain;
}
