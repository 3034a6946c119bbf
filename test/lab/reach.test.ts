/** States that wait, on a node with services that take their time, and between two nodes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { temporaryFolder } from '../helpers/folders.ts';
import type { Converged } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';

/** Answers "starting" with 503 for a while after it listens, and listens a while after it was started. */
const program = `
const http = require('node:http');
const began = Date.now();
setTimeout(() => {
  http.createServer((request, response) => {
    const ready = Date.now() - began > 1500;
    response.writeHead(ready ? 200 : 503).end(ready ? '{"state": "up"}' : 'starting');
    if (ready) require('node:fs').writeFileSync('/run/app.ready', 'yes');
  }).listen(8080);
}, 700);
`;

const states = `
/etc/app.js:
  file.managed:
    - source: salt://app.js
/etc/systemd/system/app.service:
  file.managed:
    - contents: |
        [Service]
        Type=exec
        ExecStart=/usr/local/bin/node /etc/app.js
app:
  service.running:
    - watch: [{file: /etc/app.js}, {file: /etc/systemd/system/app.service}]
listens:
  tcp.reachable:
    - name: localhost:8080
    - timeout: 20
    - interval: 0.1
    - require: [{service: app}]
answers:
  http.wait_for_successful_query:
    - name: http://127.0.0.1:8080/health
    - match: '"state":\\s+"up"'
    - match_type: pcre
    - wait_for: 20
    - request_interval: 0.1
    - backoff: 1.5
    - require: [{tcp: listens}]
ready:
  loop.until:
    - name: file.file_exists
    - m_args: [/run/app.ready]
    - condition: m_ret is True
    - timeout: 20
    - period: 0.1
steady:
  loop.until_no_eval:
    - name: service.status
    - args: [app]
    - expected: true
once:
  http.query:
    - name: http://[::1]:8080/
    - status: 200
/etc/motd:
  file.managed:
    - contents: the application is up
    - require: [{http: answers}, {loop: ready}, {loop: steady}]
`;

const tree = {
  'states/top.sls': "base:\n  '*': [app]\n",
  'states/app.sls': states,
  'states/app.js': program,
};

function verdicts({ results }: Converged): { [id: string]: string } {
  return Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));
}

const waits = ['listens', 'answers', 'ready', 'steady', 'once'];

