/** Canaries: forty secrets go through every verb and every output, and none of them comes out where it should not. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { seenBelow, seenIn } from '../helpers/canaries.ts';
import { sink } from '../helpers/cli.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const entry = new URL('../../scripts/start.mjs', import.meta.url).pathname;

interface Said {
  readonly code: number | null;
  /** Stdout and stderr. */
  readonly output: string;
  readonly stdout: string;
}

async function encrypted(identity: string, text: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  return armor.encode(await encrypter.encrypt(text));
}

/** A folder with states, a pillar of which `secret/` is secret, and an identity. */
async function place(files: Tree) {
  const folder = temporaryFolder();
  const identity = await generateX25519Identity();
  buildTree(folder.path, {
    'pillar/top.yaml': "base:\n  '*':\n    - plain\n    - keys\n",
    'pillar/plain.yaml': 'word: public\n',
    'pillar-secret/keys.yaml': 'a: 1\n',
    ...files,
    'c.yaml': [
      'states: states\npillar: [pillar, pillar-secret]\nsecret_pillar: pillar-secret\nidentity: identity',
      'state_dir: state\ncache: cache\ncolor: never\nlog_level: trace\nsyslog: false\nmetrics: metrics.prom\n',
    ].join('\n'),
    identity: `# of this node\n${identity}\n`,
  });
  const at = (path: string) => join(folder.path, path);
  chmodSync(at('identity'), 0o600);
  chmodSync(at('pillar-secret'), 0o700);
  for (const name of readdirSync(at('pillar-secret'))) chmodSync(at(`pillar-secret/${name}`), 0o600);
  return {
    at,
    identity,
    run(...words: string[]): Said {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [entry, ...words, '--config', 'c.yaml'],
        {
          cwd: folder.path,
          env: { PATH: process.env['PATH'], HOME: folder.path, DIR: folder.path },
          encoding: 'utf8',
        },
      );
      return { code: status, output: `${stdout}${stderr}`, stdout };
    },
    /** The same within this process, which is faster. */
    async runHere(...words: string[]): Promise<Said> {
      const [stdout, stderr] = [sink(), sink()];
      const env = { PATH: process.env['PATH'], HOME: folder.path, DIR: folder.path };
      const before = process.env;
      process.env = { ...env };
      try {
        const code = await executeCli([...words, '--config', at('c.yaml')], {
          stdout,
          stderr,
          env,
          cwd: folder.path,
          uid: process.getuid!(),
        });
        return { code, output: stdout.text + stderr.text, stdout: stdout.text };
      } finally {
        process.env = before;
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Secrets of all kinds; none of them stands anywhere by chance. */
function canaries(): { [name: string]: string } {
  const found: { [name: string]: string } = {
    short: 'Zq7x',
    number: '918273645',
    part: 'kanarien',
    whole: 'kanarienvogel-77',
    regex: '^k(an)+[a]{2}r$|.*\\d',
    quotes: `it's "vogel" $HOME \`id\` \\n`,
    markup: '<b>vogel&amp;</b>',
    percent: '100%vogel%20',
    umlaut: 'vögelchen-ß-42',
    equals: 'vogel=tier&x=1',
    lines: 'first-vogel-line\nsecond-vogel-line\n  third-vogel-line\n',
    key: '-----BEGIN PRIVATE KEY-----\nMIIVOGELBADANBgkqhkiG9w0\nQEFAASVOGELSwggSkAgEAAoIB\n-----END PRIVATE KEY-----\n',
    long: `vogel-${'abcdefghij'.repeat(60)}`,
    slash: '/etc/vogel/../nest',
    label: '«vogel #0000»-x',
    tabs: '\tvogel\tnest\t',
    template: '{{ vogel }}{% nest %}{# ei #}',
    two_short_lines: 'vo9\nge7\n',
    astral: '𝒱𝑜𝑔𝑒𝑙🐦nest',
    brackets: '[vogel]{nest}(ei)',
  };
  for (let index = Object.keys(found).length; index < 40; index++) {
    found[`generated_${index}`] = `vogel${index}-${Buffer.from(`nest${index * 7919}`).toString('base64url')}`;
  }
  return found;
}

function expectClean(text: string, values: { readonly [name: string]: string }, where: string): void {
  const seen = seenIn(text, values);
  if (seen) expect.fail(`${seen.name} stands in ${where} as ${seen.how}:\n${seen.around}`);
}

/** A process with these words below another, or of anybody's where that is 1: its pid and words. */
function pidOf(words: string, parent: number): string {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const argv = quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
    const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S /, ''));
    if (argv.trim() === words && (stat.startsWith(`${parent} `) || parent === 1)) return `${pid} ${argv}`;
  }
  return '';
}

