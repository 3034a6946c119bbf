/** acme.certificate: the files hold a valid certificate for the names, renewed in time. */
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Refusal, type Step } from '../../core/state.ts';
import { certificateProperties, ownedFiles } from './_arguments.ts';
import { type Chain, described, moment } from './_chain.ts';
import { type Due, dueOf, dueWith, isLenient, presentOf } from './_due.ts';
import { type Held, heldSteps, lookAtHeld, noteWrite, placeholder, withFolders } from './_held.ts';
import { directoryOf, noOrder, orderEffect, orderProperties, type Wanted, wantedOf } from './_order.ts';
import { endpointsOf, findAtPeers } from './_peers.ts';
import { isTolerable, longestPause, turnAt } from './_renewal.ts';
import { renewalId } from './_renewal-info.ts';

const properties = {
  ...certificateProperties,
  ...orderProperties,
  peers: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description:
      'Other nodes (`host:port`) that serve these names with the same key. When a certificate is due they are asked for theirs before one is ordered.',
  },
  turn: {
    type: 'integer',
    minimum: 0,
    maximum: 1000,
    default: 0,
    description:
      'Place of this node among those that share the names, from 0: `discovery.index` tells it. The first one orders; each other waits longer than the one before it.',
  },
  stagger: {
    type: 'number',
    minimum: 0,
    description:
      'Seconds that each node waits longer. Unless given, a thirtieth of the lifetime for renewing, and ten minutes for the first certificate.',
  },
  renew_at: {
    type: 'number',
    minimum: 0.01,
    maximum: 0.99,
    default: 0.667,
    description: 'Fraction of the lifetime after which it is renewed.',
  },
  retry_after: {
    type: 'number',
    minimum: 1,
    maximum: 86_400,
    default: 900,
    description:
      'Seconds until an order that failed is tried again; then twice as many each time, up to six hours or a 24th of the lifetime.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'domains'> & Common;

interface Now {
  readonly held: Held;
  readonly wanted: Wanted;
  /** What the files should hold; undefined: whatever they do. */
  readonly chain?: Chain;
  /** Of ours and the peers', the best that others trust. */
  readonly present?: Chain;
  readonly due: Due;
  readonly replaces?: string;
  readonly rooted: boolean;
}

export default defineState({
  summary: 'the files hold a valid certificate for the names, renewed in time',
  description: `
Orders a certificate by ACME (RFC 8555) when there is none or two thirds of its lifetime are over, whatever that is: 90 days,
45, six, or hours. Where the authority says that it wants it renewed sooner (ARI, RFC 9773), about every six hours that
is asked for and followed, and the order says which certificate it replaces.

By default a record \`_acme-challenge\` shows that the names are ours, at the provider that the pillar tells for
\`dns.record\`. Others' records are not touched; the authority is asked to look when all nameservers of the zone answer with
it; afterwards it is removed. Where that name is an alias, the record is put where it leads.

**Failures.** The certificate that is there stays in service. An order that failed is not repeated by each run: when it is
tried again is kept in a file beside the key of the account, longer each time, and as the authority wants it. While a
certificate has more than half of the time left in which it can be renewed, a failure is a warning; then the state fails.

**The first run** leaves a certificate that the key signed itself, so that a server can start, and then orders one. To start
the server before the order, use \`acme.placeholder\`.

**Several nodes** that are given the same \`key\` or \`secret\` place one order: the node whose \`turn\` is 0. The others take
the certificate from its server by a TLS handshake, which proves that it has the key. If the first one is dead, the second
orders when its turn has come. Nothing is locked anywhere.

**Serving it** is for \`acme.served\`, which reloads the server and looks at what it serves.

A key that is made here stays the same when the certificate is renewed. It and a copy of the certificate are kept in
\`folder\`, so damaged files are healed without an order. Below a root nothing is ordered.

Unlike Salt: acme.certificate takes the place of acme.cert, runs no certbot, and names files and arguments of its own.`,
  properties,
  required: ['domains'],
  examples: [
    {
      title: 'for haproxy, on one node',
      sls: `/etc/haproxy/certs/site.pem:
  acme.certificate:
    - domains: [example.org, '*.example.org']
    - email: hostmaster@example.org
    - group: root
    - mode: '0640'
    - makedirs: true
    - dns:
        server: 198.51.100.2
        key: {name: acme, secret: 'c2l4dGVlbiBieXRlcyEhIQ=='}
`,
    },
    {
      title: 'shared by all nodes of the service app',
      sls: `/etc/haproxy/certs/site.pem:
  acme.certificate:
    - domains: www.example.org
    - secret: {{ pillar['certificate_secret'] }}
    - turn: {{ [salt['discovery.index']('_app._tcp.example.org'), 0] | max }}
    - peers: {{ salt['discovery.others']('_app._tcp.example.org') | map(attribute='internal') | list }}
    - makedirs: true
`,
      pillar: {
        certificate_secret: 'thirty-two random characters or so',
        dns: { server: '198.51.100.2', zone: 'example.org' },
      },
    },
    {
      title: 'by files of a web server, of another authority',
      sls: `/etc/ssl/site.pem:
  acme.certificate:
    - domains: www.example.org
    - directory: https://ca.example.net/acme/directory
    - webroot: /var/www/html
    - key_file: /etc/ssl/private/site.key
    - makedirs: true
`,
    },
  ],
  owns: ownedFiles,
  renews: true,

  async read(args, reader): Promise<Now | Refusal> {
    const directory = directoryOf(args);
    const held = await lookAtHeld(args, [directory, args.profile ?? null], reader);
    if ('refused' in held) return held;
    const peers = endpointsOf(args.peers ?? []);
    if ('refused' in peers) return peers;
    const { rooted } = reader;
    const wanted = rooted ? noOrder(directory) : wantedOf(args, held.names, args.folder, reader);
    if ('refused' in wanted) return wanted;
    const { fit } = held;
    const ours = presentOf(held);
    const due = rooted ? ({ is: false } as const) : await dueOf(args, held, directory, reader);
    const found = due.is ? await findAtPeers(peers, held, isLenient(args), reader) : undefined;
    const present = found ?? ours;
    const replaces = present && renewalId(present.leaf);
    const isOfUse = held.serving && !held.serving.isSelfSigned;
    const chain = found ?? fit ?? (isOfUse ? undefined : placeholder(held));
    return {
      held,
      wanted,
      rooted,
      due: dueWith(due, found, chain, args, held.at),
      ...(chain ? { chain } : {}),
      ...(present ? { present } : {}),
      ...(replaces ? { replaces } : {}),
    };
  },

  plan(args, now) {
    if ('refused' in now) return now;
    const { held, chain, present, due, rooted } = now;
    const { at, note } = held;
    const steps = heldSteps(held, chain);
    if (!due.is || note.foretold) {
      const isLate = rooted && chain?.isSelfSigned;
      return {
        steps: withFolders(held, steps),
        ...(isLate ? { comment: 'It is self-signed: nothing is ordered below a root.' } : {}),
      };
    }
    // It was due when the other one began, and what comes of it is not known yet.
    if (held.orderedBy !== undefined) {
      const warning = `Another run is ordering the certificate now (process ${held.orderedBy}).`;
      return { steps: withFolders(held, steps), warnings: [warning] };
    }
    const tolerable = present !== undefined && isTolerable(present, args.renew_at, at);
    if (note.next !== undefined && note.next > at) {
      // Nothing that goes wrong here or there can lead to one order after the other.
      if (note.reason === undefined && present && present.until > at) return withFolders(held, steps);
      const why = `${note.reason ?? 'One was ordered a short while ago, and is gone.'} It is tried again after ${moment(note.next)}.`;
      if (tolerable)
        return {
          steps: withFolders(held, steps),
          warnings: [`The certificate could not be renewed, and the one at hand stays: ${why}`],
        };
      const hint = `To try it at once, remove ${held.kept.note}.`;
      if (steps.length === 0) return { refused: why, hint };
      const failing = { kind: 'simulate', outcome: 'failed', comment: why } as const;
      return withFolders(held, [...steps, { effect: failing }]);
    }
    const since = due.since === undefined ? {} : { since: due.since };
    const noted = note.since === undefined ? {} : { noted: note.since };
    const turn = turnAt({ ...args, ...since, ...noted, ...(present ? { present } : {}), at });
    if (turn !== undefined && at >= turn) {
      return withFolders(held, [...steps, orderStep(args, now, tolerable)]);
    }
    const waiting = turn === undefined ? [waitStep(held)] : [];
    const isBare = present === undefined || present.until <= at;
    const until = turn === undefined ? 'For now' : `Until ${moment(turn)}`;
    const warning = `${until} it is left to another node to order the certificate.`;
    return {
      steps: withFolders(held, [...steps, ...waiting]),
      ...(isBare ? { warnings: [warning] } : {}),
    };
  },
});

function orderStep(args: Arguments, now: Now, tolerant: boolean): Step {
  const { held, wanted, present } = now;
  const most = longestPause(present, args.retry_after);
  const change = {
    subject: 'certificate',
    old: present ? described(present) : undefined,
    new: `for ${held.names.join(', ')}, ordered from ${new URL(wanted.directory).host}`,
  };
  return { change, effect: orderEffect(now, { first: args.retry_after, most }, tolerant) };
}

/** From now on this node knows when its turn has come. */
function waitStep({ kept, note, at }: Held): Step {
  return {
    change: { subject: 'turn', new: 'waits for another node to order the certificate' },
    effect: noteWrite(kept.note, { ...note, since: at }),
  };
}
