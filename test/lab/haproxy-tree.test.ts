import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createIssuer, newKey, pemOfKey } from '../helpers/certificates.ts';
import { address, type Converged } from './converge.ts';
import { enough, type Load } from './haproxy-load.ts';
import { ill } from './haproxy-origin.ts';
import { describeLab } from './lab.ts';
import { serve, servers, key as updateKey, zone } from './nameservers.ts';
import { boot, checkout, type Node } from './node.ts';

const top = join(import.meta.dirname, '../..');
const config = '/etc/haproxy/haproxy.cfg';
const pem = '/etc/haproxy/certs/site.pem';
const password = `it's a "pass" $word`;
const hour = 3_600_000;
const knot = servers.find(({ name }) => name === 'Knot')!;
const options = ['--templates', `${checkout}/templates`];

const tree = {
  'states/top.sls': "base: {'*': [haproxy]}\n",
  'pillar/top.sls': 'base: {}\n',
  ...Object.fromEntries(
    readdirSync(join(top, 'states/haproxy')).map((file) => [
      `states/haproxy/${file}`,
      readFileSync(join(top, 'states/haproxy', file), 'utf8'),
    ]),
  ),
};

const key = newKey();
const issuer = createIssuer();

function issued({
  names = [zone],
  from = -hour,
  until = hour,
}: {
  names?: string[];
  from?: number;
  until?: number;
}) {
  return issuer.issue({ names, key, from: Date.now() + from, until: Date.now() + until }) + pemOfKey(key);
}

