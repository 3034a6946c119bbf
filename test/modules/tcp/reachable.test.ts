import { once } from 'node:events';
import * as net from 'node:net';
import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import definition from '../../../engine/modules/tcp/reachable.ts';
import { applyTo } from '../../helpers/apply.ts';
import { stateTester } from '../../helpers/state-tester.ts';

// The cases below name its port, so it has to be there before they are told.
const server = net.createServer((socket) => socket.end());
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as net.AddressInfo;
after(() => server.close());

const wait = { timeout: 60, every: 1, backoff: 1, most: 60, attempt: 5 };
const nobody = { kind: 'tcp', host: '127.0.0.1', port: 1 };
/** Waiting is left out: only the dry run is looked at. */
const pretended = { answers: {} };

stateTester('tcp.reachable', definition, [
  {
    title: 'a port that accepts connections',
    args: { name: `127.0.0.1:${port}` },
    expects: { changes: [], comment: `127.0.0.1:${port} accepts connections` },
  },
  {
    title: 'a name, and its port by itself',
    args: { name: 'localhost', port },
    expects: { changes: [], comment: `localhost:${port} accepts connections` },
  },
  {
    title: 'host and port beside a name that is just a name',
    args: { name: 'the database: ready', host: '127.0.0.1', port },
    expects: { changes: [] },
  },
  {
    title: 'a port nobody listens at is waited for',
    args: { name: '127.0.0.1:1' },
    host: pretended,
    expects: {
      changes: ['await'],
      effects: [{ kind: 'await', target: nobody, ...wait }],
      comment: '127.0.0.1:1 is not reached now: connection refused.',
    },
  },
  {
    title: 'pauses as told; an interval longer than the longest pause stands',
    args: { name: '127.0.0.1:1', timeout: 5, interval: 90, backoff: 2, attempt_timeout: 1 },
    host: pretended,
    expects: {
      changes: ['await'],
      effects: [{ kind: 'await', target: nobody, timeout: 5, every: 90, backoff: 2, most: 90, attempt: 1 }],
      comment: /connection refused/,
    },
  },
  ...[
    ['[::1]:1', '::1'],
    ['localhost:1', 'localhost'],
  ].map(([name, host]) => ({
    title: `the address ${name}`,
    args: { name },
    host: pretended,
    expects: {
      changes: ['await'],
      effects: [{ kind: 'await', target: { ...nobody, host }, ...wait }],
      comment: /^(\[::1\]|localhost):1 is not reached now/,
    },
  })),
  ...['nowhere', '::1:22', ':22', 'a b:22', 'a/b:22', 'host:0', 'host:65536', 'host:ssh'].map((name) => ({
    title: `refuses "${name}"`,
    args: { name },
    expects: { refused: `"${name}" does not tell which port of which host is meant.` },
  })),
]);

describe('tcp.reachable', () => {
  it('fails when nothing comes, and says what was seen', async () => {
    const args = { name: '127.0.0.1:1', timeout: 0.2, interval: 0.1 };
    const { failed } = await applyTo(createLocalHost(), definition, args);
    expect(failed).to.match(/^It was not reached within 0.2 seconds \(\d looks\).*connection refused\.$/);
  });
});
