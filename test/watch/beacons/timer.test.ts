import { expect } from 'chai';
import type { Beacon } from '../../../engine/watch/beacon.ts';
import timer from '../../../engine/watch/beacons/timer.ts';
import { createChance } from '../../helpers/chance.ts';
import { type FakeMeans, fakeClock, fakeMeans } from '../../helpers/watch-means.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

interface Setting {
  readonly every?: string | number;
  readonly cron?: string;
  readonly timezone?: string;
  readonly splay?: string | number;
  readonly at_start?: boolean;
}

interface Started {
  readonly beacon: Beacon;
  readonly means: FakeMeans;
  /** When it was told, by the clock of the day. */
  readonly struck: number[];
}

function started(setting: Setting, start: string | number = '2026-01-01T00:00:00Z', id = 'node1'): Started {
  const struck: number[] = [];
  const clock = fakeClock(typeof start === 'number' ? start : Date.parse(start));
  const means: FakeMeans = {
    ...fakeMeans({ id, clock }),
    notify(name) {
      expect(name).to.equal('heal');
      struck.push(clock.now());
    },
  };
  const beacon = timer.start({ at_start: false, ...setting }, means, 'heal');
  return { beacon, means, struck };
}

function gaps(struck: readonly number[]): number[] {
  return struck.slice(1).map((at, index) => at - struck[index]!);
}

function iso(struck: readonly number[]): string[] {
  return struck.map((at) => new Date(at).toISOString().slice(0, 16));
}

