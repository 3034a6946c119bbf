/** Verbs as a user calls them: exit codes, what goes to stdout and what to stderr. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stage } from '../helpers/cli.ts';

const top = "base: {'*': [main]}\n";
const good = { 'states/top.sls': top, 'states/main.sls': '/a: {file.managed: [{contents: x}]}\n' };

describe('exit codes', () => {
  const cases: [title: string, main: string, words: string[], code: number][] = [
    ['0: converged', 'a: test.nop\n', ['highstate'], 0],
    [
      '0: changes pending, unless asked for details',
      '/a: {file.managed: [{contents: x}]}\n',
      ['highstate', '--test'],
      0,
    ],
    [
      '2: changes pending',
      '/a: {file.managed: [{contents: x}]}\n',
      ['highstate', '--test', '--detailed-exitcode'],
      2,
    ],
    ['0: nothing pending', 'a: test.nop\n', ['highstate', '--test', '--detailed-exitcode'], 0],
    ['1: a state failed', 'a: test.fail_without_changes\n', ['highstate'], 1],
    [
      '1: a state would fail',
      'a: test.fail_without_changes\n',
      ['highstate', '--test', '--detailed-exitcode'],
      1,
    ],
    ['3: the states do not compile', 'a: [\n', ['highstate'], 3],
    ['3: an SLS is not there', 'a: test.nop\n', ['apply', 'nope'], 3],
    ['64: an unknown verb', '', ['converge'], 64],
    ['64: an unknown option', '', ['highstate', '--tset'], 64],
    ['64: no verb', '', [], 64],
  ];
  for (const [title, main, words, code] of cases) {
    it(title, async () => {
      await using here = stage({ 'states/top.sls': top, 'states/main.sls': main });
      expect((await here.run(...words)).code).to.equal(code);
    });
  }
});

describe('apply', () => {
  it('takes SLS names separated by blanks or commas', async () => {
    await using here = stage({
      'states/a.sls': 'a: test.nop\n',
      'states/b.sls': 'b: test.nop\n',
      'states/c.sls': 'c: test.nop\n',
    });
    const { stdout } = await here.run('apply', 'a,b', 'c', '--json');
    expect(JSON.parse(stdout).results.map((row: { id: string }) => row.id)).to.deep.equal(['a', 'b', 'c']);
  });
});

describe('single', () => {
  it('reads values as YAML and keeps modes and words as written', async () => {
    await using here = stage({ 'states/top.sls': top });
    const { code } = await here.run(
      'single',
      'file.managed',
      'name=/x',
      'contents=hello: world',
      'mode=0600',
      'makedirs=true',
    );
    expect(code).to.equal(0);
    expect(readFileSync(join(here.path, 'root/x'), 'utf8')).to.equal('hello: world\n');
    expect(statSync(join(here.path, 'root/x')).mode & 0o777).to.equal(0o600);
    expect((await here.run('single', 'file.managed', 'name=/y', 'contents=[a, b]')).code).to.equal(0);
    expect(readFileSync(join(here.path, 'root/y'), 'utf8')).to.equal('a\nb\n');
  });

  it('says which argument is wrong', async () => {
    await using here = stage({ 'states/top.sls': top });
    const { code, stderr } = await here.run('single', 'file.managed', 'name=/x', 'contnets=hello');
    expect(code).to.equal(3);
    expect(stderr).to.include('has no argument "contnets"').and.include('Did you mean "contents"?');
  });
});

describe('output', () => {
  it('keeps stdout to the result alone', async () => {
    await using here = stage(good);
    const { stdout, stderr } = await here.run('highstate', '--json');
    expect(JSON.parse(stdout).summary.changed).to.equal(1);
    expect(stderr).to.equal('');
  });

  it('is nothing where nothing changed and quiet is asked for', async () => {
    await using here = stage(good);
    await here.run('highstate');
    const { stdout, stderr } = await here.run('highstate', '--output', 'quiet');
    expect(stdout).to.equal('');
    expect(stderr).to.equal('');
  });

  it('tells errors as the settings file says', async () => {
    await using here = stage({ 'states/main.sls': 'a: [\n', 'c.yaml': 'output: json\nstates: states\n' });
    const { stdout, stderr } = await here.run('apply', 'main', '--config', 'c.yaml');
    expect(JSON.parse(stdout).errors[0]).to.include({ code: 'yaml-syntax', line: 1 });
    expect(stderr).to.equal('');
  });

  it('colours only where asked or on a terminal', async () => {
    await using here = stage(good);
    expect((await here.run('highstate', '--test')).stdout).not.to.include('\x1b[');
    expect((await here.run('highstate', '--test', '--color', 'always')).stdout).to.include('\x1b[');
  });

  it('shows the diff of texts in JSON, not the texts', async () => {
    await using here = stage({ ...good, 'root/a': 'y\n' });
    const { stdout } = await here.run('highstate', '--json', '--test');
    const [row] = JSON.parse(stdout).results;
    expect(row.changes).to.deep.equal({ content: { diff: '@@ -1 +1 @@\n-y\n+x\n' } });
  });
});

describe('show', () => {
  it('shows top, sls, pillar, grains, highstate, lowstate and order', async () => {
    await using here = stage({
      ...good,
      'pillar/top.sls': "base: {'*': [p]}\n",
      'pillar/p.sls': 'a: {b: [1, x]}\n',
    });
    const json = async (...words: string[]) =>
      JSON.parse((await here.run('show', ...words, '--json')).stdout);
    expect(await json('top')).to.deep.equal({ base: ['main'] });
    expect(await json('sls', 'main')).to.deep.equal({
      main: { '/a': { 'file.managed': [{ contents: 'x' }] } },
    });
    expect(await json('pillar')).to.deep.equal({ a: { b: [1, 'x'] } });
    expect(await json('pillar', 'a:b')).to.deep.equal({ 'a:b': [1, 'x'] });
    expect(await json('grains', 'id', '--id', 'n7')).to.deep.equal({ id: 'n7' });
    expect(await json('highstate')).to.deep.equal({
      '/a': { file: [{ contents: 'x' }, 'managed'], __sls__: 'main', __env__: 'base' },
    });
    const [low] = await json('lowstate');
    expect(low).to.deep.equal({
      state: 'file',
      fun: 'managed',
      __id__: '/a',
      name: '/a',
      __sls__: 'main',
      order: 10000,
      contents: 'x',
    });
    expect((await json('order'))[0]).to.include({ run_num: 0, id: '/a', state: 'file.managed' });
  });

  it('prints YAML for people', async () => {
    await using here = stage(good);
    expect((await here.run('show', 'top')).stdout).to.equal('base:\n  - main\n');
  });
});

describe('lint', () => {
  it('judges a file by itself without what its *_in requisites and extends name elsewhere', async () => {
    await using here = stage({
      'states/a.sls':
        'extend:\n  z: {test: [{value: 1}]}\na:\n  test.nop:\n    - watch_in: [{test: z}]\n    - require: [{test: z}]\n',
      'states/b.sls': 'b:\n  file.nope:\n    - require_in: [{test: z}]\n',
    });
    const { code, stderr } = await here.run('lint');
    expect(code).to.equal(3);
    expect(stderr)
      .to.match(/There is no state "file.nope"/)
      .and.match(/^1 error;/m);
  });

  it('looks at states of units on a machine that has none', async () => {
    await using here = stage({
      'states/main.sls':
        'watch: schedule.watch\nhaproxy: service.running\nserved:\n  http.served: [{name: "http://127.0.0.1/"}, {match: ok}, {unit: haproxy}]\n',
    });
    const { code, stdout, stderr } = await here.run('lint');
    expect(code, stdout + stderr).to.equal(0);
  });

  it('misses a source also in a file that the top file does not give this node', async () => {
    await using here = stage({
      'states/top.sls': top,
      'states/main.sls': 'a: test.nop\n',
      'states/other.sls':
        '/b: {file.managed: [{source: salt://nope}]}\n/c: {file.managed: [{source: salt://t, template: jinja}]}\n',
      'states/t': '{{ given_by_another }}',
    });
    const { stderr } = await here.run('lint');
    expect(stderr)
      .to.match(/names a file that is not there: salt:\/\/nope/)
      .and.match(/^1 error;/m);
  });

  it('tells of an unknown state in a loop once', async () => {
    await using here = stage({
      'states/a.sls': '{% for n in range(9) %}\ni{{ n }}:\n  no.such: []\n{% endfor %}\n',
    });
    expect((await here.run('lint')).stderr).to.match(/^1 error;/m);
  });

  it('goes on where a file cannot be read', async () => {
    await using here = stage({ 'states/a.sls': Buffer.from([0xff]), 'states/b.sls': 'b: file.nope\n' });
    const { code, stderr } = await here.run('lint');
    expect(code).to.equal(3);
    expect(stderr)
      .to.match(/not valid UTF-8/)
      .and.match(/There is no state "file.nope"/);
  });

  it('finds mistakes of every file, also of those no target names', async () => {
    await using here = stage({ ...good, 'states/other.sls': 'b: {file.managed: [{sorce: x}]}\n' });
    const { code, stderr } = await here.run('lint');
    expect(code).to.equal(3);
    expect(stderr).to.include('states/other.sls:1:21').and.include('Did you mean "source"?');
  });

  it('renders the templates that states name, and looks for their sources', async () => {
    await using here = stage({
      'states/main.sls':
        '/a: {file.managed: [{source: salt://a.j2}, {template: jinja}]}\n/b: {file.managed: [{source: salt://none}]}\n',
      'states/a.j2': 'x\n{{ nothing }}\n',
    });
    const { code, stderr } = await here.run('lint', 'main');
    expect(code).to.equal(3);
    expect(stderr).to.include('states/a.j2:2:4').and.include('states/main.sls:2:30');
  });

  it('tells of arguments no host could make sense of, also in files no target names', async () => {
    await using here = stage({
      'states/top.sls': top,
      'states/main.sls': 'etc/a: {file.managed: [{contents: x}]}\n',
      'states/other.sls': 'web: {http.query: [{name: localhost}]}\n',
    });
    const { code, stderr } = await here.run('lint');
    expect(code).to.equal(3);
    expect(stderr)
      .to.include('"etc/a" is not an absolute path.')
      .and.include('states/other.sls:1:')
      .and.include('"localhost" is no address of a web server.')
      .and.match(/^2 errors;/m);
  });

  it('judges by the facts of another host', async () => {
    await using here = stage({
      'states/top.sls': "base: {'os:CentOS': [{match: grain}, rpm], 'os:Debian': [{match: grain}, deb]}\n",
      'states/rpm.sls': '{% if grains.os == "CentOS" %}a: {b.c: []}{% endif %}\n',
      'states/deb.sls': 'a: test.nop\n',
      'centos.yaml': 'os: CentOS\nid: c1\n',
    });
    expect((await here.run('lint', '--grains', 'centos.yaml')).stderr).to.include('There is no state "b.c"');
  });

  it('touches nothing and runs nothing', async () => {
    await using here = stage({
      'states/main.sls': 'a: {cmd.run: [{name: touch ran}, {onlyif: touch asked}]}\n',
    });
    const { code, stdout } = await here.run('lint', 'main');
    expect(code).to.equal(0);
    expect(stdout).to.equal('1 SLS file checked, no errors.\n');
  });
});

describe('settings', () => {
  it('come from the current folder where it has states and pillar', async () => {
    await using here = stage({
      ...good,
      'templates/t.j2': 'from templates\n',
      'states/main.sls': '/a: {file.managed: [{source: salt://t.j2}]}\n',
    });
    expect((await here.run('highstate')).code).to.equal(0);
    expect(readFileSync(join(here.path, 'root/a'), 'utf8')).to.equal('from templates\n');
  });

  it('name an unknown setting, and the one that was meant', async () => {
    await using here = stage({ ...good, 'c.yaml': 'sates: x\n' });
    const { code, stderr } = await here.run('highstate', '--config', 'c.yaml');
    expect(code).to.equal(3);
    expect(stderr).to.include('error[bad-configuration] ').and.include('Did you mean "states"?');
  });

  for (const [option, value] of [
    ['--states', 'none'],
    ['--pillar', 'none'],
    ['--root', 'none'],
    ['--config', 'none'],
    ['--grains', 'none'],
  ] as const) {
    it(`${option} must name something that is there`, async () => {
      await using here = stage(good);
      const { code, stderr } = await here.run('highstate', option, value);
      expect(code).to.equal(3);
      expect(stderr).to.include('does not exist');
    });
  }

  it('let the command line win over the pillar', async () => {
    await using here = stage({
      ...good,
      'pillar/top.sls': "base: {'*': [p]}\n",
      'pillar/p.sls': 'a: 1\nb: 2\n',
    });
    writeFileSync(join(here.path, 'more.yaml'), 'a: 3\n');
    const shown = async (text: string) =>
      JSON.parse((await here.run('show', 'pillar', '--json', '--pillar-override', text)).stdout);
    expect(await shown('{"a": 9}')).to.deep.equal({ a: 9, b: 2 });
    expect(await shown('more.yaml')).to.deep.equal({ a: 3, b: 2 });
  });
});

describe('cache', () => {
  it('changes nothing but time', async () => {
    await using here = stage({
      ...good,
      'states/main.sls':
        '{% for n in [1, 2] %}\n/a{{ n }}: {file.managed: [{contents: "{{ n }}"}, {mode: 0644}]}\n{% endfor %}\n',
    });
    const low = async (...words: string[]) => (await here.run('show', 'lowstate', '--json', ...words)).stdout;
    const cold = await low();
    expect(await low()).to.equal(cold);
    expect(await low('--no-cache')).to.equal(cold);
  });
});

describe('where states come from', () => {
  const states = { 'states/main.sls': 'a: test.nop\n' };

  it('takes states/ of the current folder, also where there is no pillar/', async () => {
    await using here = stage({ ...states, pillar: { directory: true } });
    rmSync(join(here.path, 'pillar'), { recursive: true });
    expect((await here.run('apply', 'main')).code).to.equal(0);
  });

  it('lint of a folder without states is an error, not a success', async () => {
    await using here = stage({});
    const { code, stderr } = await here.run('lint');
    expect(code).to.equal(3);
    expect(stderr)
      .to.match(/the current folder has no states\//)
      .and.match(/--states/);
  });

  it('says that a file root is no folder', async () => {
    await using here = stage(states);
    const { stderr } = await here.run('apply', 'main', '--states', 'states/main.sls');
    expect(stderr).to.match(/states\/main.sls is no folder/);
  });
});

describe('show', () => {
  it('quotes text that an SLS would take for something else', async () => {
    await using here = stage({
      'pillar/top.sls': "base: {'*': [p]}\n",
      'pillar/p.sls': "a: 'off'\nb: off\nc: '0644'\n",
    });
    expect((await here.run('show', 'pillar')).stdout).to.equal('a: "off"\nb: false\nc: "0644"\n');
  });

  it('order tells what a state waits for', async () => {
    await using here = stage({
      'states/main.sls':
        'a: {test.nop: [{require: [{test: b}]}]}\nb: {test.nop: [{prereq: [{test: c}]}]}\nc: test.nop\n',
    });
    const order = JSON.parse((await here.run('show', 'order', 'main', '--json')).stdout);
    expect(order.map((row: { id: string; waits_for?: string[] }) => [row.id, row.waits_for])).to.deep.equal([
      ['b', undefined],
      ['a', ['test: b']],
      ['c', ['test: b']],
    ]);
  });

  it('knows an id also with the grains of another host', async () => {
    await using here = stage({ 'g.yaml': 'os: X\n' });
    expect((await here.run('show', 'grains', 'id', '--grains', 'g.yaml', '--json')).stdout).to.match(
      /"id": ".+"/,
    );
    expect((await here.run('show', 'grains', 'id', '--grains', 'g.yaml', '--id', 'n1')).stdout).to.equal(
      'id: n1\n',
    );
  });
});

describe('messages of templates', () => {
  it('go to stderr, once and on one line', async () => {
    await using here = stage({
      'states/main.sls': "{% do salt.log.warning('care\\nful') %}{% do salt.log.info('x') %}a: test.nop\n",
    });
    expect((await here.run('apply', 'main')).stderr).to.equal('warning: care\\nful\n');
  });
});

describe('a dry run after a command', () => {
  it('leaves unknown what the command may bring, and fails what no command can bring', async () => {
    await using here = stage({
      'states/main.sls': [
        'c: {cmd.run: [{name: "true"}]}',
        '/a: {file.managed: [{source: salt://nope}]}',
        '/b: {file.managed: [{source: /made/by/c}]}\n',
      ].join('\n'),
    });
    const { code, stdout } = await here.run('apply', 'main', '--test', '--json');
    const results = JSON.parse(stdout).results as { result: boolean | null }[];
    expect(results.map(({ result }) => result)).to.deep.equal([null, false, null]);
    expect(code).to.equal(1);
  });
});
