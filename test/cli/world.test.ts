/** What verbs work with: grains, pillar and look-ups, each put together when asked for. */
import { expect } from 'chai';
import type { Options } from '../../engine/cli/given.ts';
import type { Settings } from '../../engine/cli/settings.ts';
import { createWorld, type World } from '../../engine/cli/world.ts';
import { HostTrouble } from '../../engine/core/host.ts';
import { toPlain } from '../../engine/core/value.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { stage } from '../helpers/cli.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

async function inWorld(
  files: Tree,
  options: Partial<Options>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  await using folder = temporaryFolder();
  buildTree(folder.path, {
    root: { directory: true },
    states: { directory: true },
    pillar: { directory: true },
    ...files,
  });
  const world = await createWorld(
    { states: ['states'], pillar: ['pillar'], root: 'root', cache: false, ...options },
    { stdout: { write: () => {} }, stderr: { write: () => {} }, env: {}, cwd: folder.path, uid: 1 },
  );
  await work(world);
}

const pillar = {
  'pillar/top.sls': "base: {'*': [p]}\n",
  'pillar/p.sls': 'id: {{ grains.id }}\na: {b: [x, {c: 1}]}\n8080: port\n',
};

describe('world', () => {
  it('tells its settings before anything is read', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { states: { directory: true } });
    const told: Settings[] = [];
    await createWorld(
      { states: ['states'], pillar: [], cache: false, output: 'json' },
      {
        stdout: { write: () => {} },
        stderr: { write: () => {} },
        env: {},
        cwd: folder.path,
        uid: 1,
        onSettings: (one) => told.push(one),
      },
    );
    expect(told.map(({ output }) => output)).to.deep.equal(['json']);
  });

  const ids: [title: string, files: Tree, options: Partial<Options>, id: string][] = [
    ['the option', { 'c.yaml': 'id: set\n' }, { id: 'told', config: 'c.yaml' }, 'told'],
    ['the settings file', { 'c.yaml': 'id: set\n' }, { config: 'c.yaml' }, 'set'],
    ['the facts of another host', { 'g.yaml': 'id: other\n' }, { grains: 'g.yaml' }, 'other'],
    [
      'the option, over facts of another host',
      { 'g.yaml': 'id: other\n' },
      { grains: 'g.yaml', id: 'told' },
      'told',
    ],
  ];
  for (const [title, files, options, id] of ids) {
    it(`takes the id from ${title}`, () =>
      inWorld(files, options, async (world) => {
        expect(world.id).to.equal(id);
        expect(world.grains.get('id')).to.equal(id);
        expect((await world.node()).id).to.equal(id);
      }));
  }

  it('renders the pillar once, with grains', () =>
    inWorld(pillar, { id: 'n1' }, async (world) => {
      const first = await world.pillar();
      expect(first).to.equal(await world.pillar());
      expect(toPlain(first)).to.deep.equal({ id: 'n1', a: { b: ['x', { c: 1 }] }, 8080: 'port' });
    }));

  it('lays the override over the pillar, and shows it to pillar files', () =>
    inWorld(
      { ...pillar, 'pillar/p.sls': 'seen: {{ pillar.get("a", "nothing") }}\na: file\n' },
      { pillarOverride: '{"a": "told"}' },
      async (world) => {
        expect(toPlain(await world.pillar())).to.deep.equal({ seen: 'told', a: 'told' });
      },
    ));

  const paths: [path: string, value: unknown][] = [
    ['id', 'n1'],
    ['a:b:0', 'x'],
    ['a:b:1:c', 1],
    ['8080', 'port'],
    ['a:nope', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ];
  for (const [path, value] of paths) {
    it(`looks up ${path}`, () =>
      inWorld(pillar, { id: 'n1' }, async (world) => {
        expect(await world.lookUp('pillar', path)).to.equal(value);
      }));
  }

  it('calls functions by name, and says what was meant', () =>
    inWorld(pillar, { id: 'n1' }, async (world) => {
      await world.states();
      expect(await world.call('pillar.get', ['a:b:0'], new Map())).to.equal('x');
      expect(await world.call('pillar.get', ['nope'], new Map([['default', 'd']]))).to.equal('d');
      for (const name of ['pilar.get', 'constructor', '__proto__']) {
        let thrown: unknown;
        try {
          await world.call(name, [], new Map());
        } catch (error) {
          thrown = error;
        }
        expect(thrown, name).to.be.instanceOf(HostTrouble);
        if (name === 'pilar.get') expect((thrown as HostTrouble).hint).to.equal('Did you mean "pillar.get"?');
      }
    }));

  it('hosts look up grains and pillar by path', () =>
    inWorld(pillar, { id: 'n1' }, async (world) => {
      const host = await world.host(() => {});
      expect(host.grain('id')).to.equal('n1');
      expect(host.pillar('a:b:1:c')).to.equal(1);
      expect(host.pillar('nope')).to.equal(undefined);
      expect(host.rooted).to.equal(true);
    }));
});