describeLab(
  'lab: the tree haproxy',
  function () {
    this.timeout(180_000);
    let app: Node;
    let db: Node;

    before('an app node with haproxy 2.6 and a nameserver, and a db node with haproxy 3', async () => {
      const packages = ['haproxy'];
      [app, db] = await Promise.all([
        boot({ name: 'app1' }),
        boot({ name: 'db1', family: 'trixie', packages }),
      ]);
      await serve(app, { ...knot, setUp: knot.setUp.replace('127.0.0.1@53', '0.0.0.0@53') });
      for (const node of [app, db]) {
        await node.write('/etc/converge/grains.yaml', `role: ${node === app ? 'app' : 'db'}\n`);
        for (const port of [8080, 5984])
          await node.must(
            `systemd-run -q -u origin${port} node ${checkout}/test/lab/haproxy-origin.ts ${node.name} ${port}`,
          );
        await node.until('curl -sf 127.0.0.1:8080/status && curl -sf 127.0.0.1:5984/_up');
      }
      await update(
        ...[app, db].flatMap((node) => [
          `add ${node.name}.${zone} 60 A ${node.addresses[0]}`,
          `add internal.${node.name}.${zone} 60 A ${node.addresses[1]}`,
        ]),
      );
    });
    after(async () => {
      await Promise.all([app, db].map((node) => node?.[Symbol.asyncDispose]()));
    });

    async function update(...lines: string[]): Promise<void> {
      const { algorithm, name, secret } = updateKey;
      await app.must(['nsupdate', '-y', `${algorithm}:${name}:${secret}`], {
        stdin: [
          'server 127.0.0.1',
          `zone ${zone}`,
          ...lines.map((line) => `update ${line}`),
          'send',
          '',
        ].join('\n'),
      });
    }

    function pillar(haproxy: object = {}, domain = zone): object {
      return {
        domain: zone,
        discovery: {
          domain,
          resolvers: [app.addresses[0]],
          ...{ confirmations: 1, quorum: 1, hold_down: 0, interval: 0 },
        },
        haproxy: { stats: { password }, ...haproxy },
      };
    }

    /** Nobody has a record in this domain. */
    const lonely = `lonely.${zone}`;

    async function run(node: Node, given: object = pillar(), more: object = {}): Promise<Converged> {
      const done = await node.converge(undefined, { options, pillar: given, ...more });
      expect(done.errors, done.stderr).to.deep.equal([]);
      expect(done.stdout).to.not.include('$word');
      expect(done.stdout).to.not.include(Buffer.from(`admin:${password}`).toString('base64'));
      return done;
    }

    function expectGood(done: Converged): void {
      expect(
        done.failed,
        JSON.stringify(done.results.filter(({ verdict }) => verdict === 'failed')),
      ).to.deep.equal([]);
    }

    /** What a dry run says it does not know, it may leave open; what a package brings along it cannot know. */
    function expectForetold(dry: Converged, real: Converged): void {
      expectGood(dry);
      expectGood(real);
      const installs = real.changed.includes('pkg.installed haproxy');
      for (const [index, before] of dry.results.entries()) {
        const after = real.results[index]!;
        expect(address(before)).to.equal(address(after));
        if (before.verdict === 'unknown') continue;
        const told = installs && before.name === config ? Object.keys : (changes: object) => changes;
        expect(told(before.changes), address(before)).to.deep.equal(told(after.changes));
      }
    }

    /** Of what answers, and with which certificate. */
    async function shown(node: Node): Promise<string> {
      const ask = `curl -sk -o /dev/null -w '%{certs}' --resolve ${zone}:443:127.0.0.1 https://${zone}/`;
      return new X509Certificate(await node.must(ask)).serialNumber;
    }

    const running = (node: Node) => node.must('curl -sf 127.0.0.1:8404/running');

    async function from(node: Node, path = '/api/x'): Promise<string> {
      return JSON.parse(await node.must(`curl -sk https://127.0.0.1${path}`)).from;
    }

    it('before there is anything: foretold, done, and nothing to do afterwards', async () => {
      const first = pillar({}, lonely);
      const dry = await app.converge(tree, { options, pillar: first, test: true });
      expect(dry.errors, dry.stderr).to.deep.equal([]);
      expect(await app.file(config)).to.equal(undefined);
      const real = await run(app, first);
      expectForetold(dry, real);
      expect(real.changed).to.deep.equal([
        'acme.placeholder haproxy site: to start with',
        'pkg.installed haproxy',
        'file.managed /etc/haproxy/stats.auth',
        `file.managed ${config}`,
        'http.served haproxy runs with this configuration',
      ]);
      const again = await run(app, first);
      expectGood(again);
      expect(again.changed).to.deep.equal([]);
      expect(again.processes.filter((line) => !/dpkg|apt|systemctl/.test(line))).to.deep.equal([]);
      expect(await app.must(`haproxy -c -f ${config} 2>&1`)).to.equal('Configuration file is valid\n');
      expect(await app.file(config)).to.not.match(/ backup$/m);
    });

    it('speaks modern TLS, sends browsers there, and tells the API from the site', async () => {
      const old = await app.run('curl -sSk --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 https://127.0.0.1/');
      expect(old.stderr, 'the server says so').to.include('alert protocol version');
      for (const version of ['1.2', '1.3'])
        await app.must(`curl -skf --tlsv${version} --tls-max ${version} https://127.0.0.1/`);
      const head = await app.must(`curl -ski https://127.0.0.1/api/x?y=1 -H 'X-Forwarded-For: 1.1.1.1'`);
      expect(head).to.match(/^HTTP\/2 200/);
      expect(head).to.include('strict-transport-security: max-age=63072000');
      expect(head).to.include('"url":"/api/x?y=1"').and.include('"x-forwarded-for":"127.0.0.1"');
      const plain = await app.must(`curl -si 'http://127.0.0.1/a?b=c' -H 'Host: ${zone}'`);
      expect(plain)
        .to.match(/^HTTP\/1.1 301/)
        .and.include(`location: https://${zone}/a?b=c`);
      const page = `curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8404/`;
      expect(await app.must(page)).to.equal('401');
      expect(await app.must([...page.replaceAll("'", '').split(' '), '-u', `admin:${password}`])).to.equal(
        '200',
      );
      expect(await app.file(config)).to.not.include('word');
      expect(await app.must('stat -c %a /etc/haproxy/stats.auth')).to.equal('600\n');
    });

    it('heals what was changed by hand', async () => {
      const given = pillar({}, lonely);
      const serial = await shown(app);
      await app.must(
        `sed -i s/max-age=/max-age=1/ ${config}; rm ${pem} /etc/haproxy/stats.auth; systemctl disable -q --now haproxy`,
      );
      const dry = await run(app, given, { test: true });
      const healed = await run(app, given);
      expectForetold(dry, healed);
      expect(healed.changed).to.have.length(4);
      expect(await app.must('systemctl is-enabled haproxy; systemctl is-active haproxy')).to.equal(
        'enabled\nactive\n',
      );
      expect(await shown(app)).to.not.equal(serial);
      expect((await run(app, given)).changed).to.deep.equal([]);
    });

    it('makes up for a reload that was missed', async () => {
      await app.must(
        `cp -p ${config} /root/right; sed -i 's/string [0-9a-f]* if/string stale if/' ${config}; systemctl reload haproxy`,
      );
      await app.until('curl -s 127.0.0.1:8404/running | grep -q stale');
      await app.must(`cp -p /root/right ${config}`);
      const done = await run(app, pillar({}, lonely));
      expectGood(done);
      expect(done.changed).to.deep.equal(['http.served haproxy runs with this configuration']);
      expect(await running(app)).to.not.equal('stale');
    });

    it('takes in members, which step in where the own server is ill', async () => {
      await update(`add _app._tcp.${zone} 60 SRV 10 5 443 app1.${zone}`);
      await update(`add _app._tcp.${zone} 60 SRV 10 5 443 db1.${zone}`);
      const done = await run(app);
      expectGood(done);
      expect(done.changed).to.deep.equal([
        `file.managed ${config}`,
        'http.served haproxy runs with this configuration',
      ]);
      const text = (await app.file(config))!;
      expect(text).to.match(
        new RegExp(
          `server db1.${zone} ${db.addresses[1]}:8080 check inter 2000ms downinter 2s backup`.replaceAll(
            '.',
            '\\.',
          ),
        ),
      );
      expect(text).to.not.match(/server app1/);
      expect(await from(app)).to.equal('app1');
      await app.must(`touch ${ill}`);
      await app.until(
        `curl -sk https://127.0.0.1/api/x | grep -q db1 && curl -sk https://127.0.0.1/ | grep -q db1`,
      );
      await app.must(`rm ${ill}`);
      await app.until(`curl -sk https://127.0.0.1/api/x | grep -q app1`);
      await app.must('systemctl kill -s KILL origin8080; systemctl reload haproxy');
      expect(await from(app), 'right after a reload').to.equal('db1');
      await app.must(
        `systemctl reset-failed origin8080; systemd-run -q -u origin8080 node ${checkout}/test/lab/haproxy-origin.ts app1 8080`,
      );
      await app.until(`curl -sk https://127.0.0.1/api/x | grep -q app1`);
    });

    it('lets all members take turns where that is told, and passes over one that is ill', async () => {
      const spread = pillar({ api: { spread: true } });
      expectForetold(await run(app, spread, { test: true }), await run(app, spread));
      const by = async () => (await app.must(ten)).trim().split('\n').sort();
      const ten = `curl -sk 'https://127.0.0.1/api/x?[1-10]' | grep -o '"from":"[a-z0-9]*"' | sort -u`;
      await app.until(`[ "$(${ten} | wc -l)" = 2 ]`);
      await app.must(`touch ${ill}`);
      await app.until(`[ "$(${ten} | wc -l)" = 1 ]`);
      expect(await by()).to.deep.equal(['"from":"db1"']);
      await app.must(`rm ${ill}`);
      await app.until(`[ "$(${ten} | wc -l)" = 2 ]`);
      expectGood(await run(app));
      await app.until(`[ "$(${ten})" = '"from":"app1"' ]`);
    });

    it('puts a certificate in service that somebody has put there', async () => {
      await app.write(pem, issued({}));
      const done = await run(app);
      expectGood(done);
      expect(done.changed).to.deep.equal(['acme.served haproxy site: served']);
      expect(await shown(app)).to.equal(new X509Certificate((await app.file(pem))!).serialNumber);
      expect((await run(app)).changed).to.deep.equal([]);
    });

    it('what is not right never goes live', async () => {
      const [good, serial, text, fingerprint] = [
        (await app.file(pem))!,
        await shown(app),
        await app.file(config),
        await running(app),
      ];
      const other = { maxconn: 1234 };
      const cases: readonly (readonly [string, object, RegExp])[] = [
        [good, { extra: 'listen x\n  bind nonsense' }, /left as it is: haproxy rejects the new content/],
        [good, { extra: "listen x\n  bind 127.0.0.1:81 ssl crt '/nowhere.pem'" }, /haproxy rejects/],
        [good.slice(0, 400), other, /There is no certificate in/],
        [
          issuer.issue({ names: [zone], key: newKey(), from: 0, until: 2e12 }) + pemOfKey(key),
          other,
          /is not that of the/,
        ],
        [
          issued({ from: -2 * hour, until: -hour }),
          other,
          /was valid until .* and the one that is served is better/,
        ],
        [issued({ names: ['elsewhere.test'] }), other, /is not for example\.test/],
      ];
      for (const [content, haproxy, why] of cases) {
        await app.write(pem, content);
        const done = await run(app, pillar(haproxy));
        expect(done.results.find(({ verdict }) => verdict === 'failed')?.comment).to.match(why);
        expect(done.changed, String(why)).to.deep.equal([]);
        expect([await app.file(config), await running(app), await shown(app)]).to.deep.equal([
          text,
          fingerprint,
          serial,
        ]);
      }
      await app.write(pem, good);
      await app.must('systemctl stop haproxy');
      const stopped = await run(app, pillar({ extra: 'nonsense' }));
      expect(stopped.changed, 'it runs with what it had').to.deep.equal(['service.running haproxy runs']);
      expect(await running(app)).to.equal(fingerprint);
      const wrong: readonly (readonly [object, RegExp])[] = [
        [{ https_port: 0 }, /https_port/],
        [{ certificates: { "it's": [zone] } }, /it's/],
        [{ certificates: { site: ['a"b'] } }, /a"b/],
        [{ stats: { user: 'a:b', password } }, /stats/],
      ];
      for (const [haproxy, why] of wrong) {
        const done = await app.converge(undefined, { options, pillar: pillar(haproxy) });
        const said = [...done.errors, ...done.results.map(({ comment }) => comment)].join('\n');
        expect(done.status, JSON.stringify(haproxy)).to.not.equal(0);
        expect(said).to.match(why);
        expect([await app.file(config), await running(app)]).to.deep.equal([text, fingerprint]);
      }
    });

    it('an expired certificate that is served keeps no other change from haproxy', async () => {
      const good = (await app.file(pem))!;
      await app.write(pem, issued({ from: -2 * hour, until: -hour }));
      await app.must('systemctl restart haproxy');
      const done = await run(app, pillar({ maxconn: 1234 }));
      expectGood(done);
      expect(await app.file(config)).to.include('maxconn 1234');
      await app.write(pem, good);
      expectGood(await run(app));
    });

    it('loses no request of 10,000 over 100 reloads with changing members', async () => {
      const variants: string[] = [];
      for (const domain of [zone, lonely]) {
        expectGood(await run(app, pillar({}, domain)));
        const file = `/root/${domain}.cfg`;
        await app.must(`cp ${config} ${file}`);
        variants.push(file);
      }
      const load = db.run(['node', `${checkout}/test/lab/haproxy-load.ts`, app.addresses[0]!, '10000'], {
        timeout: 120,
      });
      await app.must(
        `set -e
        for i in $(seq 50); do
          for file in ${variants.join(' ')}; do
            cp $file ${config}
            systemctl reload haproxy
            mark=$(sed -n 's/.* string \\([0-9a-f]*\\) if .*/\\1/p' $file)
            until [ "$(curl -s 127.0.0.1:8404/running)" = "$mark" ]; do sleep 0.01; done
          done
        done`,
        { timeout: 100 },
      );
      await db.must(['touch', enough]);
      const { stdout, stderr } = await load;
      const counted: Load = JSON.parse(stdout || `"${stderr}"`);
      for (const [kind, { asked, lost }] of Object.entries(counted)) {
        expect(lost.join(', '), kind).to.equal('');
        expect(asked, kind).to.be.above(1000);
      }
      expect(Object.values(counted).reduce((sum, { asked }) => sum + asked, 0)).to.be.at.least(10_000);
      expectGood(await run(app));
    });

    it('role db: its own CouchDB first, and only app nodes are let in', async () => {
      await update(`delete _app._tcp.${zone} SRV 10 5 443 db1.${zone}`);
      for (const name of ['db1', 'app1'])
        await update(`add _db._tcp.${zone} 60 SRV 10 5 443 ${name}.${zone}`);
      const given = pillar();
      const dry = await db.converge(tree, { options, pillar: given, test: true });
      expect(dry.errors, dry.stderr).to.deep.equal([]);
      const real = await run(db, given);
      expectForetold(dry, real);
      expect((await run(db, given)).changed).to.deep.equal([]);
      expect(await db.must(`haproxy -c -f ${config} 2>&1`)).to.not.match(/warning|alert/i);
      const inside = `https://${db.addresses[1]}/x`;
      expect(JSON.parse(await app.must(`curl -sk ${inside}`)).from).to.equal('db1');
      await db.must(`touch ${ill}`);
      await app.until(`curl -sk ${inside} | grep -q '"app1"'`);
      await db.must(`rm ${ill}`);
      await app.must('ip address add 10.77.0.99/24 dev eth1');
      expect((await app.run(`curl -sk --interface 10.77.0.99 ${inside}`)).status).to.be.oneOf([7, 35, 56]);
      expect(await db.must('curl -sk https://127.0.0.1/x')).to.include('"x-forwarded-for":"127.0.0.1"');
    });

    it('takes a thousand members', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `m${index}`);
      for (let at = 0; at < names.length; at += 250) {
        const lines = names
          .slice(at, at + 250)
          .flatMap((name, index) => [
            `add _many._tcp.${zone} 60 SRV 10 5 443 ${name}.${zone}`,
            `add internal.${name}.${zone} 60 A 10.80.${at / 250}.${index + 1}`,
          ]);
        await update(...lines);
      }
      const started = Date.now();
      const done = await run(app, pillar({ service: 'many' }));
      expectGood(done);
      expect(((await app.file(config))!.match(/^ {2}server m\d+\./gm) ?? []).length).to.equal(2000);
      console.log(
        `      a thousand members: ${Date.now() - started} ms, and ${await timed(app)} ms where nothing changes`,
      );
    });

    async function timed(node: Node): Promise<number> {
      const started = Date.now();
      expect((await run(node, pillar({ service: 'many' }))).changed).to.deep.equal([]);
      return Date.now() - started;
    }

    it('is taken away, but for certificates', async () => {
      const gone = { ...tree, 'states/top.sls': "base: {'*': [haproxy.absent]}\n" };
      const done = await app.converge(gone, { options, pillar: pillar() });
      expectGood(done);
      expect(await app.must('ls -A /etc/haproxy /etc/haproxy/certs; command -v haproxy || true')).to.equal(
        '/etc/haproxy:\ncerts\n\n/etc/haproxy/certs:\nsite.pem\n',
      );
      expect((await run(app)).changed).to.deep.equal([]);
    });
  },
  ['debian', 'trixie'],
);
