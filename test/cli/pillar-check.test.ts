/** The pillar is held against the schemas of state trees: in every verb, with places, without secrets, and only once. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { read } from '../../engine/cli/compilation.ts';
import { createPillarCheck } from '../../engine/cli/pillar-check.ts';
import { createWorld } from '../../engine/cli/world.ts';
import { Trouble } from '../../engine/core/diagnostic.ts';
import { createTree } from '../../engine/source/tree.ts';
import { seenBelow, seenIn } from '../helpers/canaries.ts';
import { stage } from '../helpers/cli.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const schema = JSON.stringify({
  required: ['web'],
  properties: {
    web: { required: ['port'], properties: { port: { type: 'integer' } }, additionalProperties: false },
  },
});

/** A tree that cannot be rendered without its pillar. */
const web = {
  'states/web/init.sls': 'web{{ pillar.web.port + 1 }}: test.nop\n',
  'states/web/pillar.schema.json': schema,
  'states/other.sls': 'other: test.nop\n',
};

const pillarOf = (text: string) => ({ 'pillar/top.sls': "base: {'*': [data]}\n", 'pillar/data.sls': text });

/** The first line of each error, with places below the folder. */
const errors = (text: string) => text.replace(/\/\S*\/converge-test-\w+\//g, '').match(/^error.*$/gm) ?? [];

describe('the pillar and the schema of a state tree', () => {
  it('are compared by every verb that compiles', async () => {
    await using place = stage({ ...web, 'states/top.sls': "base: {'*': [web]}\n" });
    for (const words of [
      ['highstate'],
      ['highstate', '--test'],
      ['apply', 'web'],
      ['apply', 'web.init', '--json'],
      ['apply', '*'],
      ['show', 'lowstate'],
      ['show', 'highstate'],
      ['show', 'sls', 'web'],
      ['lint'],
      ['lint', 'web'],
    ]) {
      const { code, stdout, stderr } = await place.run(...words);
      expect(code, words.join(' ')).to.equal(3);
      expect(stdout + stderr, words.join(' '))
        .to.contain('no-pillar')
        .and.not.contain('template-');
    }
    expect((await place.run('apply', 'other')).code).to.equal(0);
  });

  it('leave a pillar alone that fits', async () => {
    await using place = stage({ ...web, ...pillarOf('web: {port: 80}\nother: 1\n') });
    expect(await place.run('apply', 'web')).to.deep.include({ code: 0, stderr: '' });
  });

  it('belong to all files of the folder and below it, and each mistake is told once', async () => {
    await using place = stage({
      ...web,
      ...pillarOf('web: {prt: 80}\n'),
      'states/web/deep/more.sls': 'more{{ pillar.web.port + 2 }}: test.nop\n',
      'states/web/deep/pillar.schema.json': '{"required": ["deep"]}',
      'states/all.sls': 'include: [web, web.deep.more]\n',
    });
    const { stderr } = await place.run('apply', 'all');
    expect(errors(stderr)).to.deep.equal([
      'error[missing-pillar-key] pillar/data.sls:1:1',
      'error[unknown-pillar-key] pillar/data.sls:1:7',
      'error[no-pillar] states/web/deep/pillar.schema.json:1:2',
    ]);
    expect(stderr).to.contain('Did you mean "port"?');
  });

  it('tell the place of a value that the command line gives', async () => {
    await using place = stage({
      ...web,
      ...pillarOf('web: {port: 80}\n'),
      'more.yaml': '# more\nweb:\n  port: x\n',
    });
    const run = (override: string) => place.run('apply', 'web', '--test', `--pillar-override=${override}`);
    expect(errors((await run('more.yaml')).stderr)).to.deep.equal(['error[bad-pillar-value] more.yaml:3:9']);
    expect(errors((await run('{"web": {"x": 1}}')).stderr)).to.deep.equal([
      'error[unknown-pillar-key] command line:1:1',
    ]);
  });

  describe('in lint', () => {
    it('pass over what nobody asked for and the pillar has nothing for', async () => {
      await using place = stage({ ...web, 'states/user.sls': 'include: [web]\n' });
      const { code, stdout } = await place.run('lint');
      expect(code).to.equal(0);
      expect(stdout).to.equal(
        '1 SLS file checked, no errors.\n' +
          'Not checked, because the pillar of this node has nothing for them: user, web.\n',
      );
      expect(JSON.parse((await place.run('lint', '--json')).stdout)).to.deep.equal({
        errors: [],
        checked: ['other'],
        unchecked: ['user', 'web'],
      });
    });

    it('tell of a pillar that has something, and that is wrong', async () => {
      await using place = stage({ ...web, ...pillarOf('web: {port: x}\n') });
      const { code, stderr } = await place.run('lint');
      expect(code).to.equal(3);
      expect(errors(stderr)).to.deep.equal(['error[bad-pillar-value] pillar/data.sls:1:13']);
    });

    it('tell of a schema that is broken, whoever asks', async () => {
      await using place = stage({ ...web, 'states/web/pillar.schema.json': '{' });
      expect(errors((await place.run('lint')).stderr)).to.deep.equal([
        'error[bad-pillar-schema] states/web/pillar.schema.json:1:2',
      ]);
    });
  });

  it('never show a secret', async () => {
    const values = {
      whole: 'kanarienvogel-77',
      short: 'Zq7x',
      number: '918273645',
      encrypted: 'vögelchen nest 42',
    };
    const identity = await generateX25519Identity();
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(identity));
    const armoured = armor
      .encode(await encrypter.encrypt(values.encrypted))
      .trim()
      .replace(/^/gm, '    ');
    const refusing = { type: 'string', pattern: '^no$', enum: ['no'], maxLength: 2 };
    await using place = stage({
      'states/web/init.sls': 'x: test.nop\n',
      'states/web/pillar.schema.json': JSON.stringify({
        properties: {
          web: {
            properties: { whole: refusing, short: refusing, number: refusing, encrypted: refusing },
            additionalProperties: false,
          },
        },
      }),
      'pillar/top.sls': "base: {'*': [plain, keys]}\n",
      'pillar/plain.sls': `web:\n  encrypted: !secret |\n${armoured}\n`,
      hidden: { directory: true, mode: 0o700 },
      'hidden/keys.sls': {
        content: `web:\n  whole: ${values.whole}\n  short: ${values.short}\n  number: ${values.number}\n  extra: ${values.whole}\n`,
        mode: 0o600,
      },
      identity: { content: `${identity}\n`, mode: 0o600 },
      'c.yaml':
        'pillar: [pillar, hidden]\nsecret_pillar: hidden\nidentity: identity\ncache: cache\nstate_dir: state\nsyslog: false\n',
    });
    for (const words of [
      ['apply', 'web', '--test'],
      ['apply', 'web', '--test', '--json'],
      ['apply', 'web', '--test', '--output=ndjson'],
      ['lint'],
    ]) {
      const { code, stdout, stderr } = await place.run(...words, '--config', 'c.yaml', '--root=root');
      expect(code, stderr).to.equal(3);
      expect(stdout + stderr)
        .to.contain('web:encrypted')
        .and.contain('web:number');
      expect(stdout + stderr).to.contain('keys.sls');
      expect(seenIn(stdout + stderr, values), words.join(' ')).to.equal(undefined);
    }
    const isMeant = (path: string) => path === 'hidden/keys.sls';
    expect(seenBelow(place.path, values, isMeant)).to.deep.equal([]);
  });
});

