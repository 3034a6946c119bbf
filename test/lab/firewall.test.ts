import { expect } from 'chai';
import type { Family } from './cache.ts';
import { type Done, type Job, runJobs } from './firewall-jobs.ts';
import { describeLab } from './lab.ts';
import { expectApplied } from './life.ts';
import { boot, type Node } from './node.ts';

const app = {
  zones: { public: 'eth0', private: 'eth1' },
  sets: { members: ['10.77.0.201', '10.77.0.128/28', 'fd00:77::/64'], neighbours: [] as string[] },
  services: {
    ssh: { tcp: 22 },
    web: { tcp: [80, 443], udp: 443 },
    bgp: { tcp: 179 },
    erlang: { tcp: [4369, '9100-9200'] },
  },
  allow: [
    { service: 'web', zone: 'public' },
    { service: 'ssh', zone: 'public', rate: '10/minute' },
    { service: 'bgp', zone: 'public', from: ['neighbours', '198.51.100.200'] },
    { service: 'erlang', zone: 'private', from: 'members' },
  ],
  deny: [{ from: '203.0.113.0/24' }],
  log: true,
  raw: {
    before: ['ip saddr 192.0.2.1 tcp dport 8080 accept'],
    table: 'chain nat {\n  type nat hook postrouting priority srcnat\n  oifname "wg0" masquerade\n}\n',
  },
};

const files = {
  folder: '/etc/converge',
  ruleset: '/etc/converge/firewall.nft',
  unit: '/etc/systemd/system/converge-firewall.service',
  wants: '/etc/systemd/system/nftables.service.wants',
};
const table = [
  ...['set members_4', 'elements of set members_4', 'set members_6', 'elements of set members_6'],
  ...['set neighbours_4', 'set neighbours_6', 'set input.allow.2.4', 'set input.allow.2.6'],
  ...['chain refused', 'chain input', 'chain nat'],
];
const listed = 'nft -s list table inet converge';
const check = `${listed} | grep -q 'iifname "eth0" tcp dport { 80, 443 } accept' && ${listed} | grep -q 10.77.0.201`;
const handleOf = (rule: string) =>
  `$(nft -a list chain inet converge input | sed -n '/${rule}/s/.*handle //p')`;

/** What is done by hand → what the state then says it changed. */
const damages: readonly (readonly [string, readonly string[]])[] = [
  ['nft flush chain inet converge input', ['chain input']],
  [`nft delete rule inet converge input handle ${handleOf('198.51.100.200 tcp dport 179')}`, ['chain input']],
  ['nft insert rule inet converge input tcp dport 9999 accept', ['chain input']],
  [
    `nft replace rule inet converge input handle ${handleOf('8080')} ip saddr 192.0.2.2 tcp dport 8080 accept`,
    ['chain input'],
  ],
  ["nft 'chain inet converge input { policy accept; }'", ['chain input']],
  ["nft delete element inet converge members_4 '{ 10.77.0.201 }'", ['elements of set members_4']],
  ["nft add element inet converge neighbours_6 '{ 2001:db8::/32, ::1 }'", ['elements of set neighbours_6']],
  ['nft flush set inet converge members_6', ['elements of set members_6']],
  ['nft add chain inet converge evil', ['chain evil']],
  [
    "nft add set inet converge evil '{ type ipv4_addr; elements = { 1.2.3.4 }; }'",
    ['set evil', 'elements of set evil'],
  ],
  ["nft add table inet converge '{ flags dormant; }'", ['table']],
  ['nft delete table inet converge', table],
  ['nft flush ruleset', table],
  [`echo '# evil' >> ${files.ruleset}`, [files.ruleset]],
  [`sed -i 's/lists it as ./lists it as z/' ${files.ruleset}`, [files.ruleset]],
  [`rm ${files.ruleset}; nft flush ruleset`, [...table, files.ruleset]],
  [`sed -i s/RemainAfterExit=yes// ${files.unit}`, [files.unit]],
  ['systemctl disable -q converge-firewall', [files.wants, 'at boot', 'with nftables.service']],
  [`chmod 666 ${files.ruleset} ${files.unit}`, [`mode of ${files.ruleset}`, `mode of ${files.unit}`]],
];

