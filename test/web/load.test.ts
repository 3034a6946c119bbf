import { expect } from 'chai';
import {
  type Answer,
  type Happening,
  load,
  type Means,
  type Order,
  sleep,
} from '../../api/web/app/cluster/load.ts';

/** A cluster whose answers are listed; what is no answer is thrown. Its clock goes on by waiting alone. */
function cluster(answers: (count: number, request: number) => Answer | Error) {
  let clock = 0;
  let requests = 0;
  let under = 0;
  const seen = { most: 0, counts: [] as number[], waits: [] as number[] };
  const told: Happening[] = [];
  const stop = new AbortController();
  const means: Means = {
    async ask(count) {
      under += 1;
      seen.most = Math.max(seen.most, under);
      seen.counts.push(count);
      requests += 1;
      const answer = answers(count, requests);
      await Promise.resolve();
      under -= 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    again: (error, tries) =>
      (error as Error).message === 'for good'
        ? undefined
        : { wait: tries * 10, why: (error as Error).message },
    async wait(milliseconds) {
      clock += milliseconds;
      seen.waits.push(milliseconds);
    },
    now: () => clock,
  };
  const run = (order: Order) => load(order, means, (happening) => told.push(happening), stop.signal);
  return { run, told, seen, stop };
}

function served(count: number): Answer {
  return { app: 'app1', db: 'db1', uuids: Array.from({ length: count }, () => 'u') };
}

const batch: Order = { total: 25, perRequest: 10, parallel: 2, pause: 0 };

describe('web: asking for uuids', () => {
  it('asks for as many as are wanted, the last request for the rest', async () => {
    const { run, seen, told } = cluster(served);
    await run(batch);
    expect(seen.counts).to.deep.equal([10, 10, 5]);
    expect(told.map(({ kind }) => kind)).to.deep.equal(['served', 'served', 'served']);
  });

  it('has as many requests under way as are allowed', async () => {
    const { run, seen } = cluster(served);
    await run({ ...batch, total: 200, parallel: 4 });
    expect(seen.most).to.equal(4);
  });

  it('tries again what failed, tells each, and loses no uuid', async () => {
    const { run, told } = cluster((count, request) =>
      request === 2 || request === 3 ? new Error('502') : served(count),
    );
    await run({ ...batch, parallel: 1 });
    expect(told.map(({ kind }) => kind)).to.deep.equal(['served', 'retried', 'retried', 'served', 'served']);
    const again = told[3]!;
    expect(again.kind === 'served' && [again.tries, again.took]).to.deep.equal([3, 30]);
  });

  it('ends with what no further try would mend', async () => {
    const { run, seen } = cluster((count, request) =>
      request === 2 ? new Error('for good') : served(count),
    );
    const error = await run({ ...batch, total: 1000, parallel: 1 }).catch((thrown: Error) => thrown);
    expect(error).to.be.an('error').with.property('message', 'for good');
    expect(seen.counts).to.have.length(2);
  });

  it('goes on without an end until it is stopped, and then ends quietly', async () => {
    const { run, seen, stop, told } = cluster((count, request) => {
      if (request === 500) stop.abort();
      return served(count);
    });
    await run({ perRequest: 1, parallel: 2, pause: 5 });
    expect(seen.counts.length).to.be.within(500, 501);
    expect(told.length).to.be.within(499, 501);
    expect(new Set(seen.waits)).to.deep.equal(new Set([5]));
  });

  it('waits no longer once it is stopped', async () => {
    const stop = new AbortController();
    const waited = sleep(3_600_000, stop.signal);
    stop.abort();
    await waited;
    await sleep(3_600_000, stop.signal);
  });
});