describeLab('lab: states that wait', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'reach' });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('are unknown in a dry run, which does not wait', async () => {
    const began = performance.now();
    const told = await node.converge(tree, { test: true });
    expect(told.failed).to.deep.equal([]);
    const unknown = waits.filter((id) => id !== 'steady');
    expect(verdicts(told)).to.deep.include(Object.fromEntries(unknown.map((id) => [id, 'unknown'])));
    // The service would run, as an earlier state says.
    expect(verdicts(told)).to.include({
      steady: 'unchanged',
      app: 'would-change',
      '/etc/motd': 'would-change',
    });
    const { comment } = told.results.find(({ id }) => id === 'listens')!;
    expect(comment).to.equal('Unknown until applied: localhost:8080 is not reached now: connection refused.');
    expect(performance.now() - began).to.be.lessThan(10_000);
    expect(await node.file('/etc/app.js')).to.equal(undefined);
  });

  it('hold what requires them until the service is there, and are no change themselves', async () => {
    const done = await node.converge(undefined);
    expect(done.failed, done.results.map(({ comment }) => comment).join('\n')).to.deep.equal([]);
    expect(verdicts(done)).to.deep.include(Object.fromEntries(waits.map((id) => [id, 'unchanged'])));
    expect(verdicts(done)['/etc/motd']).to.equal('changed');
    const { comment } = done.results.find(({ id }) => id === 'answers')!;
    expect(comment).to.match(/: HTTP status 200\.?$/);
    expect(await node.file('/etc/motd')).to.equal('the application is up\n');
  });

  it('cost nothing once it is there', async () => {
    const again = await node.converge(undefined);
    expect(again.changed).to.deep.equal([]);
    expect(again.failed).to.deep.equal([]);
    const told = await node.converge(undefined, { test: true });
    expect(told.changed).to.deep.equal([]);
  });

  it('fail with what was seen where it does not come, and so does what requires them', async () => {
    await node.must('systemctl stop app');
    const failing = {
      'states/gone.sls': `
gone: {tcp.reachable: [{name: '127.0.0.1:8080'}, {timeout: 0.3}, {interval: 0.1}]}
web: {http.query: [{name: 'http://127.0.0.1:8080/'}]}
unit: {loop.until_no_eval: [{name: service.status}, {args: [app]}, {expected: true}, {timeout: 0.3}, {period: 0.1}]}
after: {test.nop: [{require: [{tcp: gone}]}]}
`,
    };
    const done = await node.converge(failing, { verb: ['apply', 'gone'] });
    const comments = Object.fromEntries(done.results.map(({ id, comment }) => [id, comment]));
    expect(done.status).to.equal(1);
    expect(comments['gone']).to.match(/not reached within 0.3 seconds .*: connection refused\.$/);
    expect(comments['web']).to.equal('It was not reached; the last answer: connection refused.');
    expect(comments['unit']).to.match(/the last answer: service.status gives False\.$/);
    expect(comments['after']).to.match(/requisite failed/);
  });

  it('trust what the node trusts, or the bundle they are told of', async () => {
    await using folder = temporaryFolder();
    const [key, cert] = [`${folder.path}/key`, `${folder.path}/cert`];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=lab', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const authority = readFileSync(cert, 'utf8');
    await node.write('/srv/key', readFileSync(key));
    await node.write('/srv/cert', authority);
    const server = `const fs = require('node:fs');
require('node:https').createServer({ key: fs.readFileSync('/srv/key'), cert: fs.readFileSync('/srv/cert') },
  (request, response) => response.end('well')).listen(8443);`;
    await node.write('/srv/server.js', server);
    await node.must('systemd-run -q node /srv/server.js');
    await node.until('ss -Hltn | grep -q :8443');
    const told = {
      'states/own.sls': `
/etc/ssl/lab.pem: {file.managed: [{source: salt://lab.pem}, {makedirs: true}]}
own: {http.query: [{name: 'https://localhost:8443/'}, {match: well}, {ca_bundle: /etc/ssl/lab.pem}]}
`,
      'states/machine.sls': `
machine: {http.query: [{name: 'https://localhost:8443/'}, {match: well}]}
/etc/fetched: {file.managed: [{source: 'https://localhost:8443/file'}, {skip_verify: true}]}
`,
      'states/lab.pem': authority,
    };
    const foretold = await node.converge(told, { verb: ['apply', 'own'], test: true });
    expect(verdicts(foretold), 'by the bundle as it would be').to.include({ own: 'unchanged' });
    const own = await node.converge(undefined, { verb: ['apply', 'own'] });
    expect(own.failed, own.results[1]?.comment).to.deep.equal([]);
    const stranger = await node.converge(undefined, { verb: ['apply', 'machine'] });
    expect(stranger.results[0]!.comment).to.match(/the certificate is not trusted/);
    expect(stranger.failed).to.deep.equal(['http.query machine', 'file.managed /etc/fetched']);
    await node.write('/etc/ssl/certs/ca-certificates.crt', authority);
    const machine = await node.converge(undefined, { verb: ['apply', 'machine'] });
    expect(machine.failed, machine.results[0]?.comment).to.deep.equal([]);
  });

  it('wait for a node that is still off', async () => {
    await using other = await boot({ name: 'late' });
    const [address] = other.addresses;
    await other.kill();
    const waiting = {
      'states/late.sls': `
late: {tcp.reachable: [{name: '${address}:22'}, {timeout: 40}, {interval: 0.1}, {attempt_timeout: 1}]}
`,
    };
    const running = node.converge(waiting, { verb: ['apply', 'late'] });
    await node.until(`ss -Htan state syn-sent '( dport = :22 )' | grep -q .`);
    await other.start();
    await other.must(
      `systemd-run -q node -e 'require("node:net").createServer((socket) => socket.end()).listen(22)'`,
    );
    const done = await running;
    expect(done.failed, done.results[0]?.comment).to.deep.equal([]);
    expect(done.results[0]!.comment).to.match(/^Reached after .*: connected\.$/);
  });
});
