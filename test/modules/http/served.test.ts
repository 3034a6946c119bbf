import { expect } from 'chai';
import type { Effect } from '../../../engine/core/host.ts';
import { isRefusal, stepsOf } from '../../../engine/core/state.ts';
import served from '../../../engine/modules/http/served.ts';
import { argumentsOf, planOf } from '../../helpers/apply.ts';
import { type HostData, hostOf, stateTester } from '../../helpers/state-tester.ts';
import { startServer } from './server.ts';

// The cases below name its address, so it has to be there before they are told.
const server = await startServer();
const { url } = server;
after(() => server.close());

const running: HostData = { answers: {}, units: { web: { load: 'loaded', active: 'active' } } };
const stopped: HostData = { answers: {}, units: { web: { load: 'loaded', active: 'inactive' } } };

stateTester('http.served', served, [
  {
    title: 'has nothing to look at below a root',
    args: { name: url, match: 'up', unit: 'web' },
    expects: { changes: [], comment: 'Nothing is served below a root.' },
  },
  {
    title: 'is content where the answer is right',
    args: { name: url, match: 'up', unit: 'web' },
    host: running,
    expects: { changes: [], comment: 'It answers: HTTP status 200' },
  },
  {
    title: 'leaves alone what does not run',
    args: { name: `${url}/n/503`, match: 'up', unit: 'web' },
    host: stopped,
    expects: { changes: [], comment: 'web does not run: it will read its files when it starts.' },
  },
  {
    title: 'says so where there is no such unit',
    args: { name: url, match: 'up', unit: 'web' },
    host: { answers: {} },
    expects: { refused: 'There is no unit web.' },
  },
]);

describe('http.served', () => {
  async function steps(more: object, reacts = false): Promise<Effect[]> {
    await using stage = await hostOf({ host: running });
    const args = { name: url, match: 'new', unit: 'web', ...more };
    const { plan, now } = await planOf(served, args, stage.host);
    if (isRefusal(plan)) throw new Error(plan.refused);
    const taken = stepsOf(plan);
    if (!reacts) return taken.map(({ effect }) => effect);
    const reaction = served.react!(argumentsOf(served, args) as never, now as never, taken);
    if (isRefusal(reaction)) throw new Error(reaction.refused);
    return stepsOf(reaction).map(({ effect }) => effect);
  }

  it('reloads what answers otherwise, and waits until it answers as wanted', async () => {
    const [reload, look, ...rest] = await steps({ timeout: 3 });
    expect(reload).to.deep.equal({ kind: 'unit', unit: 'web', verb: 'reload', settle: 0 });
    expect(look).to.deep.include({ kind: 'await', timeout: 3, every: 0.05, most: 1 });
    expect(rest).to.deep.equal([]);
    expect((await steps({ restart: true }))[0]).to.deep.include({ verb: 'restart' });
  });

  it('reloads for what it watches, but not twice', async () => {
    expect(await steps({ match: 'up' }, true)).to.have.length(2);
    expect(await steps({ match: 'new' }, true)).to.deep.equal([]);
  });
});
