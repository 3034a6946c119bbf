/** acme.presentable: a reload would not put a worse certificate in service than the one that is shown. */
import { domainName } from '../../core/dns-name.ts';
import { HostTrouble, type Reader } from '../../core/host.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { certificateProperties, namesOf } from './_arguments.ts';
import { belongs, type Chain, chainOf, chainOfBytes, keyIn, moment } from './_chain.ts';
import { wrong } from './_order.ts';
import { endpointsOf, serverName } from './_peers.ts';

/** Seconds that a listener has to show its certificate. */
const patience = 3;

export default defineState({
  summary: 'the certificate in the file is fit to be served',
  description: `
It changes nothing, and fails where a server had better not read the file: then whatever reloads the server requires it, and
the old certificate stays in service.

The file has to hold a certificate and the private key that it was made for. One that is over, not valid yet, self-signed, or
not for all of \`domains\` is refused only while a listener shows one that is better. Where nobody listens, or nothing better is
shown, such a one will do: an expired certificate keeps no other change from the server, and a server can start on a
self-signed one.

Listeners are asked only where there is something wrong with the certificate.

Unlike Salt: acme.presentable is not one of Salt's states.`,
  properties: {
    name: {
      ...certificateProperties.name,
      description: 'Absolute path of the file with certificate and private key.',
    },
    domains: { ...certificateProperties.domains, description: 'Names that the certificate has to be for.' },
    listeners: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description: 'Where a certificate is served at present: `host:port` or `[address]:port`.',
    },
    server_name: {
      type: 'string',
      minLength: 1,
      description: 'The name to ask listeners for; unless given the first of `domains`.',
    },
  },
  required: ['domains'],
  examples: [
    {
      title: 'before the configuration of haproxy is replaced',
      sls: `something to start with:
  acme.placeholder:
    - name: /etc/haproxy/certs/site.pem
    - domains: [www.example.org]
    - makedirs: true

fit to be served:
  acme.presentable:
    - name: /etc/haproxy/certs/site.pem
    - domains: [www.example.org]
    - listeners: ['127.0.0.1:443']
    - require_in:
      - file: /etc/haproxy/haproxy.cfg

/etc/haproxy/haproxy.cfg:
  file.managed:
    - source: salt://haproxy.cfg
    - check_cmd: haproxy -c -f
`,
      files: { 'haproxy.cfg': 'global\n' },
    },
  ],
  async read(args, reader): Promise<Refusal | undefined> {
    const domains = namesOf(args.domains);
    if ('refused' in domains) return domains;
    const endpoints = endpointsOf(args.listeners ?? []);
    if ('refused' in endpoints) return endpoints;
    const server = args.server_name === undefined ? serverName(domains) : domainName(args.server_name);
    if (server === undefined) return wrong(`"${args.server_name}" is no domain name`);
    const read = chainIn(args.name, reader);
    if ('refused' in read) return read;
    const flaw = flawOf(read, domains);
    if (flaw === undefined || reader.rooted) return undefined;
    const seen = await Promise.all(
      endpoints.map((one) => reader.handshake({ ...one, name: server }, patience)),
    );
    const shown = seen.flatMap((one) =>
      'certificates' in one ? (chainOfBytes(one.certificates) ?? []) : [],
    );
    const better = shown.find((one) => flawOf(one, domains) === undefined);
    if (better === undefined) return undefined;
    return {
      refused: `The certificate in ${args.name} ${flaw}, and the one that is served is better.`,
      hint: `Put the right one there. That with the serial ${better.leaf.serialNumber.toLowerCase()} is served until ${moment(better.until)}, or until the server is restarted.`,
    };
  },
  plan: (_, refusal) => refusal ?? [],
});

/** What a server would read. */
function chainIn(name: string, reader: Reader): Chain | Refusal {
  const text = textOf(name, reader);
  if (typeof text !== 'string') return text;
  const chain = chainOf(text);
  const hint =
    'Put it there: private key, certificate and those that issued it; or have it made by acme.certificate.';
  if (chain === undefined) return { refused: `There is no certificate in ${name}.`, hint };
  const key = keyIn(text);
  if (key === undefined) return { refused: `There is no private key in ${name}.`, hint };
  if (!belongs(chain, key))
    return { refused: `The private key in ${name} is not that of the certificate.`, hint };
  return chain;
}

function textOf(name: string, reader: Reader): string | Refusal {
  try {
    return reader.content(name)?.toString() ?? '';
  } catch (error) {
    if (!(error instanceof HostTrouble)) throw error;
    return { refused: error.message, hint: 'See that it is a file, and that converge may read it.' };
  }
}

function flawOf({ leaf, from, until, isSelfSigned }: Chain, domains: readonly string[]): string | undefined {
  if (isSelfSigned) return 'is self-signed';
  if (until <= Date.now()) return `was valid until ${moment(until)}`;
  if (from > Date.now()) return `is not valid before ${moment(from)}`;
  const missing = domains.filter(
    (name) => leaf.checkHost(name.replace(/^\*/, 'any'), { subject: 'never' }) === undefined,
  );
  return missing.length > 0 ? `is not for ${missing.join(', ')}` : undefined;
}
