/** Which records count: what is added at once, what is gone when it is sure, and nothing goes by mishap. */
import { expect } from 'chai';
import {
  type Answer,
  type Caution,
  type Known,
  membersOf,
  observe,
  standing,
} from '../../engine/core/discovery.ts';

const caution: Caution = { answers: 3, resolvers: 2, seconds: 10, least: 1 };

/** Answers in seconds: `a 5 x y` is resolver a at 5 s with two records; `a 5 !why` says nothing; `a 5` is empty. */
function answer(line: string): Answer {
  const [resolver, second, ...records] = line.split(' ') as [string, string, ...string[]];
  const at = Number(second) * 1000;
  const why = records[0]?.startsWith('!') ? records[0].slice(1) : undefined;
  return why === undefined ? { resolver, at, records } : { resolver, at, why };
}

function after(lines: readonly string[], { asked = 2, ...more }: Partial<Caution> & { asked?: number } = {}) {
  return lines.reduce<readonly Known[]>(
    (known, line) => observe(known, answer(line), { ...caution, ...more }, asked),
    [],
  );
}

function names(known: readonly Known[]): string {
  return known.map(({ record }) => record).join(' ');
}

describe('discovery', () => {
  const cases: readonly (readonly [
    what: string,
    lines: readonly string[],
    counts: string,
    caution?: Partial<Caution> & { asked?: number },
  ])[] = [
    ['what one resolver adds counts at once', ['a 0 x', 'b 1 x y'], 'x y'],
    [
      'what two no longer have goes, when it was asked for often and long enough',
      ['a 0 x y', 'a 5 x', 'b 6 x', 'a 15 x'],
      'x',
    ],
    ['not before that many answers', ['a 0 x y', 'a 5 x', 'b 16 x'], 'x y'],
    ['not before that time', ['a 0 x y', 'a 5 x', 'b 6 x', 'a 7 x', 'b 14 x'], 'x y'],
    ['not by the word of one of two', ['a 0 x y', 'a 5 x', 'a 10 x', 'a 15 x', 'a 99 x'], 'x y'],
    ['by the word of the only one', ['a 0 x y', 'a 5 x', 'a 10 x', 'a 15 x'], 'x', { asked: 1 }],
    [
      'not while another still has it',
      ['a 0 x y', 'a 5 x', 'b 6 x', 'b 8 x y', 'a 15 x', 'b 16 x y', 'a 99 x'],
      'x y',
    ],
    [
      'counted from the last time it was seen',
      ['a 0 x y', 'a 5 x', 'b 8 x y', 'a 15 x', 'b 16 x', 'a 17 x'],
      'x y',
    ],
    [
      'never by failures',
      ['a 0 x y', 'a 5 !SERVFAIL', 'b 6 !timeout', 'a 20 !REFUSED', 'b 40 !truncated'],
      'x y',
    ],
    [
      'failures between two answers change nothing',
      ['a 0 x y', 'a 5 x', 'b 6 !SERVFAIL', 'b 7 x', 'a 15 x'],
      'x',
    ],
    ['never the last one', ['a 0 x', 'a 5', 'b 6', 'a 15', 'b 99', 'a 999'], 'x'],
    [
      'never below the least, those that are missing longest first',
      ['a 0 x y z', 'a 1 x z', 'a 5 x', 'b 6 x', 'a 15 x', 'b 30 x'],
      'x z',
      { least: 2 },
    ],
    ['one that comes back at once', ['a 0 x y', 'a 5 x', 'b 6 x', 'a 15 x', 'a 20 x y'], 'x y'],
    ['an exchange adds the new one first', ['a 0 x', 'a 5 y', 'b 6 y'], 'x y'],
    ['an exchange drops the old one in the end', ['a 0 x', 'a 5 y', 'b 6 y', 'a 15 y'], 'y'],
    ['the same record twice is one', ['a 0 x x'], 'x'],
  ];
  for (const [what, lines, counts, more] of cases) {
    it(what, () => {
      expect(names(after(lines, more))).to.equal(counts);
    });
  }

  it('never drops below the least whatever is answered, and keeps all that two resolvers have (seeded)', () => {
    let seed = 20261123;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 300; round++) {
      const least = 1 + random(3);
      let known: readonly Known[] = [];
      let most = 0;
      for (let step = 0; step < 40; step++) {
        const truthful = random(2) === 0;
        const lie = Array.from({ length: random(5) }, () => `r${random(6)}`);
        const line = truthful
          ? `a ${step} always r0 r1 r2`
          : random(4) === 0
            ? `b ${step} !SERVFAIL`
            : `b ${step} ${lie.join(' ')}`.trim();
        known = observe(known, answer(line), { ...caution, least }, 2);
        most = Math.max(most, known.length);
        if (most >= least) expect(known.length, `round ${round} step ${step}`).to.be.at.least(least);
      }
      // One resolver lies all the time, the other tells the truth: what that says is never lost.
      expect(names(known)).to.include('always');
    }
  });

  it('says why a record counts', () => {
    const known = after(['a 0 x y', 'a 5 x', 'b 12 x']);
    const told = known.map((one) => standing(one, caution, 2, 20_000));
    expect(told).to.deep.equal([
      'seen 8 s ago',
      'missing in 2 answers of 2 resolvers over 7 s; kept until it is 3 answers of 2 resolvers over 10 s',
    ]);
    const [last] = after(['a 0 x', 'a 5', 'b 6', 'a 15']);
    expect(standing(last!, caution, 2, 20_000)).to.include('kept, because at least 1 stay in any case');
  });

  it('makes members of records', () => {
    const addresses = new Map<string, Known[]>([
      ['app1.example.org', after(['a 0 2001:db8::1 192.0.2.2 192.0.2.1'], { asked: 1 }).slice()],
      ['internal.app1.example.org', after(['a 0 10.0.0.1']).slice()],
    ]);
    const services = after(['a 0 20_5_443_app2.example.org. 10_5_443_app1.example.org 0_0_0_.']).map(
      (one) => ({
        ...one,
        record: one.record.replaceAll('_', ' '),
      }),
    );
    expect(membersOf(services, (name) => addresses.get(name) ?? [])).to.deep.equal([
      {
        target: 'app1.example.org',
        port: 443,
        priority: 10,
        weight: 5,
        addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
        internal: ['10.0.0.1'],
      },
      { target: 'app2.example.org', port: 443, priority: 20, weight: 5, addresses: [], internal: [] },
    ]);
  });

  it('takes the newest priority of a host whose old one is not gone yet', () => {
    const known = after(['a 0 10_5_443_a', 'a 5 20_5_443_a']).map((one) => ({
      ...one,
      record: one.record.replaceAll('_', ' '),
    }));
    expect(known).to.have.lengthOf(2);
    expect(membersOf(known, () => []).map(({ priority }) => priority)).to.deep.equal([20]);
  });

  it('takes in a thousand members in no time that matters', () => {
    const records = Array.from({ length: 1000 }, (_, n) => `10 5 443 app${n}.example.org`);
    let known: readonly Known[] = [];
    for (let at = 0; at < 50; at++) known = observe(known, { resolver: 'a', at, records }, caution, 2);
    expect(known).to.have.lengthOf(1000);
    expect(membersOf(known, () => [])).to.have.lengthOf(1000);
  });
});
