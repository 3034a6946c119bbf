/** file.serialize. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import serialize from '../../../engine/modules/file/serialize.ts';
import { applyTo } from '../../helpers/apply.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const dataset = {
  name: 'naive',
  list: ['a', { b: 1, a: [true, null] }, []],
  on: 'yes',
  text: 'two\nlines',
  empty: {},
};

stateTester('file.serialize', serialize, [
  {
    title: 'YAML, sorted as by PyYAML',
    args: { name: '/f', dataset },
    expects: {
      changes: ['content'],
      files: {
        '/f': {
          content: `empty: {}
list:
- a
- a:
  - true
  - null
  b: 1
- []
name: naive
'on': 'yes'
text: 'two

  lines'
`,
          mode: 0o644,
        },
      },
    },
  },
  {
    title: 'JSON, indented by two and sorted',
    args: { name: '/f', dataset: { b: 'ü', a: [1, {}], c: { d: null } }, serializer: 'json' },
    expects: {
      changes: ['content'],
      files: {
        '/f': `{
  "a": [
    1,
    {}
  ],
  "b": "\\u00fc",
  "c": {
    "d": null
  }
}
`,
      },
    },
  },
  {
    title: 'JSON with options and an encoding',
    args: {
      name: '/f',
      dataset: { b: 'ü', a: 1 },
      formatter: 'json',
      serializer_opts: [{ indent: 4 }, { sort_keys: false }],
      encoding: 'utf-8',
    },
    expects: { changes: ['content'], files: { '/f': '{\n    "b": "ü",\n    "a": 1\n}\n' } },
  },
  {
    title: 'YAML with options',
    args: {
      name: '/f',
      dataset: { b: ['x', 'y'], a: 1 },
      serializer_opts: { sort_keys: false, explicit_start: true, default_flow_style: null },
    },
    expects: { changes: ['content'], files: { '/f': '---\nb: [x, y]\na: 1\n' } },
  },
  {
    title: 'an option there is not',
    args: { name: '/f', dataset: { a: 1 }, serializer_opts: { canonical: true } },
    expects: { refused: /"canonical" of serializer_opts is not supported for yaml/ },
  },
  {
    title: 'INI as configparser writes it',
    args: {
      name: '/f',
      dataset: { Server: { Port: 8080, Debug: false, Text: 'a\nb' }, empty: {} },
      serializer: 'configparser',
    },
    expects: {
      changes: ['content'],
      files: { '/f': '[Server]\nport = 8080\ndebug = False\ntext = a\n\tb\n\n[empty]\n\n\n' },
    },
  },
  {
    title: 'INI that holds a list',
    args: { name: '/f', dataset: { a: { b: [1] } }, serializer: 'ini' },
    expects: { refused: /"b" is a list/ },
  },
  {
    title: 'TOML',
    args: { name: '/f', dataset: { title: 'x', server: { port: 80, share: 0.5 } }, serializer: 'toml' },
    expects: { changes: ['content'], files: { '/f': 'title = "x"\n\n[server]\nport = 80\nshare = 0.5\n\n' } },
  },
  {
    title: 'from the pillar',
    args: { name: '/f', dataset_pillar: 'a:b', serializer: 'json' },
    pillar: { a: { b: [1] } },
    expects: { changes: ['content'], files: { '/f': '[\n  1\n]\n' } },
  },
  {
    title: 'no such pillar',
    args: { name: '/f', dataset_pillar: 'a:c' },
    expects: { refused: 'There is no pillar value "a:c".' },
  },
  { title: 'no data', args: { name: '/f' }, expects: { refused: 'There is no data.' } },
  {
    title: 'both kinds of data',
    args: { name: '/f', dataset: { a: 1 }, dataset_pillar: 'a' },
    expects: { refused: /Only one of dataset and dataset_pillar/ },
  },
  {
    title: 'both names of the format',
    args: { name: '/f', dataset: { a: 1 }, serializer: 'json', formatter: 'yaml' },
    expects: { refused: /Only one of serializer and formatter/ },
  },
  {
    title: 'a format there is not',
    args: { name: '/f', dataset: { a: 1 }, serializer: 'msgpack' },
    expects: { refused: 'There is no serializer "msgpack".' },
  },
  {
    title: 'merged into what is there',
    args: { name: '/f', dataset: { a: { y: 2 }, list: [3] }, merge_if_exists: true, serializer: 'json' },
    host: { files: { '/f': '{"a": {"x": 1.0, "y": 1}, "list": [1, 2], "z": 10000000000000000001}' } },
    expects: {
      changes: ['content'],
      files: {
        '/f': `{
  "a": {
    "x": 1.0,
    "y": 2
  },
  "list": [
    3
  ],
  "z": 10000000000000000001
}
`,
      },
    },
  },
  {
    title: 'merged data that is there already leaves the layout alone',
    args: { name: '/f', dataset: { a: { y: 1 } }, merge_if_exists: true, mode: '0600' },
    host: { files: { '/f': '# mine\na: {x: yes, y: 1}\n' } },
    expects: { changes: ['mode'], files: { '/f': { content: '# mine\na: {x: yes, y: 1}\n', mode: 0o600 } } },
  },
  {
    title: 'merged into YAML with anchors, merge keys and old numbers',
    args: { name: '/f', dataset: { new: true }, merge_if_exists: true },
    host: { files: { '/f': 'base: &b {x: 0x10, y: 012}\nmore:\n  <<: *b\n  y: 1_000\ntext: "012"\n' } },
    expects: {
      changes: ['content'],
      files: {
        '/f': "base:\n  x: 16\n  y: 10\nmore:\n  x: 16\n  y: 1000\nnew: true\ntext: '012'\n",
      },
    },
  },
  {
    title: 'merged into INI',
    args: { name: '/f', dataset: { a: { C: 3 } }, merge_if_exists: true, serializer: 'configparser' },
    host: { files: { '/f': '; mine\n[a]\nB: 2\n  and more\n' } },
    expects: { changes: ['content'], files: { '/f': '[a]\nb = 2\n\tand more\nc = 3\n\n\n' } },
  },
  {
    title: 'merged into TOML',
    args: { name: '/f', dataset: { a: { c: 3 } }, merge_if_exists: true, serializer: 'toml' },
    host: { files: { '/f': '[a]\nb = 2.0\n' } },
    expects: { changes: ['content'], files: { '/f': '[a]\nb = 2.0\nc = 3\n\n' } },
  },
  {
    title: 'merged into what cannot be read',
    args: { name: '/f', dataset: { a: 1 }, merge_if_exists: true, serializer: 'json' },
    host: { files: { '/f': '{"a": ' } },
    expects: { refused: /\/f cannot be read as json/ },
  },
  {
    title: 'merged into a list',
    args: { name: '/f', dataset: { a: 1 }, merge_if_exists: true },
    host: { files: { '/f': '- 1\n' } },
    expects: { refused: 'Only mappings can be merged.' },
  },
  {
    title: 'merged into an empty file',
    args: { name: '/f', dataset: { a: 1 }, merge_if_exists: true },
    host: { files: { '/f': '' } },
    expects: { changes: ['content'], files: { '/f': 'a: 1\n' } },
  },
  {
    title: 'aliases without end',
    args: { name: '/f', dataset: { a: 1 }, merge_if_exists: true },
    host: {
      files: {
        '/f': `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}\n`,
      },
    },
    expects: { refused: /aliases go too far/ },
  },
  {
    title: 'not created',
    args: { name: '/f', dataset: { a: 1 }, create: false },
    expects: { changes: [], files: { '/f': null }, comment: '/f does not exist, and create is false.' },
  },
  {
    title: 'directories are made',
    args: { name: '/d/f', dataset: { a: 1 }, makedirs: true, mode: 640 },
    expects: { changes: ['/d', 'content'], files: { '/d/f': { content: 'a: 1\n', mode: 0o640 } } },
  },
  {
    title: 'no directory for it',
    args: { name: '/d/f', dataset: { a: 1 } },
    expects: { refused: /parent directory/ },
  },
  {
    title: 'a backup',
    args: { name: '/f', dataset: { a: 1 }, backup: '.old' },
    host: { files: { '/f': 'a: 2\n' } },
    expects: { changes: ['content'], files: { '/f': 'a: 1\n', '/f.old': 'a: 2\n' } },
  },
  {
    title: 'an encoding that lacks a character',
    args: { name: '/f', dataset: { a: '日' }, encoding: 'latin-1' },
    expects: { refused: /cannot be written in latin-1/ },
  },
  {
    title: 'options of reading without a merge',
    args: { name: '/f', dataset: { a: 1 }, deserializer_opts: { encoding: 'latin-1' } },
    expects: {
      changes: ['content'],
      files: { '/f': 'a: 1\n' },
      warnings: ['deserializer_opts means nothing without merge_if_exists: true.'],
    },
  },
]);

describe('file.serialize with check_cmd', () => {
  it('leaves the file as it is where the validator refuses the new one', async () => {
    await using folder = temporaryFolder();
    const path = `${folder.path}/app.yaml`;
    writeFileSync(path, 'b: 1\n');
    const args = { name: path, dataset: { a: 1 } };
    const refused = await applyTo(createLocalHost(), serialize, { ...args, check_cmd: 'grep -q b:' });
    expect(refused.failed).to.match(/is left as it is/);
    expect(readFileSync(path, 'utf8')).to.equal('b: 1\n');
    const taken = await applyTo(createLocalHost(), serialize, { ...args, check_cmd: 'grep -q a:' });
    expect(taken.again).to.deep.equal({ steps: [], warnings: [] });
    expect(readFileSync(path, 'utf8')).to.equal('a: 1\n');
  });
});
