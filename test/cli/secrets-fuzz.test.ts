/**
 * Random trees that use random secrets in all kinds of places, through all verbs: nothing of the secrets is seen but
 * where they are meant to be. `CONVERGE_FUZZ_ROUNDS` makes more of them, `CONVERGE_FUZZ_SEED` begins with another one.
 */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { type Canaries, seenBelow, seenIn } from '../helpers/canaries.ts';
import { type Chance, createChance } from '../helpers/chance.ts';
import { sink } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const signs = `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~ `;

function word(chance: Chance, length: number, from = letters): string {
  return Array.from({ length }, () => from[chance.below(from.length)]!).join('');
}

/** Each kind begins and ends with letters of its own, so that it stands nowhere by chance. */
const kinds: readonly ((chance: Chance, others: readonly string[]) => string)[] = [
  (chance) => word(chance, 6 + chance.below(20)),
  (chance) => word(chance, 8 + chance.below(24), letters + signs.repeat(2)).trim(),
  (chance) => `${word(chance, 3)}'${word(chance, 3)}"${word(chance, 2)}\\n\\${word(chance, 3)}`,
  (chance) => `${word(chance, 4)} ${word(chance, 4)}  ${word(chance, 4)}`,
  (chance) => `${word(chance, 6)}ß☃𝄞é${word(chance, 3)}`,
  (chance) => [word(chance, 12), word(chance, 9, letters + signs), `  ${word(chance, 14)}`, ''].join('\n'),
  (chance) => `-----BEGIN KEY-----\n${word(chance, 64)}\n${word(chance, 64)}\n-----END KEY-----\n`,
  (chance) => word(chance, 300 + chance.below(1500)),
  (chance) => String(1_000_000_000 + chance.below(2_000_000_000)),
  (chance, others) => `${others.at(-1) ?? 'x'}${word(chance, 5)}`,
  (chance, others) => (others.at(-1) ?? word(chance, 12)).slice(0, 7) + word(chance, 4),
  (chance) => `%41${word(chance, 6)}%zz&amp;\\u0041${word(chance, 4)}`,
  (chance) => `{{ ${word(chance, 8)} }} {% ${word(chance, 4)} %}`,
  (chance) => `\${HOME}$(${word(chance, 8)}) \`${word(chance, 5)}\``,
  (chance) =>
    `${chance.pick(['!', '&', '*', '@', '- ', '? ', '# ', '| ', '> '])}${word(chance, 9)}: ${word(chance, 5)} # x`,
  (chance) => `^(${word(chance, 6)}|.*)[${word(chance, 4)}]{2}$`,
  (chance) => `«${word(chance, 6)} #12ab» ${word(chance, 4)}`,
  (chance) => `/${word(chance, 6)}/../${word(chance, 5)}`,
  (chance) => `\t${word(chance, 8)}\t${word(chance, 4)}\x07`,
];

function nastySecrets(chance: Chance): { [name: string]: string } {
  const made: string[] = [];
  for (let count = 4 + chance.below(5); count > 0; count--) {
    const value = chance.pick(kinds)(chance, made);
    if (value.trim().length >= 6) made.push(value);
  }
  return Object.fromEntries(made.map((value, index) => [`s${index}`, value]));
}

const filters = [
  '',
  ' | string',
  ' | json',
  ' | tojson',
  ' | yaml_dquote',
  ' | yaml_encode',
  ' | python',
  ' | quote',
  ' | base64_encode',
  ' | urlencode',
  ' | escape',
  ' | regex_escape',
  ' | json | json',
  ' | urlencode | json',
  ' | base64_encode | urlencode',
  ' | indent(4)',
  ' | trim',
  ' | list | join',
];

/** A secret as a scalar of YAML, whatever it holds; or bare, as an expression of a template. */
type Give = (bare?: true) => string;

