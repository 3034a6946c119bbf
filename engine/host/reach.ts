/** Whether something answers: a port, a web server, a command, a template; once, or until it does. */
import { setTimeout as pause } from 'node:timers/promises';
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
} from '../core/host.ts';

export interface Means {
  run(command: Command): Promise<Outcome>;
  render: Reader['render'];
}

/** Bytes of an answer that are looked at. */
const longest = 1 << 20;

export async function reach(target: Target, timeout: number, means: Means): Promise<Reached> {
  switch (target.kind) {
    case 'tcp':
      return await connect(target.host, target.port, timeout);
    case 'http':
      return await query(target, timeout);
    case 'command': {
      const outcome = await means.run({ timeout, ...target.command });
      const reached = (target.success ?? [0]).includes(outcome.status);
      const said = lastLine(outcome.stderr) || lastLine(outcome.stdout);
      return { reached, seen: `exit status ${outcome.status}${said ? ` (${said})` : ''}` };
    }
    case 'template': {
      const text = (await means.render(target.request)).text.trim();
      return { reached: text === target.equals, seen: text === '' ? 'nothing' : shortened(text) };
    }
  }
}

/** Looks until it is reached; a pause never reaches past the end of the time, so the last look is at its end. */
export async function awaitTarget(effect: AwaitEffect, means: Means): Promise<Performed> {
  const { target, timeout, backoff = 1, most = Number.POSITIVE_INFINITY, attempt = 10 } = effect;
  const end = performance.now() + timeout * 1000;
  const left = () => (end - performance.now()) / 1000;
  for (let seconds = effect.every, looks = 1; ; seconds = Math.min(seconds * backoff, most), looks++) {
    const { reached, seen } = await reach(target, Math.max(0.1, Math.min(attempt, left())), means);
    if (reached) return { became: 'done' };
    if (left() <= 0) {
      return {
        became: 'failed',
        reason: `It was not reached within ${timeout} seconds (${looks} ${looks === 1 ? 'look' : 'looks'}); the last answer: ${seen}.`,
      };
    }
    await pause(Math.max(0, Math.min(seconds, left())) * 1000);
  }
}

async function connect(host: string, port: number, timeout: number): Promise<Reached> {
  const net = await import('node:net');
  return await new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const timer = setTimeout(() => finish(false, 'no answer'), timeout * 1000);
    function finish(reached: boolean, seen: string): void {
      clearTimeout(timer);
      socket.destroy();
      resolve({ reached, seen });
    }
    socket.once('connect', () => finish(true, 'connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(false, phraseOf(error)));
  });
}

async function query(target: HttpTarget, timeout: number): Promise<Reached> {
  const { default: client } = target.url.startsWith('https:')
    ? await import('node:https')
    : await import('node:http');
  const deadline = AbortSignal.timeout(timeout * 1000);
  try {
    return await ask(target, target.url, 5);
  } catch (error) {
    return { reached: false, seen: deadline.aborted ? 'no answer' : phraseOf(error) };
  }

  /** Not by fetch, which cannot be told to accept a certificate. */
  async function ask(
    { method = 'GET', headers = {}, body, verify = true, status, match }: HttpTarget,
    url: string,
    redirections: number,
  ): Promise<Reached> {
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      const request = client.request(
        url,
        { method, headers, signal: deadline, agent: false, rejectUnauthorized: verify },
        resolve,
      );
      request.once('error', reject);
      request.end(body);
    });
    const code = response.statusCode ?? 0;
    const onward = response.headers.location;
    if (onward && code >= 300 && code < 400 && !status?.includes(code) && redirections > 0) {
      response.destroy();
      const next = new URL(onward, url);
      if (next.protocol !== new URL(url).protocol) return await query({ ...target, url: next.href }, timeout);
      return await ask({ ...target }, next.href, redirections - 1);
    }
    const seen = `HTTP status ${code}`;
    const accepted = status ? status.includes(code) : code < 400;
    if (!accepted || match === undefined) {
      response.destroy();
      return { reached: accepted, seen };
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= longest) break;
    }
    const found = new RegExp(match).test(Buffer.concat(chunks).toString());
    return { reached: found, seen: found ? seen : `${seen}, and the body does not match` };
  }
}

function phraseOf(error: unknown): string {
  if (error instanceof HostTrouble) return error.message;
  // A name with several addresses: one error for each.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code, message } = first as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name is not found';
  return message;
}

function lastLine(text: string): string {
  return shortened(text.trim().split('\n').at(-1) ?? '');
}

function shortened(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
