import { expect } from 'chai';
import { buckets, frameAt, roundAbove, roundValues } from '../../api/web/app/cluster/frame.ts';
import { memory, quantile, short, Tally } from '../../api/web/app/cluster/tally.ts';

/** One answer after the other, ten milliseconds apart. */
function fill(
  tally: Tally,
  from: number,
  requests: number,
  nodes: readonly (readonly [app: string, db: string])[],
) {
  const lines: string[] = [];
  for (let index = 0; index < requests; index += 1) {
    const [app, db] = nodes[index % nodes.length]!;
    const answer = { app, db, uuids: ['a', 'b'] };
    lines.push(...tally.add({ kind: 'served', at: from + index * 10, took: 5, tries: 1, answer }));
  }
  return lines;
}

const all = [
  ['app2', 'db1'],
  ['app1', 'db2'],
  ['app10', 'db1'],
] as const;

describe('web: who served', () => {
  it('is counted by node, in the order of their names', () => {
    const tally = new Tally();
    fill(tally, 0, 30, all);
    expect(tally.of('app').map(({ name, requests, uuids }) => [name, requests, uuids])).to.deep.equal([
      ['app1', 10, 20],
      ['app2', 10, 20],
      ['app10', 10, 20],
    ]);
    expect([tally.requests, tally.uuids]).to.deep.equal([30, 60]);
  });

  it('has a colour that goes by the number in its name, and that nobody else has', () => {
    const tally = new Tally();
    fill(tally, 0, 30, [...all, ['web', 'db1'], ['app9', 'db1']]);
    expect(Object.fromEntries(tally.of('app').map(({ name, colour }) => [name, colour]))).to.deep.equal({
      app1: 1,
      app2: 2,
      app10: 3,
      web: 4,
      app9: 5,
    });
  });

  it('is a share of the last moments, by pair of nodes', () => {
    const tally = new Tally();
    fill(tally, 0, 300, [['app9', 'db9']]);
    fill(tally, 10_000, 30, all);
    const shares = tally.pairs(10_300, 1000).map(({ app, db, share }) => [app, db, share.toFixed(2)]);
    expect(shares).to.have.deep.members([
      ['app2', 'db1', '0.33'],
      ['app1', 'db2', '0.33'],
      ['app10', 'db1', '0.33'],
    ]);
    expect(tally.pairs(60_000, 1000)).to.deep.equal([]);
  });

  it('is told to be silent when others have answered many times since, once, and to be back', () => {
    const tally = new Tally();
    expect(fill(tally, 0, 30, all)).to.deep.equal([]);
    fill(tally, 300, 300, [all[0], all[2]]);
    expect(tally.silences(3300)).to.deep.equal([
      'app1 has fallen silent: others serve.',
      'db2 has fallen silent: others serve.',
    ]);
    expect(tally.silences(3400)).to.deep.equal([]);
    expect(fill(tally, 3400, 1, [all[1]])).to.deep.equal(['app1 is back.', 'db2 is back.']);
  });

  it('is not told to be silent where nobody was asked', () => {
    const tally = new Tally();
    fill(tally, 0, 30, all);
    expect(tally.silences(50_000)).to.deep.equal([]);
  });

  it('is told to have joined when it comes later', () => {
    const tally = new Tally();
    fill(tally, 0, 300, all);
    expect(fill(tally, 3000, 1, [['app4.example.net', 'db1']])).to.deep.equal(['app4 has joined.']);
  });

  it('is remembered for a minute, and its sums for good', () => {
    const tally = new Tally();
    fill(tally, 0, 20_000, all);
    expect(tally.recent.length).to.be.within(memory / 10, (memory / 10) * 1.2);
    expect(tally.requests).to.equal(20_000);
  });
});

describe('web: figures', () => {
  it('know the part of the values that lies below', () => {
    expect(quantile([3, 1, 2, 4], 0.5)).to.equal(3);
    expect(quantile([1], 0.95)).to.equal(1);
    expect(quantile([], 0.5)).to.equal(0);
  });

  it('have round ends', () => {
    expect([0, 1, 1.5, 4, 7, 10, 11, 450, 999].map(roundAbove)).to.deep.equal([
      1, 1, 2, 5, 10, 10, 20, 500, 1000,
    ]);
  });

  it('have rules at round values, but not too many', () => {
    expect(roundValues(2, 50)).to.deep.equal([2, 5, 10, 20, 50]);
    expect(roundValues(5, 2000)).to.deep.equal([10, 100, 1000]);
  });

  it('shorten names of hosts and no addresses', () => {
    expect(['app1.example.net', 'app1', '10.1.2.3', '::1'].map(short)).to.deep.equal([
      'app1',
      'app1',
      '10.1.2.3',
      '::1',
    ]);
  });

  it('look back on what has passed, a minute at most, in few enough buckets', () => {
    expect(frameAt(1000, 3000)).to.deep.equal({ from: 1000, span: 2000, bucket: 50 });
    expect(frameAt(0, 500_000)).to.deep.equal({ from: 440_000, span: 60_000, bucket: 1000 });
  });

  it('fall into buckets that do not shift', () => {
    const tally = new Tally();
    fill(tally, 1000, 20, [['app1', 'db1']]);
    const sums = buckets(tally.recent, 'app', { from: 1050, span: 400, bucket: 100 });
    expect([...sums].map(([at, names]) => [at, names.get('app1')])).to.deep.equal([
      [1000, 20],
      [1100, 20],
    ]);
  });
});
