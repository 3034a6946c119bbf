/** What is repeated has to wait longer and longer, and calm is rewarded. */
import { expect } from 'chai';
import { Patience } from '../../engine/watch/patience.ts';

const temper = { free: 2, first: 1, longest: 8, calm: 60, fight: 4 };
const tag = 'files//etc/motd';

describe('patience', () => {
  it('repeats at once a few times, then after longer and longer pauses', () => {
    const patience = new Patience(temper);
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 8; i++) {
      now = Math.max(now, patience.readyAt(tag));
      patience.repeated(tag, now);
      waits.push((patience.readyAt(tag) - now) / 1000);
    }
    expect(waits).to.deep.equal([0, 0, 1, 2, 4, 8, 8, 8]);
  });

  it('tells once that it has become a fight, and lists it', () => {
    const patience = new Patience(temper);
    const told = [1, 2, 3, 4, 5].map((second) => patience.repeated(tag, second * 1000));
    expect(told).to.deep.equal([false, false, false, true, false]);
    expect(patience.fights(5000)).to.deep.equal([{ tag, times: 5, since: 1000, until: 9000 }]);
  });

  it('forgets what has been calm for long enough, counted from when it could have been repeated', () => {
    const patience = new Patience(temper);
    for (let i = 0; i < 5; i++) patience.repeated(tag, 0);
    expect(patience.readyAt(tag)).to.equal(4000);
    expect(patience.fights(4000 + 60_000)).to.have.length(1);
    expect(patience.fights(4000 + 60_001)).to.have.length(0);
    expect(patience.readyAt(tag)).to.equal(0);
  });

  it('keeps things apart, and does not grow with those that are over', () => {
    const patience = new Patience(temper);
    for (let i = 0; i < 5; i++) patience.repeated(tag, 0);
    expect(patience.readyAt('files//etc/hosts')).to.equal(0);
    for (let i = 0; i < 10_000; i++) patience.repeated(`files//tmp/${i}`, i * 60_000);
    expect(patience.fights(10_000 * 60_000)).to.have.length(0);
  });
});
