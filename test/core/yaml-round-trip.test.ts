/** YAML is written as PyYAML's safe_dump writes it (the texts are its own), and reads back as the same value. */
import { expect } from 'chai';
import { Float, type Value } from '../../engine/core/value.ts';
import { yamlDefaults, yamlText } from '../../engine/core/yaml-writer.ts';
import { equals } from '../../engine/source/jinja/equality.ts';
import { repr } from '../../engine/source/jinja/printing.ts';
import { parseYaml } from '../../engine/source/yaml.ts';

const CASES: [value: Value, flow: string, block: string][] = [
  ['', "''\n", "''\n"],
  ['plain', 'plain\n...\n', 'plain\n...\n'],
  ['a b', 'a b\n...\n', 'a b\n...\n'],
  ['yes', "'yes'\n", "'yes'\n"],
  ['y', 'y\n...\n', 'y\n...\n'],
  ['1', "'1'\n", "'1'\n"],
  ['1.5', "'1.5'\n", "'1.5'\n"],
  ['1e3', '1e3\n...\n', '1e3\n...\n'],
  ['1.0e+3', "'1.0e+3'\n", "'1.0e+3'\n"],
  ['null', "'null'\n", "'null'\n"],
  ['~', "'~'\n", "'~'\n"],
  ['- a', "'- a'\n", "'- a'\n"],
  ['-a', '-a\n...\n', '-a\n...\n'],
  ['a: b', "'a: b'\n", "'a: b'\n"],
  ['a:b', 'a:b\n...\n', 'a:b\n...\n'],
  ['a #b', "'a #b'\n", "'a #b'\n"],
  ['#a', "'#a'\n", "'#a'\n"],
  ['[x]', "'[x]'\n", "'[x]'\n"],
  ['{a}', "'{a}'\n", "'{a}'\n"],
  ['a,b', 'a,b\n...\n', 'a,b\n...\n'],
  ['*x', "'*x'\n", "'*x'\n"],
  ['&x', "'&x'\n", "'&x'\n"],
  ['!x', "'!x'\n", "'!x'\n"],
  ['%x', "'%x'\n", "'%x'\n"],
  ['@x', "'@x'\n", "'@x'\n"],
  ['"q"', '\'"q"\'\n', '\'"q"\'\n'],
  ["it's", "it's\n...\n", "it's\n...\n"],
  ['line1\nline2', "'line1\n\n  line2'\n", "'line1\n\n  line2'\n"],
  ['a\nb\n', "'a\n\n  b\n\n  '\n", "'a\n\n  b\n\n  '\n"],
  [' lead', "' lead'\n", "' lead'\n"],
  ['trail ', "'trail '\n", "'trail '\n"],
  ['a\tb', '"a\\tb"\n', '"a\\tb"\n'],
  ['é', 'é\n...\n', 'é\n...\n'],
  ['\u0007', '"\\a"\n', '"\\a"\n'],
  ['a\\b', 'a\\b\n...\n', 'a\\b\n...\n'],
  ['?', "'?'\n", "'?'\n"],
  [':', "':'\n", "':'\n"],
  ['---', "'---'\n", "'---'\n"],
  ['2020-01-01', "'2020-01-01'\n", "'2020-01-01'\n"],
  ['22:22', "'22:22'\n", "'22:22'\n"],
  ['0644', "'0644'\n", "'0644'\n"],
  ['0x1f', "'0x1f'\n", "'0x1f'\n"],
  ['<<', "'<<'\n", "'<<'\n"],
  ['=', "'='\n", "'='\n"],
  ['{{ x }}', "'{{ x }}'\n", "'{{ x }}'\n"],
  ['http://x.y/z?a=b', 'http://x.y/z?a=b\n...\n', 'http://x.y/z?a=b\n...\n'],
  [
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n...\n',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n...\n',
  ],
  [
    'word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word ',
    "'word word word word word word word word word word word word word word word word word\n  word word word word word word word word word word word word word '\n",
    "'word word word word word word word word word word word word word word word word word\n  word word word word word word word word word word word word word '\n",
  ],
  [1, '1\n...\n', '1\n...\n'],
  [-5, '-5\n...\n', '-5\n...\n'],
  [1.5, '1.5\n...\n', '1.5\n...\n'],
  [new Float(3), '3.0\n...\n', '3.0\n...\n'],
  [new Float(1e17), '1.0e+17\n...\n', '1.0e+17\n...\n'],
  [null, 'null\n...\n', 'null\n...\n'],
  [true, 'true\n...\n', 'true\n...\n'],
  [[], '[]\n', '[]\n'],
  [new Map<Value, Value>([]), '{}\n', '{}\n'],
  [
    [1, [2, [3]], new Map<Value, Value>([['a', 1]])],
    '[1, [2, [3]], {a: 1}]\n',
    '- 1\n- - 2\n  - - 3\n- a: 1\n',
  ],
  [
    new Map<Value, Value>([
      ['b', [1, 2]],
      [
        'a',
        new Map<Value, Value>([
          ['x', null],
          ['w', []],
        ]),
      ],
    ]),
    '{a: {w: [], x: null}, b: [1, 2]}\n',
    'a:\n  w: []\n  x: null\nb:\n- 1\n- 2\n',
  ],
  [
    new Map<Value, Value>([
      [
        'a',
        [
          new Map<Value, Value>([
            ['n', 1],
            ['m', [1]],
          ]),
          new Map<Value, Value>([['n', 2]]),
        ],
      ],
    ]),
    '{a: [{m: [1], n: 1}, {n: 2}]}\n',
    'a:\n- m:\n  - 1\n  n: 1\n- n: 2\n',
  ],
  [
    new Map<Value, Value>([
      [
        'k',
        'word word word word word word word word word word word word word word word word word word word word word word word word word ',
      ],
    ]),
    "{k: 'word word word word word word word word word word word word word word word word\n    word word word word word word word word word '}\n",
    "k: 'word word word word word word word word word word word word word word word word\n  word word word word word word word word word '\n",
  ],
  [
    new Map<Value, Value>([
      [80, 'x'],
      [8080, 'y'],
    ]),
    '{80: x, 8080: y}\n',
    '80: x\n8080: y\n',
  ],
  [
    [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
      28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    ],
    '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,\n  23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]\n',
    '- 0\n- 1\n- 2\n- 3\n- 4\n- 5\n- 6\n- 7\n- 8\n- 9\n- 10\n- 11\n- 12\n- 13\n- 14\n- 15\n- 16\n- 17\n- 18\n- 19\n- 20\n- 21\n- 22\n- 23\n- 24\n- 25\n- 26\n- 27\n- 28\n- 29\n- 30\n- 31\n- 32\n- 33\n- 34\n- 35\n- 36\n- 37\n- 38\n- 39\n',
  ],
  [
    new Map<Value, Value>([['list of lists', [[1, 2], [3]]]]),
    '{list of lists: [[1, 2], [3]]}\n',
    'list of lists:\n- - 1\n  - 2\n- - 3\n',
  ],
  [
    new Map<Value, Value>([
      ['a b', 'c: d'],
      ['yes', 'no'],
    ]),
    "{a b: 'c: d', 'yes': 'no'}\n",
    "a b: 'c: d'\n'yes': 'no'\n",
  ],
];

