/** The verbs that keep secrets, as their users type them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const entry = new URL('../../scripts/start.mjs', import.meta.url).pathname;

function place(files: Tree = {}) {
  const folder = temporaryFolder();
  buildTree(folder.path, {
    'c.yaml':
      'states: states\npillar: pillar\nidentity: keys/identity\nstate_dir: state\ncache: cache\ncolor: never\n',
    'states/web.yaml': 'x: test.nop\n',
    'pillar/top.yaml': "base:\n  '*': [db]\n",
    'pillar/db.yaml':
      '# The database.\nadmin: !secret hunter2\nport: 5984 # as ever\nkey: !secret |\n  line one\n  line two\n',
    ...files,
  });
  const at = (path: string) => join(folder.path, path);
  return {
    at,
    text: (path: string) => readFileSync(at(path), 'utf8'),
    run(words: readonly string[], { stdin = '', editor = 'false' } = {}) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [entry, ...words, '--config', 'c.yaml'],
        {
          cwd: folder.path,
          env: { PATH: process.env['PATH'], HOME: folder.path, EDITOR: editor },
          encoding: 'utf8',
          input: stdin,
        },
      );
      return { code: status, stdout, stderr };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('pillar', function () {
  this.timeout(60_000);

  it('keygen makes an identity for its owner only, once', async () => {
    await using here = place();
    const made = here.run(['pillar', 'keygen']);
    expect(made.code).to.equal(0);
    expect(made.stdout).to.match(/^age1[0-9a-z]+\n$/);
    expect(statSync(here.at('keys/identity')).mode & 0o777).to.equal(0o600);
    const before = here.text('keys/identity');
    const again = here.run(['pillar', 'keygen']);
    expect(again.code).to.equal(3);
    expect(here.text('keys/identity')).to.equal(before);
    const listed = here.run(['pillar', 'recipients']);
    expect(listed.stdout).to.equal(`${made.stdout.trim()}  this node, not in recipients.txt\n`);
  });

  it('encrypts what is tagged in a file, in place, and the run reads it', async () => {
    await using here = place();
    here.run(['pillar', 'keygen']);
    const forgotten = here.run(['apply', 'web']);
    expect(forgotten.code, 'a secret that was not encrypted').to.equal(3);
    expect(forgotten.stderr)
      .to.include('pillar/db.yaml:2')
      .and.include('!secret')
      .and.not.match(/hunter2|line one/);
    const done = here.run(['pillar', 'encrypt', 'pillar/db.yaml']);
    expect(done.stderr).to.include('2 secrets encrypted');
    const text = here.text('pillar/db.yaml');
    expect(text)
      .to.match(/^# The database\.\nadmin: !secret \|\n {2}-----BEGIN AGE/)
      .and.include('\nport: 5984 # as ever\n');
    expect(text).to.not.match(/hunter2|line one/);
    expect(here.run(['apply', 'web']).code).to.equal(0);
    expect(here.run(['pillar', 'get', 'admin']).stdout).to.match(/^«admin #[0-9a-f]{4}»\n$/);
    expect(here.run(['pillar', 'get', 'admin', '--reveal']).stdout).to.equal('hunter2\n');
    expect(here.run(['pillar', 'get', 'key', 'port', '--reveal', '--json']).stdout).to.equal(
      `${JSON.stringify({ key: 'line one\nline two\n', port: 5984 }, null, 2)}\n`,
    );
    expect(here.run(['pillar', 'get', 'nosuch']).code).to.equal(3);
    here.run(['pillar', 'encrypt', 'pillar/db.yaml']);
    expect(here.text('pillar/db.yaml'), 'what is encrypted stays').to.equal(text);
    expect(here.run(['pillar', 'decrypt', 'pillar/db.yaml']).stdout).to.equal(
      '# The database.\nadmin: !secret "hunter2"\nport: 5984 # as ever\nkey: !secret |\n  line one\n  line two\n',
    );
  });

  it('encrypts a value from stdin for everybody in recipients.txt', async () => {
    const friend = await generateX25519Identity();
    await using here = place();
    const own = here.run(['pillar', 'keygen']).stdout.trim();
    writeFileSync(
      here.at('pillar/recipients.txt'),
      `# db1\n${own}\n\n${await identityToRecipient(friend)} # a friend\n`,
    );
    const block = here.run(['pillar', 'encrypt'], { stdin: 'hunter3\n' }).stdout;
    expect(block).to.match(/^!secret \|\n {2}-----BEGIN AGE/);
    expect(here.run(['pillar', 'decrypt'], { stdin: block }).stdout).to.equal('hunter3\n');
    writeFileSync(here.at('friend'), `${friend}\n`, { mode: 0o600 });
    writeFileSync(here.at('c.yaml'), here.text('c.yaml').replace('keys/identity', 'friend'));
    expect(here.run(['pillar', 'decrypt'], { stdin: block }).stdout).to.equal('hunter3\n');
    const listed = here.run(['pillar', 'recipients']).stdout;
    expect(listed).to.include('this node\n').and.include(`${own}  db1`);
    writeFileSync(here.at('pillar/recipients.txt'), 'age1short\n');
    const wrong = here.run(['pillar', 'encrypt'], { stdin: 'x' });
    expect(wrong.stderr).to.include('error[bad-recipient]').and.include('recipients.txt:1');
  });

  it('edit encrypts what was changed and leaves the rest as it is, and nothing behind', async () => {
    await using here = place();
    here.run(['pillar', 'keygen']);
    here.run(['pillar', 'encrypt', 'pillar/db.yaml']);
    const before = here.text('pillar/db.yaml');
    const key = before.slice(before.indexOf('key:'));
    const left = () => readdirSync('/dev/shm').filter((name) => name.startsWith('converge-'));
    const there = left();
    writeFileSync(
      here.at('editor'),
      `grep -q 'admin: !secret "hunter2"' "$1" && stat -c %a "$1" > ${here.at('mode')} && sed -i 's/hunter2/hunter4/; s/5984/5985/' "$1"\n`,
    );
    const done = here.run(['pillar', 'edit', 'pillar/db.yaml'], { editor: `sh ${here.at('editor')}` });
    expect(done.code, done.stderr).to.equal(0);
    expect(done.stderr).to.include('1 secret encrypted');
    expect(here.text('mode')).to.equal('600\n');
    expect(here.run(['pillar', 'get', 'admin', 'port', '--reveal']).stdout).to.equal('hunter4\n5985\n');
    expect(here.text('pillar/db.yaml').endsWith(key), 'the other block is the same').to.equal(true);
    const after = here.text('pillar/db.yaml');
    const failed = here.run(['pillar', 'edit', 'pillar/db.yaml'], { editor: 'false' });
    expect(failed.code).to.equal(3);
    const idle = here.run(['pillar', 'edit', 'pillar/db.yaml'], { editor: 'true' });
    expect(idle.stderr).to.include('nothing was changed');
    expect(here.text('pillar/db.yaml')).to.equal(after);
    expect(left()).to.deep.equal(there);
  });

  it('rotate encrypts for those who are recipients now, all files or none', async () => {
    const friend = await generateX25519Identity();
    await using here = place({ 'pillar/more.yaml': 'more: !secret tea\n' });
    const own = here.run(['pillar', 'keygen']).stdout.trim();
    here.run(['pillar', 'encrypt', 'pillar/db.yaml', 'pillar/more.yaml']);
    writeFileSync(here.at('pillar/recipients.txt'), `${own}\n${await identityToRecipient(friend)}\n`);
    const done = here.run(['pillar', 'rotate', 'pillar/db.yaml', 'pillar/more.yaml']);
    expect(done.stderr)
      .to.include('2 secrets encrypted anew for 2 recipients')
      .and.include('more.yaml: 1 secret');
    writeFileSync(here.at('keys/identity'), `${friend}\n`);
    expect(here.run(['pillar', 'decrypt', 'pillar/db.yaml']).stdout).to.include('hunter2');
    const text = here.text('pillar/db.yaml');
    writeFileSync(
      here.at('pillar/more.yaml'),
      here.text('pillar/more.yaml').replace(/\n {2}[A-Za-z0-9+/=]{20,}\n/, '\n  AAAA\n'),
    );
    const failed = here.run(['pillar', 'rotate', 'pillar/db.yaml', 'pillar/more.yaml']);
    expect(failed.code).to.equal(3);
    expect(failed.stderr).to.include('pillar/more.yaml:1: ');
    expect(here.text('pillar/db.yaml')).to.equal(text);
  });

  it('encrypts files as a whole: found by the same name, rendered, and secret in all they hold', async () => {
    await using here = place({
      'pillar/top.yaml': "base:\n  '*': [db, certs, old]\n",
      'pillar/db.yaml': 'port: 1\n',
      'pillar/certs.yaml.age':
        '# {{ grains.id }}\n{% set host = "db" %}{{ host }}:\n  key: s3cret-{{ 1 + 1 }}\n  pin: 918273\n',
      'pillar/old/init.yaml': 'old: tell-nobody\n',
      'states/web.yaml':
        'told:\n  test.show_notification:\n    - text: {{ pillar.db.key }} {{ pillar.old }}\n',
    });
    const own = here.run(['pillar', 'keygen']).stdout.trim();
    const forgotten = here.run(['apply', 'web']);
    expect(forgotten.code, forgotten.stderr).to.equal(3);
    expect(forgotten.stderr)
      .to.include('certs.yaml.age')
      .and.include('not encrypted')
      .and.not.include('s3cret');
    const done = here.run(['pillar', 'encrypt', 'pillar/certs.yaml.age']);
    expect(done.stderr).to.include('certs.yaml.age: encrypted as a whole');
    here.run(['pillar', 'encrypt', '--whole', 'pillar/old/init.yaml']);
    for (const file of ['pillar/certs.yaml.age', 'pillar/old/init.yaml'])
      expect(here.text(file)).to.match(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect(here.run(['pillar', 'encrypt', 'pillar/old/init.yaml']).stderr).to.include('is encrypted already');
    const ran = here.run(['apply', 'web', '--state-output', 'full']);
    expect(ran.code, ran.stderr).to.equal(0);
    expect(ran.stdout).to.match(/«db:key #[0-9a-f]{4}» «old #[0-9a-f]{4}»/);
    expect(here.run(['pillar', 'get', 'db', '--reveal', '--json']).stdout).to.equal(
      `${JSON.stringify({ db: { key: 's3cret-2', pin: 918273 } }, null, 2)}\n`,
    );
    expect(here.run(['pillar', 'decrypt', 'pillar/old/init.yaml']).stdout).to.equal('old: tell-nobody\n');

    writeFileSync(here.at('editor'), 'echo more: yes >> "$1"; case "$1" in *.age) exit 1;; esac\n');
    const edited = here.run(['pillar', 'edit', 'pillar/certs.yaml.age'], {
      editor: `sh ${here.at('editor')}`,
    });
    expect(edited.stderr).to.include('encrypted as a whole');
    expect(here.run(['pillar', 'decrypt', 'pillar/certs.yaml.age']).stdout).to.match(
      /pin: 918273\nmore: yes\n$/,
    );
    const made = here.run(['pillar', 'edit', 'pillar/new.yaml.age'], { editor: `sh ${here.at('editor')}` });
    expect(made.code, made.stderr).to.equal(0);
    expect(here.text('pillar/new.yaml.age')).to.match(/^-----BEGIN AGE/);

    const friend = await generateX25519Identity();
    writeFileSync(here.at('pillar/recipients.txt'), `${own}\n${await identityToRecipient(friend)}\n`);
    expect(here.run(['pillar', 'rotate', 'pillar/certs.yaml.age']).stderr).to.include('for 2 recipients');
    writeFileSync(here.at('keys/identity'), `${friend}\n`);
    expect(here.run(['pillar', 'decrypt', 'pillar/certs.yaml.age']).stdout).to.include('s3cret');
    const foreign = here.run(['apply', 'web']);
    expect(foreign.code).to.equal(3);
    expect(foreign.stderr)
      .to.match(/error\[secret-unreadable\] pillar\/old\/init.yaml:1/)
      .and.include('not encrypted for this node')
      .and.not.match(/tell-nobody|BEGIN AGE/);
  });

  it('reads files as age itself writes them, and names one that was tampered with', async () => {
    await using here = place({ 'pillar/db.yaml': '', 'pillar/top.yaml': "base:\n  '*': [key]\n" });
    const own = here.run(['pillar', 'keygen']).stdout.trim();
    const encrypter = new Encrypter();
    encrypter.addRecipient(own);
    const bytes = await encrypter.encrypt('admin: hunter2\n');
    writeFileSync(here.at('pillar/key.sls.age'), bytes);
    expect(here.run(['pillar', 'get', 'admin', '--reveal']).stdout).to.equal('hunter2\n');
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(here.at('pillar/key.sls.age'), bytes);
    const { code, stderr } = here.run(['apply', 'web']);
    expect(code).to.equal(3);
    expect(stderr)
      .to.match(/error\[secret-unreadable\] pillar\/key.sls.age:1/)
      .and.include('was changed after');
  });

  it('are also found among the sources of states, as text and as bytes', async () => {
    await using here = place({
      'states/web.yaml': [
        'key:\n  file.managed:\n    - name: {{ opts.cachedir }}/../out/key\n    - source: salt://certs/key.pem\n    - makedirs: true\n    - mode: keep\n',
        'bytes:\n  file.managed:\n    - name: {{ opts.cachedir }}/../out/bytes\n    - source: [salt://none, salt://certs/bytes.p12]\n    - makedirs: true\n',
        'rendered:\n  file.managed:\n    - name: {{ opts.cachedir }}/../out/rendered\n    - source: salt://certs/conf\n    - template: jinja\n    - makedirs: true\n',
        'as it is:\n  file.managed:\n    - name: {{ opts.cachedir }}/../out/as-it-is\n    - source: salt://certs/key.pem.age\n    - makedirs: true\n',
      ].join(''),
      'states/certs/key.pem.age': { content: 'first-line-of-it\nsecond-line-of-it\n', mode: 0o600 },
      'states/certs/conf.age': 'port = {{ pillar.port }} word-of-conf\n',
    });
    const own = here.run(['pillar', 'keygen']).stdout.trim();
    here.run(['pillar', 'encrypt', 'pillar/db.yaml', 'states/certs/key.pem.age', 'states/certs/conf.age']);
    const bytes = Buffer.from([0, 255, 1, 254, 10, 0]);
    const encrypter = new Encrypter();
    encrypter.addRecipient(own);
    writeFileSync(here.at('states/certs/bytes.p12.age'), await encrypter.encrypt(bytes));
    const foretold = here.run(['apply', 'web', '--test']);
    expect(foretold.code, foretold.stderr).to.equal(0);
    const ran = here.run(['apply', 'web', '--state-output', 'full', '--log-level', 'trace']);
    expect(ran.code, ran.stdout + ran.stderr).to.equal(0);
    expect(ran.stdout + ran.stderr + foretold.stdout)
      .to.match(/\+«certs_key.pem #[0-9a-f]{4}»/)
      .and.not.match(/line-of-it|word-of-conf/);
    expect(here.text('out/key')).to.equal('first-line-of-it\nsecond-line-of-it\n');
    expect(statSync(here.at('out/key')).mode & 0o777).to.equal(0o600);
    expect(readFileSync(here.at('out/bytes')).equals(bytes)).to.equal(true);
    expect(here.text('out/rendered')).to.equal('port = 5984 word-of-conf\n');
    expect(here.text('out/as-it-is')).to.match(/^-----BEGIN AGE/);
    expect(here.run(['apply', 'web']).stdout).to.include('0 changed');
    for (const file of readdirSync(here.at('cache'), { recursive: true, withFileTypes: true })) {
      if (file.isFile())
        expect(readFileSync(join(file.parentPath, file.name), 'utf8')).to.not.match(/line-of-it|word-of/);
    }
    writeFileSync(here.at('keys/identity'), `${await generateX25519Identity()}\n`);
    writeFileSync(here.at('pillar/db.yaml'), 'port: 5984\n');
    const foreign = here.run(['apply', 'web']);
    expect(foreign.code).to.equal(3);
    expect(foreign.stderr)
      .to.match(/error\[secret-unreadable\] states\/certs\/key.pem.age/)
      .and.include('salt://certs/key.pem')
      .and.not.include('BEGIN AGE');
  });

  it('edit leaves nothing behind, however it ends', async () => {
    await using here = place();
    here.run(['pillar', 'keygen']);
    here.run(['pillar', 'encrypt', 'pillar/db.yaml']);
    const left = () => readdirSync('/dev/shm').filter((name) => name.startsWith('converge-edit-'));
    const before = left();
    writeFileSync(here.at('editor'), 'test -f "$1" && kill -INT $PPID; sleep 0.2; exit 0\n');
    const stopped = here.run(['pillar', 'edit', 'pillar/db.yaml'], {
      editor: `exec sh ${here.at('editor')}`,
    });
    expect(stopped.stderr).to.include('nothing was changed');
    expect(left(), 'after SIGINT').to.deep.equal(before);
    writeFileSync(here.at('editor'), 'kill -KILL $PPID\n');
    here.run(['pillar', 'edit', 'pillar/db.yaml'], { editor: `exec sh ${here.at('editor')}` });
    here.run(['pillar', 'edit', 'pillar/db.yaml'], { editor: 'true' });
    expect(left(), 'after SIGKILL, and another edit').to.deep.equal(before);
  });

  it('says what is wrong with its words', async () => {
    await using here = place();
    for (const words of [
      ['pillar'],
      ['pillar', 'encrpyt'],
      ['pillar', 'edit'],
      ['pillar', 'keygen', 'x'],
      ['show', 'pillar', '--reveal'],
    ]) {
      expect(here.run(words).code, words.join(' ')).to.equal(64);
    }
    expect(here.run(['pillar', 'encrpyt']).stderr).to.include('pillar encrypt');
    expect(here.run(['pillar', 'encrypt', 'none.yaml']).stderr).to.include('error[file-not-found]');
    expect(here.run(['pillar', 'decrypt'], { stdin: 'x' }).stderr).to.include('no armoured block');
    expect(here.run(['pillar', 'encrypt'], { stdin: 'x' }).stderr).to.include('error[no-identity]');
  });
});
