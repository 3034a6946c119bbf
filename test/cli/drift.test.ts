/** Drift told apart from new intent: why a run changed what it changed, and what flaps. */
import { rmSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { home, type Report } from '../helpers/home.ts';

const memory = 'state/applied.ndjson';

function file(name: string, contents: string): string {
  return `${name}:\n  file.managed:\n    - name: '{dir}/${name}'\n    - contents: ${contents}\n`;
}

function motives({ results }: Report): Record<string, string | undefined> {
  return Object.fromEntries(results.map(({ id, motive }) => [id, motive]));
}

describe('motives', () => {
  it('tell what is new, what was meant to change, and what drifted', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') + file('b', 'one') });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'first', b: 'first' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: undefined, b: undefined });
    here.write({ 'states/web.yaml': file('a', 'two') + file('b', 'one'), b: 'drifted\n' });
    const third = await here.told('highstate');
    expect(motives(third)).to.deep.equal({ a: 'intended', b: 'corrective' });
    expect(third.summary.corrected).to.equal(1);
    here.write({ a: 'drifted\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective', b: undefined });
  });

  it('are unknown where somebody took a run back: the host has not drifted', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') });
    await here.told('highstate');
    expect((await here.run('rollback', 'last')).code).to.equal(0);
    const again = await here.told('highstate');
    expect(here.text('a')).to.equal('one\n');
    expect(motives(again)).to.deep.equal({ a: undefined });
    here.write({ a: 'drifted\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective' });
  });

  it('know the sources of a state: their content, not their name or age', async () => {
    const sls = [
      "a:\n  file.managed:\n    - name: '{dir}/a'\n    - source: salt://a.txt\n",
      "b:\n  file.managed:\n    - name: '{dir}/b'\n    - source: salt://b.j2\n    - template: jinja\n",
      "c:\n  file.recurse:\n    - name: '{dir}/c'\n    - source: salt://c\n",
    ].join('');
    const old = { 'states/a.txt': 'a\n', 'states/b.j2': '{# x #}b\n', 'states/c/one': '1\n' };
    await using here = home({ 'states/web.yaml': sls, ...old });
    await here.told('highstate');
    here.write({ 'states/a.txt': 'A\n', 'states/b.j2': '{# y #}b\n', 'states/c/two': '2\n', b: 'drifted' });
    expect(
      motives(await here.told('highstate')),
      'a comment of a template makes no other text',
    ).to.deep.equal({
      a: 'intended',
      b: 'corrective',
      c: 'intended',
    });
    here.write({ 'states/b.j2': 'B\n', 'c/one': 'drifted' });
    expect(motives(await here.told('highstate'))).to.deep.equal({
      a: undefined,
      b: 'intended',
      c: 'corrective',
    });
  });

  it('know what the pillar makes of a state', async () => {
    const sls = file('a', "{{ pillar.get('word', 'none') }}");
    await using here = home({ 'states/web.yaml': sls });
    await here.told('highstate');
    const other = await here.told('highstate', '--pillar-override', '{"word": "other"}');
    expect(motives(other)).to.deep.equal({ a: 'intended' });
    here.write({
      'states/web.yaml': "a:\n  file.managed:\n    - name: '{dir}/a'\n    - contents_pillar: word\n",
    });
    await here.told('highstate', '--pillar-override', '{"word": "one"}');
    const later = await here.told('highstate', '--pillar-override', '{"word": "two"}');
    expect(motives(later), 'by the path of a value').to.deep.equal({ a: 'intended' });
  });

  it('know a state that held from the beginning, and one that somebody else had changed just so', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one'), a: 'one\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: undefined });
    here.write({ 'states/web.yaml': file('a', 'two'), a: 'two\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: undefined });
    here.write({ a: 'drifted\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective' });
  });

  it('are not given for what only reacts, runs every time, or waits for something else', async () => {
    const sls = [
      file('a', 'one'),
      "reacts:\n  cmd.wait:\n    - name: 'true'\n    - watch: [{file: a}]\n",
      "repeats:\n  cmd.run:\n    - name: 'true'\n",
      "waits:\n  file.managed:\n    - name: '{dir}/w'\n    - contents: w\n    - onchanges: [{file: a}]\n",
    ].join('');
    await using here = home({ 'states/web.yaml': sls });
    const first = await here.told('highstate');
    const none = { reacts: undefined, repeats: undefined, waits: undefined };
    expect(motives(first)).to.deep.equal({ a: 'first', ...none });
    here.write({ a: 'drifted\n', w: 'drifted\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective', ...none });
  });

  it('are foretold by a dry run, which writes nothing', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') });
    await here.told('highstate', '--test');
    expect(here.text('state/key'), 'not even a key').to.equal('');
    await here.told('highstate');
    here.write({ a: 'drifted\n' });
    const before = here.text(memory);
    const dry = await here.told('highstate', '--test');
    expect(motives(dry)).to.deep.equal({ a: 'corrective' });
    expect(dry.summary.corrected).to.equal(1);
    expect(here.text(memory)).to.equal(before);
  });

  it('are known of a state that was skipped before, and of one whose source is not always read', async () => {
    const sls = [
      `${file('a', 'one')}    - onlyif: test -e {dir}/open\n`,
      "b:\n  file.managed:\n    - name: '{dir}/b'\n    - source: salt://b\n    - replace: false\n",
    ].join('');
    await using here = home({ 'states/web.yaml': sls, 'states/b': 'b\n', a: 'one\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: undefined, b: 'first' });
    await here.told('highstate');
    here.write({ open: '' });
    await here.told('highstate');
    here.write({ a: 'drifted\n' });
    rmSync(here.at('b'));
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective', b: 'corrective' });
  });

  it('survive a run that is stopped half way', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') + file('b', 'one') });
    await here.told('highstate');
    const stop = "stop:\n  cmd.run:\n    - name: 'false'\n    - order: first\n";
    here.write({ 'states/web.yaml': stop + file('a', 'one') + file('b', 'two') });
    const { results } = await here.told('highstate', '--failhard');
    expect(results).to.have.lengthOf(1);
    here.write({ 'states/web.yaml': file('a', 'one') + file('b', 'two'), a: 'drifted\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective', b: 'intended' });
  });

  it('of a state that failed are those of its next success', async () => {
    const failing = `${file('a', 'one')}    - check_cmd: 'false'\n`;
    await using here = home({ 'states/web.yaml': failing });
    expect((await here.told('highstate')).code).to.equal(1);
    here.write({ 'states/web.yaml': file('a', 'one') });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'first' });
  });

  it('belong to one tree', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one'), 'other/web.yaml': file('a', 'two') });
    await here.told('apply', 'web');
    const other = await here.told('apply', 'web', '--states', 'other');
    expect(motives(other)).to.deep.equal({ a: 'first' });
    expect(motives(await here.told('apply', 'web'))).to.deep.equal({ a: 'corrective' });
  });

  it('are unknown where the memory is damaged, which heals', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') });
    await here.told('highstate');
    here.write({ a: 'drifted\n', [memory]: '{"version":1,"tre' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: undefined });
    here.write({ a: 'drifted\n' });
    expect(motives(await here.told('highstate'))).to.deep.equal({ a: 'corrective' });
    const [head, ...lines] = here.text(memory).split('\n');
    here.write({ a: 'drifted\n', [memory]: [head, '{"tree":0,', 'null', '7', ...lines.slice(1)].join('\n') });
    expect((await here.told('highstate')).code, 'lines that make no sense are passed over').to.equal(0);
  });

  it('cost a run without changes no write', async () => {
    await using here = home({
      'states/web.yaml': `${file('a', 'one')}run:\n  cmd.run:\n    - name: 'true'\n`,
    });
    await here.told('highstate');
    const written = statSync(here.at(memory), { bigint: true });
    await here.told('highstate');
    expect(statSync(here.at(memory), { bigint: true }).ino).to.equal(written.ino);
  });

  it('are shown to people, and in the history', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') });
    await here.run('highstate');
    here.write({ a: 'drifted\n' });
    const { stdout } = await here.run('highstate');
    expect(stdout).to.match(/^~ file\.managed .* drift$/m);
    expect(stdout).to.include('1 changed (1 by drift)');
    expect((await here.run('history', 'show', 'last')).stdout).to.match(/^changed file\.managed .* drift$/m);
    // Two runs of one process in one second share their name.
    const [shown] = JSON.parse((await here.run('history', 'show', 'last', '--json')).stdout);
    expect(shown.results.at(-1).motive).to.equal('corrective');
    expect(shown.summary.corrected).to.equal(1);
  });
});

describe('a state that is corrected again and again', () => {
  it('is flagged beyond the setting, with who it may have been', async () => {
    await using here = home({ 'states/web.yaml': file('a', 'one') }, 'flapping: 1\n');
    await here.told('highstate');
    here.write({ a: 'drifted\n' });
    expect((await here.told('highstate')).results[0]?.flapping).to.equal(undefined);
    here.write({ a: { content: 'drifted\n', mtime: Date.UTC(2021, 4, 5) } });
    const { results } = await here.told('highstate');
    expect(results[0]?.flapping?.times).to.equal(2);
    const suspects = results[0]?.flapping?.suspects.join('\n') ?? '';
    expect(suspects, 'as it was before it was corrected').to.include(`${here.at('a')} belongs to`);
    expect(suspects).to.include('2021-05-05T00:00:00Z');
    here.write({ a: 'drifted\n' });
    const { stdout } = await here.run('highstate');
    expect(stdout).to.include('drift, flapping').and.include('corrected 3 times within a day');
  });
});
