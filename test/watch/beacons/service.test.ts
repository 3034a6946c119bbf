import { expect } from 'chai';
import service from '../../../engine/watch/beacons/service.ts';
import { fakeMeans, targetsOf } from '../../helpers/watch-means.ts';

describe('beacon service', () => {
  it('tells of units that runs looked at and of those in its settings, and of no others', async () => {
    const means = fakeMeans();
    using beacon = service.start({ units: ['nginx', 'backup.timer'] }, means, '');
    beacon.aim!(targetsOf({ units: ['haproxy.service'] }));
    const { on } = means.machine.signals[0]!;
    for (const name of ['nginx.service', 'haproxy.service', 'ssh.service', 'backup.timer', 'nginx'])
      on.unit(name);
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['nginx.service', 'haproxy.service', 'backup.timer']);
    expect(beacon.tell()).to.equal('3 units');

    means.notices.length = 0;
    beacon.aim!(targetsOf({ units: ['cron.service'] }));
    for (const name of ['haproxy.service', 'cron.service']) on.unit(name);
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['cron.service']);
    expect(means.machine.signals).to.have.length(1);
  });

  it('tells of what changed while a run looked at it', async () => {
    const means = fakeMeans();
    using beacon = service.start({ units: ['a'] }, means, '');
    const { on } = means.machine.signals[0]!;
    on.unit('haproxy.service');
    await means.clock.advance(5000);
    expect(means.notices).to.deep.equal([]);
    beacon.aim!(targetsOf({ units: ['haproxy.service', 'nginx.service'] }));
    await means.clock.advance(0);
    beacon.aim!(targetsOf({ units: ['haproxy.service', 'nginx.service'] }));
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['haproxy.service']);
    for (let i = 0; i < 100_000; i++) on.unit(`run-u${i}.service`);
  });

  it('tells once of a unit that changes many times at once', async () => {
    const means = fakeMeans();
    using _beacon = service.start({ units: ['a', 'b'] }, means, '');
    const { on } = means.machine.signals[0]!;
    for (let i = 0; i < 1000; i++) on.unit(i % 3 === 0 ? 'b.service' : 'a.service');
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['b.service', 'a.service']);
    on.unit('a.service');
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['b.service', 'a.service', 'a.service']);
  });

  it('tells of all of a thousand where any may have changed', async () => {
    const units = Array.from({ length: 1000 }, (_, i) => `u${i}.service`);
    const means = fakeMeans();
    using beacon = service.start({}, means, '');
    beacon.aim!(targetsOf({ units }));
    const { on } = means.machine.signals[0]!;
    on.all();
    on.unit('u5.service');
    on.all();
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(units);
  });

  it('listens only once there is something to hear of', () => {
    const means = fakeMeans();
    using beacon = service.start({}, means, '');
    beacon.aim!(targetsOf({}));
    expect(means.machine.signals).to.deep.equal([]);
    expect(beacon.tell()).to.equal('0 units');
    beacon.aim!(targetsOf({ units: ['a.service'] }));
    expect(means.machine.signals).to.have.length(1);
    expect(beacon.tell()).to.equal('1 unit');
  });

  it('hears on after systemd has started itself anew, without a word', async () => {
    const means = fakeMeans();
    using _beacon = service.start({ units: ['a', 'b'] }, means, '');
    await means.clock.advance(3_600_000);
    means.machine.signals[0]!.on.end('systemd has closed the connection');
    await means.clock.advance(100);
    means.machine.signals[1]!.on.end('systemd does not run here');
    await means.clock.advance(200);
    means.machine.signals[2]!.on.all();
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['a.service', 'b.service']);
    expect(means.warnings).to.deep.equal([]);
  });

  it('says once that there is nothing to hear, and hardly tries again', async () => {
    const means = fakeMeans();
    const { machine, clock } = means;
    machine.unitSignals = (on) => {
      machine.signals.push({ argv: [], on, disposed: false });
      return clock.after(1, () => on.end('systemd does not run here'));
    };
    using beacon = service.start({ units: ['a'] }, means, '');
    await clock.advance(24 * 3_600_000);
    expect(means.warnings).to.deep.equal(['Units are not watched: systemd does not run here.']);
    expect(beacon.tell()).to.equal('1 unit, unheard: systemd does not run here');
    expect(machine.signals).to.have.length.lessThan(310);
    expect(means.notices).to.deep.equal([]);
  });

  it('leaves nothing behind, in whatever state it is stopped', async () => {
    const states: ((means: ReturnType<typeof fakeMeans>) => void)[] = [
      () => undefined,
      ({ machine }) => machine.signals[0]!.on.all(),
      ({ machine }) => machine.signals[0]!.on.end('gone'),
    ];
    for (const reach of states) {
      const means = fakeMeans();
      const beacon = service.start({ units: ['a'] }, means, '');
      reach(means);
      beacon[Symbol.dispose]();
      beacon[Symbol.dispose]();
      expect(means.clock.pending).to.equal(0);
      await means.clock.advance(1_000_000);
      expect(means.notices).to.deep.equal([]);
      expect(means.machine.signals).to.have.length(1);
    }
    using _idle = service.start({}, fakeMeans(), '');
  });
});
