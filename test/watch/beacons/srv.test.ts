/** Beacon `srv`: asks again and again, and tells who has other members by now. */
import { expect } from 'chai';
import srv from '../../../engine/watch/beacons/srv.ts';
import { fakeMeans, targetsOf } from '../../helpers/watch-means.ts';

const app = '_app._tcp.example.org';

describe('beacon srv', () => {
  it('asks at its pace as long as there are services, and tells of those that changed', async () => {
    const means = fakeMeans();
    let asked = 0;
    let changed: readonly string[] = [];
    means.machine.onServices = () => {
      asked += 1;
      return changed;
    };
    using beacon = srv.start({ every: 5 }, means, 'srv');
    await means.clock.advance(60_000);
    expect(asked, 'nobody asked for members').to.equal(0);
    expect(beacon.tell()).to.match(/no services/);
    beacon.aim!(targetsOf({ services: [app] }));
    await means.clock.advance(20_000);
    expect(asked).to.equal(4);
    expect(means.notices).to.deep.equal([]);
    changed = [app];
    await means.clock.advance(5000);
    expect(means.notices).to.deep.equal([app]);
    expect(beacon.tell()).to.include(`changed last: ${app}`);
    // Nobody asks for members any more.
    beacon.aim!(targetsOf({}));
    await means.clock.advance(60_000);
    expect(asked).to.be.lessThan(7);
  });

  it('looks when it is told to, and not twice at a time', async () => {
    const means = fakeMeans();
    let asked = 0;
    means.machine.onServices = () => {
      asked += 1;
      return [app];
    };
    using beacon = srv.start({ every: '1m' }, means, 'srv');
    beacon.aim!(targetsOf({ services: [app] }));
    await Promise.all([beacon.look!(), beacon.look!()]);
    expect(asked).to.equal(1);
    expect(means.notices).to.deep.equal([app]);
  });

  it('is silent once it was stopped, also in the middle of a question', async () => {
    const means = fakeMeans();
    means.machine.onServices = () => [app];
    const beacon = srv.start({ every: 5 }, means, 'srv');
    beacon.aim!(targetsOf({ services: [app] }));
    const looking = beacon.look!();
    beacon[Symbol.dispose]();
    await looking;
    await means.clock.advance(60_000);
    expect(means.notices).to.deep.equal([]);
    expect(means.clock.pending).to.equal(0);
  });
});
