/** `converge watch` as a whole: in this process, on files of its own, with a DNS that says what it is told to. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Signal } from '../../engine/cli/interruption.ts';
import { executeCli } from '../../engine/cli/main.ts';
import { lock } from '../../engine/journal/lock.ts';
import { sink } from '../helpers/cli.ts';
import { dnsServer, type Row, type Saying, soa } from '../helpers/dns-server.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

interface Watched extends AsyncDisposable {
  readonly path: string;
  readonly stderr: { readonly text: string };
  signal(signal: Signal): void;
  /** Another verb on the same node. */
  run(
    ...words: string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  write(name: string, text: string): void;
  read(name: string): string;
  /** Waits for a condition. */
  until(holds: () => boolean, what: string): Promise<void>;
  /** How many reactions there were. */
  reactions(): number;
  ended: Promise<number>;
}

// Its time comes by the clock on the wall, and may come in the middle of a test.
const quiet = { network: false, service: false, timer: { heal: { every: '30d' } } };

/** A watch that has converged for the first time. `{path}` in the texts is the folder. */
async function watching(tree: Tree, pillar: object = {}, ...words: string[]): Promise<Watched> {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const placed = Object.entries(tree).map(([name, text]) => [
    name,
    String(text).replaceAll('{path}', folder.path),
  ]);
  buildTree(folder.path, {
    'conf.yaml': `state_dir: ${at('state')}\ncache: ${at('cache')}\nsyslog: false\nid: node1\n`,
    'pillar/top.yaml': "base:\n  '*': [all]\n",
    'pillar/all.yaml': JSON.stringify({ beacons: quiet, ...pillar }).replaceAll('{path}', folder.path),
    ...Object.fromEntries(placed),
  });
  const handlers = new Set<(signal: Signal) => void>();
  const [stdout, stderr] = [sink(), sink()];
  const roots = ['--config', at('conf.yaml'), '--states', at('states'), '--pillar', at('pillar')];
  const streams = { env: { HOME: folder.path }, cwd: folder.path, uid: process.getuid!() };
  const ended = executeCli(['watch', ...roots, ...words], {
    ...streams,
    stdout,
    stderr,
    signals: {
      listen(handler) {
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
    },
  });
  // Other verbs wake the watch, which they take for a process of its own.
  const hangUp = () => watched.signal('SIGHUP');
  const watched: Watched = {
    path: folder.path,
    stderr,
    ended,
    signal: (signal) => {
      for (const handler of handlers) handler(signal);
    },
    async run(...others) {
      const [out, err] = [sink(), sink()];
      const given =
        others[0] === 'pause' || others[0] === 'resume' || others[0] === 'status' ? roots.slice(0, 2) : roots;
      const code = await executeCli([...others, ...given], { ...streams, stdout: out, stderr: err });
      return { code, stdout: out.text, stderr: err.text };
    },
    write: (name, text) => fs.writeFileSync(at(name), text),
    read: (name) => {
      try {
        return fs.readFileSync(at(name), 'utf8');
      } catch {
        return '';
      }
    },
    async until(holds, what) {
      const end = Date.now() + 15_000;
      while (!holds()) {
        if (Date.now() > end) throw new Error(`${what} did not come about\n${stdout.text}\n${stderr.text}`);
        await pause(5);
      }
    },
    reactions: () => stderr.text.split('\n').filter((line) => / after \d+ ms$/.test(line)).length,
    async [Symbol.asyncDispose]() {
      watched.signal('SIGTERM');
      await ended;
      process.off('SIGHUP', hangUp);
      await folder[Symbol.asyncDispose]();
    },
  };
  process.on('SIGHUP', hangUp);
  await watched.until(() => /^converge: timer\/start: /m.test(stderr.text), 'the first run');
  return watched;
}

const motd = {
  'states/top.yaml': "base:\n  '*': [motd]\n",
  'states/motd.yaml': `
{path}/motd:
  file.managed:
    - contents: hello
    - mode: '0644'
count:
  cmd.run:
    - name: echo changed >> {path}/count
    - onchanges: [{file: '{path}/motd'}]
`,
};

describe('converge watch', function () {
  this.timeout(120_000);

  it('converges at once, and heals what somebody changes, with what depends on it', async () => {
    await using node = await watching(motd);
    expect(node.read('motd')).to.equal('hello\n');
    for (const damage of [
      () => node.write('motd', 'damaged'),
      () => fs.rmSync(join(node.path, 'motd')),
      () => fs.chmodSync(join(node.path, 'motd'), 0o600),
    ]) {
      const before = node.reactions();
      damage();
      await node.until(() => node.reactions() > before, 'a repair');
    }
    expect(node.read('motd')).to.equal('hello\n');
    expect(node.read('count')).to.equal('changed\n'.repeat(4));
  });

  it('is not woken by what it does itself', async () => {
    await using node = await watching(motd);
    node.write('motd', 'damaged');
    await node.until(() => node.reactions() === 2, 'a repair');
    await pause(1000);
    expect(node.reactions()).to.equal(2);
    const { stdout } = await node.run('history');
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((line) => /watch|highstate/.test(line)),
    ).to.have.length(2);
  });

  it('takes in a tree that changes, and goes on with the last good one while it is broken', async () => {
    await using node = await watching(motd);
    const good = node.read('states/motd.yaml');
    node.write('states/motd.yaml', good.replace('contents: hello', 'contents: other'));
    await node.until(() => node.read('motd') === 'other\n', 'the new content');
    node.write('states/motd.yaml', 'this: is: no: yaml');
    await node.until(() => /could not be done/.test(node.stderr.text), 'trouble');
    node.write('motd', 'damaged');
    await node.until(() => node.read('motd') === 'other\n', 'the repair');
    node.write('states/motd.yaml', good);
    await node.until(() => node.read('motd') === 'hello\n', 'the old content');
  });

  it('comes to life where the tree is broken to begin with', async () => {
    await using node = await watching({ ...motd, 'states/motd.yaml': 'this: is: no: yaml' });
    expect(node.read('motd')).to.equal('');
    node.write('states/motd.yaml', `${node.path}/motd:\n  file.managed:\n    - contents: hello\n`);
    await node.until(() => node.read('motd') === 'hello\n', 'the file');
  });

  it('is told by SIGHUP to read everything again, and by SIGTERM to leave', async () => {
    await using node = await watching(motd);
    node.signal('SIGHUP');
    await node.until(() => /^converge: timer\/reload[:,]/m.test(node.stderr.text), 'the reload');
    node.signal('SIGTERM');
    expect(await node.ended).to.equal(0);
    expect(node.read('state/watch.json')).to.equal('');
  });

  it('that is told to leave while it waits for another run begins nothing', async () => {
    await using node = await watching(motd);
    const other = await lock(join(node.path, 'state'), { pid: 1, verb: 'x', since: 0 }, { wait: 0 });
    if (!(Symbol.dispose in other)) throw new Error('The lock is not free.');
    node.write('motd', 'damaged');
    await node.until(() => /"state": ?"running"/.test(node.read('state/watch.json')), 'the reaction');
    node.signal('SIGTERM');
    other[Symbol.dispose]();
    expect(await node.ended).to.equal(0);
    expect(node.read('motd')).to.equal('damaged');
  });

  it('tries again what failed, and goes on with what waited for it', async () => {
    await using node = await watching({
      'states/top.yaml': "base:\n  '*': [all]\n",
      'pillar/top.yaml': "base:\n  '*': [own]\n",
      'pillar/own.yaml': 'beacons: {retry: {first: 1s, longest: 1s}, timer: false}\n',
      'states/all.yaml': `
away:
  cmd.run: [{name: echo tried >> {path}/tries; sh {path}/there}]
waits:
  file.managed: [{name: '{path}/done'}, {contents: x}, {require: [{cmd: away}]}]
refused:
  file.managed: [{name: '{path}/none/file'}, {contents: x}]
`,
    });
    await node.until(() => node.read('tries').split('\n').length > 3, 'a third try');
    expect(node.read('done')).to.equal('');
    // A command sees nothing of it that could be watched.
    node.write('there', 'exit 0');
    await node.until(() => node.read('done') === 'x\n', 'what waited');
    const runs = () => node.run('history').then(({ stdout }) => stdout.split('\n').length);
    const [tries, known] = [node.read('tries'), await runs()];
    await pause(2500);
    expect(node.read('tries'), 'it is well').to.equal(tries);
    expect(await runs(), 'what would be refused again is no run').to.equal(known);
  });

  it('does nothing while it is paused, and makes up for it afterwards', async () => {
    await using node = await watching(motd);
    expect((await node.run('pause', '--for', '1h', '--reason', 'new disk')).code).to.equal(0);
    node.write('motd', 'damaged');
    await pause(500);
    expect(node.read('motd')).to.equal('damaged');
    expect((await node.run('status')).stdout)
      .to.match(/paused/)
      .and.match(/new disk/);
    await node.run('resume');
    await node.until(() => node.read('motd') === 'hello\n', 'the repair');
  });

  it('does as the reactor says', async () => {
    await using node = await watching(
      {
        ...motd,
        'states/web.yaml': '{path}/web:\n  file.managed:\n    - contents: applied\n',
        up: '',
      },
      {
        beacons: {
          ...quiet,
          health: { web: { command: 'test -e {path}/up', every: 1, rise: 1, fall: 1 } },
        },
        reactor: { 'health/web': { apply: ['web'] }, 'files/*': { ignore: true } },
      },
    );
    node.write('motd', 'damaged');
    await pause(300);
    expect(node.read('motd')).to.equal('damaged');
    expect(node.read('web')).to.equal('');
    fs.rmSync(join(node.path, 'up'));
    await node.until(() => node.read('web') === 'applied\n', 'the SLS');
  });

  it('says where the pillar is wrong, and goes on as if it were not there', async () => {
    await using node = await watching(motd, {
      beacons: { filse: {}, timer: { heal: { evry: '15m' } } },
      reactor: { 'health/x': { highstat: true } },
    });
    await node.until(() => /"highstate"/.test(node.stderr.text), 'the mistakes');
    expect(node.stderr.text).to.include('Did you mean "files"?').and.include('Did you mean "every"?');
    node.write('motd', 'damaged');
    await node.until(() => node.read('motd') === 'hello\n', 'the repair');
  });

  it('--once looks at everything, does what that calls for, and leaves', async () => {
    await using node = await watching(motd, {}, '--once');
    expect(await node.ended).to.equal(0);
    expect(node.read('motd')).to.equal('hello\n');
  });

  it('tells the status of what it did, how long it took, and what beacons it has', async () => {
    await using node = await watching(motd);
    node.write('motd', 'damaged');
    await node.until(() => node.reactions() === 2, 'a repair');
    await node.until(() => /files\/.*motd/.test(node.read('state/watch.json')), 'the status');
    const { watch } = JSON.parse((await node.run('status', '--json')).stdout);
    expect(watch.beacons.map(({ name }: { name: string }) => name)).to.include.members([
      'files',
      'timer/heal',
    ]);
    // The timer comes every 15 minutes, so maybe now.
    const affected = watch.reactions.filter(({ what }: { what: string }) => what === 'affected');
    expect(affected.at(-1)).to.include({ changed: 2, failed: 0 });
  });

  describe('members of a service', () => {
    const members = {
      'states/top.yaml': "base:\n  '*': [members]\n",
      'states/members.yaml': `
{path}/members:
  file.managed:
    - template: jinja
    - source: salt://members.txt
`,
      'states/members.txt': "{% for one in salt['discovery.members']('app') %}{{ one.name }}\n{% endfor %}",
    };

    function zone(hosts: readonly string[]): Saying {
      return ({ name, type }) => {
        const rows: Row[] =
          type === 'SRV'
            ? hosts.map((host): Row => [name, 'SRV', `0 0 443 ${host}.example.org`])
            : type === 'A' && !name.startsWith('internal.')
              ? [[name, 'A', '192.0.2.1']]
              : [];
        return rows.length > 0 ? { answer: rows } : { authority: [soa] };
      };
    }

    const discovery = {
      domain: 'example.org',
      confirmations: 3,
      quorum: 2,
      hold_down: 1,
      interval: 0.05,
      timeout: 0.1,
    };
    const beacons = { ...quiet, srv: { every: 0.2 } };

    it('come at once, and leave only after all of what is demanded', async () => {
      let hosts = ['app1'];
      await using one = await dnsServer((...asked) => zone(hosts)(...asked));
      await using other = await dnsServer((...asked) => zone(hosts)(...asked));
      await using node = await watching(members, {
        discovery: { ...discovery, resolvers: [one.name, other.name] },
        beacons,
      });
      expect(node.read('members')).to.equal('app1.example.org\n');
      hosts = ['app1', 'app2'];
      await node.until(
        () => node.read('members') === 'app1.example.org\napp2.example.org\n',
        'the new member',
      );
      hosts = ['app2'];
      const gone = Date.now();
      await node.until(() => node.read('members') === 'app2.example.org\n', 'the departure');
      expect(Date.now() - gone).to.be.greaterThan(1000);
    });

    it('stay as they are while the DNS is away, talks nonsense, says nothing, or one resolver lies', async () => {
      const all = ['app1', 'app2'];
      let first: Saying = zone(all);
      let second = first;
      await using one = await dnsServer((...asked) => first(...asked));
      await using other = await dnsServer((...asked) => second(...asked));
      // Ten minutes of it are in test/source/discovery.test.ts.
      const patient = { ...discovery, resolvers: [one.name, other.name], timeout: 0.02 };
      await using node = await watching(members, {
        discovery: patient,
        beacons: { ...quiet, srv: { every: 0.2 } },
      });
      const before = node.read('members');
      expect(before).to.equal('app1.example.org\napp2.example.org\n');
      const mischief: { readonly [what: string]: () => void } = {
        'no answer': () => (first = second = () => undefined),
        SERVFAIL: () => (first = second = () => ({ rcode: 2 })),
        refused: () => (first = second = () => ({ rcode: 5 })),
        garbage: () => (first = second = () => ({ raw: Buffer.from('garbage') })),
        'an empty answer without SOA': () => (first = second = () => ({})),
        'cut off': () => (first = second = () => ({ truncated: true })),
        'one resolver lies alone': () => {
          first = zone([]);
          second = zone(all);
        },
        'the other one lies alone': () => {
          first = zone(all);
          second = zone(['app1']);
        },
      };
      for (const [what, begin] of Object.entries(mischief)) {
        begin();
        await pause(1500);
        expect(node.read('members'), what).to.equal(before);
      }
      expect(node.reactions()).to.equal(1);
      first = second = zone([...all, 'app3']);
      await node.until(() => node.read('members').includes('app3'), 'recovery without a hand');
    });
  });
});
