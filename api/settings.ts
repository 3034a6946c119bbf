/** What the API is told by its environment. */
import { hostname } from 'node:os';
import { join } from 'node:path';

export interface Where {
  readonly addresses: readonly string[];
  readonly port: number;
  /** Folder of the static files. */
  readonly site: string;
  /** Addresses of proxies that say by X-Forwarded-For who asks. */
  readonly trusted: readonly string[];
  /** By this name answers tell which node served them. */
  readonly node: string;
  /** Who has it learns more from /status. */
  readonly statusToken?: string;
  /** Milliseconds between telling that it will stop and taking no more connections. */
  readonly drain: number;
  readonly log: boolean;
}

export interface CouchSettings {
  /** URLs, or the name of the SRV records that tell the members. */
  readonly members: readonly string[] | string;
  readonly resolvers: readonly string[];
  readonly user: string;
  readonly password: string;
  /** The name in the certificate of db nodes, where it is not their own. */
  readonly servername?: string;
  /** False takes any certificate: only for networks that nobody else is in. */
  readonly verify: boolean;
  readonly database: string;
}

export interface MailSettings {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
  /** Where mails wait until the server has taken them. */
  readonly folder: string;
}

/** All that is needed for more than /status and the site. */
export interface Backing {
  /** What users type to reach the site, without a slash at its end. */
  readonly url: string;
  readonly secret: string;
  readonly couchdb: CouchSettings;
  readonly mail: MailSettings;
  /** All limits of rates are multiplied by it. */
  readonly limits: number;
}

type Environment = NodeJS.ProcessEnv;

function list(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '');
}

function portOf(name: string, text: string): number {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 65535) throw new Error(`${name} is no port: "${text}".`);
  return Number(text);
}

function amount(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new Error(`${name} is no number from 0 on: "${text}".`);
  }
  return value;
}

/** The site is beside a built API, and where a build leaves it beside the sources. */
const builtSite = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'dist/site' : 'site');

/** API_ADDRESSES and API_TRUSTED have commas or spaces between addresses. Throws. */
export function whereToServe(environment: Environment): Where {
  const { API_ADDRESSES = '127.0.0.1', API_PORT = '8080', API_STATUS_TOKEN } = environment;
  const addresses = list(API_ADDRESSES);
  if (addresses.length === 0) throw new Error('API_ADDRESSES names no address.');
  return {
    addresses,
    port: portOf('API_PORT', API_PORT),
    site: environment.API_SITE ?? builtSite,
    trusted: list(environment.API_TRUSTED ?? 'loopback, linklocal, uniquelocal'),
    node: environment.API_NODE || hostname().split('.')[0]!,
    statusToken: API_STATUS_TOKEN || undefined,
    drain: amount('API_DRAIN', environment.API_DRAIN ?? '2') * 1000,
    log: environment.API_LOG !== 'off',
  };
}

/** What is missing for more than /status and the site. */
export function missing(environment: Environment): string[] {
  const lacking = ['API_SECRET', 'COUCHDB_PASSWORD'].filter((name) => !environment[name]);
  if (!environment.COUCHDB_MEMBERS && !environment.COUCHDB_SERVICE)
    lacking.push('COUCHDB_MEMBERS or COUCHDB_SERVICE');
  return lacking;
}

/** Throws where a value cannot be meant. */
export function backing(environment: Environment): Backing {
  const { API_SECRET = '', COUCHDB_MEMBERS = '', COUCHDB_SERVICE = '', SMTP_PORT = '25' } = environment;
  if (API_SECRET.length < 32) throw new Error('API_SECRET has fewer than 32 characters.');
  const url = new URL(environment.API_URL || `http://localhost:${environment.API_PORT ?? '8080'}`);
  const members = list(COUCHDB_MEMBERS);
  for (const member of members) {
    if (!URL.canParse(member)) throw new Error(`COUCHDB_MEMBERS has "${member}", which is no URL.`);
  }
  return {
    url: url.href.replace(/\/+$/, ''),
    secret: API_SECRET,
    couchdb: {
      members: members.length > 0 ? members : COUCHDB_SERVICE,
      resolvers: list(environment.COUCHDB_RESOLVERS ?? ''),
      user: environment.COUCHDB_USER || 'admin',
      password: environment.COUCHDB_PASSWORD ?? '',
      servername: environment.COUCHDB_SERVERNAME || undefined,
      verify: environment.COUCHDB_VERIFY !== 'no',
      database: environment.COUCHDB_DATABASE || 'api',
    },
    mail: {
      host: environment.SMTP_HOST || '127.0.0.1',
      port: portOf('SMTP_PORT', SMTP_PORT),
      user: environment.SMTP_USER || undefined,
      password: environment.SMTP_PASSWORD || undefined,
      from: environment.MAIL_FROM || `no-reply@${url.hostname}`,
      folder: join(environment.STATE_DIRECTORY || '/var/lib/api', 'mail'),
    },
    limits: amount('API_LIMITS', environment.API_LIMITS ?? '1'),
  };
}