describe('createPillarCheck', () => {
  const file = (name: string) => ({ name, file: name, text: '' });

  async function inTree(
    files: Tree,
    work: (check: ReturnType<typeof createPillarCheck>, asked: string[]) => Promise<void>,
  ): Promise<void> {
    await using folder = temporaryFolder();
    buildTree(folder.path, files);
    const asked: string[] = [];
    const check = createPillarCheck({
      tree: createTree([folder.path]),
      pillar: { value: new Map(), locate: () => undefined },
      cache: {
        get(_, text) {
          asked.push(text);
          return text.includes('"known"') ? '' : undefined;
        },
        put: () => {},
      },
      fingerprint: () => 'of the pillar',
    });
    await work(check, asked);
  }

  it('waits for nothing where there is no schema, or what passed before', () =>
    inTree({ 'a/pillar.schema.json': '{"required": ["known"]}' }, async (check, asked) => {
      expect(check(file('top.sls'))).to.equal(undefined);
      expect(check(file('b/c/init.sls'))).to.equal(undefined);
      expect(asked).to.deep.equal([]);
      expect(check(file('a/init.sls'))).to.equal(undefined);
      expect(check(file('a/b/c.sls'))).to.equal(undefined);
      expect(asked).to.have.length(1);
      expect(asked[0]).to.contain('of the pillar').and.contain('"known"');
    }));

  it('tells once of a schema that cannot be read', () =>
    inTree({ 'a/pillar.schema.json': Buffer.from([0x7b, 0xff]) }, async (check) => {
      const [found] = (await check(file('a/init.sls'))) ?? [];
      expect(found?.code).to.equal('not-utf8');
      expect((await check(file('a/more.sls')))?.[0]).to.equal(found);
    }));

  it('finds the schemas of all folders above a file, the outermost first', () =>
    inTree(
      {
        'pillar.schema.json': '{"required": ["x"]}',
        'a/pillar.schema.json': '{"required": ["y"]}',
        'a/b/pillar.schema.json': '{"required": ["z"]}',
        'c/pillar.schema.json': '{"required": ["w"]}',
      },
      async (check) => {
        const found = await check(file('a/b/c.sls'));
        expect(found?.map(({ message }) => /"(.)"/.exec(message)?.[1])).to.deep.equal(['x', 'y', 'z']);
        const once = await check(file('a/d.sls'));
        expect(once?.[0]).to.equal(found?.[0]);
      },
    ));
});

