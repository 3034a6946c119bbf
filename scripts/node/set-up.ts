/** Makes this machine a node: finds out and asks what is needed, writes it down, and converges. */
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { answer } from './answering.ts';
import { ask, canAsk } from './ask.ts';
import { otherNodes } from './cluster.ts';
import { at, type Mapping, merge, put } from './data.ts';
import { readAnswers } from './files.ts';
import { nextSteps } from './next-steps.ts';
import type { Options } from './options.ts';
import { leftFile, tree } from './places.ts';
import { readPillar, run } from './program.ts';
import { writeRole, writeSettings } from './settings.ts';
import { readTold, writeTold } from './told.ts';
import { Trouble } from './trouble.ts';
import { declinedPath, type Role, wanted } from './wanted.ts';

const example = 'example.org';

export async function setUp(role: Role, options: Options): Promise<number> {
  const answers = options.answers === undefined ? {} : readAnswers(options.answers);
  const asks = options.answers === undefined && canAsk();
  writeSettings(undefined);
  writeRole(role);
  const base = readPillar(['--pillar', `${tree}/pillar`]);
  const before = readTold();
  let told: Mapping = merge(merge(before.told, before.secrets), answers);
  const domain = await findDomain([options.domain, at(told, 'domain'), at(base, 'domain')], asks);
  told = merge(told, { domain });
  writeSettings(domain);
  writeTold(told, base, domain);

  const lacking = wanted(role, merge(base, told));
  function tell(given: Mapping): void {
    told = merge(told, given);
    writeTold(told, base, domain);
  }
  await answer(lacking, { canAsk: asks, notFirst: await whyNotFirst() }, tell, (path) => {
    const declined = at(told, declinedPath);
    tell(put({}, declinedPath, [...(Array.isArray(declined) ? declined : []), path]));
  });
  const pillar = readPillar();
  if (at(pillar, 'domain') !== domain)
    throw new Trouble(
      `The pillar top file of ${tree} does not give "node" to this node.`,
      "It needs '*': [node].",
    );

  if (existsSync(leftFile)) {
    run(['resume']);
    rmSync(leftFile);
  }
  const status = run(['highstate', ...(options.test ? ['--test'] : [])]);
  if (options.test) return status;
  if (status !== 0) {
    process.stderr.write(
      '\nThe node is not complete. Run the same again once the cause above is gone; nothing is asked twice.\n',
    );
    return status;
  }
  process.stdout.write(`\n${nextSteps(role, domain, pillar)}`);
  return 0;

  async function whyNotFirst(): Promise<string | undefined> {
    if (options.first || !lacking.some((one) => one.shared && one.make)) return undefined;
    const own = hostname().includes('.') ? hostname() : `${hostname()}.${domain}`;
    const found = await otherNodes(merge(base, told), domain, own);
    if (found === 'none') return undefined;
    return found === 'some'
      ? 'There are nodes in the DNS.'
      : 'The DNS does not tell whether there are nodes.';
  }
}

async function findDomain(given: readonly unknown[], asks: boolean): Promise<string> {
  const known = given.find((one) => typeof one === 'string' && one !== '' && one !== example);
  let domain = (known as string | undefined) ?? '';
  while (domain === '' && asks) domain = await ask('Domain of the nodes');
  if (domain === '')
    throw new Trouble(
      'The domain is not known.',
      'Name it by --domain, in the answers, or in pillar/settings.yaml.',
    );
  if (!/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*$/.test(domain))
    throw new Trouble(`"${domain}" is no domain.`, 'Write it in small letters, such as example.org.');
  return domain;
}
