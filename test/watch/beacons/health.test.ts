import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Reached } from '../../../engine/core/host.ts';
import { reach } from '../../../engine/host/reach.ts';
import type { Beacon } from '../../../engine/watch/beacon.ts';
import health from '../../../engine/watch/beacons/health.ts';
import { type FakeMeans, fakeMeans, settled } from '../../helpers/watch-means.ts';

type Settings = Parameters<typeof health.start>[0];

const usual = { verify: true, every: '1s', timeout: '2s', rise: 2, fall: 3 };

function started(given: Partial<Settings> = { tcp: '127.0.0.1:80' }): {
  beacon: Beacon;
  means: FakeMeans;
  be(answer: string | boolean): void;
} {
  const means = fakeMeans();
  let answer: string | boolean = true;
  means.machine.onReach = () => {
    if (answer === 'throws') throw new Error('out of files');
    return { reached: answer === true, seen: answer === true ? 'connected' : 'connection refused' };
  };
  const beacon = health.start({ ...usual, ...given }, means, 'web');
  return {
    beacon,
    means,
    be: (now) => {
      answer = now;
    },
  };
}

describe('beacon health', () => {
  it('keeps quiet about what is up at the start', async () => {
    const { means, beacon } = started();
    expect(beacon.tell()).to.equal('unknown for 0s, last: not looked at yet');
    await means.clock.advance(60_000);
    expect(means.notices).to.deep.equal([]);
    expect(beacon.tell()).to.match(/^up for 5\ds, last: connected$/);
  });

  it('tells what is down at the start, once that is certain', async () => {
    const { means, be } = started();
    be(false);
    await means.clock.advance(1999);
    expect(means.notices).to.deep.equal([]);
    await means.clock.advance(60_000);
    expect(means.notices).to.deep.equal(['web']);
  });

  it('tells each change, after as many checks in a row as it takes', async () => {
    const { means, beacon, be } = started();
    await means.clock.advance(10_500);
    be(false);
    await means.clock.advance(2000);
    expect(means.notices).to.deep.equal([]);
    await means.clock.advance(1000);
    expect(means.notices).to.deep.equal(['web']);
    expect(beacon.tell()).to.match(/^down for \S+, last: connection refused$/);
    be(true);
    await means.clock.advance(1000);
    expect(means.notices).to.have.length(1);
    await means.clock.advance(1000);
    expect(means.notices).to.deep.equal(['web', 'web']);
  });

  it('is not moved by single checks', async () => {
    const { means, be } = started();
    for (let index = 0; index < 100; index++) {
      be(index % 3 === 0);
      await means.clock.advance(1000);
    }
    be(true);
    await means.clock.advance(10_000);
    expect(means.notices).to.deep.equal([]);
  });

  it('checks as often as it should in 24 hours of flapping, and tells each time', async () => {
    const { means, be } = started({ tcp: 'a:1', every: '10s', rise: 1, fall: 1 });
    await means.clock.advance(10_500);
    for (let index = 0; index < 144; index++) {
      be(index % 2 === 1);
      await means.clock.advance(600_000);
    }
    expect(means.notices).to.have.length(144);
    expect(means.machine.targets.length).to.be.within(8640, 8642);
    expect(means.clock.pending).to.equal(1);
  });

  it('never checks twice at once, and takes what hangs for bad', async () => {
    const { means, beacon } = started();
    let answer: (reached: Reached) => void = () => undefined;
    means.machine.onReach = () => new Promise<Reached>((resolve) => (answer = resolve));
    await means.clock.advance(60_000);
    expect(means.machine.targets).to.have.length(1);
    expect(means.notices).to.deep.equal(['web']);
    expect(beacon.tell()).to.include('it hangs');
    means.machine.onReach = () => ({ reached: true, seen: 'connected' });
    answer({ reached: true, seen: 'connected' });
    await means.clock.advance(5000);
    expect(means.notices).to.deep.equal(['web', 'web']);
    expect(means.machine.targets.length).to.be.within(5, 7);
  });

  it('waits for a slow check', async () => {
    const { means } = started({ tcp: 'a:1', every: '1s', timeout: '10s' });
    let now = 0;
    let most = 0;
    means.machine.onReach = async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => means.clock.after(3500, resolve));
      now--;
      return { reached: true, seen: 'connected' };
    };
    await means.clock.advance(100_000);
    expect(most).to.equal(1);
    expect(means.machine.targets.length).to.be.within(24, 26);
    expect(means.notices).to.deep.equal([]);
  });

  it('takes a check that breaks for a bad one', async () => {
    const { means, beacon, be } = started();
    be('throws');
    await means.clock.advance(10_000);
    expect(means.notices).to.deep.equal(['web']);
    expect(beacon.tell()).to.include('out of files');
  });

  it('does not make up for what was slept through', async () => {
    const { means } = started();
    await means.clock.advance(10_500);
    const before = means.machine.targets.length;
    means.clock.set(means.clock.now() + 10 * 3_600_000);
    await means.clock.advance(5000);
    expect(means.machine.targets.length - before).to.be.within(4, 6);
    means.clock.set(means.clock.now() - 20 * 3_600_000);
    await means.clock.advance(5000);
    expect(means.machine.targets.length - before).to.be.within(8, 11);
  });

  it('looks at once where somebody asks, until it is known how things are', async () => {
    const { means, beacon } = started();
    await Promise.all([beacon.look!(), beacon.look!()]);
    expect(means.machine.targets).to.have.length(2);
    await beacon.look!();
    expect(means.machine.targets).to.have.length(3);
    expect(means.notices).to.deep.equal([]);
    const other = started();
    other.be(false);
    await other.beacon.look!();
    expect(other.means.notices).to.deep.equal(['web']);
  });

  it('does not look for ever at what is now up, now down', async () => {
    const { means, beacon } = started();
    let good = false;
    means.machine.onReach = () => {
      good = !good;
      return { reached: good, seen: '' };
    };
    await beacon.look!();
    expect(means.machine.targets).to.have.length(3);
    expect(beacon.tell()).to.match(/^unknown/);
  });

  it('stops in any state', async () => {
    const { means, beacon } = started({ tcp: 'a:1', fall: 1, timeout: '5s' });
    let answer: (reached: Reached) => void = () => undefined;
    means.machine.onReach = () => new Promise<Reached>((resolve) => (answer = resolve));
    await means.clock.advance(2500);
    beacon[Symbol.dispose]();
    beacon[Symbol.dispose]();
    expect(means.clock.pending).to.equal(0);
    answer({ reached: false, seen: 'too late' });
    await settled();
    await means.clock.advance(60_000);
    expect(means.notices).to.deep.equal([]);
    expect(means.machine.targets).to.have.length(1);
  });

  it('begins at different times for different checks', async () => {
    const moments = new Set<number>();
    for (let index = 0; index < 50; index++) {
      const means = fakeMeans();
      const began = means.clock.now();
      means.machine.onReach = () => {
        moments.add(means.clock.now() - began);
        return { reached: true, seen: '' };
      };
      const beacon = health.start({ ...usual, tcp: 'a:1', every: '5s' }, means, `check${index}`);
      await means.clock.advance(5000);
      beacon[Symbol.dispose]();
    }
    expect(moments.size).to.be.above(40);
    expect(Math.max(...moments)).to.be.within(3000, 5000);
  });

  it('asks for what its settings say', async () => {
    const asked: [Partial<Settings>, object][] = [
      [
        { http: 'http://a/b', status: [200, 204], match: 'OK' },
        { kind: 'http', url: 'http://a/b', verify: true, status: [200, 204], match: 'OK' },
      ],
      [
        { http: 'https://a/', verify: false },
        { kind: 'http', url: 'https://a/', verify: false },
      ],
      [{ tcp: '127.0.0.1:5984' }, { kind: 'tcp', host: '127.0.0.1', port: 5984 }],
      [{ tcp: '[::1]:443' }, { kind: 'tcp', host: '::1', port: 443 }],
      [{ command: 'a && b' }, { kind: 'command', command: { argv: ['a && b'], shell: '/bin/sh' } }],
      [{ command: ['a', 'b c'] }, { kind: 'command', command: { argv: ['a', 'b c'] } }],
    ];
    for (const [settings, target] of asked) {
      const { means, beacon } = started(settings);
      await means.clock.advance(1000);
      expect(means.machine.targets[0]).to.deep.equal(target);
      beacon[Symbol.dispose]();
    }
  });

  for (const [settings, said] of [
    [{}, 'one of `http`, `tcp` and `command`'],
    [{ tcp: 'a:1', command: 'true' }, 'one of `http`, `tcp` and `command`'],
    [{ tcp: 'a' }, '"a" is not HOST:PORT'],
    [{ tcp: 'a:0' }, '"a:0" is not HOST:PORT'],
    [{ tcp: '::1:80' }, 'is not HOST:PORT'],
    [{ tcp: 'a:70000' }, 'is not HOST:PORT'],
    [{ http: 'ftp://a/' }, 'no address of a web server'],
    [{ http: 'a' }, 'no address of a web server'],
    [{ http: 'http://a/', match: '(' }, 'no regular expression'],
    [{ command: [] }, 'is empty'],
    [{ tcp: 'a:1', every: '200ms' }, 'no span of a second or more'],
    [{ tcp: 'a:1', timeout: 'long' }, 'no span of time, in `timeout`'],
    [{ tcp: 'a:1', timeout: 0 }, 'no span of time, in `timeout`'],
  ] as const) {
    it(`is off with ${JSON.stringify(settings)}, and says why`, () => {
      const { means, beacon } = started(settings as Partial<Settings>);
      expect(means.warnings.join()).to.include(said);
      expect(means.clock.pending).to.equal(0);
      beacon[Symbol.dispose]();
    });
  }

  it('notices a real web server that goes away and comes back', async () => {
    let status = 200;
    const server = http.createServer((_request, response) => response.writeHead(status).end('Status: OK'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const means = fakeMeans();
    means.machine.onReach = (target, timeout) =>
      reach(target, timeout, {
        run: () => Promise.reject(new Error('no command is needed')),
        render: () => Promise.reject(new Error('no template is needed')),
      });
    const beacon = health.start(
      { ...usual, http: `http://127.0.0.1:${port}/status`, match: 'OK', every: '1h' },
      means,
      'web',
    );
    const look = async (times: number) => {
      for (let index = 0; index < times; index++) await beacon.look!();
    };
    await look(1);
    expect(means.notices).to.deep.equal([]);
    expect(beacon.tell()).to.match(/^up/);
    status = 503;
    await look(3);
    expect(means.notices).to.have.length(1);
    expect(beacon.tell()).to.match(/^down for .*, last: HTTP status 503$/);
    status = 200;
    await look(2);
    expect(means.notices).to.have.length(2);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await look(3);
    expect(means.notices).to.have.length(3);
    expect(beacon.tell()).to.include('connection refused');
    beacon[Symbol.dispose]();
  });
});
