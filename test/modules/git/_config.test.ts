import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { expect } from 'chai';
import { parseConfig, valuesOf, withoutEntries, withValues } from '../../../engine/modules/git/_config.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { isOnPath } from '../../helpers/tools.ts';

const text = `# a comment
[core] bare = true ; behind
	Editor = "vi  -x" # quoted
[remote "a \\"b\\\\"]
	url = one \\
two
	fetch = x
	fetch = y\t
[Section.Sub]
	flag
	tabbed = a\\tb"  c  "d
`;

const keys: readonly [string, readonly string[]][] = [
  ['core.bare', ['true']],
  ['core.editor', ['vi  -x']],
  ['remote.a "b\\.url', ['one two']],
  ['remote.a "b\\.fetch', ['x', 'y']],
  ['section.sub.tabbed', ['a\tb  c  d']],
];

describe('configuration of git', () => {
  it('is read as git reads it', async function () {
    for (const [key, values] of keys)
      expect(valuesOf(parseConfig(text, 'f'), key), key).to.deep.equal(values);
    expect(valuesOf(parseConfig(text, 'f'), 'Section.sub.FLAG')).to.deep.equal(['true']);
    if (!isOnPath('git')) this.skip();
    await using folder = temporaryFolder();
    const file = `${folder.path}/config`;
    fs.writeFileSync(file, text);
    for (const [key, values] of keys) {
      const out = execFileSync('git', ['config', '-z', '-f', file, '--get-all', key], { encoding: 'utf8' });
      expect(out.split('\0').slice(0, -1), key).to.deep.equal(values);
    }
  });

  it('refuses what git refuses', () => {
    for (const bad of ['key = 1\n', '[a\nb = 1', '[a]\n1 = 2', '[a]\nb = "open\n', '[a]\nb = \\x\n']) {
      expect(() => parseConfig(bad, '/etc/gitconfig'), bad).to.throw(/^Line \d+ of \/etc\/gitconfig/);
    }
  });

  it('is edited so that git reads the values back, and everything else stays', async function () {
    if (!isOnPath('git')) this.skip();
    await using folder = temporaryFolder();
    const file = `${folder.path}/config`;
    const awkward = [
      ' led',
      'trailed ',
      'a#b',
      'c;d',
      'q"q',
      'back\\slash',
      'line\nbreak',
      'tab\t',
      '',
      'ü',
      '"',
    ];
    const edits: readonly [string, readonly string[]][] = [
      ['core.bare', ['false']],
      ['core.editor', []],
      ['remote.a "b\\.fetch', ['x', 'new', 'more']],
      ['remote.a "b\\.url', []],
      ['section.sub.flag', ['no']],
      ['fresh.key', awkward],
      ['fresh.With "Sub\\.key', ['1']],
    ];
    for (const [key, values] of edits) {
      const edited = withValues(parseConfig(text, 'f'), key, values);
      fs.writeFileSync(file, edited);
      const { stdout } = spawnSync('git', ['config', '-z', '-f', file, '--get-all', key], {
        encoding: 'utf8',
      });
      expect(stdout.split('\0').slice(0, -1), key).to.deep.equal(values);
      const others = (config: string) =>
        parseConfig(config, 'f')
          .entries.map((entry) => [entry.key, entry.value])
          .filter(([name]) => name !== key.toLowerCase() && name !== key);
      expect(others(edited), key).to.deep.equal(others(text));
      expect(edited).to.include('# a comment');
    }
  });

  it('loses an entry together with its line', () => {
    const config = parseConfig('[a]\n\tb = 1 # why\n\tc = 2\n[d] e = 3\n', 'f');
    expect(withoutEntries(config, config.entries.slice(0, 1))).to.equal('[a]\n\tc = 2\n[d] e = 3\n');
    expect(withoutEntries(config, config.entries.slice(2))).to.equal('[a]\n\tb = 1 # why\n\tc = 2\n[d] \n');
  });
});
