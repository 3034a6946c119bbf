/** Which domain the nodes are of. */
import { ask } from './ask.ts';
import type { Data } from './data.ts';
import { Trouble } from './trouble.ts';

const example = 'example.org';
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const pattern = new RegExp(`^(?:${label}\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`);

/** The first that is given counts. */
export async function findDomain(given: readonly (Data | undefined)[], asks: boolean): Promise<string> {
  const known = given.find((one) => one !== undefined && one !== null && one !== '' && one !== example);
  let domain: Data = known ?? '';
  while (domain === '' && asks) domain = await ask('Domain of the nodes');
  if (domain === '')
    throw new Trouble(
      'The domain is not known.',
      'Name it by --domain, in the answers, or in pillar/settings.yaml.',
    );
  if (typeof domain !== 'string' || domain.length > 240 || !pattern.test(domain))
    throw new Trouble(
      `${JSON.stringify(domain)} is no domain.`,
      'Write it in small letters, such as example.org.',
    );
  return domain;
}