describe('what templates see', () => {
  it('of the options is the same in a dry run', async () => {
    await using here = stage({
      'states/top.sls': "base: {'*': [main]}\n",
      'states/main.sls':
        "/a: {file.managed: [{contents: '{{ opts.test }} {{ opts.id }} {{ opts.local }} {{ opts.saltenv }}'}]}\n",
    });
    const contents = async (...words: string[]) => {
      const { stdout } = await here.run('highstate', '--json', '--id', 'n1', ...words);
      return JSON.parse(stdout).results[0].changes.content.diff;
    };
    const dry = await contents('--test');
    expect(dry).to.include('+False n1 True base');
    expect(await contents()).to.equal(dry);
  });

  const status = 'Package: hello\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\n\n';

  it('asks anew in templates and conditions once the run changed something', () =>
    inWorld({ 'root/etc': { directory: true }, 'root/var/lib/dpkg/status': '\n' }, {}, async (world) => {
      const host = await world.host(() => {});
      const rendered = async (id: string, more: object = {}) => {
        const content = Buffer.from(
          "{{ salt['file.file_exists']('/etc/a') }} {{ salt['pkg.version']('hello') }}",
        );
        const source = { url: `salt://${id}`, content };
        const request = { engine: 'jinja', source, context: new Map(), id, sls: 's', ...more };
        return (await host.render(request)).text.trim();
      };
      const version = () => world.call('pkg.version', ['hello'], new Map());
      expect(await rendered('one')).to.equal('False');
      expect(await version()).to.equal('');
      await host.perform({ kind: 'write', path: '/etc/a', content: Buffer.from('x') });
      await host.perform({ kind: 'write', path: '/var/lib/dpkg/status', content: Buffer.from(status) });
      await host.perform({ kind: 'exec', command: { argv: ['true'], belowRoot: true } });
      expect(await rendered('one'), 'a state that looks at what it did').to.equal('False');
      expect(await rendered('one', { fresh: true }), 'a state that waits').to.equal('True 1.0');
      expect(await rendered('two')).to.equal('True 1.0');
      expect(await version()).to.equal('1.0');
    }));

  it('looks through a dry run too, which knows what would be there', () =>
    inWorld({ 'root/etc': { directory: true }, 'root/var/lib/dpkg/status': '\n' }, {}, async (world) => {
      const overlay = createOverlay(await world.host(() => {}));
      world.lookThrough(overlay);
      const content = Buffer.from(
        "{{ salt['file.file_exists']('/etc/a') }}{{ salt['pkg.version']('hello') }}",
      );
      const rendered = async (id: string) => {
        const source = { url: `salt://${id}`, content };
        return (await overlay.render({ engine: 'jinja', source, context: new Map(), id, sls: 's' })).text;
      };
      expect(await rendered('one')).to.equal('False');
      await overlay.perform({ kind: 'write', path: '/etc/a', content: Buffer.from('x') });
      await overlay.perform({
        kind: 'exec',
        command: { argv: ['no-such-tool'] },
        settles: [{ about: 'package', name: 'hello', version: '1.0' }],
      });
      expect(await rendered('two')).to.equal('True1.0');
      const waiting = {
        engine: 'jinja',
        source: { url: 'here', content },
        context: new Map(),
        id: 'w',
        sls: 's',
      };
      expect((await overlay.render({ ...waiting, fresh: true })).text).to.equal('True1.0');
      expect(await world.call('pkg.version', ['hello'], new Map())).to.equal('1.0');
    }));
});
