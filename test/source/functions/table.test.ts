/** Functions answer as Salt's do, on this machine and with the settings handed to them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Dict, fromPlain } from '../../../engine/core/value.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import type { Resolver } from '../../../engine/source/functions/context.ts';
import { createFunctions } from '../../../engine/source/functions/table.ts';
import { repr, str } from '../../../engine/source/jinja/printing.ts';
import { JinjaError, type Keywords } from '../../../engine/source/jinja/values.ts';

const folder = mkdtempSync(join(tmpdir(), 'converge-functions-'));
const host = createLocalHost();
const asked: (readonly string[] | undefined)[] = [];

const resolver = {
  resolve4: async (name: string) => {
    if (name === 'down.example') throw Object.assign(new Error('timeout'), { code: 'ETIMEOUT' });
    if (name !== 'web.example') throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return ['10.0.0.2', '10.0.0.1'];
  },
  resolveSrv: async () => [
    { priority: 20, weight: 1, port: 80, name: 'b.example' },
    { priority: 10, weight: 5, port: 81, name: 'a.example' },
  ],
  resolveMx: async () => [{ priority: 10, exchange: 'mx.example' }],
  resolveTxt: async () => [['v=spf1 ', '-all']],
} as unknown as Resolver;

function functionsFor(options: Partial<{ pillar: unknown; opts: unknown }> = {}) {
  return createFunctions({
    id: 'node1',
    pillar: fromPlain(
      options.pillar ?? {
        app: { name: 'shop', port: 80, list: [1, 2], users: [{ anna: { uid: 7 } }], none: null },
        both: 'from pillar',
      },
    ) as Dict,
    grains: fromPlain({
      id: 'node1',
      os_family: 'Debian',
      os: 'Ubuntu',
      kernel: 'Linux',
      roles: ['web', 'db'],
      both: 'from grains',
      empty: '',
      nested: { key: 'value' },
    }) as Dict,
    opts: fromPlain(options.opts ?? { test: false }) as Dict,
    run: (command) => host.runSync(command),
    host: () => host,
    source: (url) =>
      url.endsWith('hello.txt')
        ? { url, content: Buffer.from('hello\n') }
        : url.endsWith('formula/defaults.yaml')
          ? { url, content: Buffer.from('port: 80\nname: shop\n') }
          : { missing: `${url} is not in the file roots` },
    names: () => ['hello.txt', 'web/init.sls', 'web/files/a.conf'],
    resolver: (servers) => {
      asked.push(servers);
      return resolver;
    },
  });
}

const functions = functionsFor();

async function call(
  name: string,
  args: unknown[] = [],
  kwargs: Keywords = {},
  table = functions,
): Promise<unknown> {
  const found = table.get(name);
  if (!found) throw new Error(`no function ${name}`);
  return found(args, kwargs);
}

const dict = (value: unknown) => fromPlain(value) as unknown;
const osMap = dict({
  Debian: { pkg: 'apache2' },
  'Red*': { pkg: 'httpd' },
  default: { pkg: 'web' },
  base: { port: 80, pkg: 'x' },
});

type Case = [name: string, args: unknown[], printed: string, kwargs?: Keywords];

const CASES: Case[] = [
  ['pillar.get', ['app:name'], 'shop'],
  ['pillar.get', ['app:nope'], ''],
  ['pillar.get', ['app:nope', 5], '5'],
  ['pillar.get', ['app:nope', null], 'None'],
  ['pillar.get', ['app:none', 'x'], 'None'],
  ['pillar.get', ['app/name'], 'shop', { delimiter: '/' }],
  ['pillar.get', ['app:users:anna:uid'], '7'],
  ['pillar.get', ['app:list:1'], '2'],
  [
    'pillar.get',
    ['app', dict({ port: 1, host: 'h' })],
    "{'port': 80, 'host': 'h', 'name': 'shop', 'list': [1, 2], 'users': [{'anna': {'uid': 7}}], 'none': None}",
    { merge: true },
  ],
  ['pillar.get', ['app:list', [2, 3]], '[2, 3, 1]', { merge: true }],
  ['pillar.get', ['nope', dict({ a: 1 })], "{'a': 1}", { merge: true }],
  [
    'pillar.get',
    ['app', dict({ list: [9] })],
    "{'list': [9, 1, 2]",
    { merge: true, merge_nested_lists: true },
  ],
  ['pillar.get', ['app:name', dict({ a: 1 })], 'shop', { merge: true }],
  ['pillar.item', ['app:name', 'nope'], "{'app:name': 'shop', 'nope': ''}"],
  ['pillar.keys', ['app'], "['name', 'port', 'list', 'users', 'none']"],
  ['pillar.ls', [], "['app', 'both']"],
  ['grains.get', ['os'], 'Ubuntu'],
  ['grains.get', ['nested:key'], 'value'],
  ['grains.get', ['nope:x', 'none'], 'none'],
  ['grains.item', ['os', 'nope'], "{'os': 'Ubuntu', 'nope': ''}"],
  ['grains.has_value', ['os'], 'True'],
  ['grains.has_value', ['empty'], 'False'],
  ['grains.equals', ['os', 'Ubuntu'], 'True'],
  ['grains.filter_by', [osMap], "{'pkg': 'apache2'}"],
  ['grains.filter_by', [osMap, 'os'], "{'pkg': 'web'}"],
  [
    'grains.filter_by',
    [osMap, 'os'],
    "{'port': 1, 'pkg': 'x'}",
    { default: 'nope', base: 'base', merge: dict({ port: 1 }) },
  ],
  ['grains.filter_by', [osMap], "{'port': 80, 'pkg': 'apache2'}", { base: 'base' }],
  ['grains.filter_by', [osMap], "{'pkg': 'mine'}", { merge: dict({ pkg: 'mine' }) }],
  ['grains.filter_by', [dict({ d: 1, 'w*': 2 }), 'roles'], '2'],
  ['grains.filter_by', [dict({ a: 1 })], 'None'],
  ['config.get', ['app:name'], 'shop'],
  ['config.get', ['both'], 'from grains'],
  ['config.get', ['both'], 'from pillar', { omit_grains: true }],
  ['config.get', ['nope', 'dflt'], 'dflt'],
  ['config.option', ['os'], 'Ubuntu'],
  ['cmd.run', ['echo hello   $HOME'], 'hello $HOME'],
  ['cmd.run', ['echo "a  b" \'c d\''], 'a  b c d'],
  ['cmd.run', ['echo a; echo b'], 'a\nb', { python_shell: true }],
  ['cmd.run', [['echo', 'a b']], 'a b'],
  ['cmd.shell', ['echo $X'], '5', { env: dict({ X: 5 }) }],
  ['cmd.run_stdout', ['echo out; echo err >&2'], 'out', { python_shell: true }],
  ['cmd.run_stderr', ['echo out; echo err >&2'], 'err', { python_shell: true }],
  ['cmd.retcode', ['false'], '1'],
  ['cmd.has_exec', ['sh'], 'True'],
  ['cmd.has_exec', ['no-such-program'], 'False'],
  ['cmd.which', ['no-such-program'], 'None'],
  ['file.file_exists', [join(folder, 'a.txt')], 'True'],
  ['file.file_exists', [folder], 'False'],
  ['file.file_exists', [join(folder, 'link')], 'True'],
  ['file.directory_exists', [folder], 'True'],
  ['file.is_link', [join(folder, 'link')], 'True'],
  ['file.readlink', [join(folder, 'link')], 'a.txt'],
  ['file.read', [join(folder, 'a.txt')], 'one\nTwo\n'],
  ['file.get_mode', [join(folder, 'a.txt')], '0640'],
  ['file.basename', ['/a/b.txt'], 'b.txt'],
  ['file.dirname', ['/a/b.txt'], '/a'],
  ['file.dirname', ['/a'], '/'],
  ['file.join', ['/a', 'b', 'c'], '/a/b/c'],
  ['file.grep', [join(folder, 'a.txt'), 'two', '-i'], "{'retcode': 0, 'stdout': 'Two', 'stderr': ''}"],
  ['file.contains', [join(folder, 'a.txt'), 'Tw'], 'True'],
  ['file.search', [join(folder, 'a.txt'), '^T.o$'], 'True'],
  ['file.get_hash', [join(folder, 'a.txt'), 'md5'], '19bbbf40d0bb3603ed1d4a4cadb936fa'],
  ['test.ping', [], 'True'],
  ['test.echo', ['x'], 'x'],
  ['test.arg', [1], "{'args': (1,), 'kwargs': {'a': 2}}", { a: 2 }],
  ['match.glob', ['node*'], 'True'],
  ['match.compound', ['G@os:Ubuntu and not db*'], 'True'],
  ['match.list', ['a,node1'], 'True'],
  ['match.grain', ['os|Ubuntu'], 'True', { delimiter: '|' }],
  ['match.pillar', ['app:name:sh*'], 'True'],
  ['match.ifelse', ['db*', 1, 'node*', 2, 3], '2'],
  ['match.filter_by', [dict({ 'db*': 'db', 'node*': 'web', default: 'x' })], 'web'],
  ['hashutil.digest', ['abc', 'sha1'], 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['hashutil.md5_digest', ['abc'], '900150983cd24fb0d6963f7d28e17f72'],
  ['hashutil.base64_b64encode', ['foo'], 'Zm9v'],
  ['hashutil.base64_b64decode', ['Zm9v'], 'foo'],
  ['slsutil.merge', [dict({ a: { x: 1 } }), dict({ a: { y: 2 } })], "{'a': {'x': 1, 'y': 2}}"],
  ['slsutil.merge', [dict({ l: [1] }), dict({ l: [2] })], "{'l': [1, 2]}", { merge_lists: true }],
  ['slsutil.merge_all', [[dict({ a: 1 }), dict({ b: 2 }), dict({ a: 3 })]], "{'a': 3, 'b': 2}"],
  ['slsutil.boolstr', [true, 'on', 'off'], 'on'],
  ['slsutil.serialize', ['json', dict({ b: [1], a: null })], '{"b": [1], "a": null}'],
  ['slsutil.serialize', ['json', dict({ b: 1 })], '{\n  "b": 1\n}', { indent: 2 }],
  ['slsutil.serialize', ['yaml', dict({ b: [1], a: 'off' })], "a: 'off'\nb:\n- 1"],
  ['slsutil.serialize', ['yaml', dict({ b: [1] })], '{b: [1]}', { default_flow_style: true }],
  ['slsutil.serialize', ['yaml', 'a'], 'a'],
  ['slsutil.deserialize', ['yaml', 'a: off\n'], "{'a': False}"],
  ['slsutil.deserialize', ['json', '{"a": [1]}'], "{'a': [1]}"],
  ['slsutil.findup', ['web/files', 'init.sls'], 'web/init.sls'],
  ['slsutil.findup', ['web/files', ['nope', 'hello.txt']], 'hello.txt'],
  ['slsutil.dir_exists', ['web/files'], 'True'],
  ['cp.get_file_str', ['salt://hello.txt'], 'hello\n'],
  ['cp.list_master', [], "['hello.txt', 'web/files/a.conf', 'web/init.sls']"],
  ['defaults.merge', [dict({ a: { x: 1 } }), dict({ a: { y: 2 } })], "{'a': {'x': 1, 'y': 2}}"],
  ['defaults.get', ['formula:port'], '80'],
  ['environ.get', ['NO_SUCH_VARIABLE', 'x'], 'x'],
  ['environ.has_value', ['PATH'], 'True'],
  ['user.info', ['no-such-user'], '{}'],
  ['group.info', ['no-such-group'], '{}'],
  ['dnsutil.A', ['web.example'], "['10.0.0.1', '10.0.0.2']"],
  ['dnsutil.A', ['gone.example'], '[]'],
  ['dnsutil.MX', ['example'], "[[10, 'mx.example']]"],
  ['dnsutil.TXT', ['example'], "['v=spf1 -all']"],
  [
    'dnsutil.SRV',
    ['_web._tcp.example'],
    "[{'priority': 10, 'weight': 5, 'port': 81, 'name': 'a.example'}, {'priority': 20, 'weight': 1, 'port': 80, 'name': 'b.example'}]",
  ],
  ['network.ip_in_subnet', ['10.1.2.3', '10.0.0.0/8'], 'True'],
  ['network.ip_addrs', [], '[]', { cidr: '203.0.113.0/24' }],
];

const unit = { load: 'loaded', sub: '', needDaemonReload: false, canReload: false, mainPid: 0, restarts: 0 };
/** A machine with a few units and packages. */
const furnished = createFunctions({
  id: 'node1',
  pillar: new Map(),
  grains: new Map(),
  opts: new Map(),
  run: (command) => host.runSync(command),
  host: () => ({
    ...host,
    units: async () =>
      new Map([
        ['on.service', { ...unit, name: 'on.service', active: 'active', enabled: 'enabled' }],
        ['a.timer', { ...unit, name: 'a.timer', active: 'inactive', enabled: 'static' }],
        ['no.service', { ...unit, name: 'no.service', load: 'not-found', active: 'inactive', enabled: '' }],
      ]),
    packages: () =>
      new Map(
        (['installed', 'config'] as const).map((state) => [
          state,
          { name: state, version: '1.2-3', arch: 'amd64', state, held: false },
        ]),
      ),
    candidates: async () =>
      new Map([
        ['installed', '1.2-4'],
        ['new', '9'],
      ]),
  }),
  source: (url) => ({ missing: url }),
  names: () => [],
  log: (level, message) => logged.push(`${level}: ${message}`),
});
const logged: string[] = [];

