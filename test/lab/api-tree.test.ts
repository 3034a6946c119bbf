/** The tree states/api on real nodes: releases come, answer or do not, and go. */
import { expect } from 'chai';
import { address, type Converged } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const secret = `it's a "pass" \\ $word`;
const ours = filesOf('api');
/** Which program is where would be another test of the lab. */
const given = {
  node: '/usr/local/bin/node',
  tools: checkout,
  environment: { GREETING: 'hello' },
  secrets: { PASSWORD: secret },
};

/** A release that says `text`, with this status. */
function release(text: string, status = '200'): { [path: string]: string } {
  return {
    'states/mine/package.json': '{"type": "module", "main": "start.js"}',
    'states/mine/start.js': `import { createServer } from 'node:http';
const { API_PORT, WELL } = process.env;
createServer((_, response) => { response.statusCode = ${status}; response.end(${JSON.stringify(text)}); }).listen(API_PORT, '127.0.0.1');
`,
  };
}

/** One that is of no use before it is built. */
function unbuilt(text: string): { [path: string]: string } {
  const start = JSON.stringify(release(text)['states/mine/start.js']);
  return {
    'states/mine/package.json': '{"type": "module", "main": "dist/start.js"}',
    'states/mine/build.ts': `import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('dist');
writeFileSync('dist/start.js', ${start} as string);
writeFileSync('dist/tools', process.env.API_TOOLS!);
`,
  };
}

/** Ends at once. */
const broken = { ...release('broken'), 'states/mine/start.js': "throw new Error('broken');" };

function expectGood({ failed, errors, results, stderr }: Converged): void {
  expect(errors, stderr).to.deep.equal([]);
  expect(failed, JSON.stringify(results.filter(({ verdict }) => verdict === 'failed'))).to.deep.equal([]);
}

/** What a dry run does not know it may leave open, and what a command says nobody foretells. */
function expectForetold(dry: Converged, real: Converged): void {
  expectGood(dry);
  expectGood(real);
  expect(dry.changed).to.include.members([...real.changed]);
  for (const [index, before] of dry.results.entries()) {
    const after = real.results[index]!;
    expect(address(before)).to.equal(address(after));
    if (before.verdict !== 'unknown' && !address(before).startsWith('cmd.run '))
      expect(before.changes, address(before)).to.deep.equal(after.changes);
  }
}

