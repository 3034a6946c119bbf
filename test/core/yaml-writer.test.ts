/** YAML as PyYAML 6 with libyaml prints it: the texts were recorded from there, as lists of lines. */
import { expect } from 'chai';
import { numberText } from '../../engine/core/number-text.ts';
import { Float, fromPlain } from '../../engine/core/value.ts';
import { type YamlOptions, yamlDefaults, yamlText } from '../../engine/core/yaml-writer.ts';

/** Title, value, options, lines. */
type Row = readonly [string, unknown, Partial<YamlOptions>, readonly string[]];

const rows: readonly Row[] = [
  [
    'scalars that look like something else',
    [
      'yes',
      'No',
      'on',
      '~',
      'null',
      '',
      '1',
      '0x1f',
      '012',
      '1_000',
      '1:30',
      '1.5',
      '.5',
      '1e3',
      '1e+3',
      '.inf',
      '2024-01-02',
      '2024-1-2 3:04:05',
      '=',
      '<<',
      'y',
      'n',
      '0o7',
      '+1',
      '-',
      'v1.0',
    ],
    {},
    [
      "- 'yes'",
      "- 'No'",
      "- 'on'",
      "- '~'",
      "- 'null'",
      "- ''",
      "- '1'",
      "- '0x1f'",
      "- '012'",
      "- '1_000'",
      "- '1:30'",
      "- '1.5'",
      "- '.5'",
      '- 1e3',
      '- 1e+3',
      "- '.inf'",
      "- '2024-01-02'",
      "- '2024-1-2 3:04:05'",
      "- '='",
      "- '<<'",
      '- y',
      '- n',
      '- 0o7',
      "- '+1'",
      "- '-'",
      '- v1.0',
    ],
  ],
  [
    'scalars that begin with indicators',
    [
      '- x',
      '-x',
      '? x',
      '?x',
      ': x',
      ':x',
      '#x',
      'a #c',
      'a#c',
      'a: b',
      'a:b',
      'end:',
      '[x]',
      '{x}',
      '&a',
      '*a',
      '!t',
      '|',
      '>',
      '%x',
      '@x',
      '`x',
      "'x",
      '"x"',
      ', x',
      '--- a',
      '...',
      '---x',
    ],
    {},
    [
      "- '- x'",
      '- -x',
      "- '? x'",
      '- ?x',
      "- ': x'",
      '- :x',
      "- '#x'",
      "- 'a #c'",
      '- a#c',
      "- 'a: b'",
      '- a:b',
      "- 'end:'",
      "- '[x]'",
      "- '{x}'",
      "- '&a'",
      "- '*a'",
      "- '!t'",
      "- '|'",
      "- '>'",
      "- '%x'",
      "- '@x'",
      "- '`x'",
      "- '''x'",
      '- \'"x"\'',
      "- ', x'",
      "- '--- a'",
      "- '...'",
      "- '---x'",
    ],
  ],
  [
    'scalars in flow',
    ['a,b', 'a: b', '[x', 'x]', 'a?', '?a', 'a:b', 'ok', '', "it's"],
    {
      flow: true,
    },
    ["['a,b', 'a: b', '[x', 'x]', 'a?', '?a', 'a:b', ok, '', it's]"],
  ],
  [
    'blanks and line ends',
    [
      ' lead',
      'trail ',
      'two  spaces',
      'a\nb',
      'a\n\nb',
      'a\n',
      '\na',
      'a \nb',
      'a\n b',
      '\n',
      ' ',
      'tab\there',
      'cr\rx',
      'bell\u0007',
    ],
    {},
    [
      "- ' lead'",
      "- 'trail '",
      '- two  spaces',
      "- 'a",
      '',
      "  b'",
      "- 'a",
      '',
      '',
      "  b'",
      "- 'a",
      '',
      "  '",
      "- '",
      '',
      "  a'",
      '- "a \\nb"',
      '- "a\\n b"',
      "- '",
      '',
      "  '",
      "- ' '",
      '- "tab\\there"',
      '- "cr\\rx"',
      '- "bell\\a"',
    ],
  ],
  [
    'characters beyond ASCII',
    ['\u00fcmlaut', '\u65e5\u672c', 'emoji \ud83d\ude00', '\u0085', 'a\u2028b', '\ufeffx', '\u00a0'],
    {},
    [
      '- "\\xFCmlaut"',
      '- "\\u65E5\\u672C"',
      '- "emoji \\U0001F600"',
      '- "\\N"',
      '- "a\\Lb"',
      '- "\\uFEFFx"',
      '- "\\_"',
    ],
  ],
  [
    'characters beyond ASCII, allowed',
    ['\u00fcmlaut', '\u65e5\u672c', 'emoji \ud83d\ude00', '\u0085', 'a\u2028b', '\ufeffx', '\u00a0'],
    {
      unicode: true,
    },
    [
      '- \u00fcmlaut',
      '- \u65e5\u672c',
      '- "emoji \\U0001F600"',
      '- "\\N"',
      "- 'a\u2028  b'",
      '- "\\uFEFFx"',
      '- \u00a0',
    ],
  ],
  [
    'long plain text',
    {
      a: 'very long text very long text very long text very long text very long text very long text very long text very long text very long text',
      b: {
        c: [
          'very long text very long text very long text very long text very long text very long text very long text very long text very long text',
        ],
      },
    },
    {},
    [
      'a: very long text very long text very long text very long text very long text very',
      '  long text very long text very long text very long text',
      'b:',
      '  c:',
      '  - very long text very long text very long text very long text very long text very',
      '    long text very long text very long text very long text',
    ],
  ],
  [
    'long quoted text',
    {
      a: 'very long text very long text very long text very long text very long text very long text very long text very long text very long text ',
      b: "long 'quoted' text: long 'quoted' text: long 'quoted' text: long 'quoted' text: long 'quoted' text: long 'quoted' text: ",
      c: 'dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" dq\t" ',
      d: '\u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 \u00fc\u00fc \u00f6\u00f6 ',
    },
    {},
    [
      "a: 'very long text very long text very long text very long text very long text very",
      "  long text very long text very long text very long text '",
      "b: 'long ''quoted'' text: long ''quoted'' text: long ''quoted'' text: long ''quoted''",
      "  text: long ''quoted'' text: long ''quoted'' text: '",
      'c: "dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\"',
      '  dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\"',
      '  dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" dq\\t\\" "',
      'd: "\\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC',
      '  \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6',
      '  \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC',
      '  \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6',
      '  \\xFC\\xFC \\xF6\\xF6 \\xFC\\xFC \\xF6\\xF6 "',
    ],
  ],
  [
    'long text of several lines',
    {
      a: 'word word word word word word word word word word word word word word word word word word word word \nword word word word word word word word word word word word word word word word word word word word \n',
    },
    {},
    [
      'a: "word word word word word word word word word word word word word word word word',
      '  word word word word \\nword word word word word word word word word word word word',
      '  word word word word word word word word \\n"',
    ],
  ],
  [
    'a narrow width',
    {
      a: 'one two three four five six seven',
    },
    {
      width: 20,
    },
    ['a: one two three four', '  five six seven'],
  ],
  [
    'lists and mappings in each other',
    {
      b: [
        {
          y: 1,
          x: [
            1,
            [
              2,
              [
                3,
                {
                  z: null,
                },
              ],
            ],
          ],
        },
        [],
        {},
      ],
      a: {
        q: {
          r: [true, false],
        },
      },
    },
    {},
    [
      'a:',
      '  q:',
      '    r:',
      '    - true',
      '    - false',
      'b:',
      '- x:',
      '  - 1',
      '  - - 2',
      '    - - 3',
      '      - z: null',
      '  y: 1',
      '- []',
      '- {}',
    ],
  ],
  [
    'a list at the top',
    [
      [1, [2]],
      {
        a: [
          {
            b: [],
          },
        ],
      },
      [
        {
          c: 1,
          d: 2,
        },
      ],
    ],
    {},
    ['- - 1', '  - - 2', '- a:', '  - b: []', '- - c: 1', '    d: 2'],
  ],
  [
    'a wider indentation',
    {
      b: [
        {
          y: 1,
          x: [1, [2]],
        },
      ],
      a: {
        q: {
          r: [1],
        },
      },
    },
    {
      indent: 4,
    },
    ['a:', '    q:', '        r:', '        - 1', 'b:', '-   x:', '    - 1', '    -   - 2', '    y: 1'],
  ],
  [
    'keys',
    {
      '': 1,
      yes: 2,
      'a b': 3,
      kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: 4,
      kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: 5,
      'two\nlines': 6,
      'a: b': [1],
      '#x': {},
    },
    {},
    [
      "'': 1",
      "'#x': {}",
      'a b: 3',
      "'a: b':",
      '- 1',
      'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: 4',
      '? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk',
      ': 5',
      "? 'two",
      '',
      "  lines'",
      ': 6',
      "'yes': 2",
    ],
  ],
  [
    'unsorted keys',
    {
      b: 1,
      a: 2,
      B: 3,
    },
    {
      sortKeys: false,
    },
    ['b: 1', 'a: 2', 'B: 3'],
  ],
  [
    'sorted keys',
    {
      b: 1,
      a: 2,
      B: 3,
      '10': 1,
      '9': 2,
    },
    {},
    ["'10': 1", "'9': 2", 'B: 3', 'a: 2', 'b: 1'],
  ],
  [
    'collections of scalars in flow',
    {
      a: [1, 2],
      b: [
        {
          c: 1,
        },
      ],
      d: {
        e: 'x',
      },
      f: ['yes'],
    },
    {
      flow: null,
    },
    ['a: [1, 2]', 'b:', '- {c: 1}', 'd: {e: x}', "f: ['yes']"],
  ],
  [
    'flow beyond the width',
    {
      list: [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
        28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
      ],
      m: {
        key0: 'value 0',
        key1: 'value 1',
        key2: 'value 2',
        key3: 'value 3',
        key4: 'value 4',
        key5: 'value 5',
        key6: 'value 6',
        key7: 'value 7',
        key8: 'value 8',
      },
    },
    {
      flow: true,
    },
    [
      '{list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,',
      '    21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39], m: {',
      '    key0: value 0, key1: value 1, key2: value 2, key3: value 3, key4: value 4, key5: value',
      '      5, key6: value 6, key7: value 7, key8: value 8}}',
    ],
  ],
  ['a text at the top', 'just text', {}, ['just text']],
  ['nothing', null, {}, ['null']],
];

