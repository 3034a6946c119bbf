import { expect } from 'chai';
import { compiled, type Tree } from './converge.ts';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { key, serve, servers, weakKey, zone } from './nameservers.ts';
import { boot, checkout, type Node } from './node.ts';

const service = `_app._tcp.${zone}`;
const at = { server: '127.0.0.1', key };
const ask = 'dig +short +time=2 +tries=3 @127.0.0.1';

/** By a tool that knows nothing of converge. */
function nsupdate(...lines: string[]): string {
  const script = ['server 127.0.0.1', `zone ${zone}`, ...lines, 'send'].join('\n');
  return `nsupdate -y ${key.algorithm}:${key.name}:${key.secret} <<'END'\n${script}\nEND\n`;
}

for (const server of servers)
  describeLab(`lab: records of the DNS on ${server.name}`, function () {
    this.timeout(120_000);
    let node: Node;
    before(async () => {
      node = await boot({ name: server.name.toLowerCase() });
      await serve(node, server);
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    async function serial(): Promise<string> {
      return (await node.must(`${ask} ${zone} SOA`)).split(' ')[2]!;
    }

    it('dns.record: foretold, made, healed and removed', async () => {
      const name = `www.${zone}`;
      await expectLife(node, {
        state: 'dns.record',
        args: { name, type: 'A', values: ['192.0.2.1', '192.0.2.2'], ttl: 120, ...at },
        check: `[ "$(${ask} ${name} A | sort | xargs)" = "192.0.2.1 192.0.2.2" ] && dig +noall +answer @127.0.0.1 ${name} | grep -q '[[:space:]]120[[:space:]]'`,
        changes: [`${name} A`],
        damage: nsupdate(`del ${name} 120 A 192.0.2.1`, `add ${name} 120 A 192.0.2.3`),
        absent: {
          state: 'dns.record_absent',
          args: { name, ...at },
          check: `[ -z "$(${ask} ${name} A)" ]`,
        },
      });
    });

    it('dns.record: every type, and a TTL that is another', async () => {
      const cases: readonly (readonly [string, string | string[], string])[] = [
        ['A', '192.0.2.1', '192.0.2.1'],
        ['AAAA', '2001:DB8::0:1', '2001:db8::1'],
        ['CAA', '0 issue "ca.test"', '0 issue "ca.test"'],
        ['CNAME', `Other.${zone}.`, `other.${zone}.`],
        ['MX', [`10 other.${zone}`, `20 ns.${zone}`], `10 other.${zone}. 20 ns.${zone}.`],
        ['NS', `other.${zone}`, ''],
        ['SRV', `1 2 443 other.${zone}`, `1 2 443 other.${zone}.`],
        ['TXT', `its "${'x'.repeat(300)}"`, `"its \\"${'x'.repeat(250)}" "${'x'.repeat(50)}\\""`],
      ];
      const nameOf = (type: string) => `type-${type.toLowerCase()}.${zone}`;
      const tree = {
        'states/present.sls': JSON.stringify(
          Object.fromEntries(
            cases.map(([type, values]) => {
              const ttl = '{{ pillar.ttl }}';
              return [nameOf(type), { 'dns.record': [{ type }, { values }, { ttl }] }];
            }),
          ),
        ).replaceAll('"{{ pillar.ttl }}"', '{{ pillar.ttl }}'),
        'states/absent.sls': JSON.stringify(
          Object.fromEntries(cases.map(([type]) => [nameOf(type), { 'dns.record_absent': [{ type }] }])),
        ),
        'pillar/top.sls': "base: {'*': [dns]}\n",
        'pillar/dns.sls': JSON.stringify({ ttl: 300, dns: at }),
      };
      await expectRun(tree, ['apply', 'present'], {}, cases.length);
      const shown = cases.filter(([, , text]) => text !== '');
      const answers = await node.must(
        shown.map(([type]) => `${ask} ${nameOf(type)} ${type} | sort | paste -sd ' '`).join('\n'),
      );
      expect(answers.trimEnd().split('\n')).to.deep.equal(shown.map(([, , text]) => text));
      await expectRun(undefined, ['apply', 'present'], { ttl: 77 }, cases.length);
      const lines = await node.must(
        cases.map(([type]) => `dig @127.0.0.1 ${nameOf(type)} ${type}`).join('\n'),
      );
      expect(lines.match(/^type-\S+\s+77\s/gm)).to.have.length(cases.length + 1);
      await expectRun(undefined, ['apply', 'absent'], {}, cases.length);
      const gone = await node.must(
        cases.map(([type]) => `dig @127.0.0.1 ${nameOf(type)} ${type}`).join('\n'),
      );
      expect(gone.match(/^type-/gm)).to.equal(null);
    });

    /** Foretold as it is done, and nothing to do afterwards. */
    async function expectRun(
      tree: Tree | undefined,
      verb: readonly string[],
      pillar: object,
      changes: number,
    ): Promise<void> {
      const told = await node.converge(tree, { verb, pillar, test: true });
      const done = await node.converge(undefined, { verb, pillar });
      expect([done.errors, done.failed], JSON.stringify(done.results)).to.deep.equal([[], []]);
      expect(told.results.map((one) => one.changes)).to.deep.equal(done.results.map((one) => one.changes));
      expect(done.changed).to.have.length(changes);
      const again = await node.converge(undefined, { verb, pillar });
      expect([again.changed, again.failed, again.processes]).to.deep.equal([[], [], []]);
      expect(JSON.stringify([told, done, again])).to.not.include(key.secret);
    }

    it('dns.record: a name below a wildcard is one of its own, and so is the wildcard', async () => {
      const name = `a.wild.${zone}`;
      const args = { name, type: 'A', values: '192.0.2.1', ...at };
      const check = `[ "$(${ask} ${name})" = 192.0.2.1 ]`;
      await expectApplied(node, { state: 'dns.record', args, check }, [`${name} A`]);
      await expectApplied(node, {
        state: 'dns.record_absent',
        args: { name, type: 'A', ...at },
        check: `[ "$(${ask} ${name})" = 192.0.2.97 ]`,
      });
      const wildcard = { name: `*.wild.${zone}`, type: 'A', ...at };
      await expectApplied(node, {
        state: 'dns.record_absent',
        args: wildcard,
        check: `[ -z "$(${ask} ${name})" ]`,
      });
    });

    it('dns.srv_member: joins, is healed, leaves; others stay', async () => {
      const target = `app1.${zone}`;
      const stranger = `${ask} ${service} SRV | grep -q stranger && [ "$(${ask} stranger.${zone})" = 192.0.2.98 ]`;
      const args = { name: service, target, ...at };
      await expectLife(node, {
        state: 'dns.srv_member',
        args: {
          ...args,
          port: 443,
          addresses: ['192.0.2.1', '2001:db8::1'],
          internal_addresses: '10.77.0.1',
        },
        check: `${ask} ${service} SRV | grep -qx '10 10 443 ${target}.' && [ "$(${ask} ${target} A)$(${ask} ${target} AAAA)$(${ask} internal.${target})" = 192.0.2.12001:db8::110.77.0.1 ] && ${stranger}`,
        changes: [`${target} A`, `${target} AAAA`, `internal.${target} A`, `${service} SRV`],
        damage: nsupdate(`del ${service} SRV 10 10 443 ${target}`, `add ${target} 60 A 192.0.2.9`),
        absent: {
          state: 'dns.srv_member_absent',
          args: { ...args, addresses: true },
          check: `! ${ask} ${service} SRV | grep app1 && [ -z "$(${ask} ${target} ANY; ${ask} internal.${target})" ] && ${stranger}`,
        },
      });
    });

    it('what cannot be is a clear error, in a dry run too, and changes nothing', async () => {
      const good = { name: `www.${zone}`, type: 'A', values: '192.0.2.1', ...at };
      const wrongKey = { key: { ...key, secret: weakKey.secret } };
      const member = { name: service, target: `app1.${zone}`, port: 443, ...at };
      const { port: _, ...leaver } = member;
      const nowhere = { name: '_app._tcp.nowhere.test', target: 'app1.nowhere.test' };
      const cases: readonly (readonly [state: string, args: Record<string, unknown>, message: RegExp])[] = [
        [
          'record',
          { ...good, name: 'www.nowhere.test' },
          /has no zone in which www\.nowhere\.test could be \(REFUSED\)/,
        ],
        ['record', { ...good, ...wrongKey }, /not accept the signature by the key "converge"/],
        ['record', { ...good, key: { ...key, name: 'unknown' } }, /"unknown"/],
        ['record', { ...good, server: '127.0.0.1:5399' }, /does not answer: connection refused/],
        ['record', { ...good, server: 'no-such-host.invalid' }, /its name has no address/],
        [
          'record',
          { ...good, name: `alias.${zone}` },
          /alias\.example\.test is an alias \(CNAME\) of other\.example\.test/,
        ],
        [
          'record',
          { ...good, name: `other.${zone}`, type: 'CNAME', values: `ns.${zone}` },
          /has A records, beside which/,
        ],
        ['record', { ...good, name: `a.sub.${zone}` }, /sub\.example\.test is delegated to others/],
        ['record', { ...good, name: `w"w.${zone}` }, /is no domain name/],
        ['record_absent', { name: 'www.nowhere.test', ...at }, /has no zone in which/],
        ['record_absent', { name: `www.${zone}`, ...at, ...wrongKey }, /the signature by the key/],
        ['srv_member', { ...member, ...nowhere }, /has no zone in which/],
        ['srv_member', { ...member, ...wrongKey }, /the signature by the key/],
        ['srv_member', { ...member, target: `w"w.${zone}` }, /is no domain name/],
        ['srv_member_absent', { ...leaver, ...nowhere }, /has no zone in which/],
        ['srv_member_absent', { ...leaver, ...wrongKey }, /the signature by the key/],
      ];
      const listOf = (args: object) => Object.entries(args).map(([name, value]) => ({ [name]: value }));
      const states = cases.map(([state, args], at) => [`case ${at}`, { [`dns.${state}`]: listOf(args) }]);
      const tree = { 'states/bad.sls': JSON.stringify(Object.fromEntries(states)) };
      const before = await serial();
      const told = await node.converge(tree, { verb: ['apply', 'bad'], test: true });
      const done = await node.converge(undefined, { verb: ['apply', 'bad'] });
      expect(done.errors).to.deep.equal([]);
      for (const { results } of [told, done]) {
        expect(results.map(({ verdict }) => verdict)).to.deep.equal(results.map(() => 'failed'));
        for (const [at, { id, comment }] of results.entries()) expect(comment, id).to.match(cases[at]![2]);
        expect(results).to.have.length(states.length);
      }
      const noPort = ['single', 'dns.srv_member', `name=${service}`, 'port=0'];
      expect((await node.converge(undefined, { verb: noPort })).errors.join()).to.match(/port/);
      expect(await serial()).to.equal(before);
    });

    it('a change that is refused is told with what can be done', async () => {
      const before = await serial();
      for (const given of [{ server: '127.0.0.1' }, { server: '127.0.0.1', key: weakKey }]) {
        const args = { name: `www.${zone}`, type: 'A', values: '192.0.2.1', ...given };
        const tree = {
          'states/bad.sls': JSON.stringify({
            bad: { 'dns.record': Object.entries(args).map(([name, value]) => ({ [name]: value })) },
          }),
        };
        const { results, failed, stdout } = await node.converge(tree, { verb: ['apply', 'bad'] });
        expect(failed).to.have.length(1);
        expect(results[0]!.comment).to.match(/\((?:REFUSED|NOTAUTH|BADKEY)\)\.\n\S/);
        expect(stdout).to.not.include(weakKey.secret);
      }
      expect(await serial()).to.equal(before);
    });

    it('a clock that is wrong is told, with how far', async () => {
      const tree = {
        'states/late.sls': JSON.stringify({
          late: { 'dns.record': [{ name: `late.${zone}` }, { type: 'A' }, { values: '192.0.2.1' }] },
        }),
        'pillar/top.sls': "base: {'*': [dns]}\n",
        'pillar/dns.sls': JSON.stringify({ dns: at }),
      };
      // Nodes have the clock of their machine, which cannot be set.
      const script = 'const{now}=Date;Date.now=()=>now()-36e5*3';
      const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
      const { results } = await node.converge(tree, { verb: ['apply', 'late'], env });
      expect(results[0]!.comment).to.match(
        server.name === 'PowerDNS'
          ? /does not accept the signature by the key "converge" \(NOTAUTH\)/
          : /\(BADTIME\): the clock of this machine is 3 hours behind\.\nSet the clocks/,
      );
    });

    it('200 nodes join and leave at once, and touch no one else’s records', async function () {
      this.timeout(300_000);
      const kept = await node.must(`${ask} ${service} SRV; ${ask} stranger.${zone}`);
      const about = { server: '127.0.0.1', key, zone, service, nodes: 200 };
      const done = JSON.parse(
        await node.must(['node', `${checkout}/test/lab/dns-inside.ts`], {
          stdin: JSON.stringify(about),
          env: { NODE_COMPILE_CACHE: compiled },
          timeout: 240,
        }),
      );
      expect(done.joined, 'joining').to.deep.equal([]);
      expect(done.members, 'records of members').to.deep.equal({ srv: 201, addresses: 200, internal: 200 });
      expect(done.again, 'joining again').to.deep.equal([]);
      expect(done.left, 'leaving').to.deep.equal([]);
      expect(done.rest, 'what is left of the members').to.deep.equal({ srv: 1, addresses: 0, internal: 0 });
      expect(await node.must(`${ask} ${service} SRV; ${ask} stranger.${zone}`)).to.equal(kept);
    });

    it('a run: server and key from the pillar, foretold as done, and no secret anywhere', async () => {
      const tree = {
        'states/names.sls': `
web: {dns.record: [{name: www.${zone}}, {type: A}, {values: [192.0.2.1]}]}
text: {dns.record: [{name: www.${zone}}, {type: TXT}, {values: hello}, {require: [{dns: web}]}]}
me: {dns.srv_member: [{name: ${service}}, {port: 443}, {addresses: {{ grains.ipv4 | reject('equalto', '127.0.0.1') | list | tojson }}}]}
gone: {dns.record_absent: [{name: old.${zone}}]}
`,
        'states/top.sls': "base: {'*': [names]}\n",
        'pillar/top.sls': "base: {'*': [names]}\n",
        'pillar/names.sls': JSON.stringify({ dns: { server: '127.0.0.1', zone, key } }),
      };
      await expectRun(tree, ['highstate'], {}, 3);
    });

    if (server.name === 'BIND')
      it('finds zone and server by itself, where the resolver knows them', async () => {
        const name = `found.${zone}`;
        await node.must(`echo 127.0.0.1 ns.${zone} >> /etc/hosts`);
        const args = { name, type: 'A', values: '192.0.2.1', key };
        const check = `[ "$(${ask} ${name})" = 192.0.2.1 ]`;
        await expectApplied(node, { state: 'dns.record', args, check }, [`${name} A`]);
      });
  });
