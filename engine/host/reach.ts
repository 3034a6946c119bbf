/** Whether something answers: a port, a web server, a command, a template; once, or until it does. */
import { setTimeout as pause } from 'node:timers/promises';
import { Trouble } from '../core/diagnostic.ts';
import {
  type AwaitEffect,
  type Command,
  HostTrouble,
  type HttpTarget,
  type Outcome,
  type Performed,
  type Reached,
  type Reader,
  type Target,
  type TemplateRequest,
} from '../core/host.ts';
import { plainStatus } from './plain-status.ts';

export interface Means {
  run(command: Command): Promise<Outcome>;
  render: Reader['render'];
  /** What ended the run from outside; then nothing is waited for any more. */
  stoppedBy?(): string | undefined;
}

/** Seconds between two looks where a state asks for none: what fails at once must not keep a processor busy. */
const shortest = 0.05;
/** Seconds that the last look has at least, however little of the time is left. */
const lastChance = 1;
/** Seconds that a stop of the run may have to wait. */
const spell = 0.2;
/** Milliseconds; Node.js has no longer timers. */
const mostPause = 2 ** 31 - 1;

/** Looks once. That nothing answers is an answer; only what can never be reached (a malformed template) is thrown. */
export async function reach(target: Target, timeout: number, means: Means): Promise<Reached> {
  switch (target.kind) {
    case 'tcp':
      return await connect(target.host, target.port, timeout);
    case 'http':
      return await asksWeb(target, timeout).catch(refusalOf);
    case 'certificate': {
      const { showsCertificate } = await import('./handshake.ts');
      return await showsCertificate(target, timeout, phraseOf);
    }
    case 'command':
      return await asked(target, timeout, means).catch(refusalOf);
    case 'template':
      return await rendered(target.request, target.equals, means);
  }
}

/**
 * Looks until it is reached. No pause goes on beyond the end of the time, so the last look is at its end. Without any
 * time there is one look.
 */
export async function awaitTarget(effect: AwaitEffect, means: Means): Promise<Performed> {
  const { target, timeout, delay = 0, backoff = 1, most = Number.POSITIVE_INFINITY, attempt = 10 } = effect;
  const advice = effect.hint === undefined ? {} : { hint: effect.hint };
  if (delay > 0) await pauseUnless(means, delay);
  const end = performance.now() + timeout * 1000;
  const left = () => (end - performance.now()) / 1000;
  let seconds = Math.max(effect.every, shortest);
  for (let looks = 1; ; looks++) {
    const patience = timeout === 0 ? attempt : Math.min(attempt, Math.max(left(), lastChance));
    const { reached, seen } = await reach(target, patience, means);
    const count = looks === 1 ? 'one look' : `${looks} looks`;
    if (reached) return { became: 'done', comment: `Reached after ${count}: ${seen}.` };
    // Timers may go off a little early.
    if (left() < 0.005) {
      const time =
        timeout === 0 ? '' : ` within ${timeout} ${timeout === 1 ? 'second' : 'seconds'} (${count})`;
      return { became: 'failed', reason: `It was not reached${time}; the last answer: ${seen}.`, ...advice };
    }
    await pauseUnless(means, Math.min(seconds, left()));
    if (means.stoppedBy?.() !== undefined) {
      return {
        became: 'failed',
        reason: `It was not reached before the run was stopped; the last answer: ${seen}.`,
      };
    }
    seconds = Math.max(shortest, Math.min(seconds * backoff, most));
  }
}

/** Sleeps in short spells, so that a run which is to stop need not be waited for. */
async function pauseUnless({ stoppedBy }: Means, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let rest = seconds; rest > 0 && stoppedBy?.() === undefined; rest = (end - performance.now()) / 1000) {
    await pause(milliseconds(Math.min(rest, spell)));
  }
}

async function asksWeb(target: HttpTarget, timeout: number): Promise<Reached> {
  const end = performance.now() + timeout * 1000;
  const status = await plainStatus(target, timeout);
  if (status === 'no answer') return { reached: false, seen: status };
  const isWanted = status !== undefined && target.status?.includes(status);
  const isOnward = status !== undefined && status >= 300 && status < 400;
  if (status === undefined || (isOnward && !isWanted)) {
    const { query } = await import('./query.ts');
    return await query(target, Math.max(0, end - performance.now()) / 1000);
  }
  return { reached: isWanted ?? status < 400, seen: `HTTP status ${status}` };
}

async function connect(host: string, port: number, timeout: number): Promise<Reached> {
  const net = process.getBuiltinModule('node:net');
  return await new Promise<Reached>((resolve, reject) => {
    const socket = net.connect({ host, port });
    const timer = setTimeout(() => finish(false, 'no answer'), milliseconds(timeout));
    function finish(reached: boolean, seen: string): void {
      clearTimeout(timer);
      socket.destroy();
      resolve({ reached, seen });
    }
    socket.once('connect', () => finish(true, 'connected'));
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  }).catch(refusalOf);
}

async function asked(
  { command, success = [0] }: Extract<Target, { kind: 'command' }>,
  timeout: number,
  means: Means,
): Promise<Reached> {
  const seconds = Math.min(timeout, command.timeout ?? timeout);
  const { status, stdout, stderr, timedOut } = await means.run({ ...command, timeout: seconds });
  if (timedOut) return { reached: false, seen: 'no answer' };
  const said = lastLine(stderr) || lastLine(stdout);
  return { reached: success.includes(status), seen: `exit status ${status}${said ? ` (${said})` : ''}` };
}

/** What fails today because of what is not there yet may render tomorrow; what is malformed stays so. */
async function rendered(request: TemplateRequest, equals: string, means: Means): Promise<Reached> {
  try {
    const text = (await means.render(request)).text.trim();
    return { reached: text === equals, seen: text === '' ? 'nothing' : shortened(text) };
  } catch (error) {
    const [first] = error instanceof Trouble ? error.diagnostics : [];
    if (first === undefined || permanent.has(first.code)) throw error;
    return { reached: false, seen: shortened(first.message.replace(/\.$/, '')) };
  }
}

const permanent = new Set([
  'template-syntax',
  'template-not-found',
  'unknown-filter',
  'unknown-salt-function',
]);

const phrases: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'the name is not found',
  EAI_AGAIN: 'the name is not found',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
  EPROTO: 'no TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is not trusted (self-signed)',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is not trusted',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
};

function refusalOf(error: unknown): Reached {
  return { reached: false, seen: error instanceof HostTrouble ? error.message : phraseOf(error) };
}

/** What went wrong with a connection, in a few words. */
export function phraseOf(error: unknown): string {
  // A name with several addresses: one error for each.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message } = first as NodeJS.ErrnoException;
  const phrase = phrases[code] ?? (/^(?:HPE_|ERR_SSL_)/.test(code) ? phraseOfProtocol(code) : undefined);
  return phrase ?? shortened(message.replace(/\.$/, ''));
}

function phraseOfProtocol(code: string): string {
  return code.startsWith('HPE_') ? 'no HTTP' : 'no TLS';
}

function milliseconds(seconds: number): number {
  return Math.min(Math.max(0, seconds * 1000), mostPause);
}

function lastLine(text: string): string {
  return shortened(text.trim().split('\n').at(-1) ?? '');
}

function shortened(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