/** Of what may end while it is looked at. */
function quietly<T>(look: () => T): T | '' {
  try {
    return look();
  } catch {
    return '';
  }
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const states = `
{% set dir = salt['environ.get']('DIR') %}
config:
  file.managed:
    - name: {{ dir }}/out/config
    - makedirs: true
    - mode: '0600'
    - contents: |
        public word: {{ pillar.word }}
{% for name, value in pillar.canary.items() %}        {{ name }} = {{ value | string | replace('\\n', '|') }}
{% endfor %}
template:
  file.managed:
    - name: {{ dir }}/out/template
    - makedirs: true
    - mode: '0600'
    - source: salt://web/template.j2
    - template: jinja
named:
  cmd.run:
    - name: echo {{ pillar.canary.whole }}; echo {{ pillar.canary.generated_20 | base64_encode }} >&2
says:
  cmd.run:
    - name: cat {{ dir }}/out/template; env
    - env:
      - SECRET: {{ pillar.canary.generated_21 | yaml_dquote }}
fails:
  cmd.run:
    - name: printf %s "$SECRET"; printf %s "$SECRET" >&2; exit 3
    - env:
      - SECRET: {{ pillar.canary.generated_22 | yaml_dquote }}
refused:
  file.symlink:
    - name: {{ dir }}/none/{{ pillar.canary.generated_23 }}
    - target: x
invalid:
  file.managed:
    - name: {{ dir }}/out/checked
    - contents: bad {{ pillar.canary.generated_24 }}
    - check_cmd: sh -c 'cat "$0" >&2; exit 1'
absent:
  file.absent:
    - name: {{ dir }}/out/{{ pillar.canary.generated_25 }}
watching:
  cmd.wait:
    - name: echo {{ pillar.canary.generated_26 }}
    - watch:
      - file: config
      - cmd: fails
`;

const template = `{% for name, value in pillar.canary.items() %}{{ name }}: {{ value | tojson }}
{% endfor %}`;

describe('secrets', function () {
  this.timeout(60_000);

  it('of forty kinds stand nowhere but in the files that are meant to hold them', async () => {
    const values = canaries();
    const half = Object.entries(values);
    const plain = Object.fromEntries(half.slice(0, 20));
    await using here = await place({
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web/init.yaml': states,
      'states/web/template.j2': template,
      'pillar-secret/keys.yaml': `#!yaml\n${JSON.stringify({ canary: plain })}`,
    });
    const blocks = await Promise.all(
      half.slice(20).map(async ([name, value]) => [name, await encrypted(here.identity, value)] as const),
    );
    writeFileSync(
      here.at('pillar/plain.yaml'),
      `word: public\ncanary:\n${blocks.map(([name, block]) => `  ${name}: !secret |\n${block.replace(/^/gm, '    ')}\n`).join('')}`,
    );
    const outputs = ['human', 'json', 'ndjson', 'quiet'];
    const runs: (readonly string[])[] = [
      ...['pillar', 'highstate', 'lowstate', 'order', 'top', 'sls web'].map((what) => [
        'show',
        ...what.split(' '),
      ]),
      ['show', 'pillar', '--json'],
      ['show', 'lowstate', '--json'],
      ['lint'],
      ...outputs.map((output) => ['highstate', '--test', '--output', output]),
      ['highstate', '--state-output', 'full'],
      ...outputs.map((output) => ['highstate', '--output', output, '--state-output', 'full']),
      ['highstate', '--output', 'quiet', '--junit', 'junit.xml'],
      ['apply', 'web', '--junit', 'junit-of-sls.xml', '--log-level', 'quiet'],
      ['single', 'test.show_notification', 'text=nothing'],
      ['highstate', '--test', '--out', 'plan.json'],
      ['history'],
      ['history', 'show', 'last'],
      ['history', 'diff', 'last-1', 'last', '--json'],
      ['history', '--json'],
      ['owed'],
      ['owns'],
      ['owns', '--json'],
      ['status'],
      ['status', '--json'],
      ['pillar', 'get', 'canary', '--json'],
      ['rollback', 'last-2', '--test'],
      ['rollback', 'last-2', '--test', '--json'],
      ['restore', here.at('out/config'), '--test'],
      ['apply-plan', 'plan.json'],
      ['rollback', 'last', '--force'],
      ['history', 'show', 'last'],
      ['pillar', 'recipients'],
      ['list-states'],
    ];
    for (const words of runs) {
      const { code, output, stdout } = await here.runHere(...words);
      // What there is to take back, or to apply, is no matter of this test.
      const may = /^(rollback|restore|apply-plan)$/.test(words[0]!) ? [0, 1, 3, 64] : [0, 1];
      expect(code, `${words.join(' ')}:\n${output.slice(0, 2000)}`).to.be.oneOf(may);
      if (words.includes('--json') && stdout !== '') JSON.parse(stdout);
      expectClean(output, values, words.join(' '));
    }
    const armed = here.run('highstate', '--confirm', '60');
    const words = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const argv = words.map((pid) => quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))).join('\n');
    const waiting = seenBelow(here.at('state'), values, (path) => /^(undo|objects)\//.test(path));
    const confirmed = here.run('confirm');
    expect(confirmed.code, armed.output + confirmed.output).to.equal(0);
    expectClean(argv + armed.output + confirmed.output, values, 'a run that waits to be confirmed');
    expect(waiting).to.deep.equal([]);
    const config = readFileSync(here.at('out/config'), 'utf8');
    expect(config).to.include('whole = kanarienvogel-77').and.include('generated_39 = vogel39');
    expect(here.run('show', 'pillar').output)
      .to.match(/whole: '?«canary:whole #[0-9a-f]{4}»/)
      .and.include('public');
    const meant = /^(out\/(config|template)|pillar-secret\/keys\.yaml|state\/(undo|objects)\/.*)$/;
    expect(seenBelow(here.at('.'), values, (path) => meant.test(path))).to.deep.equal([]);
  });

  it('show a rotation: the old value is masked too, though nobody knows it any more', async () => {
    const tree = {
      'states/web.yaml': [
        "config:\n  file.managed:\n    - name: {{ salt['environ.get']('DIR') }}/config",
        '    - contents: |\n        user = admin\n        password = {{ pillar.pw }}\n        port = 80\n',
      ].join('\n'),
      'pillar-secret/keys.yaml': 'pw: old-password-1\n',
    };
    await using here = await place(tree);
    here.run('apply', 'web');
    writeFileSync(here.at('pillar-secret/keys.yaml'), 'pw: new-password-2\n');
    for (const words of [['--test'], ['--output', 'json']]) {
      const { output } = here.run('apply', 'web', ...words);
      expect(output).to.not.match(/old-password-1|new-password-2/);
      const labels = [...output.matchAll(/password = «pw #([0-9a-f]{4})»/g)].map(([, mark]) => mark);
      expect(new Set(labels).size, output).to.equal(2);
      expect(output).to.include('user = admin');
    }
    const marks = () =>
      [...here.run('history').output.matchAll(/ pillar #([0-9a-f]{6}) /g)].map(([, mark]) => mark);
    expect(new Set(marks()).size, 'pillars in the history').to.equal(2);
    expect(here.run('history', 'diff', 'last-1', 'last').output).to.match(
      /^the pillar changed: #[0-9a-f]{6} → #[0-9a-f]{6}$/m,
    );
    here.run('apply', 'web');
    expect(new Set(marks()).size, 'the same pillar again').to.equal(2);
    writeFileSync(here.at('pillar-secret/keys.yaml'), 'pw: 0\n');
    writeFileSync(
      here.at('states/web.yaml'),
      tree['states/web.yaml'].replace(/ {8}user.*port = 80/s, '        port = 81'),
    );
    const { output } = here.run('apply', 'web');
    expect(output, 'a file that held secrets').to.not.include('new-password-2');
    expect(output).to.include('port = 81');
  });

  it('that were rotated are masked wherever they still stand', async () => {
    const state = (more: string) =>
      `log:\n  file.append:\n    - name: {{ salt['environ.get']('DIR') }}/log\n    - text: {{ pillar.pw }}\nsays:\n  cmd.run:\n    - name: cat $DIR/log; base64 -w0 $DIR/none 2>&1; true\n${more}`;
    await using here = await place({
      'states/web.yaml': state(''),
      'pillar-secret/keys.yaml': 'pw: old-password-1\n',
    });
    const first = here.run('apply', 'web', '--json').stdout;
    const [mark] = /«pw #[0-9a-f]{4}»/.exec(first)!;
    for (const value of ['newer-password-2', 'newest-password-3'])
      for (const words of [['--test'], ['--json']]) {
        writeFileSync(here.at('pillar-secret/keys.yaml'), `pw: ${value}\n`);
        const { output } = here.run('apply', 'web', ...words);
        expect(output).to.not.match(/password-\d/);
        expect(output).to.include(mark);
      }
    expect(readFileSync(here.at('log'), 'utf8')).to.match(/^old-password-1\nnewer.*\nnewest.*\n$/);
    expect(readFileSync(here.at('state/secrets.json'), 'utf8')).to.not.match(/password/);
  });

  it('are not on the command line of a script', async () => {
    await using here = await place({
      'states/web.yaml':
        'look:\n  cmd.run:\n    - name: tr "\\0" " " < /proc/self/cmdline | grep -c {{ pillar.pw }}; tr "\\0" " " < /proc/$$/cmdline > $DIR/words; exec true\n',
      'pillar-secret/keys.yaml': 'pw: very-secret-word\n',
    });
    here.run('apply', 'web');
    expect(readFileSync(here.at('words'), 'utf8'))
      .to.include('sh')
      .and.not.include('very-secret-word');
  });

  it('are not on any command line while a run goes on, nor left behind by one that is killed', async () => {
    const values = Object.fromEntries(Object.entries(canaries()).filter(([name]) => name !== 'part'));
    await using here = await place({
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web/init.yaml': `${states}\nslow:\n  cmd.run:\n    - name: exec sleep 20.${process.pid}; {{ pillar.canary.whole }}\n    - order: last\n`,
      'states/web/template.j2': template,
      'pillar-secret/keys.yaml': `#!yaml\n${JSON.stringify({ canary: canaries() })}`,
    });
    const argv = () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')))
        .join('\n');
    for (const [round, words] of [['highstate'], ['apply', 'web', '--json']].entries()) {
      const child = spawn(process.execPath, [entry, ...words, '--config', 'c.yaml'], {
        cwd: here.at('.'),
        env: { PATH: process.env['PATH'], HOME: here.at('.'), DIR: here.at('.') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (more: Buffer) => (output += String(more)));
      const ended = once(child, 'close');
      const sleeping = `sleep 20.${process.pid}`;
      for (let looks = 0, seen = ''; !seen.includes(sleeping); looks++) {
        seen = argv();
        expectClean(seen, values, 'a command line');
        expect(child.exitCode, output).to.equal(null);
        expect(looks).to.be.lessThan(20_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const slow = Number(/^(\d+)/.exec(pidOf(sleeping, child.pid!))?.[1]);
      child.kill('SIGKILL');
      process.kill(slow, 'SIGKILL');
      await ended;
      expectClean(output, values, `the output of run ${round}`);
      const meant = /^(out\/(config|template)|pillar-secret\/keys\.yaml|state\/(undo|objects)\/.*)$/;
      expect(seenBelow(here.at('.'), values, (path) => meant.test(path))).to.deep.equal([]);
      const { code, stdout } = here.run('history', 'show', 'last');
      expect(code).to.equal(0);
      expect(stdout).to.include('did not end');
    }
  });

  it('are masked when converge itself breaks, also where nobody catches it', async () => {
    for (const way of ['throw error', 'Promise.reject(error)']) {
      await using here = await place({
        'states/web.yaml': `wait:\n  cmd.run:\n    - name: touch $DIR/there; exec sleep 20.${process.pid}\n`,
        'pillar-secret/keys.yaml': 'pw: swordfish-1\n',
      });
      writeFileSync(
        here.at('break.mjs'),
        `import { existsSync } from 'node:fs';
        const timer = setInterval(() => {
          if (!existsSync('there')) return;
          clearInterval(timer);
          const error = new TypeError('cannot read swordfish-1');
          error.cause = 'swordfish-1';
          ${way};
        }, 5);
        timer.unref();\n`,
      );
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [entry, 'apply', 'web', '--config', 'c.yaml'],
        {
          cwd: here.at('.'),
          env: {
            PATH: process.env['PATH'],
            DIR: here.at('.'),
            NODE_OPTIONS: `--import=${here.at('break.mjs')}`,
          },
          encoding: 'utf8',
        },
      );
      quietly(() => process.kill(Number(/^(\d+)/.exec(pidOf(`sleep 20.${process.pid}`, 1))?.[1]), 'SIGKILL'));
      expect(status, stderr).to.equal(70);
      expect(stderr).to.match(
        /this is a bug of converge[\s\S]*TypeError: cannot read «pw #[0-9a-f]{4}»[\s\S]*at /,
      );
      expect(stdout + stderr).to.not.include('swordfish');
    }
  });

  it('that are common words leave JSON a document with its fields', async () => {
    await using here = await place({
      'states/web.yaml': 'x:\n  test.succeed_with_changes: []\n',
      'pillar-secret/keys.yaml':
        '#!yaml\na: "true"\nb: results\nc: changed\nd: "0"\ne: name\nf: 1\ng: web\nh: "null"\ni: result\nj: e\n',
    });
    for (const words of [
      ['apply', 'web', '--json'],
      ['apply', 'web', '--test', '--json'],
      ['show', 'lowstate', 'web', '--json'],
      ['show', 'pillar', '--json'],
      ['history', '--json'],
      ['status', '--json'],
    ]) {
      const { stdout } = here.run(...words);
      const data = JSON.parse(stdout);
      if (words[0] === 'apply') expect(data).to.have.keys(['results', 'summary']);
      if (words[0] === 'apply') expect(data.results[0]).to.include.keys(['name', 'result', 'changes', 'sls']);
    }
    const { stdout } = here.run('apply', 'web', '--output', 'ndjson');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).to.include.members(['run-started', 'run-finished']);
  });

  it('that others can read, or whose folder they can write to, are refused', async () => {
    await using here = await place({ 'states/web.yaml': 'x: test.nop\n' });
    chmodSync(here.at('pillar-secret/keys.yaml'), 0o640);
    const file = here.run('apply', 'web');
    expect(file.code).to.equal(3);
    expect(file.output)
      .to.include('error[secret-exposed]')
      .and.include('its mode is 0640')
      .and.include('chmod 0600');
    chmodSync(here.at('pillar-secret/keys.yaml'), 0o600);
    chmodSync(here.at('pillar-secret'), 0o770);
    expect(here.run('apply', 'web').output).to.include('error[secret-exposed]').and.include('folder');
    chmodSync(here.at('pillar-secret'), 0o700);
    expect(here.run('apply', 'web').code).to.equal(0);
    const block = await encrypted(here.identity, 'x');
    writeFileSync(here.at('pillar/plain.yaml'), `pw: |\n${block.replace(/^/gm, '  ')}\n`);
    chmodSync(here.at('identity'), 0o644);
    expect(here.run('apply', 'web').output).to.include('error[secret-exposed]').and.include('identity');
  });

  it('that cannot be decrypted stop everything, and name the place only', async () => {
    await using here = await place({ 'states/web.yaml': 'x: test.nop\n' });
    const other = await generateX25519Identity();
    const block = await encrypted(here.identity, 'swordfish-1');
    const lines = block.trim().split('\n');
    const middle = lines[2]!;
    const tampered = [...lines.slice(0, -2), `${lines.at(-2)!.slice(0, -6)}AAAA==`, lines.at(-1)].join('\n');
    const cases: [string, string, RegExp][] = [
      [
        'of another node',
        await encrypted(other, 'swordfish-1'),
        /secret-unreadable.*\n.*db:password.*not encrypted for this node/,
      ],
      ['tampered with', tampered, /secret-unreadable.*\n.*db:password/],
      ['cut', block.replace(middle, ''), /secret-unreadable.*\n.*db:password/],
      ['no base64', block.replace(middle, '!!!'), /secret-unreadable.*\n.*db:password.*damaged/],
    ];
    for (const [title, text, pattern] of cases) {
      writeFileSync(here.at('pillar/plain.yaml'), `db:\n  password: |\n${text.replace(/^/gm, '    ')}\n`);
      const { code, output } = here.run('apply', 'web');
      expect(code, title).to.equal(3);
      expect(output, title).to.match(pattern);
      expect(output, title).to.not.include('swordfish');
    }
    writeFileSync(here.at('pillar/plain.yaml'), `db:\n  password: |\n${block.replace(/^/gm, '    ')}\n`);
    writeFileSync(
      here.at('c.yaml'),
      readFileSync(here.at('c.yaml'), 'utf8').replace('identity: identity', 'identity: none'),
    );
    const none = here.run('apply', 'web');
    expect(none.code).to.equal(3);
    expect(none.output).to.include('error[no-identity]').and.include('keygen');
  });

  it('in a malformed file are not quoted by its error', async () => {
    await using here = await place({ 'states/web.yaml': 'x: test.nop\n' });
    for (const text of [
      'pw: "swordfish\n',
      'pw: swordfish: x\n',
      'pw: {{ swordfish }}\n',
      'pw: {% swordfish %}\n',
      'swordfish\n',
    ]) {
      writeFileSync(here.at('pillar-secret/keys.yaml'), text);
      for (const words of [
        ['apply', 'web'],
        ['apply', 'web', '--json'],
        ['show', 'pillar'],
      ]) {
        const { code, output } = here.run(...words);
        expect(code, text).to.equal(3);
        expect(output, text).to.not.include('swordfish');
        expect(output, text).to.include('keys.yaml');
      }
    }
  });

  it('are decrypted again only when they change, and what is kept of them is encrypted', async () => {
    await using here = await place({ 'states/web.yaml': 'x: test.nop\n' });
    const block = await encrypted(here.identity, 'swordfish-1');
    writeFileSync(here.at('pillar/plain.yaml'), `pw: |\n${block.replace(/^/gm, '  ')}\n`);
    here.run('apply', 'web');
    const kept = [...filesBelow(here.at('cache'))].filter((file) => file.includes('/secret-'));
    expect(kept).to.have.lengthOf(1);
    expect(readFileSync(kept[0]!, 'utf8')).to.not.include('swordfish');
    expect(statSync(here.at('state/key')).mode & 0o777).to.equal(0o600);
    const before = here.run('show', 'pillar').output;
    expect(here.run('show', 'pillar').output).to.equal(before);
    // A cache that somebody spoiled is no way to another secret.
    writeFileSync(kept[0]!, readFileSync(kept[0]!, 'utf8').replace(/.{8}$/, 'AAAAAAA='));
    expect(here.run('show', 'pillar').output).to.equal(before);
  });
});
