/** Who keeps the records: from the arguments of a state, else from the pillar below `dns`. */
import type { DnsKey, DnsService } from './dns.ts';
import { domainName, isWithin } from './dns-name.ts';
import type { Reader } from './host.ts';
import { canonicalAddress } from './ip-address.ts';
import type { ArgumentsOf } from './schema.ts';
import type { Refusal } from './state.ts';

/** RFC 8945, 6: HMAC-MD5 must not be used any more. */
const algorithms = ['hmac-sha256', 'hmac-sha512', 'hmac-sha384', 'hmac-sha224', 'hmac-sha1'] as const;

const providers = ['rfc2136', 'cloudflare'] as const;

export const serviceProperties = {
  provider: {
    type: 'string',
    enum: providers,
    description:
      '`rfc2136` for a nameserver that takes dynamic updates (BIND, Knot, PowerDNS), or `cloudflare`. Unless given, the pillar value `dns:provider`, else `rfc2136`.',
  },
  zone: {
    type: 'string',
    minLength: 1,
    description:
      'The zone that the name is in. Unless given, the pillar value `dns:zone` where the name is in that, else it is found by the name.',
  },
  server: {
    type: 'string',
    minLength: 1,
    description:
      'With `rfc2136`, the primary server of the zone: name or address, with `:port` if it is not 53. Unless given, the pillar value `dns:server`, else the server that the SOA record of the zone names.',
  },
  key: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Its name, as in the configuration of the server.' },
      algorithm: {
        type: 'string',
        enum: algorithms,
        description: 'Its algorithm; `hmac-sha256` unless given.',
      },
      secret: { type: 'string', description: 'The secret in base64; never shown.' },
    },
    required: ['name', 'secret'],
    additionalProperties: false,
    description:
      'With `rfc2136`, the key that signs questions and changes (TSIG): `name`, `secret` and `algorithm`. Unless given, the pillar value `dns:key`. Without a key nothing is signed.',
  },
  token: {
    type: 'string',
    minLength: 1,
    description:
      'With `cloudflare`, an API token that may read the zone and edit its records; never shown. Unless given, the pillar value `dns:token`.',
  },
  url: {
    type: 'string',
    pattern: '^https?://',
    description:
      'With `cloudflare`, where the API is, if not at its usual place. Unless given, the pillar value `dns:url`.',
  },
} as const;

type ServiceArguments = ArgumentsOf<typeof serviceProperties>;

export interface Service {
  readonly service: DnsService;
  /** The zone of a name, as far as it is told; else it has to be found. */
  zoneOf(name: string): string | undefined;
}

export function serviceOf(args: ServiceArguments, reader: Reader): Service | Refusal {
  if (reader.rooted) {
    return {
      refused: 'What a nameserver keeps is no part of the system below a root.',
      hint: 'Apply it on the machine itself.',
      certain: true,
    };
  }
  const provider = args.provider ?? setting(reader, 'provider') ?? 'rfc2136';
  if (!(providers as readonly string[]).includes(provider))
    return wrong(`The pillar value dns:provider is "${provider}"`, `It is one of ${providers.join(', ')}.`);
  const service = provider === 'cloudflare' ? cloudflareOf(args, reader) : nameserverOf(args, reader);
  if ('refused' in service) return service;
  const given = args.zone ?? setting(reader, 'zone');
  const zone = given === undefined ? undefined : domainName(given);
  if (given !== undefined && zone === undefined) return noName(given);
  return {
    service,
    zoneOf: (name) =>
      zone !== undefined && (args.zone !== undefined || isWithin(name, zone)) ? zone : undefined,
  };
}

function cloudflareOf(args: ServiceArguments, reader: Reader): DnsService | Refusal {
  const token = (args.token ?? setting(reader, 'token'))?.trim();
  if (token === undefined || token === '')
    return wrong(
      'Cloudflare is asked by a token, and none is given',
      'Set `token` or the pillar value dns:token.',
    );
  if (!/^[\x21-\x7e]+$/.test(token)) return wrong('The token of Cloudflare holds characters that none has');
  const url = args.url ?? setting(reader, 'url');
  if (url === undefined) return { provider: 'cloudflare', token };
  const host = URL.canParse(url) ? new URL(url) : undefined;
  const isOwn = ['localhost', '127.0.0.1', '[::1]'].includes(host?.hostname ?? '');
  if (host?.protocol !== 'https:' && !(host?.protocol === 'http:' && isOwn))
    return wrong(`The token is not sent to ${url}, where others could read it on its way`, 'Use https.');
  return { provider: 'cloudflare', token, url };
}

function nameserverOf(args: ServiceArguments, reader: Reader): DnsService | Refusal {
  const server = (args.server ?? setting(reader, 'server'))?.trim();
  if (server !== undefined && !isServer(server))
    return wrong(`"${server}" is no nameserver`, 'Write host, host:port or [address]:port.');
  const key = keyOf(args, reader);
  if (key && 'refused' in key) return key;
  return { provider: 'rfc2136', ...(server === undefined ? {} : { server }), ...(key ? { key } : {}) };
}

function isServer(text: string): boolean {
  if (canonicalAddress(text) !== undefined) return true;
  const [, inBrackets, host = '', port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isHost = inBrackets === undefined ? domainName(host) : canonicalAddress(inBrackets);
  return isHost !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function keyOf(args: ServiceArguments, reader: Reader): DnsKey | Refusal | undefined {
  const name = args.key ? args.key.name : setting(reader, 'key:name');
  const secret = args.key ? args.key.secret : setting(reader, 'key:secret');
  const algorithm = (args.key ? args.key.algorithm : setting(reader, 'key:algorithm')) ?? 'hmac-sha256';
  if (name === undefined && secret === undefined) return undefined;
  const spelled = name === undefined ? undefined : domainName(name);
  if (spelled === undefined) return wrong(`"${name ?? ''}" is no name of a key`);
  if (!(algorithms as readonly string[]).includes(algorithm))
    return wrong(
      `Keys of ${algorithm} are not used`,
      `Make one of ${algorithms[0]}: tsig-keygen or keymgr -t.`,
    );
  const packed = secret?.replace(/\s+/g, '') ?? '';
  if (
    !/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^[A-Za-z0-9+/]{2,3}={1,2}$/.test(
      packed,
    )
  )
    return wrong(
      `The secret of the key "${spelled}" is not base64`,
      'Copy it as tsig-keygen or keymgr -t print it.',
    );
  return { name: spelled, algorithm, secret: packed };
}

function setting(reader: Reader, path: string): string | undefined {
  const value = reader.pillar(`dns:${path}`);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

export function wrong(what: string, hint?: string): Refusal {
  return { refused: `${what}.`, ...(hint ? { hint } : {}), certain: true };
}

export function noName(name: string): Refusal {
  return wrong(
    `"${name}" is no domain name`,
    'Write the full name, such as www.example.org; names in other letters in their form with xn--.',
  );
}

/** Undefined where a name is in its zone. */
export function strayed(name: string, zone: string | undefined): Refusal | undefined {
  if (zone === undefined || isWithin(name, zone)) return undefined;
  return wrong(
    `${name} is not in the zone ${zone}`,
    `Write the full name: ${name}.${zone}, if that is meant.`,
  );
}
