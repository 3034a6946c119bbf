import { expect } from 'chai';
import { compiled } from './converge.ts';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { key, serve, servers, weakKey, zone } from './nameservers.ts';
import { boot, checkout, type Node } from './node.ts';
import { applyState } from './state.ts';

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
        ['TXT', `it's "${'x'.repeat(300)}"`, `"it's \\"${'x'.repeat(249)}" "${'x'.repeat(51)}\\""`],
      ];
      for (const [type, values, shown] of cases) {
        const args = { name: `type-${type.toLowerCase()}.${zone}`, type, values, ...at };
        const check = `[ "$(${ask} ${args.name} ${type} | sort | paste -sd ' ')" = '${shown.replaceAll("'", "'\\''")}' ]`;
        await expectApplied(node, { state: 'dns.record', args, check }, [`${args.name} ${type}`]);
        const other = { ...args, ttl: 77 };
        await expectApplied(node, { state: 'dns.record', args: other, check }, [
          `TTL of ${args.name} ${type}`,
        ]);
        const absent = { name: args.name, type, ...at };
        await expectApplied(node, {
          state: 'dns.record_absent',
          args: absent,
          check: `! dig @127.0.0.1 ${args.name} ${type} | grep -v '^;' | grep -q '^type-'`,
        });
      }
    });

    it('dns.record: a name below a wildcard is one of its own', async () => {
      const name = `a.wild.${zone}`;
      const args = { name, type: 'A', values: '192.0.2.1', ...at };
      const check = `[ "$(${ask} ${name})" = 192.0.2.1 ]`;
      await expectApplied(node, { state: 'dns.record', args, check }, [`${name} A`]);
      await expectApplied(node, {
        state: 'dns.record_absent',
        args: { name, type: 'A', ...at },
        check: `[ "$(${ask} ${name})" = 192.0.2.97 ]`,
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
      const name = `www.${zone}`;
      const good = { name, type: 'A', values: '192.0.2.1', ...at };
      const before = await serial();
      const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
        [
          { ...good, name: 'www.nowhere.test' },
          /has no zone in which www\.nowhere\.test could be \(REFUSED\)/,
        ],
        [
          { ...good, key: { ...key, secret: weakKey.secret } },
          /does not accept the signature by the key "converge"/,
        ],
        [{ ...good, key: { ...key, name: 'unknown' } }, /"unknown"/],
        [{ ...good, server: '127.0.0.1:5399' }, /does not answer: connection refused/],
        [{ ...good, server: 'no-such-host.invalid' }, /its name has no address/],
        [
          { ...good, name: `alias.${zone}` },
          /alias\.example\.test is an alias \(CNAME\) of other\.example\.test/,
        ],
        [{ ...good, name: `other.${zone}`, type: 'CNAME', values: name }, /has A records, beside which/],
        [{ ...good, name: `a.sub.${zone}` }, /sub\.example\.test is delegated to others/],
        [{ ...good, name: `w"w.${zone}` }, /is no domain name/],
      ];
      for (const [args, text] of cases) {
        for (const dry of [true, false]) {
          const { failed, refused } = await applyOrFail(args, dry);
          expect(failed ?? refused ?? '', JSON.stringify(args)).to.match(text);
        }
      }
      expect(await serial()).to.equal(before);
    });

    /** Trouble of a look is thrown; a run tells it as the failure of the state. */
    async function applyOrFail(
      args: Record<string, unknown>,
      dry: boolean,
    ): Promise<{ failed?: string; refused?: string }> {
      try {
        return await applyState(node, 'dns.record', args, { dry });
      } catch (error) {
        return { failed: (error as Error).message };
      }
    }

    it('a change that is refused is told with what can be done', async () => {
      const before = await serial();
      for (const given of [{ server: '127.0.0.1' }, { server: '127.0.0.1', key: weakKey }]) {
        const args = { name: `www.${zone}`, type: 'A', values: '192.0.2.1', ...given };
        const { failed = '' } = await applyOrFail(args, false);
        expect(failed).to.match(/\(REFUSED\)|\(NOTAUTH\)|\(BADKEY\)/);
        expect(failed).to.not.include(weakKey.secret);
      }
      expect(await serial()).to.equal(before);
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
      const told = await node.converge(tree, { test: true });
      const done = await node.converge(undefined);
      expect([done.errors, done.failed], done.stderr).to.deep.equal([[], []]);
      expect(told.results.map(({ changes }) => changes)).to.deep.equal(
        done.results.map(({ changes }) => changes),
      );
      expect(done.changed).to.have.length(3);
      const again = await node.converge(undefined);
      expect([again.changed, again.failed, again.processes]).to.deep.equal([[], [], []]);
      expect(JSON.stringify([told, done, again])).to.not.include(key.secret);
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