function back(text: string): Value {
  return parseYaml(text.replace(/\n\.\.\.\n$/, '\n'), () => ({ file: 'x', line: 1, column: 1 })).value;
}

/** PyYAML ends a document with a newline, and one that is an unquoted scalar by `...`. */
function document(value: Value, flow: boolean): string {
  const text = yamlText(value, { ...yamlDefaults, flow, unicode: true, portable: true });
  const isScalar = !Array.isArray(value) && !(value instanceof Map);
  return isScalar && !/["']$/.test(text) ? `${text}\n...\n` : `${text}\n`;
}

describe('yamlText', () => {
  for (const [value, flow, block] of CASES) {
    it(repr(value).slice(0, 70), () => {
      expect(document(value, true)).to.equal(flow);
      expect(document(value, false)).to.equal(block);
      expect(equals(back(flow), value), `${flow} reads back`).to.equal(true);
      expect(equals(back(block), value), `${block} reads back`).to.equal(true);
    });
  }

  it('escapes the rare line breaks of YAML 1.1, which other readers take for text', () => {
    for (const [value, text] of [
      ['a\u2028b\x85', '"a\\Lb\\N"'],
      ['a\u2028b', '"a\\Lb"'],
    ] as const) {
      expect(document(value, true)).to.equal(`${text}\n`);
      expect(back(text)).to.equal(value);
    }
  });
});
