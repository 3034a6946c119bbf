/** The reports that a run leaves for machines: JUnit, Prometheus, the system log. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { type Family, parseExposition } from '../helpers/exposition.ts';
import { casesOf, readJunit } from '../helpers/junit.ts';
import { appears, type Place, place } from '../helpers/place.ts';

const tree = {
  'states/top.sls': "base:\n  '*':\n    - web\n",
  'states/web.sls': [
    'conf:',
    '  file.managed:',
    '    - name: {{ salt["environ.get"]("DIR") }}/conf',
    '    - contents: new',
    'check:',
    '  cmd.run:',
    '    - name: echo "<oops>" >&2; test -e $DIR/good',
    '    - unless: test -e $DIR/good',
    '',
  ].join('\n'),
  'states/wrong.sls': '/x:\n  file.managed:\n    - sorce: a\n',
};

const metrics = 'metrics: figures/converge.prom\n';

function figures(here: Place, file = 'converge.prom'): Map<string, Family> {
  expect(statSync(here.at(`figures/${file}`)).mode & 0o777).to.equal(0o644);
  return parseExposition(here.text(`figures/${file}`));
}

function value(families: Map<string, Family>, name: string, labels = ''): number {
  return families.get(`converge_${name}`)!.samples.get(labels)!;
}

describe('converge --junit', () => {
  it('writes what became of each state, with what is wrong in the source', async () => {
    await using here = place(tree);
    const { code } = await here.run('highstate', '--junit', 'reports/converge.xml');
    expect(code).to.equal(1);
    const cases = casesOf(readJunit(here.text('reports/converge.xml')));
    const [conf, check] = [...cases.values()];
    expect([conf!.became, check!.became]).to.deep.equal(['passed', 'failure']);
    expect(conf!.text).to.include('+new');
    expect(check!.text).to.include('<oops>');
    expect(check!.node.attributes).to.include({ classname: 'web', line: '6' });
    expect(check!.node.attributes['file']).to.match(/states\/web\.sls$/);
    expect(readdirSync(here.at('reports'))).to.deep.equal(['converge.xml']);
  });

  it('counts pending changes as failures where a dry run does', async () => {
    await using here = place(tree);
    here.write('good', '');
    expect((await here.run('highstate', '--test', '--junit', 'a.xml')).code).to.equal(0);
    expect(readJunit(here.text('a.xml')).attributes).to.include({ failures: '0', tests: '2' });
    const { code } = await here.run('highstate', '--test', '--detailed-exitcode', '--junit', 'a.xml');
    expect(code).to.equal(2);
    expect(readJunit(here.text('a.xml')).attributes).to.include({ failures: '1', tests: '2' });
  });

  it('writes errors where nothing compiles, not even the settings', async () => {
    await using here = place(tree);
    const { code } = await here.run('apply', 'wrong', '--junit', 'a.xml');
    expect(code).to.equal(3);
    const [wrong] = casesOf(readJunit(here.text('a.xml'))).values();
    expect(wrong!.became).to.equal('error');
    expect(wrong!.text).to.include('sorce: a').and.include('Did you mean "source"?');
    here.write('c.yaml', 'stats: x\n');
    expect((await here.run('apply', 'web', '--junit', 'b.xml')).code).to.equal(3);
    const [settings] = casesOf(readJunit(here.text('b.xml'))).values();
    expect(settings!.node.children[0]!.attributes['type']).to.equal('bad-configuration');
  });

  it('tells of a run that was stopped', async () => {
    await using here = place({
      'states/web.sls': 'one:\n  cmd.run:\n    - name: touch $DIR/began; sleep 0.2\ntwo: test.nop\n',
    });
    const run = here.start('apply', 'web', '--junit', 'a.xml');
    await appears(here.at('began'));
    run.child.kill('SIGTERM');
    expect((await run.ended).code).to.equal(143);
    const cases = casesOf(readJunit(here.text('a.xml')));
    expect(cases.get('the whole run')).to.include({ became: 'error' });
    expect(cases.get('the whole run')!.message).to.equal('Stopped: SIGTERM. 1 state was not tried.');
  });

  it('holds no secret, in no spelling of XML', async () => {
    const secret = `va<ult> & "door's" ]]>`;
    const quoted = JSON.stringify(secret);
    await using here = place(
      {
        ...tree,
        pillar: { directory: true, mode: 0o700 },
        'pillar/top.sls': { content: "base:\n  '*':\n    - keys\n", mode: 0o600 },
        'pillar/keys.sls': { content: `key: ${quoted}\n`, mode: 0o600 },
        'states/web.sls': [
          `{{ pillar.key | json }}:`,
          '  cmd.run:',
          '    - name: echo "$KEY" >&2; exit 1',
          '    - env: {KEY: {{ pillar.key | json }}}',
          'file:',
          '  file.managed:',
          '    - name: {{ ("/proc/none/" + pillar.key) | json }}',
          '    - contents: {{ pillar.key | json }}',
          '',
        ].join('\n'),
        'states/wrong.sls': '/x:\n  file.managed:\n    - {{ pillar.key | json }}: a\n',
      },
      'pillar: pillar\nsecret_pillar: pillar\n',
    );
    for (const words of [['highstate'], ['apply', 'wrong']]) {
      const { code, stderr } = await here.run(...words, '--junit', 'a.xml', '--log-level', 'quiet');
      expect(code, stderr).to.be.oneOf([1, 3]);
      const text = here.text('a.xml');
      const cases = [...casesOf(readJunit(text))].map(
        ([name, { message, text: body }]) => name + message + body,
      );
      expect(cases.join('\n')).to.include('«key #');
      for (const part of ['va<ult>', 'va&lt;ult', "door's", 'door&apos;s', 'ult>']) {
        expect(text.includes(part), `${part} in ${text}`).to.equal(false);
        expect(cases.join('\n')).to.not.include(part);
      }
    }
  });

  it('says where it cannot write, and runs all the same', async () => {
    await using here = place({ ...tree, file: '' });
    here.write('good', '');
    const { code, stderr } = await here.run('highstate', '--junit', 'file/a.xml');
    expect(code).to.equal(0);
    expect(stderr).to.match(/the report \S+file\/a\.xml cannot be written: /);
  });
});

describe('figures for Prometheus', () => {
  it('are those of the last run, and of the last that succeeded', async () => {
    await using here = place(tree, metrics);
    expect((await here.run('highstate')).code).to.equal(1);
    const first = figures(here);
    expect(value(first, 'last_run_exit_code')).to.equal(1);
    expect(value(first, 'last_success_timestamp_seconds')).to.equal(0);
    expect(value(first, 'states', 'verdict="changed"')).to.equal(1);
    expect(value(first, 'states', 'verdict="failed"')).to.equal(1);
    here.write('good', '');
    expect((await here.run('highstate')).code).to.equal(0);
    const second = figures(here);
    const success = value(second, 'last_success_timestamp_seconds');
    expect(success).to.equal(value(second, 'last_run_timestamp_seconds')).and.be.above(1e9);
    here.write('states/top.sls', "base:\n  '*':\n    - wrong\n");
    expect((await here.run('highstate')).code).to.equal(3);
    const third = figures(here);
    expect(value(third, 'last_run_exit_code')).to.equal(3);
    expect(value(third, 'last_success_timestamp_seconds')).to.equal(success);
    expect(third.has('converge_states')).to.equal(false);
    expect(readdirSync(here.at('figures'))).to.deep.equal(['converge.prom']);
  });

  it('know the last success by the history where the file is gone', async () => {
    await using here = place(tree, metrics);
    here.write('good', '');
    await here.run('highstate');
    const success = value(figures(here), 'last_success_timestamp_seconds');
    here.write('figures/converge.prom', 'damaged');
    here.write('states/top.sls', 'damaged: [');
    await here.run('highstate');
    expect(value(figures(here), 'last_success_timestamp_seconds')).to.be.closeTo(success, 0.2);
  });

  it('of a dry run stand by themselves, until the next run', async () => {
    await using here = place(tree, metrics);
    await here.run('highstate', '--test');
    expect(readdirSync(here.at('figures'))).to.deep.equal(['converge-pending.prom']);
    const pending = figures(here, 'converge-pending.prom');
    expect(value(pending, 'pending_states')).to.equal(2);
    await here.run('highstate');
    expect(readdirSync(here.at('figures'))).to.deep.equal(['converge.prom']);
  });

  it('are no matter of what somebody tries by hand, nor of an image', async () => {
    await using here = place({ ...tree, 'root/etc': { directory: true } }, metrics);
    await here.run('apply', 'web');
    await here.run('single', 'test.nop', 'x');
    await here.run('highstate', '--root', 'root');
    expect(existsSync(here.at('figures'))).to.equal(false);
    await here.run('apply', 'web', '--cause', 'schedule');
    expect(value(figures(here), 'last_run_exit_code')).to.equal(1);
  });

  it('stop no run that cannot leave them', async () => {
    await using here = place({ ...tree, figures: '' }, metrics);
    here.write('good', '');
    const { code, stderr } = await here.run('highstate');
    expect(code).to.equal(0);
    expect(stderr).to.match(/the figures in \S+ cannot be written: /);
    expect((await here.run('highstate', '--test')).stderr).to.equal('');
  });
});
