/** What is left to people once a node is there. */
import { at, isMapping, type Mapping } from './data.ts';
import type { Role } from './wanted.ts';

export function nextSteps(role: Role, domain: string, pillar: Mapping): string {
  const steps: string[] = [];
  const server = at(pillar, 'dns:server');
  if (at(pillar, 'dns:provider') === 'cloudflare') steps.push(`DNS: ${domain} is delegated to Cloudflare.`);
  else
    steps.push(
      `DNS: ${domain} is delegated to ${typeof server === 'string' ? server : 'your nameservers'}, which let the key "${at(pillar, 'dns:key:name')}" update it.`,
    );
  if (role === 'app') {
    steps.push(
      "Provider's firewall, if there is one: 80, 443 and ssh from anywhere; 179 from the neighbours; all in the private network.",
    );
    const neighbours = at(pillar, 'bird:neighbours');
    for (const [name, one] of Object.entries(isMapping(neighbours) ? neighbours : {}))
      steps.push(
        `BGP: "${name}" (${at(one, 'address')}, AS ${at(one, 'asn')}) expects AS ${at(pillar, 'bird:asn')} from this node, and takes ${JSON.stringify(at(pillar, 'bird:addresses'))}.`,
      );
  } else steps.push("Provider's firewall, if there is one: ssh from anywhere; all in the private network.");
  steps.push(
    'The next node of this role is told what all share:',
    '  (umask 077; ssh root@THIS /opt/converge/tree/bootstrap.sh share > answers.yaml)',
    `  ./bootstrap.sh ${role} --answers answers.yaml      # on the next one; then remove the file`,
    'How this node is: converge status',
  );
  return `This node is there. What is yours to see to:\n${steps.map((one) => (one.startsWith(' ') ? `  ${one}\n` : `- ${one}\n`)).join('')}`;
}
