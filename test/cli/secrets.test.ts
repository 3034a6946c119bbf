/** Canaries: forty secrets go through every verb and every output, and none of them comes out where it should not. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const entry = new URL('../../scripts/entry.ts', import.meta.url).pathname;

interface Said {
  readonly code: number | null;
  readonly output: string;
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
      'state_dir: state\ncache: cache\ncolor: never\nlog_level: trace\n',
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
      return { code: status, output: `${stdout}${stderr}` };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const spellings = [
  (value: string) => value,
  (value: string) => Buffer.from(value).toString('base64').replace(/=+$/, ''),
  (value: string) => encodeURIComponent(value),
  (value: string) => JSON.stringify(value).slice(1, -1),
  (value: string) => Buffer.from(value).toString('hex'),
];

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
  };
  for (let index = Object.keys(found).length; index < 40; index++) {
    found[`generated_${index}`] = `vogel${index}-${Buffer.from(`nest${index * 7919}`).toString('base64url')}`;
  }
  return found;
}

function expectClean(text: string, values: { readonly [name: string]: string }, where: string): void {
  for (const [name, value] of Object.entries(values)) {
    const parts = value.includes('\n') ? value.split('\n').map((line) => line.trim()) : [value];
    for (const part of parts.filter((one) => one.length > 3 && !one.startsWith('-----'))) {
      for (const spelled of spellings) {
        expect(
          text.includes(spelled(part)),
          `${name} stands in ${where}:\n${around(text, spelled(part))}`,
        ).to.equal(false);
      }
    }
  }
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return at === -1 ? '' : text.slice(Math.max(0, at - 200), at + 200);
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
      'pillar-secret/keys.yaml': JSON.stringify({ canary: plain }),
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
      ['history'],
      ['history', 'show', 'last'],
      ['history', 'diff', 'last-1', 'last', '--json'],
      ['owed'],
    ];
    for (const words of runs) {
      const { code, output } = here.run(...words);
      expect(code, `${words.join(' ')}:\n${output.slice(0, 2000)}`).to.be.oneOf([0, 1]);
      expectClean(output, values, words.join(' '));
    }
    const config = readFileSync(here.at('out/config'), 'utf8');
    expect(config).to.include('whole = kanarienvogel-77').and.include('generated_39 = vogel39');
    expect(here.run('show', 'pillar').output)
      .to.match(/whole: '?«canary:whole #[0-9a-f]{4}»/)
      .and.include('public');
    const meant = ['out/config', 'out/template', 'pillar-secret/keys.yaml'].map((path) => here.at(path));
    for (const file of filesBelow(here.at('.'))) {
      if (!meant.includes(file)) expectClean(readFileSync(file, 'utf8'), values, file);
    }
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
