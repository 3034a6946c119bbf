/** Asking probes: all have to succeed in one round, within the time there is. */
import { expect } from 'chai';
import { ask } from '../../engine/cli/probing.ts';
import type { Confirmation } from '../../engine/core/confirm.ts';
import type { Target } from '../../engine/core/host.ts';

const confirmation = (ports: readonly number[], more: Partial<Confirmation> = {}): Confirmation => ({
  probes: ports.map((port) => ({ target: { kind: 'tcp', host: 'a', port }, timeout: 5 })),
  interval: 0.01,
  ...more,
});

/** Answers the n-th question about a port by the n-th of its answers, and by the last one from then on. */
function host(answers: { readonly [port: number]: readonly boolean[] }) {
  const asked: [port: number, seconds: number][] = [];
  return {
    asked,
    async reach(target: Target, seconds: number) {
      const { port } = target as Extract<Target, { kind: 'tcp' }>;
      const count = asked.filter(([one]) => one === port).length;
      asked.push([port, seconds]);
      const own = answers[port]!;
      const reached = own[Math.min(count, own.length - 1)]!;
      return { reached, seen: reached ? 'connected' : 'connection refused' };
    },
  };
}

const open = (seconds: number) => ({ deadline: Date.now() + seconds * 1000, isOpen: () => true });

describe('asking probes', () => {
  it('ends when all succeed in the same round', async () => {
    // Each has succeeded in the second round, but never both before the third.
    const machine = host({ 1: [true, false, true], 2: [false, true, true] });
    expect(await ask(confirmation([1, 2]), machine, open(60))).to.deep.equal({
      answer: 'all',
      asked: 'its 2 probes succeed',
    });
    expect(machine.asked).to.have.lengthOf(6);
  });

  it('gives up after the time of the tree, or shortly before the deadline, and names who is silent', async () => {
    const machine = host({ 1: [true], 2: [false] });
    const given = await ask(confirmation([1, 2], { timeout: 0.05 }), machine, open(60));
    expect(given.answer).to.equal('silent');
    expect(given.asked).to.match(/^no answer from all probes within .+ \(tcp a:2: connection refused\)$/);
    const late = await ask(confirmation([2]), machine, open(0.7));
    expect(late.answer).to.equal('silent');
  });

  it('looks once where there is no time left, and no longer than the probe may take', async () => {
    const machine = host({ 1: [true] });
    expect((await ask(confirmation([1]), machine, open(0))).answer).to.equal('all');
    await ask(confirmation([1]), machine, open(60));
    expect(machine.asked[1]).to.deep.equal([1, 5]);
  });

  it('ends when somebody else has decided', async () => {
    let rounds = 0;
    const { answer } = await ask(confirmation([1]), host({ 1: [false] }), {
      deadline: Date.now() + 60_000,
      isOpen: () => ++rounds < 3,
    });
    expect(answer).to.equal('settled');
    expect(rounds).to.equal(3);
  });
});
