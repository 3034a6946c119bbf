/** The loop, method by method and phase by phase, and a day of it. */
import { expect } from 'chai';
import { type Notice, type Reacted, type Reaction, tagOf } from '../../engine/core/watch.ts';
import type { Rule } from '../../engine/watch/reactor.ts';
import { type Phase, type Times, Watch } from '../../engine/watch/watch.ts';
import { type FakeClock, fakeClock } from '../helpers/watch-means.ts';

const nothing: Reacted = { moved: [], changed: 0, failed: 0 };
const file = (name: string): Notice => ({ beacon: 'files', name });
const heal: Notice = { beacon: 'timer', name: 'heal' };

/** A watch whose runs are over when the test says so. */
class Rig {
  readonly clock: FakeClock = fakeClock();
  readonly reactions: Reaction[] = [];
  readonly times: Times[] = [];
  readonly fights: string[] = [];
  readonly phases: Phase[] = [];
  pausedUntil: number | undefined;
  #over: ((reacted: Reacted) => void) | undefined;
  readonly watch: Watch;

  constructor(rules: { [beacon: string]: Partial<Rule> } = {}, react?: (reaction: Reaction) => Reacted) {
    const kept = new Map<string, Rule>();
    this.watch = new Watch({
      clock: this.clock,
      ruleOf: ({ beacon }) => {
        const rule = kept.get(beacon) ?? {
          reaction: beacon === 'timer' ? 'highstate' : 'affected',
          debounce: 0,
          ...rules[beacon],
        };
        kept.set(beacon, rule);
        return rule;
      },
      react: (reaction) => {
        this.reactions.push(reaction);
        if (react) return Promise.resolve(react(reaction));
        return new Promise((resolve) => {
          this.#over = resolve;
        });
      },
      pausedUntil: () => this.pausedUntil,
      onStep: () => void this.phases.push(this.watch?.phase),
      onReacted: (_, __, times) => void this.times.push(times),
      onFight: ({ tag, times }) => void this.fights.push(`${tag} ${times}`),
    });
  }

  /** The run comes to an end. */
  async over(reacted: Reacted = nothing): Promise<void> {
    this.#over?.(reacted);
    await this.clock.advance(0);
  }

  tags(): string[][] {
    return this.reactions.map(({ notices }) => notices.map(tagOf));
  }
}

