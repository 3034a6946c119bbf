import { expect } from 'chai';
import type { Host } from '../../../engine/core/host.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import definition from '../../../engine/modules/http/query.ts';
import { applyTo } from '../../helpers/apply.ts';
import { stage } from '../../helpers/cli.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { startServer } from './server.ts';

// The cases below name its address, so it has to be there before they are told.
const server = await startServer();
const { url } = server;
after(() => server.close());

const pretended = { answers: {} };
const target = {
  kind: 'http',
  url: `${url}/n/503`,
  method: 'GET',
  headers: {},
  verify: true,
};

stateTester('http.query', definition, [
  {
    title: 'any status below 400 is an answer',
    args: { name: `${url}/n/204` },
    expects: { changes: [], comment: 'It answers: HTTP status 204' },
  },
  {
    title: 'one of several statuses',
    args: { name: `${url}/n/401`, status: [200, '401'] },
    expects: { changes: [] },
  },
  {
    title: 'statuses by a pattern, found anywhere in them',
    args: { name: `${url}/n/404`, status: '^4', status_type: 'pcre' },
    expects: { changes: [] },
  },
  { title: 'a text', args: { name: url, match: '"state": "up"' }, expects: { changes: [] } },
  {
    title: 'a text of characters that mean something in patterns',
    args: { name: url, match: '{"s' },
    expects: { changes: [] },
  },
  { title: 'a number as text', args: { name: url, match: 1.5 }, expects: { changes: [] } },
  {
    title: "a pattern of Python's, with its flags",
    args: { name: url, match: '(?i)"STATE":\\s+"(up|ready)"', match_type: 'pcre', decode: false },
    expects: { changes: [] },
  },
  {
    title: 'what does not answer yet may do so when it is applied',
    args: { name: `${url}/n/503` },
    host: pretended,
    expects: {
      changes: ['await'],
      effects: [{ kind: 'await', target, timeout: 0, every: 1, backoff: 1, most: 60, attempt: 10 }],
      comment: 'It does not answer as wanted now: HTTP status 503.',
    },
  },
  {
    title: 'a text that is not in the body',
    args: { name: url, match: 'u.' },
    host: pretended,
    expects: { changes: ['await'], comment: /HTTP status 200, and the body does not match/ },
  },
  {
    title: 'waits where it is told to',
    args: { name: `${url}/n/503`, wait_for: 30, request_interval: 2, request_timeout: 3 },
    host: pretended,
    expects: {
      changes: ['await'],
      effects: [{ kind: 'await', target, timeout: 30, every: 2, backoff: 1, most: 60, attempt: 3 }],
      comment: /503/,
    },
  },
]);

describe('http.query', () => {
  const apply = (args: Record<string, unknown>, host: Host = createLocalHost()) => {
    server.requests.length = 0;
    return applyTo(host, definition, args);
  };

  it('sends what it is told to', async () => {
    await apply({
      name: `${url}/a?b=c`,
      params: { d: 'e f', n: 1 },
      header_dict: { 'X-Token': 'u' },
      header_list: ['Accept: text/plain', 'X-Token: lost'],
      username: 'me',
      password: 'p:ß',
    });
    const login = Buffer.from('me:p:ß').toString('base64');
    expect(server.requests[0]).to.equal(`GET /a?b=c&d=e+f&n=1 Basic ${login} u`);
  });

  it('asks by a method that changes something once, and only when applied', async () => {
    const args = { name: `${url}/hook`, method: 'post', data: 'a=b' };
    const { performed, plan } = await apply(args, createOverlay(createLocalHost()));
    expect(performed).to.deep.equal([{ became: 'presumed' }]);
    expect(plan).to.have.property('comment', 'It is only asked when applied.');
    expect(server.requests).to.deep.equal([]);
    const host = createLocalHost();
    await host.perform((await applyTo(createOverlay(host), definition, args)).steps[0]!.effect);
    expect(server.requests).to.deep.equal(['POST /hook - - a=b']);
  });

  it('fails where it is not answered as wanted', async () => {
    const { failed } = await apply({ name: `${url}/n/500` });
    expect(failed).to.equal('It was not reached; the last answer: HTTP status 500.');
    expect(server.requests).to.have.length(2);
  });

  it('tells what it cannot make sense of', async () => {
    const why = (args: Record<string, unknown>) => apply(args).then(String, (error) => error.message);
    expect(await why({ name: 'localhost:80' })).to.equal('"localhost:80" is no address of a web server.');
    expect(await why({ name: 'file:///etc/passwd' })).to.match(/no address of a web server/);
    expect(await why({ name: url, status: 'ok' })).to.equal('ok is no HTTP status.');
    expect(await why({ name: url, status: 99 })).to.match(/no HTTP status/);
    expect(await why({ name: url, match: '(', match_type: 'pcre' })).to.match(/no regular expression/);
    expect(await why({ name: url, ca_bundle: '/none' })).to.equal('The ca_bundle /none does not exist.');
  });

  it('never shows the password', async () => {
    const password = 'hunter2-secret';
    const login = Buffer.from(`me:${password}`).toString('base64');
    const asked = (path: string) =>
      `{http.query: [{name: '${url}${path}'}, {username: me}, {password: ${password}}]}`;
    await using here = stage({ 'states/main.sls': `good: ${asked('/')}\nbad: ${asked('/n/500')}\n` });
    for (const words of [
      [],
      ['--test'],
      ['--output', 'ndjson'],
      ['--output', 'json'],
      ['--log-level', 'debug'],
    ]) {
      const { stdout, stderr } = await here.run('apply', 'main', ...words);
      expect(stdout + stderr, words.join(' '))
        .to.include('500')
        .and.not.include(password)
        .and.not.include(login);
    }
    expect(server.requests.some((request) => request.includes(login))).to.equal(true);
  });
});
