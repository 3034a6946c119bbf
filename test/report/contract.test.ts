/** What the program really prints for programs, against the schemas that document it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const ajv = new Ajv2020({ allErrors: true });
for (const name of ['report', 'errors', 'event', 'lowstate']) {
  ajv.addSchema(
    JSON.parse(readFileSync(join(import.meta.dirname, `../../docs/schemas/${name}.json`), 'utf8')),
    name,
  );
}

function expectValid(schema: string, document: unknown): void {
  const validate = ajv.getSchema(schema)!;
  expect(validate(document) ? [] : validate.errors, JSON.stringify(document)).to.deep.equal([]);
}

const tree = {
  'states/top.sls': "base:\n  '*':\n    - web\n",
  'states/web.sls': [
    '/etc/web/web.conf:',
    '  file.managed:',
    '    - contents: "port: {{ pillar.port }}"',
    '    - makedirs: true',
    '    - mode: 0640',
    '/etc/web/link:',
    '  file.symlink:',
    '    - target: web.conf',
    '    - require:',
    '      - file: /etc/web/web.conf',
    'never:',
    '  file.absent:',
    '    - name: /etc/web/web.conf',
    '    - onchanges:',
    '      - file: quiet',
    'quiet:',
    '  file.absent:',
    '    - name: /etc/none',
    'broken:',
    '  file.symlink:',
    '    - name: /etc/web/missing/link',
    '    - target: x',
    '',
  ].join('\n'),
  'states/wrong.sls': '/etc/x:\n  file.managed:\n    - sorce: a\n    - contents: {{ nothing }}\n',
  'pillar/top.sls': "base:\n  '*':\n    - port\n",
  'pillar/port.sls': 'port: 80\n',
};

interface Printed {
  readonly code: number;
  readonly stdout: string;
}

describe('JSON contract', () => {
  let folder: ReturnType<typeof temporaryFolder>;

  beforeEach(() => {
    folder = temporaryFolder();
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      writeFileSync(join(folder.path, path), text);
    }
    mkdirSync(join(folder.path, 'root/etc'), { recursive: true });
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

  async function converge(...argv: string[]): Promise<Printed> {
    let stdout = '';
    const code = await executeCli(
      [...argv, '--root', join(folder.path, 'root'), '--cache', join(folder.path, 'cache')],
      {
        stdout: {
          write: (text) => {
            stdout += text;
          },
        },
        stderr: { write: () => {} },
        env: { HOME: folder.path },
        cwd: folder.path,
        // Not root's places.
        uid: 1,
      },
    );
    return { code, stdout };
  }

  it('of a dry run, a run and a second run', async () => {
    const seen = [];
    for (const argv of [['--test'], [], []]) {
      const { code, stdout } = await converge('highstate', '--json', ...argv);
      const document = JSON.parse(stdout);
      expectValid('report', document);
      const { duration_ms: _, total, ...counts } = document.summary;
      expect(Object.values<number>(counts).reduce((sum, count) => sum + count, 0)).to.equal(total);
      seen.push([code, counts]);
    }
    expect(seen).to.deep.equal([
      [1, { unchanged: 1, changed: 0, would_change: 2, failed: 1, skipped: 1 }],
      [1, { unchanged: 1, changed: 2, would_change: 0, failed: 1, skipped: 1 }],
      [1, { unchanged: 3, changed: 0, would_change: 0, failed: 1, skipped: 1 }],
    ]);
  });

  it('of events', async () => {
    const { stdout } = await converge('highstate', '--output', 'ndjson');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const event of events) expectValid('event', event);
    expect(events[0]).to.deep.include({ event: 'run-started', total: 5, dry: false });
    expect(events.at(-1).event).to.equal('run-finished');
    expect(events.filter(({ event }) => event === 'state-finished')).to.have.length(5);
  });

  it('of what changed in a text', async () => {
    await converge('highstate');
    writeFileSync(join(folder.path, 'pillar/port.sls'), 'port: 8080\n');
    const { stdout } = await converge('apply', 'web', '--json');
    expect(JSON.parse(stdout).results[0].changes).to.deep.equal({
      content: { diff: '@@ -1 +1 @@\n-port: 80\n+port: 8080\n' },
    });
  });

  it('of one state', async () => {
    const { code, stdout } = await converge('single', 'file.managed', '/etc/one', 'contents=1', '--json');
    expectValid('report', JSON.parse(stdout));
    expect([code, JSON.parse(stdout).results[0].result]).to.deep.equal([0, true]);
  });

  it('of the low state', async () => {
    const { code, stdout } = await converge('show', 'lowstate', '--json');
    const document = JSON.parse(stdout);
    expectValid('lowstate', document);
    expect(code).to.equal(0);
    expect(document[1]).to.deep.include({
      __id__: '/etc/web/link',
      require: [{ file: '/etc/web/web.conf' }],
    });
  });

  for (const argv of [
    ['apply', 'wrong'],
    ['lint', 'wrong'],
    ['show', 'lowstate', 'wrong'],
    ['apply', 'missing'],
    ['single', 'file.mangaed', 'x'],
  ]) {
    it(`of errors: ${argv.join(' ')}`, async () => {
      const { code, stdout } = await converge(...argv, '--json');
      expect(code).to.equal(3);
      expectValid('errors', JSON.parse(stdout));
    });
  }

  it('of errors as lines', async () => {
    const { code, stdout } = await converge('apply', 'wrong', '--output', 'ndjson');
    expect(code).to.equal(3);
    for (const line of stdout.trimEnd().split('\n')) expectValid('event', JSON.parse(line));
  });
});
