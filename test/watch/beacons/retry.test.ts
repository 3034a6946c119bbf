/** Beacon `retry`: what failed is looked at again, ever more rarely. */
import { expect } from 'chai';
import retry from '../../../engine/watch/beacons/retry.ts';
import { fakeMeans, targetsOf } from '../../helpers/watch-means.ts';

const usual = { first: '10s', longest: '15m' };

describe('beacon retry', () => {
  it('tells nothing as long as all is settled', async () => {
    const means = fakeMeans();
    using beacon = retry.start(usual, means, 'retry');
    beacon.aim!(targetsOf({}));
    await means.clock.advance(3_600_000);
    expect(means.notices).to.deep.equal([]);
    expect(means.clock.pending).to.equal(0);
    expect(beacon.tell()).to.equal('nothing to try again');
  });

  it('tells after twice as long each time, whatever runs come in between, and stops when all is well', async () => {
    const means = fakeMeans();
    using beacon = retry.start(usual, means, 'retry');
    const told: number[] = [];
    const began = means.clock.now();
    beacon.aim!(targetsOf({ unsettled: ['a'] }));
    for (let second = 0; second < 2600; second += 1) {
      await means.clock.advance(1000);
      beacon.aim!(targetsOf({ unsettled: ['a'] }));
      if (means.notices.length > told.length) told.push((means.clock.now() - began) / 1000);
    }
    expect(told).to.deep.equal([10, 30, 70, 150, 310, 630, 1270, 2170]);
    expect(beacon.tell()).to.equal('1 state again, 15m after the last time');
    beacon.aim!(targetsOf({}));
    expect(means.clock.pending).to.equal(0);
    expect(means.notices).to.have.length(told.length);
  });

  it('begins anew with one that was well before, and not with one that has come out well', async () => {
    const means = fakeMeans();
    using beacon = retry.start(usual, means, 'retry');
    beacon.aim!(targetsOf({ unsettled: ['a', 'b'] }));
    await means.clock.advance(70_000);
    expect(means.notices).to.have.length(3);
    beacon.aim!(targetsOf({ unsettled: ['a'] }));
    await means.clock.advance(10_000);
    expect(means.notices).to.have.length(3);
    beacon.aim!(targetsOf({ unsettled: ['a', 'c'] }));
    await means.clock.advance(10_000);
    expect(means.notices).to.have.length(4);
    expect(beacon.tell()).to.match(/^2 states again/);
  });

  for (const settings of [
    { first: '0', longest: '15m' },
    { first: 'soon', longest: '15m' },
    { first: '1m', longest: '10s' },
  ])
    it(`is off with ${JSON.stringify(settings)}, and says so`, async () => {
      const means = fakeMeans();
      using beacon = retry.start(settings, means, 'retry');
      beacon.aim?.(targetsOf({ unsettled: ['a'] }));
      await means.clock.advance(3_600_000);
      expect(means.notices).to.deep.equal([]);
      expect(means.warnings.join()).to.include(settings.first);
    });
});
