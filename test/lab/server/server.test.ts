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

/** What may be unknown before, as it comes into being in the run: files and programs of packages, ports of services. */
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
    'logrotate.set keep old logs',
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

/** The looks of a run in which nothing changes: each is one process, however many states ask. */
const looks = {
  debian: [
    'apt-cache policy',
    'ip -j -d addr',
    'ip -j -d route',
    'systemctl --no-pager --no-ask-password show',
  ],
  rpm: [
    'dnf -q -C repoquery',
    'ip -j -d addr',
    'ip -j -d route',
    'rpm -qa',
    'systemctl --no-pager --no-ask-password show',
  ],
};

/** Of a copy, a rename and a command a dry run only tells that they would be made. */
function tellsChanges({ state, fun }: Result): boolean {
  return state !== 'cmd' && !['file.copy', 'file.rename'].includes(`${state}.${fun}`);
}

/** Where the dry run says "newest", as what is on offer cannot be asked yet, that stands for what it was. */
function asFarAsKnown({ changes }: Result, foretold: Result): Result['changes'] {
  const told = foretold.changes as { [subject: string]: { new?: unknown } };
  const known = ([subject, change]: [string, unknown]) => [
    subject,
    told[subject]?.new === 'newest' ? { ...(change as object), new: 'newest' } : change,
  ];
  return Object.fromEntries(Object.entries(changes).map(known));
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
    if (tellsChanges(before))
      expect(before.changes, address(before)).to.deep.equal(asFarAsKnown(after, before));
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
      const unknown = dry.results.filter(({ verdict }) => verdict === 'unknown').map(address);
      expect(unknowns[family], 'all that may be unknown').to.include.members(unknown);
    });

    it('has nothing to do in a second run, which asks each provider once', async () => {
      const second = await settled();
      expect(second.changed).to.deep.equal([]);
      const known = looks[family];
      const asked = second.processes.map((line) => known.find((look) => line.startsWith(look)) ?? line);
      expect(asked.sort()).to.deep.equal(known);
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