/** States, each as YAML below an ID. `text` gives a scalar in double quotes that holds a secret. */
const uses: readonly ((text: Give, name: (suffix: string) => string, chance: Chance) => string)[] = [
  (text, name) =>
    `file.managed:\n    - name: ${name('managed')}\n    - mode: '0600'\n    - contents: ${text()}`,
  (_, name) => `file.managed:\n    - name: ${name('pillar')}\n    - contents_pillar: canary:s0`,
  (_, name) =>
    `file.managed:\n    - name: ${name('template')}\n    - source: salt://template.j2\n    - template: jinja`,
  (text, name) =>
    `file.managed:\n    - name: ${name('context')}\n    - source: salt://context.j2\n    - template: jinja\n    - context:\n        given: ${text()}`,
  (text, name) =>
    `file.managed:\n    - name: ${name('checked')}\n    - contents: ${text()}\n    - check_cmd: sh -c 'cat "$0" >&2; exit 1'`,
  (text, name) => `file.append:\n    - name: ${name('append')}\n    - makedirs: true\n    - text: ${text()}`,
  (text, name) =>
    `file.replace:\n    - name: ${name('replace')}\n    - pattern: ${text()}\n    - repl: ${text()}\n    - append_if_not_found: true`,
  (text, name) =>
    `file.blockreplace:\n    - name: ${name('block')}\n    - content: ${text()}\n    - append_if_not_found: true`,
  (text, name) =>
    `file.line:\n    - name: ${name('line')}\n    - mode: ensure\n    - content: ${text()}\n    - after: ${text()}`,
  (text, name) =>
    `file.keyvalue:\n    - name: ${name('keyvalue')}\n    - key: a\n    - value: ${text()}\n    - append_if_not_found: true`,
  (text, name, chance) =>
    `file.serialize:\n    - name: ${name('serialize')}\n    - serializer: ${chance.pick(['json', 'yaml', 'toml', 'configparser'])}\n    - dataset:\n        section:\n          key: ${text()}`,
  (text, name) => `file.symlink:\n    - name: ${name('link')}\n    - target: ${text()}`,
  (text, name) => `file.absent:\n    - name: ${name('gone')}/{{ ${text(true)} | urlencode }}`,
  (text) => `cmd.run:\n    - name: ${text()}`,
  (text) => `cmd.run:\n    - name: printf %s {{ ${text(true)} | string | quote }}; exit 3`,
  (text) =>
    `cmd.run:\n    - name: printf %s "$S" | base64; printf %s "$S" | od -An -tx1 >&2; env\n    - env:\n      - S: ${text()}`,
  (text) => `cmd.run:\n    - name: cat\n    - stdin: ${text()}`,
  (text) => `cmd.run:\n    - name: 'true'\n    - unless: ${text()}\n    - onlyif: ${text()}`,
  (text, name) => `cmd.run:\n    - name: pwd\n    - cwd: ${text()}\n    - creates: ${name('none')}`,
  (text) => `cmd.run:\n    - name: echo\n    - shell: ${text()}`,
  () => `cmd.script:\n    - name: salt://script.sh.j2\n    - template: jinja`,
  (text) => `test.show_notification:\n    - text: ${text()}`,
  (text) => `test.fail_without_changes:\n    - comment: ${text()}`,
  (text) =>
    `test.configurable_test_state:\n    - changes: true\n    - result: false\n    - comment: ${text()}`,
  (text) => `environ.setenv:\n    - name: FUZZED\n    - value: ${text()}`,
  (text) =>
    `http.query:\n    - name: http://127.0.0.1:1/{{ ${text(true)} | urlencode }}\n    - status: 200\n    - header_dict:\n        Authorization: ${text()}`,
  (text) =>
    `http.wait_for_successful_query:\n    - name: http://127.0.0.1:1/\n    - request_interval: 0\n    - wait_for: 0\n    - status: 200\n    - data: ${text()}`,
  (text, name) =>
    `git.latest:\n    - name: https://127.0.0.1:1/x.git\n    - target: ${name('git')}\n    - https_user: x\n    - https_pass: ${text()}`,
];