describe('yamlText', () => {
  for (const [title, value, options, lines] of rows) {
    it(title, () => {
      expect(yamlText(fromPlain(value), { ...yamlDefaults, ...options })).to.equal(lines.join('\n'));
    });
  }

  it('keeps the kinds of keys, and sorts numbers as numbers', () => {
    const value = new Map<number | string, string>([
      [10, 'a'],
      [9, 'b'],
    ]);
    expect(yamlText(value)).to.equal('9: b\n10: a');
    value.set('x', 'c');
    expect(yamlText(value), 'what cannot be compared stays in order').to.equal('10: a\n9: b\nx: c');
  });

  it('prints floats as Python does', () => {
    const floats = [
      0.1, 1.5, 1e16, 1e22, 1e-5, 0.0001, 123456789.125, 1.5e300, 1.2345678901234568e16, -2.5e-7,
    ].map((one) => new Float(one));
    expect(floats.map((one) => numberText(one))).to.deep.equal([
      '0.1',
      '1.5',
      '1e+16',
      '1e+22',
      '1e-05',
      '0.0001',
      '123456789.125',
      '1.5e+300',
      '1.2345678901234568e+16',
      '-2.5e-07',
    ]);
    expect(yamlText([new Float(3), new Float(1e16), new Float(Number.POSITIVE_INFINITY)])).to.equal(
      '- 3.0\n- 1.0e+16\n- .inf',
    );
  });
});
