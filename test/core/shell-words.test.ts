/** Lines are split as Python's shlex.split does: the words were recorded from there. */
import { expect } from 'chai';
import { shellWords } from '../../engine/core/shell-words.ts';

describe('shellWords', () => {
  const cases: [line: string, words: string[] | undefined][] = [
    ['', []],
    [' \t ', []],
    ['ls -l  /tmp\n', ['ls', '-l', '/tmp']],
    [`a'b c'"d e"f`, ['ab cd ef']],
    [String.raw`"a\$b" "a\\b" "a\"b" "a\x"`, ['a\\$b', 'a\\b', 'a"b', 'a\\x']],
    [String.raw`a\ b 'x\y' '' ""`, ['a b', 'x\\y', '', '']],
    ['a\x0bb\u00a0c #d', ['a\x0bb\u00a0c', '#d']],
    ['\\\n', ['\n']],
    ['"a\nb"', ['a\nb']],
    [`it's`, undefined],
    ['"a\\"', undefined],
    ['a\\', undefined],
  ];
  for (const [line, words] of cases) {
    it(JSON.stringify(line), () => {
      expect(shellWords(line)).to.deep.equal(words);
    });
  }
});
