/** Requests to the API: JSON there and back, the token of the session, and what went wrong in words. */

/** What an answer that is no success tells (RFC 9457), or that there was none: status 0. */
export class Failure extends Error {
  readonly status: number;
  /** `name-taken`, `session`, …: the end of the problem's type; empty where nobody told. */
  readonly kind: string;
  readonly fields: readonly { readonly field: string; readonly message: string }[];
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, detail: string, problem: Problem = {}, retryAfter?: number) {
    super(detail);
    this.status = status;
    this.kind = (problem.type ?? '').replace(/^.*\//, '');
    this.fields = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Another try may do: the network, or a node that is going away. */
  get passes(): boolean {
    return [0, 408, 429, 500, 502, 503, 504].includes(this.status);
  }
}

interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** Milliseconds until an answer counts as none. */
const patience = 10_000;

let token = '';
let onSessionEnd = (): void => {};

export function setToken(value: string): void {
  token = value;
}

export function whenSessionEnds(act: () => void): void {
  onSessionEnd = act;
}

/** Throws a `Failure`; what `signal` stops is thrown as it comes. */
export async function call<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (token !== '') headers['C-Token'] = token;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const late = AbortSignal.timeout(patience);
  try {
    const response = await fetch(`/api${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, late]) : late,
      cache: 'no-store',
    });
    if (!response.ok) throw await failureOf(response);
    return (response.status === 204 ? undefined : await response.json()) as T;
  } catch (error) {
    if (error instanceof Failure || signal?.aborted) throw error;
    throw new Failure(0, late.aborted ? 'There was no answer in time.' : 'The cluster cannot be reached.');
  }
}

async function failureOf(response: Response): Promise<Failure> {
  const { status, headers } = response;
  const problem = ((await response.json().catch(() => null)) ?? {}) as Problem;
  const wait = Number(headers.get('Retry-After') ?? Number.NaN);
  const seconds = Number.isFinite(wait) ? wait : undefined;
  const failure = new Failure(
    status,
    problem.detail ?? problem.title ?? `The cluster answered ${status}.`,
    problem,
    seconds,
  );
  if (failure.kind === 'session') onSessionEnd();
  return failure;
}