function describeFirewall(family: Family): void {
  describeLab(
    `lab: firewall states (${family})`,
    function () {
      this.timeout(180_000);
      let node: Node;
      before(async () => {
        node = await boot({ name: `fw-${family}`, family, packages: family === 'rpm' ? [] : ['nftables'] });
      });
      after(async () => {
        await node?.[Symbol.asyncDispose]();
      });

      const jobs = (...all: Job[]): Promise<Done[]> => runJobs(node, all);

      function isQuiet(quiet: Done | undefined): void {
        expect(quiet?.failed).to.equal(undefined);
        expect(quiet!.changes).to.deep.equal({});
        expect(quiet!.processes).to.deep.equal(['nft -j list table inet converge']);
      }

      const expectQuiet = async (): Promise<void> => isQuiet((await jobs({ args: app }))[0]);

      it('are foretold, applied and quiet, and start one process then', async () => {
        await expectApplied(node, { state: 'firewall.ruleset', args: app, check }, [
          ...table,
          files.folder,
          files.wants,
          files.ruleset,
          files.unit,
          'at boot',
          'with nftables.service',
        ]);
        await expectQuiet();
        await node.must('[ "$(systemctl is-enabled converge-firewall)" = enabled ]');
        await node.must('[ "$(systemctl is-active converge-firewall)" = active ]');
        await node.must(`[ "$(stat -c %a ${files.ruleset})" = 600 ]`);
      });

      // Every kind once everywhere, all of them where most nodes are.
      const some = family === 'debian' ? damages : damages.filter((_, at) => [0, 5, 10, 12].includes(at));
      for (const [damage, changes] of some) {
        it(`heal: ${damage}`, async () => {
          await node.must(damage);
          const [foretold, done, quiet] = await jobs({ args: app, dry: true }, { args: app }, { args: app });
          expect(Object.keys(done!.changes), done!.failed).to.deep.equal(changes);
          expect(foretold!.changes).to.deep.equal(done!.changes);
          expect(done!.left).to.deep.equal([]);
          await node.must(check);
          isQuiet(quiet);
        });
      }

      it('touch no rule where only members of sets come and go', async () => {
        const rules = 'nft -a list chain inet converge input; nft -a list chain inet converge refused';
        const before = await node.must(rules);
        const members = ['10.77.0.202', '10.77.0.128/29', 'fd00:77::/64'];
        const [done] = await jobs({ args: { ...app, sets: { members, neighbours: ['198.51.100.9'] } } });
        const { changes } = done!;
        expect(changes).to.deep.equal({
          'elements of set members_4': ['10.77.0.201\n10.77.0.128/28\n', '10.77.0.202\n10.77.0.128/29\n'],
          'elements of set neighbours_4': [null, '198.51.100.9\n'],
          [files.ruleset]: changes[files.ruleset],
        });
        expect(await node.must(rules)).to.equal(before);
        const [, quiet] = await jobs({ args: app }, { args: app });
        expect(await node.must(rules)).to.equal(before);
        isQuiet(quiet);
      });

      it('show rules in the language of nft', async () => {
        const allow = [...app.allow, { service: 'erlang', from: '192.0.2.7' }];
        const [{ changes }] = (await jobs({ args: { ...app, allow }, dry: true })) as [Done];
        const [old, wanted] = changes['chain input'] as [string, string];
        const added = wanted.split('\n').filter((line) => !old.split('\n').includes(line));
        expect(added).to.deep.equal([
          'ip saddr 192.0.2.7 tcp dport { 4369, 9100-9200 } accept comment "erlang"',
        ]);
        expect(Object.keys(changes)).to.deep.equal(['chain input', files.ruleset]);
      });

      it('are there after a boot, before the network is up, and after the own service of nftables', async () => {
        await node.must('systemctl enable -q nftables');
        await node.stop();
        await node.start();
        await expectQuiet();
        const at = (unit: string) => `$(systemctl show -P ActiveEnterTimestampMonotonic ${unit})`;
        await node.must(`[ ${at('converge-firewall')} -gt ${at('nftables')} ]`);
        await node.must('systemctl show -P Before converge-firewall | grep -q network-pre.target');
        for (const verb of ['restart', 'reload']) {
          await node.must(`systemctl ${verb} nftables`);
          await node.until(check);
          await expectQuiet();
        }
        await node.must('systemctl stop nftables; systemctl start nftables');
        await node.until(check);
        await node.must('systemctl disable -q --now nftables');
      });

      it('leave other tables alone, and what raw text would do to them', async () => {
        await jobs({ args: app });
        await node.must(
          "nft add table ip docker; nft add chain ip docker x '{ type filter hook input priority 5; }'; nft add rule ip docker x counter; nft add table inet f2b-table; nft add set inet f2b-table banned '{ type ipv4_addr; elements = { 203.0.113.9 }; }'",
        );
        const theirs = () => node.must('nft -s -a list table ip docker; nft -s -a list table inet f2b-table');
        const before = await theirs();
        const escapes = [
          '}\ntable ip docker {',
          '}\ntable inet canary {\nchain x {}',
          '}\nflush ruleset\ntable inet x {',
        ];
        const [replaced, ...refused] = await jobs(
          { args: { ...app, ping: false } },
          ...escapes.map((text) => ({ args: { ...app, raw: { table: text } } })),
        );
        expect(Object.keys(replaced!.changes)).to.deep.equal(['chain input', files.ruleset]);
        expect(refused.length).to.equal(escapes.length);
        for (const { failed } of refused)
          expect(failed).to.match(/makes or removes other tables than its own/);
        expect(await theirs()).to.equal(before);
        await expectApplied(node, {
          state: 'firewall.absent',
          args: {},
          check: '[ "$(nft list tables | wc -l)" = 2 ]',
        });
        expect(await theirs()).to.equal(before);
        await jobs({ args: app });
        expect(await theirs()).to.equal(before);
        await node.must('nft delete table ip docker; nft delete table inet f2b-table');
        await expectQuiet();
      });

      it('change nothing where the description is wrong', async () => {
        const before = await node.must('nft -s -a list ruleset');
        const wrong: [object, RegExp][] = [
          [
            { raw: { before: ['tcp dport 22 accept', 'tcp dprot 22 accept'] } },
            /rule 2 of `raw:before`: syntax error/,
          ],
          [{ raw: { after: ['tcp dport 70000 accept'] } }, /rule 1 of `raw:after`/],
          [
            { raw: { table: 'chain x {\n  tcp dport 1 accept\n  ip saddr nowhere.example. drop\n}' } },
            /line 3 of `raw:table`/,
          ],
          [{ raw: { before: ['ip saddr @nowhere accept'] } }, /rule 1 of `raw:before`/],
          [{ raw: { before: ['jump nowhere'] } }, /nft does not accept/],
          [{ services: { ssh: { tcp: 0 } } }, /"0" of the service "ssh" is no port/],
          [{ sets: { 'mem"bers': [], members: [], neighbours: [] } }, /cannot be the name of a set/],
          [{ zones: { public: 'eth0" accept', private: 'eth1' } }, /is not the name of a network interface/],
          [{ allow: [{ service: 'web', comment: 'the "web"' }] }, /cannot be a comment/],
        ];
        for (const dry of [true, false]) {
          const all = await jobs(...wrong.map(([given]) => ({ args: { ...app, ...given }, dry })));
          for (const [at, [, message]] of wrong.entries()) expect(all[at]!.failed).to.match(message);
        }
        expect(await node.must('nft -s -a list ruleset')).to.equal(before);
      });

      it('say what passes and what is sent, too', async () => {
        const all = {
          ...app,
          forward: {
            allow: [{ service: 'web', zone: 'private', to_zone: 'public', rate: '100/second', burst: 200 }],
            deny: [{ to: ['members', '192.0.2.0/24'] }],
          },
          output: { allow: [{ service: ['web', 'ssh'], to_zone: ['public', 'private'] }, { to: 'members' }] },
          log: { prefix: 'lab: ', rate: '3/second', level: 'debug' },
        };
        const sent = `${listed} | grep -q "hook output priority filter; policy drop"`;
        await expectApplied(node, { state: 'firewall.ruleset', args: all, check: sent }, [
          ...[
            'set forward.allow.1.4',
            'set forward.allow.1.6',
            'chain refused',
            'chain forward',
            'chain output',
          ],
          files.ruleset,
        ]);
        const [, quiet] = await jobs({ args: app }, { args: app });
        isQuiet(quiet);
      });

      const itOnce = family === 'debian' ? it : () => {};
      itOnce('hold 80,000 networks, and let one of them go', async () => {
        const many = Array.from({ length: 40_000 }, (_, at) => [
          `10.${at >> 8}.${at & 255}.1`,
          `fd00:${at.toString(16)}::/64`,
        ]).flat();
        const sets = { members: many, neighbours: [] };
        const fewer = { members: many.slice(1), neighbours: [] };
        const [done, quiet, less, back] = await jobs(
          ...[sets, sets, fewer].map((one) => ({ args: { ...app, sets: one } })),
          { args: app },
        );
        expect(done!.failed).to.equal(undefined);
        isQuiet(quiet);
        const [old, wanted] = less!.changes['elements of set members_4'] as [string, string];
        expect(Object.keys(less!.changes)).to.deep.equal(['elements of set members_4', files.ruleset]);
        expect(old.replace('10.0.0.1\n', '')).to.equal(wanted);
        expect(less!.left).to.deep.equal([]);
        expect(back!.left).to.deep.equal([]);
      });

      it('are gone without a trace', async () => {
        await expectApplied(
          node,
          {
            state: 'firewall.absent',
            args: {},
            check: `[ -z "$(nft list ruleset)" ] && [ ! -e ${files.ruleset} ] && [ ! -e ${files.unit} ] && [ ! -e ${files.wants} ]`,
          },
          [...table, 'at boot', 'with nftables.service', files.unit, files.ruleset],
        );
        expect(await node.must('systemctl list-units --all --no-legend converge-firewall.service')).to.equal(
          '',
        );
        const only = { ...app, persist: false };
        await expectApplied(
          node,
          { state: 'firewall.ruleset', args: only, check: `${check} && [ ! -e ${files.unit} ]` },
          table,
        );
        await node.stop();
        await node.start();
        await node.must('[ -z "$(nft list ruleset)" ]');
      });
    },
    [family],
  );
}

for (const family of ['debian', 'trixie', 'rpm'] as const) describeFirewall(family);
