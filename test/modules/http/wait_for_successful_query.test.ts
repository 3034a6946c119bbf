import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import definition from '../../../engine/modules/http/wait_for_successful_query.ts';
import { applyTo } from '../../helpers/apply.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { startServer } from './server.ts';

// The cases below name its address, so it has to be there before they are told.
const server = await startServer();
const { url } = server;
after(() => server.close());

stateTester('http.wait_for_successful_query', definition, [
  {
    title: 'nothing to wait for',
    args: { name: url, status: 200, match: 'up' },
    expects: { changes: [], comment: 'It answers: HTTP status 200' },
  },
  {
    title: 'five minutes unless told otherwise, with pauses that grow',
    args: { name: `${url}/n/503`, request_interval: 0.5, backoff: 1.5, max_interval: 15 },
    host: { answers: {} },
    expects: {
      changes: ['await'],
      effects: [
        {
          kind: 'await',
          target: { kind: 'http', url: `${url}/n/503`, method: 'GET', headers: {}, verify: true },
          timeout: 300,
          every: 0.5,
          backoff: 1.5,
          most: 15,
          attempt: 10,
        },
      ],
      comment: 'It does not answer as wanted now: HTTP status 503.',
    },
  },
]);

describe('http.wait_for_successful_query', () => {
  it('waits until the answer is as wanted', async () => {
    server.requests.length = 0;
    const { performed, again } = await applyTo(createLocalHost(), definition, {
      name: `${url}/later`,
      request_interval: 0.05,
    });
    expect(performed).to.deep.equal([{ became: 'done', comment: 'Reached after 2 looks: HTTP status 200.' }]);
    expect(again).to.deep.include({ steps: [] });
  });

  it('fails in the end', async () => {
    const args = { name: `${url}/n/503`, wait_for: 0.3, request_interval: 0.1 };
    const { failed } = await applyTo(createLocalHost(), definition, args);
    expect(failed).to.match(/^It was not reached within 0.3 seconds \(\d looks\).*HTTP status 503\.$/);
  });
});
