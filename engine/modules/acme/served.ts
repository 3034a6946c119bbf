/** acme.served: servers show the certificate that is in the file. */
import { acmeNoteOf } from '../../core/acme.ts';
import { domainName } from '../../core/dns-name.ts';
import type { UnitEffect, WriteEffect } from '../../core/host.ts';
import { type Change, defineState, type Refusal, type Step } from '../../core/state.ts';
import { certificateProperties, folderProperty, keptFor } from './_arguments.ts';
import { type Chain, chainOf, chainOfBytes, described, keyIn } from './_chain.ts';
import { ownText } from './_files.ts';
import { noteWrite } from './_held.ts';
import { wrong } from './_order.ts';
import { type Endpoint, endpointsOf, serverName } from './_peers.ts';

interface Listener extends Endpoint {
  readonly shown?: Chain;
}

interface Now {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly chain: Chain;
  readonly server: string;
  readonly listeners: readonly Listener[];
  /** A dry run: another certificate would have been ordered. */
  readonly isForetold: boolean;
  /** The file as it was before, if that is of any use. */
  readonly previous?: string;
  readonly note: { readonly path: string; readonly target: string };
}

/** Milliseconds until a certificate that was put back is tried again. */
const rest = 6 * 3_600_000;

export default defineState({
  summary: 'servers show the certificate that is in the file',
  description: `
Connects to each listener by TLS, asks for the name, and compares the certificate that it shows with that in the file. Where it
is another one, the unit is reloaded and it is looked at again, until it is right or the time is over.

Then the reload has failed, or the server reads other files. With \`restore\` the file becomes what it was before
\`acme.certificate\` last changed it, and the unit is reloaded again, so that it can also start again; the new certificate is
put in its place again after six hours. The state fails in any case.

It takes the place of a \`watch\` of the service on the certificate, and also heals a reload that was missed.

Unlike Salt: acme.served is not one of Salt's states.`,
  properties: {
    name: { ...certificateProperties.name, description: 'Absolute path of the file with the certificate.' },
    listeners: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description: 'Where it is served: `host:port` or `[address]:port`.',
    },
    server_name: {
      type: 'string',
      minLength: 1,
      description: 'The name to ask for; unless given one of those in the certificate.',
    },
    unit: { type: 'string', minLength: 1, description: 'Unit of systemd that is reloaded.' },
    restart: {
      type: 'boolean',
      default: false,
      description: 'Restart the unit instead: for servers that cannot be reloaded.',
    },
    timeout: {
      type: 'number',
      minimum: 1,
      maximum: 3600,
      default: 20,
      description: 'Seconds until each listener has to show it.',
    },
    restore: {
      type: 'boolean',
      default: true,
      description: 'Put back the file as it was before, where the new certificate is not served after all.',
    },
    ...folderProperty,
  },
  required: ['listeners'],
  examples: [
    {
      title: 'haproxy, on two addresses',
      sls: `the certificate of the site:
  acme.certificate:
    - name: /etc/haproxy/certs/site.pem
    - domains: [www.example.org]
    - makedirs: true
    - dns: {server: 198.51.100.2}

the certificate of the site is served:
  acme.served:
    - name: /etc/haproxy/certs/site.pem
    - listeners: ['127.0.0.1:443', '[::1]:443']
    - unit: haproxy
    - require:
      - acme: the certificate of the site
`,
    },
  ],
  async read(args, reader): Promise<Now | Refusal | undefined> {
    if (reader.rooted) return undefined;
    const endpoints = endpointsOf(args.listeners);
    if ('refused' in endpoints) return endpoints;
    const text = reader.content(args.name)?.toString() ?? '';
    const chain = chainOf(text);
    if (chain === undefined)
      return {
        refused: `There is no certificate in ${args.name}.`,
        hint: 'Have it made first, by acme.certificate.',
      };
    if (args.server_name === undefined && chain.names.length === 0)
      return {
        refused: `The certificate in ${args.name} is for no domain names.`,
        hint: 'Give a `server_name`, by which the listeners can be asked.',
      };
    const server = args.server_name === undefined ? serverName(chain.names) : domainName(args.server_name);
    if (server === undefined) return wrong(`"${args.server_name}" is no domain name`);
    const seen = await Promise.all(
      endpoints.map(async (one) => ({
        one,
        found: await reader.handshake({ ...one, name: server }, args.timeout),
      })),
    );
    const mute = seen.flatMap(({ one, found }) =>
      'unseen' in found ? `${shownEndpoint(one)} (${found.unseen})` : [],
    );
    if (mute.length > 0) {
      return {
        refused: `No certificate is seen on ${mute.join(', ')}.`,
        hint: 'See that the server runs and listens there.',
      };
    }
    const listeners = seen.map(({ one, found }): Listener => {
      const shown = 'certificates' in found ? chainOfBytes(found.certificates) : undefined;
      return { ...one, ...(shown ? { shown } : {}) };
    });
    const kept = keptFor(args.name, args.folder);
    const previous = ownText(kept.previous, reader);
    const note = acmeNoteOf(ownText(kept.note, reader));
    return {
      at: Date.now(),
      chain,
      server,
      listeners,
      isForetold: note?.foretold === true,
      ...(isOfUse(previous, text, chain) ? { previous } : {}),
      note: { path: kept.note, target: note?.target ?? '' },
    };
  },
  plan({ name, unit, restart, timeout, restore }, now) {
    if (now === undefined) return { steps: [], comment: 'Nothing is served below a root.' };
    if ('refused' in now) return now;
    const verb = restart ? 'restart' : 'reload';
    const reload: UnitEffect | undefined = unit === undefined ? undefined : { kind: 'unit', unit, verb };
    const outdated = now.isForetold
      ? now.listeners
      : now.listeners.filter(({ shown }) => shown?.fingerprint !== now.chain.fingerprint);
    const wanted = now.isForetold ? 'the one that is ordered' : described(now.chain);
    const [change, ...also] = outdated.map((one) => changeOf(one, wanted));
    if (change === undefined) return [];
    if (now.isForetold) return reload ? [{ change, also, effect: reload }] : [];
    const back = reload && restore ? backOf(name, now, reload) : undefined;
    const otherwise = back ? { otherwise: back } : {};
    const looks = outdated.map(
      ({ host, port }): Step => ({
        effect: {
          kind: 'await',
          target: { kind: 'certificate', host, port, name: now.server, fingerprint: now.chain.fingerprint },
          timeout,
          every: 0.2,
          backoff: 1.5,
          most: 2,
          attempt: 5,
          ...otherwise,
        },
      }),
    );
    return reload ? [{ change, also, effect: { ...reload, ...otherwise } }, ...looks] : looks;
  },
});

function changeOf(listener: Listener, wanted: string): Change {
  const old = listener.shown ? described(listener.shown) : 'something else';
  return { subject: `certificate on ${shownEndpoint(listener)}`, old, new: wanted };
}

function shownEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Another certificate, with a key that it belongs to. */
function isOfUse(previous: string, present: string, chain: Chain): boolean {
  const old = chainOf(previous);
  if (old === undefined || old.fingerprint === chain.fingerprint) return false;
  const key = keyIn(previous);
  if (key) return old.leaf.checkPrivateKey(key);
  // The key is in a file of its own, which is as it was.
  return keyIn(present) === undefined && old.leaf.publicKey.equals(chain.leaf.publicKey);
}

function backOf(
  name: string,
  { previous, note, chain, at }: Now,
  reload: UnitEffect,
): readonly (WriteEffect | UnitEffect)[] {
  if (previous === undefined) return [];
  const content = {
    target: note.target,
    rejected: chain.fingerprint,
    next: at + rest,
    reason: `The certificate with the ${described(chain)}, was not served, so the one before was put back.`,
  };
  return [
    { kind: 'write', path: name, content: Buffer.from(previous) },
    noteWrite(note.path, content),
    reload,
  ];
}
