import { expect } from 'chai';
import { keepUp } from '../../engine/watch/again.ts';
import { fakeClock } from '../helpers/watch-means.ts';

/** Something that ends so many milliseconds after each start. */
function kept(lasts: () => number | undefined) {
  const clock = fakeClock();
  const starts: number[] = [];
  const warnings: string[] = [];
  const running = new Set<number>();
  const began = clock.now();
  const up = keepUp(
    clock,
    (end) => {
      const number = starts.push(clock.now() - began);
      running.add(number);
      const life = lasts();
      const alarm = life === undefined ? undefined : clock.after(life, () => end('broken'));
      return {
        [Symbol.dispose]() {
          running.delete(number);
          alarm?.[Symbol.dispose]();
        },
      };
    },
    (reason) => void warnings.push(reason),
  );
  return { clock, starts, warnings, up, running };
}

describe('keeping something up', () => {
  it('starts it again at once where it has lasted, and says nothing', async () => {
    const { clock, starts, warnings, up } = kept(() => 60_000);
    await clock.advance(301_000);
    expect(starts).to.deep.equal([0, 60_100, 120_200, 180_300, 240_400, 300_500]);
    expect(warnings).to.deep.equal([]);
    up[Symbol.dispose]();
  });

  it('tries ever more rarely where it does not, and says so once until it has lasted', async () => {
    let life: number | undefined = 0;
    const { clock, starts, warnings, up } = kept(() => life);
    await clock.advance(250);
    expect(warnings).to.deep.equal([]);
    await clock.advance(3_600_000);
    const gaps = starts.slice(1).map((at, i) => at - starts[i]!);
    expect(gaps.slice(0, 5)).to.deep.equal([100, 200, 400, 800, 1600]);
    expect(gaps.at(-1)).to.equal(300_000);
    expect(starts).to.have.length.lessThan(30);
    expect(warnings).to.deep.equal(['broken']);
    expect(up.down).to.equal('broken');

    life = 40_000;
    await clock.advance(300_000);
    life = 0;
    await clock.advance(60_000);
    expect(warnings).to.deep.equal(['broken', 'broken']);
    up[Symbol.dispose]();
  });

  it('stops for good, whether it runs or waits', async () => {
    for (const life of [undefined, 0]) {
      const { clock, starts, up, running } = kept(() => life);
      await clock.advance(50);
      expect(running.size).to.equal(life === undefined ? 1 : 0);
      expect(up.down).to.equal(life === undefined ? undefined : 'broken');
      up[Symbol.dispose]();
      up[Symbol.dispose]();
      expect([running.size, clock.pending], `life ${life}`).to.deep.equal([0, 0]);
      await clock.advance(1_000_000);
      expect(starts).to.have.length(1);
    }
  });
});
