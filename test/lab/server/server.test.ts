import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { address, type Converged, type Result } from '../converge.ts';
import { describeLab } from '../lab.ts';
import type { Node } from '../node.ts';
import { someDamages } from './damage.ts';
import { bootServer } from './server.ts';

const families = ['debian', 'rpm'] as const;

/** The name that the tree gives to the server later would choose other random minutes than the one before. */
const options = ['--id', 'web1'];

const snapshotScript = readFileSync(new URL('./snapshot.sh', import.meta.url), 'utf8');

/** What only comes into being in the run: programs of packages that are installed first, and ports of new services. */
const unknowns = {
  debian: [
    'pkg.installed release 1 of greeter',
    'pkg.held greeter stays',
    'file.managed /etc/sudoers.d/operators',
    'file.keyvalue /etc/ssh/sshd_config',
    'service.running sshd',
    'tcp.reachable port of sshd',
    'locale.present american English',
    'locale.system language of the system',
    'git.latest code of the shop',
    'git.cloned branch of the shop',
    'git.detached release of the shop',
    'tcp.reachable port of the shop',
    'http.wait_for_successful_query the shop is open',
    'loop.until_no_eval the shop has a process',
    'service.running greeter runs',
  ],
  rpm: [
    'pkg.installed release 1 of greeter',
    'pkg.held greeter stays',
    'tcp.reachable port of the shop',
    'http.wait_for_successful_query the shop is open',
    'loop.until_no_eval the shop has a process',
    'service.running greeter runs',
  ],
};

/** The processes of a run in which nothing changes: one look of each provider. */
const looks = {
  debian: ['apt-cache policy', 'systemctl --no-pager'],
  rpm: ['dnf -q', 'rpm -qa', 'systemctl --no-pager'],
};

/** A dry run tells of a copy, a rename and a command that they would be made; of "newest" it may not know which. */
function tellsChanges({ state, fun }: Result): boolean {
  return state !== 'cmd' && !['file.copy', 'file.rename', 'pkg.latest'].includes(`${state}.${fun}`);
}

function expectForetold(dry: Converged, real: Converged): void {
  expect(dry.results.map(address)).to.deep.equal(real.results.map(address));
  for (const [i, before] of dry.results.entries()) {
    const after = real.results[i]!;
    if (before.verdict === 'unknown') {
      expect(before.comment, address(before)).to.match(/^Unknown until applied: .+/);
      expect(after.verdict, address(before)).to.be.oneOf(['changed', 'unchanged']);
      continue;
    }
    const became = { 'would-change': 'changed' }[before.verdict as string] ?? before.verdict;
    expect(after.verdict, `${address(before)}: ${after.comment}`).to.equal(became);
    if (tellsChanges(before)) expect(before.changes, address(before)).to.deep.equal(after.changes);
  }
}

function difference(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

for (const family of families) {
  describeLab(`lab: a real server (${family})`, () => {
    let node: Node;
    before(async () => {
      node = await bootServer(family, `server-${family.slice(0, 3)}`);
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    async function settled(): Promise<Converged> {
      const run = await node.converge(undefined, { options });
      expect(
        run.failed,
        JSON.stringify(run.results.filter(({ verdict }) => verdict === 'failed')),
      ).to.deep.equal([]);
      expect(run.status, run.stderr).to.equal(0);
      return run;
    }

    it('is described by at least 60 functions of states', async () => {
      const tree = ['--states', '/srv/tree/states', '--pillar', '/srv/tree/pillar'];
      const shown = await node.must([
        '/opt/converge/converge',
        'show',
        'lowstate',
        ...tree,
        ...options,
        '--json',
      ]);
      const functions = new Set(JSON.parse(shown).map(({ state, fun }: Result) => `${state}.${fun}`));
      expect([...functions]).to.have.length.of.at.least(60);
    });

    it('foretells in a dry run exactly what the first run changes, and touches nothing', async function () {
      this.timeout(180_000);
      const before = await node.must(snapshotScript);
      const dry = await node.converge(undefined, { test: true, options });
      expect(dry.status, dry.stderr).to.equal(0);
      expect(difference(before, await node.must(snapshotScript))).to.deep.equal([]);
      expectForetold(dry, await settled());
      expect(dry.results.filter(({ verdict }) => verdict === 'unknown').map(address)).to.deep.equal(
        unknowns[family],
      );
    });

    it('has nothing to do in a second run, which asks each provider once', async () => {
      const second = await settled();
      expect(second.changed).to.deep.equal([]);
      const programs = second.processes.map((line) => line.split(' ').slice(0, 2).join(' ')).sort();
      expect(programs, second.processes.join('\n')).to.deep.equal(looks[family]);
    });

    for (const seed of [3, 2026]) {
      it(`is healed of twenty damages by one run (seed ${seed})`, async function () {
        this.timeout(180_000);
        const before = await node.must(snapshotScript);
        for (const damage of someDamages(family, 20, seed)) await node.must(damage);
        await settled();
        expect(difference(before, await node.must(snapshotScript))).to.deep.equal([]);
        expect((await settled()).changed).to.deep.equal([]);
      });
    }
  }, [family]);
}
