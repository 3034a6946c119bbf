/** `converge restore` as its users meet it. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect } from 'chai';
import { applied } from '../helpers/applied.ts';
import { type Place, place } from '../helpers/place.ts';

const dir = '{{ salt["environ.get"]("DIR") }}';

function writes(name: string, text: string): string {
  return `${dir}/${name}:\n  file.managed:\n    - contents: ${text}\n`;
}

function removes(name: string): string {
  return `${dir}/${name}:\n  file.absent: []\n`;
}

async function refusal(here: Place, ...words: string[]): Promise<string> {
  const { code, stderr } = await here.run('restore', ...words);
  expect(code, stderr).to.equal(3);
  expect(stderr).to.include('nothing was touched');
  return stderr;
}

describe('restore', () => {
  it('puts a file back as it was before the last run that changed it, or before the one that is named', async () => {
    await using here = place({
      'states/one.yaml': writes('a', 'one'),
      'states/two.yaml': writes('a', 'two') + writes('b', 'two'),
      'states/other.yaml': writes('c', 'other'),
      a: { content: 'zero\n', mode: 0o640 },
    });
    const one = await applied(here, 'apply', 'one');
    await applied(here, 'apply', 'two');
    await applied(here, 'apply', 'other');
    const dry = await here.run('restore', 'a', '--test');
    expect(dry.code, dry.stderr).to.equal(0);
    expect(here.text('a'), 'a dry run touches nothing').to.equal('two\n');
    await applied(here, 'restore', 'a');
    expect(here.text('a')).to.equal('one\n');
    await applied(here, 'restore', here.at('a'));
    expect(here.text('a'), 'a restore can be taken back by another').to.equal('two\n');
    await applied(here, 'restore', 'a', '--run', one);
    expect(here.text('a')).to.equal('zero\n');
    expect(lstatSync(here.at('a')).mode & 0o777).to.equal(0o640);
    expect(here.text('b'), 'nothing else was asked for').to.equal('two\n');
  });

  it('puts back what was removed: files, links, and folders with all that was in them', async () => {
    await using here = place({ 'states/gone.yaml': removes('tree') + removes('link') });
    mkdirSync(here.at('tree/sub'), { recursive: true });
    writeFileSync(here.at('tree/sub/file'), 'text');
    writeFileSync(here.at('tree/other'), 'other');
    symlinkSync('sub/file', here.at('tree/inner'));
    symlinkSync('tree', here.at('link'));
    chmodSync(here.at('tree/sub'), 0o750);
    await applied(here, 'apply', 'gone');
    expect(existsSync(here.at('tree'))).to.equal(false);
    await applied(here, 'restore', 'tree/sub/file', 'link');
    expect(readdirSync(here.at('tree')), 'with the folders it lay in').to.deep.equal(['sub']);
    expect(here.text('link/sub/file')).to.equal('text');
    rmSync(here.at('tree'), { recursive: true });
    await applied(here, 'restore', 'tree');
    expect(readdirSync(here.at('tree')).sort()).to.deep.equal(['inner', 'other', 'sub']);
    expect(readlinkSync(here.at('tree/inner'))).to.equal('sub/file');
    expect(lstatSync(here.at('tree/sub')).mode & 0o777).to.equal(0o750);
    // By way of a link, as its user may think of it.
    rmSync(here.at('tree/other'));
    await applied(here, 'restore', 'link/other');
    expect(here.text('tree/other')).to.equal('other');
  });

  it('asks before it overwrites what something else wrote since', async () => {
    await using here = place({ 'states/one.yaml': writes('a', 'one'), a: 'zero\n' });
    await applied(here, 'apply', 'one');
    writeFileSync(here.at('a'), 'by hand\n');
    expect(await refusal(here, 'a')).to.include(`${here.at('a')} was changed since converge left it`);
    await applied(here, 'restore', 'a', '--force');
    expect(readFileSync(here.at('a'), 'utf8')).to.equal('zero\n');
  });

  it('says why there is nothing to put back', async () => {
    await using here = place(
      { 'states/one.yaml': writes('a', 'one') + writes('large', 'one'), large: 'x'.repeat(2 ** 20 + 1) },
      'undo_size: 1\n',
    );
    const run = await applied(here, 'apply', 'one');
    expect(await refusal(here, 'never/seen')).to.match(
      /no copy of .*never\/seen: no run replaced or removed it/,
    );
    expect(await refusal(here, 'a')).to.match(/no copy of .*a: no run replaced/);
    expect(await refusal(here, 'a', '--run', run)).to.include(`was not there before run ${run}`);
    expect(await refusal(here, 'a', '--run', 'nonsense')).to.include('error[unknown-run]');
    expect(await refusal(here, 'large')).to.include('undo_size leaves no room for it');
    expect(here.text('a')).to.equal('one\n');
    await applied(here, 'restore', 'a', '--run', run, '--force');
    expect(existsSync(here.at('a'))).to.equal(false);
  });
});