const more: typeof uses = [
  (text, name) =>
    `file.managed:\n    - name: ${name('raw')}\n    - contents: {{ ${text(true)} | replace('\\n', ' ') }}`,
  (text) => `test.nop:\n    - text: "{{ ${text(true)} | replace('\\n', ' ') }}"`,
  (text) => `test.show_notification:\n    - text: '{{ ${text(true)} | replace('\\n', ' ') }}'`,
  (text) => `test.nop:\n    - any: [{{ ${text(true)} | replace('\\n', ' ') }}]`,
  (text, name) =>
    `file.managed:\n    - name: ${name('named')}-{{ ${text(true)} | urlencode | replace('/', '_') | truncate(150, true, '…') }}\n    - contents: x`,
  (text, name) =>
    `file.directory:\n    - name: ${name('folder')}/{{ ${text(true)} | base64_encode | replace('/', '_') | truncate(99, true, '…') }}\n    - makedirs: true`,
  (text, name) =>
    `file.decode:\n    - name: ${name('decoded')}\n    - encoded_data: {{ ${text(true)} | string | base64_encode }}`,
  (text, name) =>
    `file.managed:\n    - name: ${name('broken')}\n    - source: salt://broken.j2\n    - template: jinja\n    - context:\n        given: ${text()}`,
  (text, name) =>
    `file.recurse:\n    - name: ${name('recursed')}\n    - source: salt://tree\n    - template: jinja\n    - context:\n        given: ${text()}`,
  (text, name) => `file.managed:\n    - name: ${name('nosource')}\n    - source: ${text()}`,
  (text, name) => `file.copy:\n    - name: ${name('copied')}\n    - source: ${text()}`,
  (text, name) =>
    `file.patch:\n    - name: ${name('patched')}\n    - source: salt://{{ ${text(true)} | urlencode }}`,
  (text, name) =>
    `file.prepend:\n    - name: ${name('prepend')}\n    - makedirs: true\n    - text:\n      - ${text()}\n      - ${text()}`,
  (text, name) =>
    `file.managed:\n    - name: ${name('diff')}\n    - contents:\n      - a {{ salt['random.get_str'](9) }}\n      - ${text()}\n      - b`,
  (text) => `test.nop:\n    - name: {{ salt['cmd.run']('cat', stdin=${text(true)} | string) | json }}`,
  (text) => `test.nop:\n    - name: {% do salt['log.error'](${text(true)}) %} logged`,
  (text) =>
    `cmd.run:\n    - name: echo {{ ${text(true)} | string | quote }} | gzip | base64 -d\n    - retry:\n        attempts: 2\n        interval: 0`,
  (text, _, chance) =>
    `cmd.run:\n    - name: "yes {{ ${text(true)} | urlencode }} | head -c ${chance.below(8) === 0 ? 2_300_000 : 500}; exit 1"`,
  (text) =>
    `cmd.run:\n    - name: sleep 0.01\n    - shell: /bin/bash\n    - umask: '077'\n    - env:\n        A: ${text()}\n    - output_loglevel: quiet`,
  (text) =>
    `cmd.script:\n    - name: salt://script.sh.j2\n    - template: jinja\n    - args: {{ ${text(true)} | string | quote | json }}`,
  (text) => `test.nop:\n    - onlyif:\n      - fun: test.echo\n        text: ${text()}`,
  (text, name) =>
    `file.managed:\n    - name: ${name('unit')}\n    - contents: x\n    - unless: test {{ ${text(true)} | string | quote }} = x\n    - check_cmd: test -z {{ ${text(true)} | string | quote }}`,
  (text) => `test.succeed_with_changes:\n    - comment: ${text()}`,
];

/** What keeps a tree from compiling, with a secret at hand that could be quoted. */
const mistakes: readonly ((text: Give) => string)[] = [
  (text) => `file.managed:\n    - name: /x\n    - mode: ${text()}`,
  (text) => `file.managed:\n    - name: /x\n    - makedirs: ${text()}`,
  (text) => `file.managed:\n    - name: /x\n    - ${text()}: 1`,
  (text) => `cmd.run:\n    - name: x\n    - timeout: ${text()}`,
  (text) => `test.nop:\n    - require:\n      - file: ${text()}`,
  (text) => `test.nop:\n    - watch: ${text()}`,
  (text) => `test.nop:\n    - onlyif:\n      - fun: ${text()}`,
  (text) => `${text()}:\n    - x`,
  (text) => `test.nop: ${text()}`,
  (text) => `test.nop: {{ ${text(true)}.nope.nope }}`,
  (text) => `test.nop: {{ ${text(true)} + 1 }}`,
  (text) => `test.nop: {{ pillar[${text(true)}] }}`,
  (text) => `test.nop: {{ raise(${text(true)}) }}`,
  (text) => `test.nop: {{ salt[${text(true)}]() }}`,
  (text) => `test.nop: {{ ${text(true)} | strftime('%Y') }}`,
  (text) => `test.nop: {{ ${text(true)} | load_yaml }} {{ ${text(true)} | load_json }}`,
  (text) => `test.nop: {% include ${text(true)} %}`,
  (text) => `test.nop: {% import_yaml ${text(true)} as y %}`,
  () => `test.nop: {{ pillar.canary }}\n  :\n   - }{ ]`,
  (text) => `test.nop: []\n  x: "{{ ${text(true)} }}`,
  (text) => `test.nop: []\ninclude:\n  - ${text()}`,
  (text) => `test.nop: []\nextend:\n  ${text()}:\n    test.nop: []`,
];

interface Round {
  readonly canaries: Canaries;
  readonly files: { readonly [path: string]: string };
  readonly compiles: boolean;
}

