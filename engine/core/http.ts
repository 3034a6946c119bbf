/** Requests to web servers (HTTP APIs) as states speak of them: what is asked, what is answered, what a change leaves. */
import type { Settled } from './host.ts';

export interface HttpRequest {
  /** GET unless told. */
  readonly method?: string;
  /** Without a login. Redirections are answers as well, and are not followed. */
  readonly url: string;
  /** For basic authentication (RFC 7617). */
  readonly login?: { readonly username: string; readonly password: string };
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** Whether the certificate has to be valid; true unless told. */
  readonly verify?: boolean;
  /** Certificates (PEM) that are trusted instead of those the machine trusts. */
  readonly ca?: string;
  /** Seconds for the whole answer; 30 unless told. */
  readonly timeout?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Decoded as UTF-8. */
  readonly body: string;
}

/** A request that changes something. */
export interface HttpEffect {
  readonly kind: 'http';
  readonly request: HttpRequest;
  /** Statuses that count as success; 200 to 299 unless told. */
  readonly success?: readonly number[];
  readonly settles?: readonly Settled[];
  /** `settles` is all that later states can see of it, so a dry run goes on knowing. */
  readonly foreseen?: boolean;
  /** What the user can do where it is refused. */
  readonly hint?: string;
}

/** What a request answers from now on, whoever asks: for a dry run. */
export interface SettledRequest {
  readonly about: 'request';
  readonly request: Pick<HttpRequest, 'method' | 'url' | 'body'>;
  readonly answer: HttpAnswer;
  /** Everything below the URL answers so, too: what was there went with it. */
  readonly below?: true;
}

/** Whether a request is answered by what was settled. */
export function isSettledBy(request: HttpRequest, { request: settled, below }: SettledRequest): boolean {
  if ((request.method ?? 'GET') !== (settled.method ?? 'GET')) return false;
  if (below && (request.url.startsWith(`${settled.url}/`) || request.url.startsWith(`${settled.url}?`)))
    return true;
  return request.url === settled.url && request.body === settled.body;
}
