/** What the http states share: the question, what counts as an answer, and the one look before anything is done. */
import { ArgumentTrouble, HostTrouble, type HttpTarget, type Reached, type Reader } from '../../core/host.ts';
import { escapeRegex, pythonRegex } from '../../core/regex.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common } from '../../core/state.ts';

export const queryProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description:
      'The URL that is asked: `http://…` or `https://…`. It is shown, so a login belongs into `username` and `password`.',
  },
  match: {
    type: ['string', 'number', 'null'],
    description: 'Text that the body of the answer has to hold (within its first MiB).',
  },
  match_type: {
    type: 'string',
    enum: ['string', 'pcre'],
    default: 'string',
    description: "Whether `match` is plain text or a regular expression (Python's, found anywhere).",
  },
  status: {
    type: ['integer', 'string', 'array', 'null'],
    items: { type: ['integer', 'string'] },
    description: 'The status the answer has to have, or several. Unless given, any below 400 will do.',
  },
  status_type: {
    type: 'string',
    enum: ['string', 'pcre', 'list'],
    default: 'string',
    description:
      'With `pcre`, `status` is a regular expression, such as `"2.."`; a list is recognised by itself.',
  },
  method: {
    type: 'string',
    pattern: '^[A-Za-z]+$',
    default: 'GET',
    description: 'The method. GET, HEAD and OPTIONS are asked in a dry run too, others only when applied.',
  },
  params: {
    type: ['object', 'null'],
    ordered: true,
    description: 'Parameters that are added to the query of the URL.',
  },
  data: { type: ['string', 'null'], description: 'The body of the request.' },
  header_dict: {
    type: ['object', 'null'],
    ordered: true,
    description: 'Headers of the request as a mapping.',
  },
  header_list: {
    type: ['array', 'null'],
    items: { type: 'string', pattern: ':' },
    description: 'Headers of the request as a list of `name: value`.',
  },
  username: { type: ['string', 'null'], description: 'User for basic authentication.' },
  password: {
    type: ['string', 'null'],
    description: 'Password for basic authentication; it is never shown.',
  },
  verify_ssl: {
    type: 'boolean',
    default: true,
    description: 'Whether the certificate of the server has to be valid.',
  },
  ca_bundle: {
    type: ['string', 'null'],
    description:
      'Absolute path of a file with the certificates (PEM) to trust, instead of those this machine trusts.',
  },
  decode: {
    type: 'boolean',
    description: "Accepted for Salt's sake: the answer is compared as it came.",
  },
  raise_error: {
    type: 'boolean',
    description: "Accepted for Salt's sake: no answer is told like a wrong one.",
  },
  request_timeout: {
    type: 'number',
    minimum: 0.1,
    maximum: 3600,
    default: 10,
    description: 'Seconds a single request may take.',
  },
  request_interval: {
    type: 'number',
    minimum: 0,
    maximum: 86_400,
    default: 1,
    description: 'Seconds between two requests while it is waited for.',
  },
  backoff: {
    type: 'number',
    minimum: 1,
    maximum: 10,
    default: 1,
    description: 'How many times longer each pause is than the one before.',
  },
  max_interval: {
    type: 'number',
    minimum: 0.05,
    maximum: 86_400,
    default: 60,
    description: 'Seconds a pause grows to at most by `backoff`.',
  },
} as const;

export type QueryArguments = ArgumentsOf<typeof queryProperties> & Common;

export interface Now {
  readonly target: HttpTarget;
  /** Undefined where looking would be more than that. */
  readonly found: Reached | undefined;
}

/** RFC 9110, 9.2.1: methods that change nothing. */
const looking = ['GET', 'HEAD', 'OPTIONS'];

export async function readQuery(args: QueryArguments, reader: Reader): Promise<Now> {
  const target = targetOf(args, reader);
  const looks = looking.includes(target.method ?? 'GET');
  return { target, found: looks ? await reader.reach(target, args.request_timeout) : undefined };
}

function targetOf(args: QueryArguments, reader: Reader): HttpTarget {
  const status = statusesOf(args);
  return {
    kind: 'http',
    url: urlOf(args),
    method: args.method.toUpperCase(),
    headers: headersOf(args),
    ...(typeof args.data === 'string' && { body: args.data }),
    ...(status && { status }),
    ...matchOf(args),
    verify: args.verify_ssl,
    ...(args.ca_bundle && { ca: bundleOf(args.ca_bundle, reader) }),
  };
}

function urlOf({ name, params }: QueryArguments): string {
  const url = URL.parse(name);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ArgumentTrouble(
      `"${name}" is no address of a web server.`,
      'Write it as http://… or https://….',
    );
  }
  for (const [key, value] of params ?? []) url.searchParams.append(String(key), String(value));
  return url.href;
}

function headersOf({ header_dict, header_list, username, password }: QueryArguments): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of header_list ?? []) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  for (const [key, value] of header_dict ?? []) headers[String(key)] = String(value);
  if (username || password) {
    const login = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
    headers['Authorization'] = `Basic ${login}`;
  }
  return headers;
}

/** Those of the hundreds of statuses that a pattern means are counted out, so that a target needs numbers only. */
function statusesOf({ status, status_type }: QueryArguments): number[] | undefined {
  if (status === undefined || status === null || status === '') return undefined;
  const wanted = Array.isArray(status) ? status : [status];
  if (status_type !== 'pcre') {
    const numbers = wanted.map(Number);
    if (numbers.every((number) => number >= 100 && number < 600)) return numbers;
    throw new ArgumentTrouble(
      `${wanted.join(', ')} is no HTTP status.`,
      'A status is a number from 100 to 599.',
    );
  }
  const patterns = wanted.map((one) => regexOf(String(one)));
  const all = Array.from({ length: 500 }, (_, index) => 100 + index);
  return all.filter((code) => patterns.some((pattern) => pattern.test(String(code))));
}

function matchOf({ match, match_type }: QueryArguments): Pick<HttpTarget, 'match' | 'matchFlags'> {
  if (match === undefined || match === null) return {};
  const { source, flags } = regexOf(match_type === 'pcre' ? String(match) : escapeRegex(String(match)));
  return { match: source, matchFlags: flags };
}

function regexOf(pattern: string): RegExp {
  try {
    return pythonRegex(pattern);
  } catch (error) {
    throw new ArgumentTrouble(`"${pattern}" is no regular expression: ${(error as Error).message}.`);
  }
}

function bundleOf(path: string, reader: Reader): string {
  const content = reader.content(path);
  if (content !== undefined) return content.toString();
  throw new HostTrouble(`The ca_bundle ${path} does not exist.`, 'Require the state that makes it.');
}