describe('the memory of pillars that passed', () => {
  /** What goes wrong, and how many checks are remembered. */
  async function checked(folder: string): Promise<[errors: number, remembered: number]> {
    const world = await createWorld(
      { states: ['states'], pillar: ['pillar'], id: 'n1' },
      {
        stdout: { write: () => {} },
        stderr: { write: () => {} },
        env: { HOME: folder },
        cwd: folder,
        uid: 1,
      },
    );
    let wrong = 0;
    try {
      await read(world, ['web']);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      wrong = error.diagnostics.length;
    }
    return [wrong, memories(folder).length];
  }

  function memories(folder: string): string[] {
    const below = join(folder, '.cache/converge');
    return readdirSync(below, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('pillar-'))
      .map((name) => join(below, name));
  }

  it('goes by the pillar and the schema, and tells nothing of the pillar', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { ...web, ...pillarOf('web: {port: 48151623}\n') });
    expect(await checked(folder.path)).to.deep.equal([0, 1]);
    expect(await checked(folder.path)).to.deep.equal([0, 1]);
    for (const file of memories(folder.path)) {
      expect(readFileSync(file, 'utf8').split('\n')).to.have.length(2);
      expect(readFileSync(file, 'utf8'))
        .to.match(/^1 [0-9a-f]{16}\n/)
        .and.not.contain('48151623');
    }
    writeFileSync(join(folder.path, 'pillar/data.sls'), 'web: {port: x}\n');
    expect(await checked(folder.path)).to.deep.equal([1, 1]);
    expect(await checked(folder.path)).to.deep.equal([1, 1]);
    writeFileSync(join(folder.path, 'pillar/data.sls'), 'web: {port: 48151623}\n');
    expect(await checked(folder.path)).to.deep.equal([0, 1]);
    writeFileSync(join(folder.path, 'states/web/pillar.schema.json'), '{"required": ["more"]}');
    expect(await checked(folder.path)).to.deep.equal([1, 1]);
    writeFileSync(join(folder.path, 'states/web/pillar.schema.json'), '{"requird": ["web"]}');
    expect(await checked(folder.path)).to.deep.equal([1, 1]);
  });
});
