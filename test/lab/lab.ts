/** Tests on real nodes: skipped by name, with the reason, where this machine cannot boot one. */
import { existsSync } from 'node:fs';
import { install, isOnPath, missing } from '../helpers/tools.ts';
import { type Family, prepareCache } from './cache.ts';

/** Program the harness runs → Debian package that brings it. */
const tools = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  'dpkg-scanpackages': 'dpkg-dev',
  ip: 'iproute2',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  nft: 'nftables',
};

/** In CI a lab test that cannot run is a failure: a green build must mean that the nodes were there. */
const required = process.env['CI'] === 'true' || process.env['CONVERGE_LAB'] === 'require';

/** Like mocha's `describe`, with what the nodes boot from at hand before the first test. */
export function describeLab(
  title: string,
  body: (this: Mocha.Suite) => void,
  families: readonly Family[] = ['debian'],
): void {
  const reason = whyNot();
  if (reason !== undefined && !required) {
    describe.skip(`${title} (skipped: ${reason})`, body);
    return;
  }
  describe(title, function () {
    this.timeout(180_000);
    before(`the cache of the lab: ${families.join(', ')}`, async function () {
      this.timeout(300_000);
      if (reason !== undefined) throw new Error(`The lab is required here, but ${reason}.`);
      install(tools);
      for (const family of families) await prepareCache(family);
    });
    body.call(this);
  });
}

function whyNot(): string | undefined {
  if (process.env['CONVERGE_LAB'] === 'skip') return 'CONVERGE_LAB=skip';
  if (process.platform !== 'linux') return 'nodes need Linux';
  if (process.getuid?.() !== 0) return 'nodes need root';
  const absent = missing(tools);
  if (absent.length > 0 && !isOnPath('apt-get')) return `${absent.join(', ')} missing`;
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers') && !existsSync('/sys/fs/cgroup/unified')) {
    return 'there is no unified cgroup hierarchy';
  }
  return undefined;
}
