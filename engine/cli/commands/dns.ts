/** `converge dns explain`: which members a service has, and why. */
import { type Answer, type Caution, type Member, standing } from '../../core/discovery.ts';
import { readFindings } from '../../journal/discovery.ts';
import type { Inquiry, Service } from '../../source/discovery.ts';
import { serviceName } from '../../source/functions/discovery.ts';
import type { Command } from '../arguments.ts';
import { openDiscovery } from '../discovery.ts';
import { exitCodes, type Streams } from '../main.ts';
import type { Settings } from '../settings.ts';
import { createWorld } from '../world.ts';

type DnsCommand = Extract<Command, { verb: 'dns' }>;

export async function dnsCommand({ services, options }: DnsCommand, streams: Streams): Promise<number> {
  const world = await createWorld(options, streams);
  const { settings, grains, id } = world;
  const pillar = await world.pillar();
  const wanted =
    services.length > 0
      ? services.map((one) => serviceName('converge dns explain', one, { pillar, grains }))
      : knownServices(settings);
  const { discovery, caution, resolvers } = openDiscovery({ id, grains, pillar, settings, afresh: true });
  const found: Service[] = [];
  for (const name of wanted) found.push(await discovery.service(name));
  const { inquiries } = discovery;
  if (settings.output === 'json' || settings.output === 'ndjson') {
    const { document } = await import('../../report/json.ts');
    streams.stdout.write(document({ services: found, inquiries }));
    return exitCodes.converged;
  }
  if (found.length === 0) streams.stdout.write('No service was asked for yet. Name one.\n');
  const now = Date.now();
  for (const service of found) {
    streams.stdout.write(`${serviceText(service)}\n`);
    for (const inquiry of inquiries.filter(({ question }) => concerns(question, service))) {
      // Most hosts have no addresses of the other kind, and no private ones.
      if (inquiry.finding.known.length === 0 && inquiry.answers.every(({ records }) => records?.length === 0))
        continue;
      streams.stdout.write(inquiryText(inquiry, caution, resolvers, now));
    }
  }
  return exitCodes.converged;
}

function knownServices({ journal }: Settings): string[] {
  const questions = journal === undefined ? [] : [...readFindings(journal).keys()];
  return questions.flatMap((one) => (one.startsWith('SRV ') ? [one.slice(4)] : []));
}

function concerns(question: string, { name, members }: Service): boolean {
  const asked = question.split(' ')[1]!;
  return asked === name || members.some(({ target }) => asked === target || asked === `internal.${target}`);
}

function serviceText({ name, members, index, alone }: Service): string {
  const many = `${members.length} member${members.length === 1 ? '' : 's'}`;
  const own = alone
    ? ', this node alone: no record was ever seen'
    : index < 0
      ? ', this node is none of them'
      : '';
  const rows = members.map((member, place) => `  ${place === index ? '*' : ' '} ${memberText(member)}`);
  return [`${name}: ${many}${own}`, ...rows].join('\n');
}

function memberText({ target, port, priority, weight, addresses, internal }: Member): string {
  const where = [...addresses, ...internal.map((address) => `internal ${address}`)].join(', ');
  return `${target}:${port} (priority ${priority}, weight ${weight}) ${where || 'without an address'}`;
}

function inquiryText(
  { question, answers, finding }: Inquiry,
  caution: Caution,
  asked: number,
  now: number,
): string {
  const own = question.startsWith('SRV ') ? caution : { ...caution, least: 0 };
  return [
    `  ${question}`,
    ...answers.map((answer) => `    ${answer.resolver} says: ${said(answer)}`),
    ...finding.known.map((one) => `    counts: ${one.record}, ${standing(one, own, asked, now)}`),
    '',
  ].join('\n');
}

function said({ records, ttl, why }: Answer): string {
  if (records === undefined) return `nothing (${why}), which changes nothing`;
  if (records.length === 0) return `there is none (for ${ttl} s)`;
  return `${records.join('; ')} (for ${ttl} s)`;
}