describeLab(
  'lab: the tree api',
  function () {
    this.timeout(120_000);
    let node: Node;
    const mine = { source: 'salt://mine', wait_for: 2 };
    const well = { ...mine, environment: { WELL: 'yes' } };

    before(async () => {
      node = await boot({ name: 'app1', packages: ['git'] });
    });
    after(() => node?.[Symbol.asyncDispose]());

    interface Options {
      readonly test?: boolean;
      /** Of the file root, beside the tree. */
      readonly files?: { readonly [path: string]: string };
      readonly verb?: readonly string[];
      readonly on?: Node;
    }

    async function run(
      api: object = {},
      { test = false, files, verb, on = node }: Options = {},
    ): Promise<Converged> {
      const tree = {
        'states/top.yaml': "base: {'*': [api]}\n",
        'pillar/top.yaml': 'base: {}\n',
        ...ours,
        ...files,
      };
      const done = await on.converge(tree, {
        test,
        verb,
        options: ['--templates', `${checkout}/templates`],
        pillar: { api: { ...given, ...api } },
      });
      expect(done.stdout + done.stderr).to.not.include('$word');
      return done;
    }

    const says = (at = '127.0.0.1', path = '/status') => node.must(`curl -s 'http://${at}:8080${path}'`);
    const pid = () => node.must('systemctl show -p MainPID api');
    const led = async (link: string) => (await node.must(`readlink -f /opt/api/${link}`)).trim();
    const releases = async () => (await node.must('ls /opt/api/releases')).split('\n').filter(Boolean);
    const bad = async () => (await node.must('ls /opt/api/bad')).split('\n').filter(Boolean);

    async function expectQuiet(api: object, options: Options): Promise<void> {
      const before = await pid();
      const again = await run(api, options);
      expect(again.changed).to.deep.equal([]);
      expect(await pid()).to.equal(before);
    }

    it('brings what api/ holds into service: foretold, done, and nothing to do afterwards', async () => {
      const dry = await run({}, { test: true });
      const real = await run();
      expectForetold(dry, real);
      for (const at of ['127.0.0.1', node.addresses[1]!]) {
        expect(await says(at)).to.equal('Status: OK\n');
        expect(await says(at, '/')).to.include('<html');
      }
      expect(await led('current')).to.equal(await led('good'));
      const again = await run();
      expectGood(again);
      expect(again.changed).to.deep.equal([]);
      expect(again.processes.filter((line) => !/^systemctl .*show /.test(line))).to.deep.equal([]);
    });

    it('runs as a user who can do little, with an environment that others cannot read', async () => {
      const main = (await pid()).trim().split('=')[1];
      expect(await node.must(`stat -c %U /proc/${main}`)).to.equal('api\n');
      const environment = (await node.must(`tr '\\0' '\\n' < /proc/${main}/environ`)).split('\n');
      expect(environment).to.include.members(['GREETING=hello', `PASSWORD=${secret}`, 'API_PORT=8080']);
      expect(await node.must('stat -c "%a %U:%G" /etc/api/environment')).to.equal('640 root:api\n');
      const security = await node.must('systemd-analyze security --no-pager api | tail -1');
      expect(Number(/[0-9]+\.[0-9]/.exec(security)?.[0]), security).to.be.below(3);
    });

    it('heals what somebody changed in the release, and restarts for it', async () => {
      await node.must('cd /opt/api/current; echo "throw 1" > server.ts; rm -r dist; systemctl restart api');
      expectGood(await run());
      expect(await says('127.0.0.1', '/')).to.include('<html');
    });

    it('goes on to another release, and keeps the one before', async () => {
      const before = await led('current');
      expectGood(await run(mine, { files: release('two') }));
      expect(await says()).to.equal('two');
      expect(await led('good')).to.equal(await led('current'));
      expect(await releases()).to.include(before.split('/').at(-1));
      await expectQuiet(mine, { files: release('two') });
    });

    it('builds what is not built yet, once, and again where that is gone', async () => {
      const options = { files: unbuilt('built') };
      const dry = await run(mine, { ...options, test: true });
      const real = await run(mine, options);
      expectForetold(dry, real);
      expect(real.changed).to.include('cmd.run the release is built');
      expect(await says()).to.equal('built');
      expect(await node.must('cat /opt/api/current/dist/tools')).to.equal(checkout);
      await expectQuiet(mine, options);
      await node.must('rm -r /opt/api/current/dist');
      const healed = await run(mine, options);
      expectGood(healed);
      expect(healed.changed).to.have.members([
        'cmd.run the release is built',
        'service.running the API runs',
      ]);
      expect(await says()).to.equal('built');
    });

    it('leaves what runs in service where a release cannot be built', async () => {
      const before = [await led('current'), await pid()];
      const without = await run({ ...mine, tools: '/nowhere' }, { files: unbuilt('other') });
      expect(without.failed).to.include('test.fail_without_changes the release is built');
      expect(JSON.stringify(without.results)).to.include('/nowhere has not what that takes');
      const files = {
        ...unbuilt('other'),
        'states/mine/build.ts': "throw new Error('there is no such thing');",
      };
      const done = await run(mine, { files });
      expect(done.failed).to.include('cmd.run the release is built');
      expect(JSON.stringify(done.results)).to.include('there is no such thing');
      expect([await led('current'), await pid()]).to.deep.equal(before);
      expect(await says()).to.equal('built');
      expectGood(await run(mine, { files: release('two') }));
    });

    for (const [what, files] of [
      ['answers with an error', release('ill', '500')],
      ['ends at once', broken],
    ] as const) {
      it(`goes back where a release ${what}, and does not try it again`, async () => {
        const before = await led('current');
        const done = await run(mine, { files });
        expect(done.failed).to.include('http.wait_for_successful_query the API answers');
        expect(done.failed).to.not.include('http.wait_for_successful_query the release before answers again');
        expect(await says()).to.equal('two');
        expect(await led('current')).to.equal(before);
        const main = await pid();
        const again = await run(mine, { files });
        expect(again.failed).to.deep.equal([
          'test.fail_without_changes this release did not answer when it was tried',
        ]);
        expect(again.changed).to.deep.equal([]);
        expect(await pid()).to.equal(main);
      });
    }

    it('tries a release again with another environment', async () => {
      const files = release('three', "WELL === 'yes' ? 200 : 500");
      expect((await run(mine, { files })).failed).to.not.deep.equal([]);
      expect(await says()).to.equal('two');
      const count = (await bad()).length;
      const well = { ...mine, environment: { WELL: 'yes' } };
      expectGood(await run(well, { files }));
      expect(await says()).to.equal('three');
      expect(await bad()).to.have.length(count - 1);
      await expectQuiet(well, { files });
    });

    it('goes back in the next run where the one before was killed while it waited', async () => {
      const files = release('hangs', '500');
      const before = await led('good');
      // Only for the files.
      await run(well, { files, test: true });
      const pillar = JSON.stringify({ api: { ...given, ...well, wait_for: 100 } });
      await node.write('/root/pillar.json', pillar);
      await node.must(
        `systemd-run -q -u slow /bin/sh -c '${checkout}/converge highstate --states /srv/tree/states --pillar /srv/tree/pillar --templates ${checkout}/templates --pillar-override "$(cat /root/pillar.json)"'`,
      );
      await node.until(`curl -s 127.0.0.1:8080/status | grep hangs`);
      await node.must('systemctl kill -s KILL slow; systemctl reset-failed slow || true');
      expect(await led('current')).to.not.equal(before);
      expect((await run(well, { files })).failed).to.include(
        'http.wait_for_successful_query the API answers',
      );
      expect(await says()).to.equal('three');
      expect(await led('current')).to.equal(before);
    });

    it('goes back also where a run was killed between noting that and doing it', async () => {
      const files = release('hangs', '500');
      const name = (await run(well, { files })).results.find(({ id }) => id === 'the release')!.name;
      await node.must(`ln -sfn ${name.replace('/opt/api/', '')} /opt/api/current; systemctl restart api`);
      await node.until('curl -s 127.0.0.1:8080/status | grep hangs');
      await run(well, { files });
      expect(await says()).to.equal('three');
    });

    it('takes archives and commits, and removes what is older than the releases to keep', async () => {
      await node.must('mkdir -p /root/four/package');
      await node.write('/root/four/package/package.json', '{"main": "start.mjs"}');
      await node.write('/root/four/package/start.mjs', release('four')['states/mine/start.js']!);
      await node.must('tar -C /root/four -czf /root/four.tgz package');
      const hash = (await node.must('sha256sum /root/four.tgz')).slice(0, 64);
      const archive = { wait_for: 5, keep: 2, source: { archive: '/root/four.tgz', hash: `sha256=${hash}` } };
      expectGood(await run(archive));
      expect(await says()).to.equal('four');
      await expectQuiet(archive, {});

      await node.must(
        'cd /root/four/package && sed -i s/four/five/ start.mjs && git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm five',
      );
      const commit = (await node.must('git -C /root/four/package rev-parse HEAD')).trim();
      const git = { wait_for: 5, keep: 2, source: { repository: '/root/four/package', commit } };
      expectGood(await run(git));
      expect(await says()).to.equal('five');
      await expectQuiet(git, {});
      expect(await releases()).to.have.members([hash.slice(0, 12), commit.slice(0, 12)]);
    });

    it('says so where there is nothing to serve, and leaves what is there alone', async () => {
      const done = await run({ source: 'salt://nowhere' });
      expect(done.failed).to.deep.equal(['test.fail_without_changes there is no API']);
      expect(await says()).to.equal('five');
    });

    it('goes away', async () => {
      const verb = ['apply', 'api.absent'];
      expectGood(await run({}, { verb }));
      expect((await node.run('ls /opt/api /etc/api; id api; systemctl cat api')).stdout).to.equal('');
      expect((await run({}, { verb })).changed).to.deep.equal([]);
    });

    it('is the same on an RPM system', async () => {
      await using rpm = await boot({ name: 'app2', family: 'rpm' });
      const dry = await run({}, { on: rpm, test: true });
      expectForetold(dry, await run({}, { on: rpm }));
      expect(await rpm.must('curl -s 127.0.0.1:8080/status')).to.equal('Status: OK\n');
      expect((await run({}, { on: rpm })).changed).to.deep.equal([]);
    });
  },
  ['debian', 'rpm'],
);
