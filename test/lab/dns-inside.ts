/** Many nodes in one process, which join and leave a service at once: a job as JSON on stdin, what came of it on stdout. */
import { readFileSync } from 'node:fs';
import { createLocalHost } from '../../engine/host/local.ts';
import member from '../../engine/modules/dns/srv_member.ts';
import memberAbsent from '../../engine/modules/dns/srv_member_absent.ts';
import { type Applied, applyTo } from '../helpers/apply.ts';

const { server, key, zone, service, nodes } = JSON.parse(readFileSync(0, 'utf8'));
const numbers: number[] = Array.from({ length: nodes }, (_, index) => index + 1);

function argumentsOf(node: number): Record<string, unknown> {
  return { name: service, target: `node${node}.${zone}`, server, key, zone };
}

/** What went wrong; nothing, where all is as it should be. */
async function all(work: (node: number) => Promise<Applied>): Promise<string[]> {
  const ends = await Promise.allSettled(numbers.map(work));
  return ends.flatMap((end, index) => {
    if (end.status === 'rejected') return `node ${index + 1}: ${end.reason}`;
    const { refused, failed, again } = end.value;
    const left = JSON.stringify(again);
    return refused || failed || left !== '[]' ? `node ${index + 1}: ${refused ?? failed ?? left}` : [];
  });
}

function join(node: number): Promise<Applied> {
  const addresses = `198.51.100.${node}`;
  const args = { ...argumentsOf(node), port: 443, addresses, internal_addresses: `10.77.0.${node}` };
  return applyTo(createLocalHost(), member, args);
}

async function count(): Promise<object> {
  const host = createLocalHost();
  const found = async (name: string, type: 'A' | 'SRV') =>
    (await host.records({ service: { provider: 'rfc2136', server, key }, zone, name, type })).records.length;
  const sum = async (prefix: string) => {
    const each = await Promise.all(numbers.map((node) => found(`${prefix}node${node}.${zone}`, 'A')));
    return each.reduce((one, other) => one + other, 0);
  };
  return { srv: await found(service, 'SRV'), addresses: await sum(''), internal: await sum('internal.') };
}

const joined = await all(join);
const members = await count();
const again = await all(async (node) => {
  const applied = await join(node);
  return applied.steps.length === 0 ? applied : { ...applied, failed: 'something was to be done' };
});
const left = await all((node) =>
  applyTo(createLocalHost(), memberAbsent, { ...argumentsOf(node), addresses: true }),
);
process.stdout.write(JSON.stringify({ joined, members, again, left, rest: await count() }));