describe('watch', () => {
  describe('notice', () => {
    it('idle: is reacted to, behind everything that has come in one go', async () => {
      const rig = new Rig();
      expect(rig.watch.phase).to.equal('idle');
      rig.watch.notice(file('/a'));
      rig.watch.notice(file('/b'));
      rig.watch.notice(file('/a'));
      expect(rig.watch.phase).to.equal('waiting');
      expect(rig.reactions).to.have.length(0);
      await rig.clock.advance(0);
      expect(rig.watch.phase).to.equal('running');
      expect(rig.tags()).to.deep.equal([['files//a', 'files//b']]);
    });

    it('running: is kept for the next reaction, even if it is the same', async () => {
      const rig = new Rig();
      rig.watch.notice(file('/a'));
      await rig.clock.advance(0);
      rig.watch.notice(file('/a'));
      rig.watch.notice(file('/a'));
      expect(rig.watch.queue()).to.have.length(1);
      await rig.over();
      expect(rig.tags()).to.deep.equal([['files//a'], ['files//a']]);
      await rig.over();
      expect(rig.watch.phase).to.equal('idle');
      expect(rig.clock.pending).to.equal(0);
    });

    it('waiting: quiet is waited for, but not for ever', async () => {
      const rig = new Rig({ files: { debounce: 1 } });
      for (let i = 0; i < 20; i++) {
        rig.watch.notice(file('/a'));
        await rig.clock.advance(900);
      }
      // Ten times the debounce from the first notice.
      expect(rig.reactions).to.have.length(1);
    });

    it('waiting: what is due is not kept waiting by what is not', async () => {
      const rig = new Rig({ files: { debounce: 10 } });
      rig.watch.notice(file('/a'));
      rig.watch.notice(heal);
      await rig.clock.advance(0);
      expect(rig.tags()).to.deep.equal([['timer/heal']]);
      await rig.over();
      expect(rig.watch.phase).to.equal('waiting');
      await rig.clock.advance(10_000);
      expect(rig.tags()).to.deep.equal([['timer/heal'], ['files//a']]);
    });

    it('paused: is kept, and reacted to once when the pause is over', async () => {
      const rig = new Rig();
      rig.pausedUntil = rig.clock.now() + 3_600_000;
      rig.watch.notice(file('/a'));
      await rig.clock.advance(0);
      expect(rig.watch.phase).to.equal('paused');
      for (let i = 0; i < 100; i++) {
        rig.watch.notice(file('/a'));
        await rig.clock.advance(30_000);
      }
      expect(rig.reactions).to.have.length(0);
      await rig.clock.advance(3_600_000);
      expect(rig.tags()).to.deep.equal([['files//a']]);
    });

    it('paused: a pause that is ended early is noticed soon', async () => {
      const rig = new Rig();
      rig.pausedUntil = rig.clock.now() + 3_600_000;
      rig.watch.notice(file('/a'));
      await rig.clock.advance(10_000);
      rig.pausedUntil = undefined;
      await rig.clock.advance(2000);
      expect(rig.reactions).to.have.length(1);
    });

    it('paused: at once where it is woken', async () => {
      const rig = new Rig();
      rig.pausedUntil = rig.clock.now() + 3_600_000;
      rig.watch.notice(file('/a'));
      await rig.clock.advance(10);
      rig.watch.wake();
      await rig.clock.advance(10);
      expect(rig.watch.phase).to.equal('paused');
      rig.pausedUntil = undefined;
      rig.watch.wake();
      await rig.clock.advance(0);
      expect(rig.reactions).to.have.length(1);
    });

    it('stopped: is nobody’s business any more', async () => {
      const rig = new Rig();
      await rig.watch.stop();
      rig.watch.notice(file('/a'));
      await rig.clock.advance(10_000);
      expect(rig.reactions).to.have.length(0);
      expect(rig.clock.pending).to.equal(0);
    });

    it('is passed over where a rule says so', async () => {
      const rig = new Rig({ files: { reaction: 'ignore' } });
      rig.watch.notice(file('/a'));
      expect(rig.watch.phase).to.equal('idle');
      expect(rig.watch.queue()).to.have.length(0);
    });
  });

  describe('the reaction', () => {
    it('is one for all that is due: a highstate, SLS by name, states that are affected', async () => {
      const rig = new Rig({
        health: { reaction: { apply: ['web', 'db'] } },
        srv: { reaction: { apply: ['web'] } },
      });
      rig.watch.notice(heal);
      rig.watch.notice({ beacon: 'health', name: 'web' });
      rig.watch.notice({ beacon: 'srv', name: '_app._tcp' });
      rig.watch.notice(file('/a'));
      await rig.clock.advance(0);
      const [{ highstate, apply, affected }] = rig.reactions as [Reaction];
      expect({ highstate, apply, affected }).to.deep.equal({
        highstate: true,
        apply: ['web', 'db'],
        affected: [file('/a')],
      });
    });

    it('tells when it was noticed, begun and over', async () => {
      const rig = new Rig({ files: { debounce: 2 } });
      const began = rig.clock.now();
      rig.watch.notice(file('/a'));
      await rig.clock.advance(2000);
      await rig.clock.advance(500);
      await rig.over();
      expect(rig.times).to.deep.equal([{ noticed: began, began: began + 2000, ended: began + 2500 }]);
    });
  });

  describe('limits', () => {
    it('are kept, and nothing is lost by them', async () => {
      const rig = new Rig({ files: { limit: { times: 2, seconds: 60 } } }, () => nothing);
      for (const name of ['/a', '/b', '/c', '/d']) {
        rig.watch.notice(file(name));
        await rig.clock.advance(1000);
      }
      expect(rig.tags()).to.deep.equal([['files//a'], ['files//b']]);
      await rig.clock.advance(60_000);
      expect(rig.tags().flat().sort()).to.deep.equal(['files//a', 'files//b', 'files//c', 'files//d']);
    });
  });

  describe('a fight', () => {
    it('is given way to, reported once, and does not keep others waiting', async () => {
      const rig = new Rig({}, ({ notices }) => ({
        moved: notices.filter(({ name }) => name === '/fought'),
        changed: 1,
        failed: 0,
      }));
      const end = rig.clock.now() + 600_000;
      // Somebody changes it a hundred times a minute, for ten minutes.
      while (rig.clock.now() < end) {
        rig.watch.notice(file('/fought'));
        await rig.clock.advance(600);
      }
      const repairs = rig.tags().length;
      expect(repairs).to.be.lessThan(20);
      expect(rig.fights).to.deep.equal(['files//fought 10']);
      expect(rig.watch.fights().map(({ tag }) => tag)).to.deep.equal(['files//fought']);
      rig.watch.notice(file('/other'));
      await rig.clock.advance(0);
      expect(rig.tags().at(-1)).to.deep.equal(['files//other']);
    });

    it('also holds back what came while the run before it ran', async () => {
      const rig = new Rig();
      rig.watch.notice(file('/fought'));
      await rig.clock.advance(0);
      for (let i = 0; i < 8; i++) {
        rig.watch.notice(file('/fought'));
        await rig.over({ moved: [file('/fought')], changed: 1, failed: 0 });
      }
      expect(rig.reactions.length).to.be.lessThan(8);
      expect(rig.watch.phase).to.equal('waiting');
    });
  });

  describe('stop', () => {
    it('running: waits for the run, and begins nothing else', async () => {
      const rig = new Rig();
      rig.watch.notice(file('/a'));
      await rig.clock.advance(0);
      rig.watch.notice(file('/b'));
      let stopped = false;
      const stopping = rig.watch.stop().then(() => {
        stopped = true;
      });
      await rig.clock.advance(10_000);
      expect(stopped).to.equal(false);
      await rig.over();
      await stopping;
      expect(rig.reactions).to.have.length(1);
    });

    it('waiting, paused: at once', async () => {
      const rig = new Rig({ files: { debounce: 60 } });
      rig.watch.notice(file('/a'));
      await rig.watch.stop();
      expect(rig.clock.pending).to.equal(0);
    });
  });

  describe('idle', () => {
    it('resolves when nothing runs and nothing is due soon', async () => {
      const rig = new Rig({ srv: { debounce: 60 } });
      let idle = false;
      rig.watch.notice(file('/a'));
      rig.watch.notice({ beacon: 'srv', name: 'x' });
      const waiting = rig.watch.idle(1000).then(() => {
        idle = true;
      });
      await rig.clock.advance(0);
      expect(idle).to.equal(false);
      await rig.over();
      await waiting;
      expect(rig.watch.queue()).to.have.length(1);
    });
  });

  it('a day of timers, flaps and edits: none missed, none done twice, nothing piles up', async function () {
    this.timeout(60_000);
    const reacted = new Map<string, number>();
    let most = 0;
    const rig = new Rig({ health: { reaction: 'highstate', debounce: 1 } }, ({ notices }) => {
      for (const notice of notices) reacted.set(tagOf(notice), (reacted.get(tagOf(notice)) ?? 0) + 1);
      return { moved: notices.filter(({ beacon }) => beacon === 'files'), changed: 1, failed: 0 };
    });
    const noticed = new Map<string, number>();
    function notice(one: Notice): void {
      noticed.set(tagOf(one), (noticed.get(tagOf(one)) ?? 0) + 1);
      rig.watch.notice(one);
      most = Math.max(most, rig.watch.queue().length);
    }
    const minutes = 24 * 60;
    for (let minute = 0; minute < minutes; minute++) {
      if (minute % 15 === 0) notice(heal);
      // An edit of another file each minute, one that is fought over, and a check that flaps.
      notice(file(`/edited/${minute}`));
      if (minute % 2 === 0) notice(file('/fought'));
      if (minute % 7 === 0) for (let i = 0; i < 5; i++) notice({ beacon: 'health', name: 'web' });
      await rig.clock.advance(60_000);
    }
    for (let minute = 0; minute < minutes; minute++)
      expect(reacted.get(`files//edited/${minute}`), `minute ${minute}`).to.equal(1);
    expect(reacted.get('timer/heal')).to.equal(noticed.get('timer/heal'));
    // Five notices in a row are one flap.
    expect(reacted.get('health/web')).to.equal(Math.ceil(minutes / 7));
    expect(reacted.get('files//fought')).to.be.lessThan(noticed.get('files//fought')!);
    expect(most).to.be.lessThan(10);
    await rig.clock.advance(3_600_000);
    expect(rig.watch.queue()).to.deep.equal([]);
    expect(rig.clock.pending).to.equal(0);
  });
});