const LOOKS: Case[] = [
  ['service.status', ['on'], 'True'],
  ['service.status', ['a.timer'], 'False'],
  ['service.available', ['no'], 'False'],
  ['service.missing', ['no'], 'True'],
  ['service.enabled', ['on'], 'True'],
  ['service.disabled', ['a.timer'], 'True'],
  ['pkg.version', ['installed'], '1.2-3'],
  ['pkg.version', ['config'], ''],
  ['pkg.version', ['installed', 'nope'], "{'installed': '1.2-3', 'nope': ''}"],
  ['pkg.latest_version', ['installed'], '1.2-4'],
  ['pkg.latest_version', ['new'], '9'],
  ['pkg.upgrade_available', ['installed'], 'True'],
  ['pkg.upgrade_available', ['new'], 'False'],
  ['pkg.list_pkgs', [], "{'installed': '1.2-3'}"],
  ['log.info', ['hello'], 'True'],
  ['mine.get', ['*', 'network.ip_addrs'], '{}'],
  ['sysctl.get', ['kernel.ostype'], 'Linux'],
  ['sysctl.get', ['no.such.setting'], ''],
];

const ERRORS: [name: string, args: unknown[], says: string, kwargs?: Keywords][] = [
  ['cmd.run', ['no-such-program x'], 'there is no such program'],
  ['cmd.run', ['echo "a'], 'No closing quotation'],
  ['cmd.run', ['false'], 'ended with status 1', { raise_err: true }],
  ['file.read', ['/no/such/file'], 'There is no file /no/such/file'],
  ['file.read', ['relative'], 'absolute path'],
  ['match.compound', ['a b'], '"and" or "or" was expected'],
  ['sdb.get', ['sdb://x/y'], 'not available'],
  ['http.query', ['https://x'], 'not available'],
  ['slsutil.serialize', ['plist', 1], 'knows yaml and json'],
  ['slsutil.findup', ['web', 'nope'], 'nor above it'],
  ['slsutil.renderer', ['x'], 'not available'],
  ['pillar.get', [], "missing required argument: 'key'"],
  ['pillar.get', ['a'], "unexpected keyword argument 'nope'", { nope: 1 }],
  ['cp.get_file_str', ['salt://nope'], 'not in the file roots'],
  ['grains.filter_by', [osMap], 'merge argument must be a dictionary', { merge: 'x' }],
  ['dnsutil.A', ['down.example'], 'got no answer for "down.example": ETIMEOUT'],
];