async function roundOf(chance: Chance, identity: string): Promise<Round> {
  const canaries = nastySecrets(chance);
  const names = Object.keys(canaries);
  const expression = () => `pillar.canary.${chance.pick(names)}${chance.pick(filters)}`;
  const scalar: Give = (bare) => (bare ? `(${expression()})` : `{{ (${expression()}) | string | json }}`);
  let count = 0;
  const name = (suffix: string) => `{{ salt['environ.get']('DIR') }}/out/${suffix}${count++}`;
  const ids = (bodies: readonly string[]) =>
    bodies.map((body, index) => {
      const id = chance.below(6) === 0 ? `{{ ("id ${index} " ~ ${expression()}) | json }}` : `id${index}`;
      return `${id}:\n  ${body}\n`;
    });
  const compiles = chance.below(3) > 0;
  const bodies = chance
    .some([...uses, ...more], 6 + chance.below(10))
    .map((use) => use(scalar, name, chance));
  if (!compiles) bodies.push(chance.pick(mistakes)(scalar));
  return {
    canaries,
    compiles,
    files: {
      'c.yaml': [
        'states: states\npillar: [pillar, pillar-secret]\nsecret_pillar: pillar-secret\nidentity: identity',
        'state_dir: state\ncache: cache\ncolor: never\nlog_level: trace\nsyslog: true\nmetrics: state/metrics.prom\n',
      ].join('\n'),
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web.yaml': `out:\n  file.directory:\n    - name: {{ salt['environ.get']('DIR') }}/out\n    - order: first\n${ids(bodies).join('')}`,
      'states/template.j2': names
        .map((key) => `${key}: {{ pillar.canary.${key}${chance.pick(filters)} }}\n`)
        .join(''),
      'states/context.j2': `x {{ given }} y\n{{ given | tojson }}\n`,
      'states/broken.j2': `{{ given }}\n{{ given.nope.nope }}\n`,
      'states/tree/a.j2': `{{ given }}`,
      'states/script.sh.j2': `#!/bin/sh\nprintf %s {{ ${expression()} | string | quote }}\n`,
      ...(await pillarFiles(chance, canaries, identity)),
    },
  };
}

