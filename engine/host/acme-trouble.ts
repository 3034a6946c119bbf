/** What an authority of certificates refuses, and when it may be asked again. */
import { HostTrouble } from '../core/host.ts';

/** RFC 7807; RFC 8555, 6.7. */
export interface Problem {
  readonly type?: string;
  readonly detail?: string;
  readonly subproblems?: readonly { readonly detail?: string; readonly identifier?: { value?: string } }[];
}

export class AcmeTrouble extends HostTrouble {
  /** The last word of the type: `rateLimited`; '' where there is none. */
  readonly type: string;
  /** Seconds that it wants to be left alone. */
  readonly after: number | undefined;
  constructor(message: string, hint?: string, { type = '', after }: { type?: string; after?: number } = {}) {
    super(message, hint);
    this.type = type;
    this.after = after;
  }
  get isLimit(): boolean {
    return this.type === 'rateLimited';
  }
}

/** As the end of a sentence, without full stop and in one line. */
export function said({ type = '', detail = '', subproblems = [] }: Problem): string {
  const parts = subproblems.flatMap((one) =>
    one.detail ? `${one.identifier?.value ?? ''}: ${one.detail}` : [],
  );
  const text = [detail, ...parts].filter((part) => part !== '').join('; ') || 'it does not say why';
  const name = typeOf(type);
  const line = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return `${line.length > 300 ? `${line.slice(0, 299)}…` : line}${name ? ` (${name})` : ''}`;
}

export function typeOf(type: string): string {
  return /[^:]*$/.exec(type)![0];
}

const hints: { readonly [type: string]: string } = {
  externalAccountRequired: 'Give `binding`: the id and key that it hands out for new accounts.',
  rejectedIdentifier: 'It does not issue certificates for this name.',
  caa: 'A CAA record of the name or above it names other authorities.',
  unauthorized: 'It may not know the account any more, or saw something else than what it had asked for.',
  invalidContact: 'Check `email`.',
  badCSR: 'Check the kind of the key: authorities take P-256, P-384 and RSA from 2048 bits.',
};

export function refusedBy(
  authority: string,
  status: number,
  body: string,
  after: string | null,
): AcmeTrouble {
  const problem = parsed(body);
  const type = typeOf(String(problem.type ?? ''));
  const seconds = secondsOf(after);
  const told = seconds === undefined ? {} : { after: seconds };
  if (type === '' && !problem.detail) {
    const hint =
      status >= 500 ? 'It has trouble of its own.' : 'Check that this is the address of an ACME directory.';
    return new AcmeTrouble(`${authority} answers with HTTP status ${status}.`, hint, told);
  }
  if (type === 'rateLimited')
    return new AcmeTrouble(`${authority} was asked too often: ${said(problem)}.`, undefined, {
      type,
      ...told,
    });
  return new AcmeTrouble(`${authority} refuses: ${said(problem)}.`, hints[type], { type, ...told });
}

function parsed(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function secondsOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}
