/** A whole run against the double: what one state makes the next one sees, in a dry run as well. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { sink } from '../helpers/cli.ts';
import { type Double, password, startDouble, username } from '../helpers/couchdb/double.ts';
import { buildTree, type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';

const sls = `
app:
  couchdb.security:
    - members:
        roles: [app]
    - require:
      - couchdb: a view

a view:
  couchdb.design_document:
    - name: people
    - database: app
    - document:
        views:
          by_email:
            map: function (doc) { emit(doc.email); }
    - require:
      - couchdb: the database

the database:
  couchdb.database:
    - name: app
    - q: 4

anna:
  couchdb.user:
    - password: {{ pillar.anna }}
    - roles: [app]

log/level:
  couchdb.config:
    - value: warning
`;

const userPassword = 'pass of "anna"/1';

interface Run {
  readonly code: number;
  readonly results: readonly {
    readonly id: string;
    readonly result: boolean | null;
    readonly changes: object;
  }[];
  readonly said: string;
}

describe('a run with the states of CouchDB', () => {
  let double: Double;
  let folder: TemporaryFolder;
  before(async () => {
    double = await startDouble(3, { joined: true });
    folder = temporaryFolder();
    const login = { url: double.nodes[0]!.url, username, password };
    buildTree(folder.path, {
      'c.yaml': 'state_dir: state\nstates: states\npillar: pillar\nid: db1\ncache: cache\n',
      'states/app.sls': sls,
      'pillar/top.yaml': "base: {'*': [p]}",
      'pillar/p.yaml': JSON.stringify({ couchdb: login, anna: userPassword }),
    });
  });
  after(async () => {
    await double?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function run(...more: string[]): Promise<Run> {
    const [stdout, stderr] = [sink(), sink()];
    const words = ['apply', 'app', '--json', '--config', join(folder.path, 'c.yaml'), ...more];
    const streams = { stdout, stderr, env: { HOME: folder.path }, cwd: folder.path, uid: 1 };
    const code = await executeCli(words, streams);
    return { code, results: JSON.parse(stdout.text).results, said: stdout.text + stderr.text };
  }

  const changesOf = ({ results }: Run) => results.map(({ id, changes }) => [id, changes]);

  it('is foretold as it is done, and then nothing is left', async () => {
    const foretold = await run('--test');
    expect(foretold.results.map(({ result }) => result)).to.deep.equal([null, null, null, null, null]);
    const asked = double.nodes.flatMap((node) => node.asked);
    expect(asked.filter((line) => !line.startsWith('GET'))).to.deep.equal([]);
    const done = await run();
    expect(done.code, done.said).to.equal(0);
    expect(changesOf(done)).to.deep.equal(changesOf(foretold));
    const again = await run();
    expect(again.results.map(({ result }) => result)).to.deep.equal([true, true, true, true, true]);
    expect(again.results.flatMap(({ changes }) => Object.keys(changes))).to.deep.equal([]);
    for (const { said } of [foretold, done, again]) expectNoSecret(said);
    expectNoSecret(everythingIn(join(folder.path, 'state')));
  });

  it('asks for the same thing once while nothing changes', async () => {
    const [{ asked }] = double.nodes as [Double['nodes'][0]];
    const before = asked.length;
    await run();
    const own = asked.slice(before);
    expect(own.filter((line) => line === 'GET /app')).to.have.length(1);
    expect(new Set(own).size).to.equal(own.length);
  });

  it('tells in its events what was asked, and of whom', async () => {
    const [{ node }] = double.nodes as [Double['nodes'][0]];
    node.common.databases.delete('app');
    const stdout = sink();
    const words = ['apply', 'app', '--output', 'ndjson', '--config', join(folder.path, 'c.yaml')];
    const streams = { stdout, stderr: sink(), env: { HOME: folder.path }, cwd: folder.path, uid: 1 };
    expect(await executeCli(words, streams)).to.equal(0);
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../docs/schemas/event.json'), 'utf8'),
    );
    const validate = new Ajv2020({ strict: false }).compile(schema);
    const events = stdout.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const event of events) expect(validate(event), JSON.stringify(event)).to.equal(true);
    const asked = events
      .filter(({ effect }) => effect === 'http')
      .map(({ method, url }) => `${method} ${url}`);
    expect(asked).to.include(`PUT ${double.nodes[0]!.url}/app?q=4`);
    expectNoSecret(stdout.text);
  });

  it('tries a wrong password once, so that nobody is locked out', async () => {
    const [{ asked }] = double.nodes as [Double['nodes'][0]];
    const before = asked.length;
    const { code, said } = await run('--pillar-override', '{"couchdb": {"password": "a-wrong-one"}}');
    expect(code).to.equal(1);
    expect(said).to.include('does not admit');
    expect(asked.slice(before)).to.deep.equal(['GET /_session']);
  });

  it('where CouchDB is not there fails, and says why', async () => {
    await double.nodes[0]!.die();
    const { code, said } = await run();
    expect(code).to.equal(1);
    expect(said).to.include('is not answered: connection refused.');
    expectNoSecret(said);
    await double.nodes[0]!.revive();
    expect((await run()).code).to.equal(0);
  });
});

/** Neither in clear, nor as it is sent. */
function expectNoSecret(text: string): void {
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  for (const secret of [userPassword, JSON.stringify(userPassword).slice(1, -1), login])
    expect(text).to.not.include(secret);
}

function everythingIn(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}