describe('beacon timer', () => {
  describe('every', () => {
    for (const [every, count, period] of [
      ['15m', 96, 15 * minute],
      [7, 12_342, 7000],
      ['1h', 24, hour],
      ['5h', 4, 5 * hour],
    ] as const) {
      it(`${every}: comes so often in 24 hours, at even distances`, async () => {
        const { means, struck } = started({ every });
        await means.clock.advance(day);
        expect(struck.length).to.be.within(count, count + 1);
        expect(new Set(gaps(struck))).to.deep.equal(new Set([period]));
      }).timeout(10_000);
    }

    it('does not depend on when the watch was started', async () => {
      const first = started({ every: '15m' }, '2026-01-01T00:00:00Z');
      const second = started({ every: '15m' }, '2026-01-01T05:13:12Z');
      await first.means.clock.advance(6 * hour);
      await second.means.clock.advance(hour);
      expect(first.struck).to.include(second.struck[0]!);
    });

    it('comes at different times on different nodes, spread over all of it', async () => {
      const phases: number[] = [];
      for (let index = 0; index < 100; index++) {
        const { means, struck } = started({ every: '15m' }, undefined, `node${index}`);
        await means.clock.advance(15 * minute);
        phases.push(struck[0]!);
      }
      const start = Date.parse('2026-01-01T00:00:00Z');
      for (let third = 0; third < 3; third++) {
        const from = start + third * 5 * minute;
        expect(phases.filter((at) => at > from && at <= from + 5 * minute).length).to.be.above(20);
      }
    });

    it('with a splay, is spread over that only', async () => {
      for (let index = 0; index < 20; index++) {
        const { means, struck } = started(
          { every: '1h', splay: '1m' },
          '2026-01-01T00:30:00Z',
          `node${index}`,
        );
        await means.clock.advance(hour);
        expect(struck).to.have.length(1);
        expect(struck[0]! % hour).to.be.below(minute);
      }
      const { means, struck } = started({ every: '1h', splay: 0 });
      await means.clock.advance(2 * hour);
      expect(iso(struck)).to.deep.equal(['2026-01-01T01:00', '2026-01-01T02:00']);
    });

    it('comes once after the machine slept, and goes on as before', async () => {
      const { means, struck } = started({ every: '15m', splay: 0 });
      await means.clock.advance(20 * minute);
      means.clock.set(means.clock.now() + 10 * hour);
      await means.clock.advance(10 * minute);
      expect(struck).to.have.length(2);
      await means.clock.advance(2 * hour);
      expect(struck).to.have.length(10);
      expect(Math.min(...gaps(struck))).to.be.at.least(7.5 * minute);
    });

    it('is noticed soon after a sleep, however long it is', async () => {
      const { means, struck } = started({ every: '20d' });
      means.clock.set(means.clock.now() + 20 * day);
      await means.clock.advance(10 * minute);
      expect(struck).to.have.length(1);
    });

    it('is late at most when the clock is set back, and never doubled', async () => {
      for (const back of [minute, hour, 100 * day]) {
        const { means, struck } = started({ every: '15m', splay: 0 });
        await means.clock.advance(20 * minute);
        means.clock.set(means.clock.now() - back);
        await means.clock.advance(10 * minute);
        expect(struck).to.have.length(2);
        await means.clock.advance(24 * hour);
        expect(struck.length).to.be.within(97, 99);
      }
    });

    it('comes once where a long run kept everything waiting', async () => {
      const clock = fakeClock();
      let blocked = 3 * hour;
      const after: typeof clock.after = (wait, work) => {
        const late = wait + blocked;
        blocked = 0;
        return clock.after(late, work);
      };
      const means = fakeMeans({ clock: { ...clock, after } });
      timer.start({ every: '15m', splay: 0, at_start: false }, means, 'heal');
      await clock.advance(3 * hour + 16 * minute);
      expect(means.notices).to.have.length(1);
      await clock.advance(hour);
      expect(means.notices).to.have.length(5);
    });
  });

  describe('cron', () => {
    it('comes when it says, for 48 hours', async () => {
      const { means, struck } = started({ cron: '*/20 3-4 * * *', timezone: 'UTC' });
      await means.clock.advance(2 * day);
      const times = ['03:00', '03:20', '03:40', '04:00', '04:20', '04:40'];
      expect(iso(struck)).to.deep.equal(
        ['01', '02'].flatMap((date) => times.map((time) => `2026-01-${date}T${time}`)),
      );
    });

    it('knows names and weekdays, either of which will do', async () => {
      const { means, struck } = started({ cron: '0 12 1 * mon', timezone: 'UTC' });
      await means.clock.advance(14 * day);
      expect(iso(struck)).to.deep.equal(['2026-01-01T12:00', '2026-01-05T12:00', '2026-01-12T12:00']);
    });

    it('in spring comes when the hour that is left out would have ended', async () => {
      const { means, struck } = started(
        { cron: '30 2 * * *', timezone: 'Europe/Vienna' },
        '2026-03-28T12:00:00Z',
      );
      await means.clock.advance(2 * day);
      expect(iso(struck)).to.deep.equal(['2026-03-29T01:00', '2026-03-30T00:30']);
    });

    it('in autumn comes once in the hour that comes twice', async () => {
      const { means, struck } = started(
        { cron: '30 2 * * *', timezone: 'Europe/Vienna' },
        '2026-10-24T12:00:00Z',
      );
      await means.clock.advance(2 * day);
      expect(iso(struck)).to.deep.equal(['2026-10-25T00:30', '2026-10-26T01:30']);
    });

    it('comes every quarter of an hour, whatever is done to the hours', async () => {
      for (const start of ['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z']) {
        const { means, struck } = started({ cron: '*/15 * * * *', timezone: 'Europe/Vienna' }, start);
        await means.clock.advance(2 * day);
        expect(struck).to.have.length(192);
        expect(new Set(gaps(struck))).to.deep.equal(new Set([15 * minute]));
      }
    });

    it('comes once after the machine slept through many', async () => {
      const { means, struck } = started({ cron: '*/15 * * * *', timezone: 'UTC' });
      await means.clock.advance(16 * minute);
      means.clock.set(Date.parse('2026-01-01T09:10:00Z'));
      await means.clock.advance(14 * minute);
      expect(iso(struck)).to.deep.equal(['2026-01-01T00:15', '2026-01-01T09:19']);
      await means.clock.advance(20 * minute);
      expect(iso(struck).slice(2)).to.deep.equal(['2026-01-01T09:30']);
    });

    it('does not come twice where the clock is set back a little', async () => {
      const { means, struck } = started({ cron: '0 3 * * *', timezone: 'UTC' });
      await means.clock.advance(3 * hour + minute);
      means.clock.set(Date.parse('2026-01-01T02:50:00Z'));
      await means.clock.advance(48 * hour);
      expect(iso(struck)).to.deep.equal(['2026-01-01T03:00', '2026-01-02T03:00']);
    });

    it('is not silent for long where the clock is set back by much', async () => {
      const often = started({ cron: '*/15 * * * *', timezone: 'UTC' }, '2026-01-01T12:01:00Z');
      await often.means.clock.advance(15 * minute);
      often.means.clock.set(Date.parse('2026-01-01T10:01:00Z'));
      await often.means.clock.advance(30 * minute);
      expect(iso(often.struck)).to.deep.equal(['2026-01-01T12:15', '2026-01-01T10:15', '2026-01-01T10:30']);
      const daily = started({ cron: '0 3 * * *', timezone: 'UTC' }, '2031-01-01T02:00:00Z');
      await daily.means.clock.advance(2 * hour);
      daily.means.clock.set(Date.parse('2026-01-01T04:00:00Z'));
      await daily.means.clock.advance(day);
      expect(iso(daily.struck)).to.deep.equal(['2031-01-01T03:00', '2026-01-02T03:00']);
    });

    it('comes at once where the clock is set over it', async () => {
      const { means, struck } = started({ cron: '0 3 * * *', timezone: 'UTC' });
      await means.clock.advance(minute);
      means.clock.set(Date.parse('2026-01-01T03:30:00Z'));
      await means.clock.advance(10 * minute);
      expect(struck).to.have.length(1);
      await means.clock.advance(day);
      expect(struck).to.have.length(2);
    });

    it('is spread over its splay, for each node the same each time', async () => {
      const shares = new Set<number>();
      for (let index = 0; index < 20; index++) {
        const { means, struck } = started(
          { cron: '0 * * * *', timezone: 'UTC', splay: '10m' },
          undefined,
          `node${index}`,
        );
        await means.clock.advance(6 * hour);
        // The one of midnight is under way.
        expect(struck.length).to.be.within(6, 7);
        const own = new Set(struck.map((at) => at % hour));
        expect([...own]).to.have.length(1);
        expect([...own][0]).to.be.below(10 * minute);
        shares.add([...own][0]!);
      }
      expect(shares.size).to.be.above(15);
    });

    it('that never comes costs nothing', async () => {
      const { means, beacon } = started({ cron: '0 0 31 2 *', timezone: 'UTC' });
      expect(means.clock.pending).to.equal(0);
      expect(beacon.tell()).to.equal('at "0 0 31 2 *", never again');
    });
  });

  it('comes at the start where that is wanted, once', async () => {
    const { means, struck } = started({ every: '1h', at_start: true });
    expect(struck).to.have.length(0);
    await means.clock.advance(0);
    expect(struck).to.have.length(1);
    await means.clock.advance(day);
    expect(struck.length).to.be.within(24, 25);
    const cron = started({ cron: '0 3 * * *', timezone: 'UTC', at_start: true });
    await cron.means.clock.advance(day);
    expect(iso(cron.struck)).to.deep.equal(['2026-01-01T00:00', '2026-01-01T03:00']);
  });

  it('says what it waits for', async () => {
    const { means, beacon } = started({ every: '1h', splay: 0 });
    await means.clock.advance(20 * minute);
    expect(beacon.tell()).to.equal('every 1h, next in 40m');
    const cron = started({ cron: '30 4 * * *', timezone: 'UTC' });
    expect(cron.beacon.tell()).to.equal('at "30 4 * * *", next in 4h 30m');
  });

  for (const [setting, said] of [
    [{}, 'needs one of'],
    [{ every: '1h', cron: '* * * * *' }, 'needs one of'],
    [{ every: '0.5s' }, '"0.5s" is no span of a second or more'],
    [{ every: 'soon' }, '"soon" is no span'],
    [{ every: 0 }, '"0" is no span'],
    [{ cron: '60 * * * *' }, '"60 * * * *" is no time of crontab(5)'],
    [{ cron: '@reboot' }, '"@reboot" is no time'],
    [{ cron: '* * * * * *' }, 'is no time of crontab(5)'],
    [{ cron: '@daily', timezone: 'Mars/Olympus' }, '"Mars/Olympus" is no time zone'],
    [{ every: '1h', splay: 'wide' }, '"wide" is no span of time, in `splay`'],
  ] as const) {
    it(`is off with ${JSON.stringify(setting)}, and says why`, () => {
      const { means, beacon } = started(setting);
      expect(means.warnings.join()).to.include(said);
      expect(means.warnings).to.have.length(1);
      expect(means.clock.pending).to.equal(0);
      expect(beacon.tell()).to.match(/^off: /);
      beacon[Symbol.dispose]();
    });
  }

  it('stops in any state, also while it tells', async () => {
    const { means, beacon, struck } = started({ every: '15m' });
    await means.clock.advance(hour);
    const count = struck.length;
    beacon[Symbol.dispose]();
    beacon[Symbol.dispose]();
    expect(means.clock.pending).to.equal(0);
    await means.clock.advance(day);
    expect(struck).to.have.length(count);

    const own = fakeMeans();
    const ending: Beacon = timer.start(
      { every: '15m', at_start: true },
      { ...own, notify: () => ending[Symbol.dispose]() },
      'heal',
    );
    await own.clock.advance(day);
    expect(own.clock.rung).to.equal(1);
  });

  it('wakes seldom', async () => {
    const { means } = started({ cron: '30 4 * * *', timezone: 'UTC' });
    await means.clock.advance(day);
    expect(means.clock.rung).to.be.below(150);
  });

  describe('with a clock that is set again and again', () => {
    /** Times of striking, by a clock that nobody sets. */
    async function jumping(setting: Setting, seed: number, days: number, most: number) {
      const chance = createChance(seed);
      const { means, struck, beacon } = started(setting, '2026-01-01T12:00:00Z', `node${seed}`);
      const { clock } = means;
      const real: number[] = [];
      const jumps: number[] = [];
      let passed = 0;
      while (passed < days * day) {
        const spell = chance.below(5 * hour);
        const before = struck.length;
        const began = clock.now();
        await clock.advance(spell);
        real.push(...struck.slice(before).map((at) => at - began + passed));
        passed += spell;
        const jump = chance.below(2 * most) - most;
        clock.set(clock.now() + jump);
        jumps.push(jump);
      }
      expect(clock.pending).to.equal(1);
      beacon[Symbol.dispose]();
      return { real, struck, jumps, passed };
    }

    it('every: never long silent, never doubled but for what seems to be slept through', async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const { real, jumps, passed } = await jumping({ every: '15m' }, seed, 2, 2 * hour);
        expect(Math.max(...gaps(real))).to.be.at.most(22.5 * minute);
        const ahead = jumps.filter((jump) => jump > 0).length;
        const close = gaps(real).filter((gap) => gap < 7.5 * minute - 1).length;
        expect(close).to.be.at.most(ahead);
        expect(real.length).to.be.at.least(passed / (22.5 * minute) - 1);
      }
    });

    it('cron: once on each day, as long as it is set by hours', async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const { struck } = await jumping({ cron: '0 3 * * *', timezone: 'UTC' }, seed, 20, 2 * hour);
        const dates = struck.map((at) => new Date(at).toISOString().slice(0, 10));
        expect(new Set(dates).size, `seed ${seed}`).to.equal(dates.length);
        const first = Date.parse(dates[0]!);
        expect(dates).to.deep.equal(
          dates.map((_, index) => new Date(first + index * day).toISOString().slice(0, 10)),
        );
        expect(dates.length).to.be.at.least(15);
      }
    });
  });
});