describe('Salt functions', () => {
  before(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.txt'), 'one\nTwo\n', { mode: 0o640 });
    symlinkSync('a.txt', join(folder, 'link'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [name, args, printed, kwargs] of CASES) {
    const label = `${name}(${args.map(repr).join(', ').slice(0, 60)})`.replace(folder, '…');
    it(label, async () => {
      const text = str(await call(name, args, kwargs));
      if (printed.startsWith('{') && !printed.endsWith('}')) expect(text).to.contain(printed);
      else expect(text).to.equal(printed);
    });
  }
  for (const [name, args, says, kwargs] of ERRORS) {
    it(`${name} fails: ${says}`, async () => {
      let error: unknown;
      try {
        await call(name, args, kwargs);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.be.instanceOf(JinjaError);
      const trouble = error as JinjaError;
      expect(`${trouble.message} ${trouble.hint ?? ''}`).to.contain(says);
    });
  }

  for (const [name, args, printed] of LOOKS) {
    it(`${name}(${args.join(', ')}) looks at packages, units and the kernel`, async () => {
      expect(str(await call(name, args, {}, furnished))).to.equal(printed);
    });
  }

  it('log.* says what it is given at its level', async () => {
    logged.length = 0;
    for (const name of ['debug', 'info', 'warning', 'error', 'critical']) {
      await call(`log.${name}`, [name], {}, furnished);
    }
    expect(logged).to.deep.equal([
      'debug: debug',
      'info: info',
      'warning: warning',
      'error: error',
      'error: critical',
    ]);
  });

  it('never changes the pillar, the grains or a default', async () => {
    const usual = dict({ port: 1 });
    const merged = (await call('pillar.get', ['app', usual], { merge: true })) as Map<unknown, unknown>;
    merged.set('port', 9);
    expect(str(await call('pillar.get', ['app:port']))).to.equal('80');
    expect(repr(usual)).to.equal("{'port': 1}");
    const chosen = (await call('grains.filter_by', [osMap])) as Map<unknown, unknown>;
    chosen.set('pkg', 'changed');
    expect(repr(await call('grains.filter_by', [osMap]))).to.equal("{'pkg': 'apache2'}");
  });

  it('pillar.get fails on what is missing where the option asks for that', async () => {
    const strict = functionsFor({ opts: { pillar_raise_on_missing: true } });
    let message = '';
    try {
      await call('pillar.get', ['nope'], {}, strict);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).to.contain("Pillar key not found: 'nope'");
    expect(await call('pillar.get', ['nope', 'x'], {}, strict)).to.equal('x');
  });

  it('slsutil.update and defaults.merge change their first argument', async () => {
    const target = dict({ a: { x: 1 } });
    await call('slsutil.update', [target, dict({ a: { y: 2 } })]);
    expect(repr(target)).to.equal("{'a': {'x': 1, 'y': 2}}");
    await call('defaults.merge', [target, dict({ a: { z: 3 } })]);
    expect(repr(target)).to.equal("{'a': {'x': 1, 'y': 2, 'z': 3}}");
    const kept = dict({ a: 1 });
    await call('defaults.merge', [kept, dict({ b: 1 })], { in_place: false });
    expect(repr(kept)).to.equal("{'a': 1}");
  });

  it('cmd.run_all gives all parts', async () => {
    const all = (await call('cmd.run_all', ['echo a; echo b >&2; exit 3'], { python_shell: true })) as Map<
      unknown,
      unknown
    >;
    expect([all.get('stdout'), all.get('stderr'), all.get('retcode')]).to.deep.equal(['a', 'b', 3]);
  });

  it('cmd.run returns the error output too, without the last line end', async () => {
    expect(await call('cmd.shell', ['echo a; echo b >&2'])).to.equal('a\nb');
  });

  it('file.stats names kind, mode and owner', async () => {
    const stats = (await call('file.stats', [join(folder, 'a.txt')])) as Map<unknown, unknown>;
    expect([stats.get('type'), stats.get('mode'), stats.get('size')]).to.deep.equal(['file', '0640', 8]);
    expect(stats.get('uid')).to.equal(process.getuid!());
  });

  it('draws by chance the same every time, and differently for other arguments', async () => {
    const one = await call('random.get_str', [16], { punctuation: false });
    expect(one).to.match(/^[A-Za-z0-9]{16}$/);
    expect(await call('random.get_str', [16], { punctuation: false })).to.equal(one);
    expect(await call('random.get_str', [17], { punctuation: false })).not.to.contain(one);
    const number = (await call('random.rand_int', [3, 5])) as number;
    expect(number).to.be.within(3, 5);
    expect(await call('random.seed', [60])).to.be.within(0, 59);
  });

  it('asks the name servers it is told to ask', async () => {
    asked.length = 0;
    await call('dnsutil.A', ['web.example'], { nameserver: '127.0.0.1' });
    await call('dnsutil.A', ['web.example']);
    expect(asked).to.deep.equal([['127.0.0.1'], undefined]);
  });

  it('knows the addresses of this machine', async () => {
    expect(await call('network.ip_addrs', [], { include_loopback: true })).to.be.an('array');
    expect([...((await call('network.interfaces')) as Map<unknown, unknown>).keys()]).to.include('lo');
    expect(await call('network.interface_ip', ['lo'])).to.equal('127.0.0.1');
    expect(await call('network.in_subnet', ['127.0.0.0/8'])).to.equal(true);
  });

  it('reads the default route from the kernel', async () => {
    for (const side of ['public', 'private'])
      expect([...((await call(`network.${side}`)) as Map<unknown, unknown>).keys()]).to.deep.equal([
        'interfaces',
        'addresses',
      ]);
    const routes = (await call('network.default_route')) as Map<unknown, unknown>[];
    for (const route of routes) expect(route.get('gateway')).to.match(/^[0-9.]+$/);
  });
});