/** Some secrets in blocks, the others in a file of secrets or one that is encrypted as a whole. */
async function pillarFiles(
  chance: Chance,
  canaries: Canaries,
  identity: string,
): Promise<{ readonly [path: string]: string }> {
  const secrets = Object.entries(canaries);
  const cut = chance.below(secrets.length + 1);
  const blocks = await Promise.all(
    secrets.slice(cut).map(async ([key, value]) => {
      const block = await encrypted(identity, value);
      return `  ${key}: !secret |\n${block.replace(/^/gm, '    ')}\n`;
    }),
  );
  const kept = JSON.stringify({ canary: Object.fromEntries(secrets.slice(0, cut)) }).replace(
    /\{\{|\{%|\{#/g,
    (open) =>
      // A pillar file is a template, too.
      open.replace('{', '\\u007b'),
  );
  const whole = chance.below(2) === 0;
  return {
    'pillar/top.yaml': "base:\n  '*': [plain, keys]\n",
    'pillar/plain.yaml': `word: public\n${blocks.length > 0 ? `canary:\n${blocks.join('')}` : ''}`,
    ...(whole
      ? { 'pillar/keys.yaml.age': await encrypted(identity, `#!yaml\n${kept}`) }
      : { 'pillar-secret/keys.yaml': `#!yaml\n${kept}` }),
  };
}

async function encrypted(identity: string, text: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  return armor.encode(await encrypter.encrypt(text));
}

/** What holds files as they were is meant to hold secrets, too. */
const meant = /^(out|pillar-secret|identity|c\.yaml|state\/(objects|undo|backups))(\/|$)/;

const readings: readonly (readonly string[])[] = [
  ['show', 'pillar'],
  ['show', 'pillar', '--json'],
  ['show', 'highstate'],
  ['show', 'lowstate', '--json'],
  ['show', 'order'],
  ['show', 'sls', 'web'],
  ['lint'],
  ['lint', '--json'],
  ['history'],
  ['history', 'show', 'last'],
  ['history', '--json'],
  ['owed'],
  ['owns'],
  ['owns', '--json'],
  ['status'],
  ['status', '--json'],
  ['pillar', 'get', 'canary'],
  ['highstate', '--test'],
  ['highstate', '--test', '--json'],
  ['highstate', '--test', '--out', 'plan.json'],
  ['apply-plan', 'plan.json'],
  ['rollback', 'last', '--test'],
  ['restore', 'out/managed0', '--test'],
  ['apply', 'web', '--pillar-override', '{"canary": {"s0": 1}}', '--test'],
];

/** Other values for the same secrets: what was in force before is nobody's to see either. */
const rotate: readonly string[] = ['rotate'];

const runs: readonly (readonly string[])[] = [
  ['highstate', '--state-output', 'full'],
  ['highstate', '--json'],
  ['highstate', '--output', 'ndjson', '--junit', 'junit.xml'],
  ['highstate', '--output', 'quiet'],
];

async function play(seed: number, onRun: () => void): Promise<string | undefined> {
  const chance = createChance(seed);
  await using folder = temporaryFolder();
  const at = (path: string) => join(folder.path, path);
  const identity = await generateX25519Identity();
  const { canaries, files } = await roundOf(chance, identity);
  function write(all: { readonly [path: string]: string }): void {
    for (const [path, content] of Object.entries(all)) {
      mkdirSync(at(path.replace(/[^/]*$/, '')), { recursive: true });
      writeFileSync(at(path), content, { mode: 0o600 });
    }
  }
  write({ ...files, identity: `${identity}\n` });
  mkdirSync(at('pillar-secret'), { recursive: true });
  chmodSync(at('pillar-secret'), 0o700);
  const verbs = [
    ...chance.some(readings, 3),
    chance.pick(runs),
    rotate,
    ...chance.some(readings, 4),
    chance.pick(runs),
    ...chance.some(readings, 3),
  ];
  /** Those in force, and those that were: of them only a fingerprint is kept. */
  let all: Canaries = canaries;
  let old: Canaries = {};
  const before = process.env['DIR'];
  process.env['DIR'] = folder.path;
  try {
    for (const words of verbs) {
      if (words === rotate) {
        const fresh = Object.values(nastySecrets(chance));
        const rotated = Object.fromEntries(
          Object.keys(canaries).map((name, index) => [name, fresh[index] ?? all[name]!]),
        );
        old = Object.fromEntries(
          Object.entries(all).filter(([name, value]) => rotated[name] !== value && value.trim().length > 8),
        );
        all = rotated;
        for (const path of ['pillar/keys.yaml.age', 'pillar-secret/keys.yaml'])
          rmSync(at(path), { force: true });
        write(await pillarFiles(chance, rotated, identity));
        continue;
      }
      const [stdout, stderr] = [sink(), sink()];
      const code = await executeCli([...words, '--config', 'c.yaml'], {
        stdout,
        stderr,
        env: { LANG: 'C.UTF-8', HOME: folder.path, PATH: process.env['PATH'] },
        cwd: folder.path,
        uid: 1,
      });
      const said = stdout.text + stderr.text;
      if (code === 70) return `${words.join(' ')} is a bug:\n${said.slice(-3000)}`;
      if (runs.includes(words) && code < 3) onRun();
      const seen = seenIn(said, all) ?? seenIn(said, old, /base64|hex/);
      if (seen)
        return `${words.join(' ')} shows ${seen.name} (${JSON.stringify([all[seen.name], old[seen.name]])}) as ${seen.how}:\n${seen.around}`;
      if (words.includes('--json') && stdout.text !== '') JSON.parse(stdout.text);
    }
    const [kept] = seenBelow(
      folder.path,
      { ...all },
      (path) => meant.test(path) || path.startsWith('states/'),
    );
    return (
      kept &&
      `${kept.path} holds ${kept.name} (${JSON.stringify(all[kept.name])}) as ${kept.how}:\n${kept.around}`
    );
  } finally {
    delete process.env['FUZZED'];
    if (before === undefined) delete process.env['DIR'];
    else process.env['DIR'] = before;
  }
}

describe('secrets in random trees', () => {
  const rounds = Number(process.env['CONVERGE_FUZZ_ROUNDS'] ?? 60);
  const first = Number(process.env['CONVERGE_FUZZ_SEED'] ?? 1);

  it(`are seen nowhere (${rounds} rounds from seed ${first})`, async function () {
    this.timeout(60_000 + rounds * 3000);
    let ran = 0;
    for (let seed = first; seed < first + rounds; seed++) {
      const failure = await play(seed, () => ran++).catch((error: Error) => error.stack);
      if (failure) expect.fail(`CONVERGE_FUZZ_SEED=${seed} CONVERGE_FUZZ_ROUNDS=1: ${failure}`);
    }
    expect(ran, 'runs that compiled').to.be.at.least(Math.floor(rounds / 4));
  });
});
