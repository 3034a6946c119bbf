/** firewall.ruleset: the firewall of the machine as one table of nftables. */
import type { Command, Reader } from '../../core/host.ts';
import { type Change, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { type Arguments, properties } from './_arguments.ts';
import { type Boot, bootSteps, bootText, isForOtherVersion, readBoot, removalSteps } from './_boot.ts';
import { changesBetween, elementCommands } from './_difference.ts';
import {
  digestOf,
  type Listing,
  listCommand,
  listingOf,
  printed,
  settleListing,
  textCommand,
} from './_listing.ts';
import { refuseLockout } from './_lockout.ts';
import { foreignDrops, type Rivals, readRivals, refuseRivals, takeOverSteps } from './_rivals.ts';
import { removal, type Text, textOf } from './_text.ts';
import { checkCommand, refusedByNft, tryOut } from './_trial.ts';
import { type Wanted, wantedOf } from './_wanted.ts';

interface Now {
  readonly refusal?: Refusal;
  readonly boot?: Boot;
  /** What the file for the next boot should be. */
  readonly file?: string;
  readonly rivals?: Rivals;
  readonly transaction?: Transaction;
  readonly warnings?: readonly string[];
}

interface Transaction {
  readonly commands: string;
  readonly changes: readonly Change[];
  readonly undo: Command;
  /** How nft lists the table afterwards. */
  readonly json: string;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const wanted = wantedOf(args);
  if ('refused' in wanted) return { refusal: wanted };
  const boot = readBoot(reader);
  const text = textOf(wanted);
  if (reader.rooted) return { boot, file: bootText(text.text, undefined) };
  const live = listingOf(await reader.ask(listCommand));
  if (live && 'refused' in live) return { refusal: live };
  const rivals = await readRivals(reader);
  if (live && args.persist && boot.ruleset?.text === bootText(text.text, live)) {
    return { boot, rivals, file: boot.ruleset.text };
  }
  const trial = await tryOut(text, reader);
  if ('refused' in trial) return { refusal: trial };
  const file = isForOtherVersion(boot.ruleset?.text, text.text, trial.listing)
    ? boot.ruleset?.text
    : bootText(text.text, trial.listing);
  if (live && digestOf(live) === digestOf(trial.listing)) return { boot, rivals, file };
  const transaction = await prepare({ wanted, text, live, trial, args }, reader);
  if ('refused' in transaction) return { refusal: transaction };
  const warnings = refuseRivals(rivals) ? [] : await foreignDrops(reader);
  return { boot, rivals, file, transaction, warnings };
}

interface Difference {
  readonly args: Arguments;
  readonly wanted: Wanted;
  readonly text: Text;
  readonly live: Listing | undefined;
  readonly trial: { readonly listing: Listing; readonly json: string; readonly text: string };
}

async function prepare(
  { args, wanted, text, live, trial }: Difference,
  reader: Reader,
): Promise<Transaction | Refusal> {
  const lockout = args.allow_lockout ? undefined : await refuseLockout(wanted, reader);
  if (lockout) return lockout;
  const before = live ? printed(await reader.ask(textCommand)) : '';
  const elements = elementCommands(live, trial.listing);
  const commands = elements ?? text.text;
  const checked = await reader.probe(checkCommand(commands));
  if (checked.status !== 0)
    return refusedByNft(checked, elements ? { text: elements, raw: () => undefined } : text);
  return {
    commands,
    changes: changesBetween({ listing: live, text: before }, trial),
    undo: { argv: ['nft', '-f', '-'], stdin: removal + before },
    json: trial.json,
  };
}

function plan(args: Arguments, { refusal, boot, file, rivals, transaction, warnings = [] }: Now): Plan {
  if (refusal) return refusal;
  const rival = rivals && !args.take_over && refuseRivals(rivals);
  if (rival) return rival;
  const steps = [
    ...(transaction ? [transactionStep(transaction)] : []),
    ...(args.persist ? bootSteps(boot!, file!, transaction !== undefined) : removalSteps(boot!)),
    ...(rivals ? takeOverSteps(rivals) : []),
  ];
  if (steps.length === 0) return { steps, comment: 'The firewall is as described.' };
  return { steps, warnings };
}

function transactionStep({ commands, changes, undo, json }: Transaction): Step {
  const [change, ...also] = changes;
  return {
    change: change ?? { subject: 'table', old: 'another', new: 'as described' },
    ...(also.length > 0 && { also }),
    effect: {
      kind: 'exec',
      command: { argv: ['nft', '-f', '-'], stdin: commands },
      undo,
      settles: [settleListing(json)],
      foreseen: true,
    },
  };
}

export default defineState({
  summary: 'the firewall lets in what is described here, and nothing else',
  description: `
The whole firewall of the machine as one description: who (\`from\`) may reach which \`service\` through which \`zone\`. It is
kept in a table of its own of nftables, \`inet converge\`, for IPv4 and IPv6; tables of others (Docker, fail2ban) are never
touched. There is one such state for a machine; the tree states/firewall makes it of the role of a node and of discovery.

What is always let in: loopback, connections that are open already and what belongs to them, errors of ICMP (the search for
the path MTU), neighbour discovery, multicast listeners, DHCPv6, and ping unless \`ping\` is off. Then follow
\`raw:before\`, \`deny\`, \`allow\` and \`raw:after\`; all the rest is dropped. What passes through the machine (to containers,
too, whose ports are published by NAT), and what it sends, is left alone unless \`forward\` and \`output\` are given.

A flow of \`allow\` or \`deny\` has, all of them optional:

| | |
|---|---|
| \`service\` | a name, or a list of names; all traffic without it |
| \`zone\` | where it comes in; any interface without it |
| \`to_zone\` | where it goes out, in \`forward\` and \`output\` |
| \`from\` | a set, an address, a network, or a list of them; anybody without it, nobody where the list is empty |
| \`to\` | the same of where it goes: one of the machine's own addresses, say |
| \`rate\`, \`burst\` | new connections of each source, \`10/minute\`, and how many may come at once; of \`allow\` only |
| \`comment\` | shown in listings |

The table is replaced in one transaction, so there is no moment without a firewall or with half of one, and no packet of a
flow that is allowed before and after is lost. Where only members of sets come and go, only these are added and deleted:
counters and the measured rates of sources stay. Every text is tried out first by nft itself in a network namespace of its
own, in a dry run too, so an error in a raw rule is told with its place and nothing is changed; what nft lists then is what
the machine's table is compared with. A rule that somebody added, removed or changed is found and put right. When nothing
differs the table is listed once, and no other process is started.

\`/etc/converge/firewall.nft\` and \`converge-firewall.service\` load it at boot before the network is up, so raw rules had
better not name hosts; after the distribution's nftables.service, and again whenever that one is started, restarted or
reloaded. Below another root only these files are written.

A ruleset that nobody could reach sshd through is refused, as is one that the ssh session of this run could not be opened
again through, also where sudo hides it. Raw rules are not understood there: whoever lets ssh in by one sets
\`allow_lockout\`. Where firewalld, ufw or a service for rules of iptables is active the state is refused, or with
\`take_over\` they are stopped and disabled; what netfilter-persistent loaded is flushed then, with all rules of iptables.
What a run with \`--confirm\` or a rollback takes back is the table as it was, text for text.

Proved on Debian 12 (nft 1.0.6), Debian 13 (nft 1.1.3) and a system of rpm, through boots, scans from outside and 100
replacements under load, and against firewalld and ufw. What the kernel logs, and netfilter-persistent, were not tried.

Unlike Salt: firewall.ruleset takes the place of nftables, iptables and firewalld states, and describes the firewall as a
whole: what it does not name is dropped.`,
  properties,
  examples: [
    {
      title:
        'a node of an application: the web for everybody, BGP for its neighbour, the private network for members',
      sls: `firewall:
  firewall.ruleset:
    - zones:
        public: eth0
        private: eth1
    - sets:
        members: {{ pillar.members | tojson }}
        neighbours: [198.51.100.1, '2001:db8::1']
    - services:
        ssh: {tcp: 22}
        web: {tcp: [80, 443], udp: 443}
        bgp: {tcp: 179, udp: [3784, 4784]}
    - allow:
      - {service: web, zone: public}
      - {service: ssh, zone: public, rate: 10/minute}
      - {service: bgp, zone: public, from: neighbours}
      - {zone: private, from: members}
    - log: true
`,
      pillar: { members: ['10.77.0.11', '10.77.0.12'] },
    },
    {
      title:
        'a node of a database: only from the nodes of the application, and among members on the private interface',
      sls: `firewall:
  firewall.ruleset:
    - zones:
        private: eth1
    - sets:
        app: {{ pillar.app | tojson }}
        db: {{ pillar.db | tojson }}
        admins: [192.0.2.0/24]
    - services:
        ssh: {tcp: 22}
        https: {tcp: 443}
        couchdb: {tcp: [4369, 5984, 9100-9200]}
    - allow:
      - {service: ssh, from: admins}
      - {service: https, from: app}
      - {service: couchdb, zone: private, from: db}
`,
      pillar: { app: ['198.51.100.11', '198.51.100.12'], db: ['10.77.0.21', '10.77.0.22', '10.77.0.23'] },
    },
    {
      title: 'a gateway with NAT by raw text',
      sls: `firewall:
  firewall.ruleset:
    - zones: {wan: eth0, lan: eth1}
    - services:
        ssh: {tcp: 22}
    - allow:
      - {service: ssh, zone: lan}
    - deny:
      - from: 203.0.113.0/24
    - forward:
        allow:
          - {zone: lan, to_zone: wan}
    - raw:
        before:
          - 'udp dport 53 iifname "eth1" accept'
        table: |
          chain postrouting {
            type nat hook postrouting priority srcnat
            oifname "eth0" masquerade
          }
`,
    },
  ],
  read,
  plan,
});
