/** YAML as PyYAML and Salt's loader read it. */
import { expect } from 'chai';
import { Trouble } from '../../engine/core/diagnostic.ts';
import { Float, toPlain, type Value } from '../../engine/core/value.ts';
import { locateInYaml, parseYaml, placesIn, plainScalar } from '../../engine/source/yaml.ts';

function value(text: string): Value {
  return parseYaml(text, placesIn('f.sls', text)).value;
}

function troubles(text: string): { message: string; at: string; hint?: string }[] {
  try {
    value(text);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return error.diagnostics.map(({ message, origin, hint }) => {
      const place = origin!.place();
      return { message, at: `${place.line}:${place.column}`, ...(hint ? { hint } : {}) };
    });
  }
  return [];
}

describe('plain scalars', () => {
  const cases: [string, Value][] = [
    ['0644', 644],
    ['0', 0],
    ['000', 0],
    ['-012', -10],
    ['08', '08'],
    ['0o17', '0o17'],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['22:22', 1342],
    ['1:02:03', 3723],
    ['12345678901234567890', 12345678901234567890n],
    ['1e3', '1e3'],
    ['1.5e+3', new Float(1500)],
    ['3.0', new Float(3)],
    ['1.10', 1.1],
    ['.5', 0.5],
    ['1.', new Float(1)],
    ['-.inf', new Float(Number.NEGATIVE_INFINITY)],
    ['2001-01-01', '2001-01-01'],
    ['2001-01-01 10:00:00', '2001-01-01 10:00:00'],
    ['yes', true],
    ['No', false],
    ['ON', true],
    ['off', false],
    ['y', 'y'],
    ['n', 'n'],
    ['yEs', 'yEs'],
    ['~', null],
    ['null', null],
    ['Null', null],
    ['nULL', 'nULL'],
    ['', null],
    ['=', '='],
    ['-', '-'],
    ['+', '+'],
    ['.', '.'],
    ['1.2.3', '1.2.3'],
    ['127.0.0.1', '127.0.0.1'],
    ['08:30', '08:30'],
    ['fe80::1', 'fe80::1'],
  ];
  for (const [text, wanted] of cases) {
    it(`${JSON.stringify(text)} is ${typeof wanted === 'bigint' ? `${wanted}n` : JSON.stringify(wanted)}`, () => {
      expect(plainScalar(text)).to.deep.equal(wanted);
    });
  }
});

describe('parseYaml', () => {
  it('lets flow collections and quoted text go on at any column, as the filter yaml writes them', () => {
    const text = 'a:\n  - b:\n      map: {c: [d,\n    e], f: "g\n  h",\n i: j\nk}\n      n: 1\n  - o\n';
    expect(toPlain(value(text))).to.deep.equal({
      a: [{ b: { map: { c: ['d', 'e'], f: 'g h', i: 'j k' }, n: 1 } }, 'o'],
    });
    expect(toPlain(value("  a:\n    b: 'c\nd'\n  e: f\n"))).to.deep.equal({ a: { b: 'c d' }, e: 'f' });
  });

  it('keeps the order and the kind of keys', () => {
    const dict = value('b: 1\n10: x\n2: y\n"2": z\ntrue: t\n~: n\n') as Map<unknown, unknown>;
    expect([...dict.keys()]).to.deep.equal(['b', 10, 2, '2', true, null]);
  });

  it('leaves quoted and block scalars text', () => {
    expect(value(`[ "yes", '0644', "a\\tb" ]`)).to.deep.equal(['yes', '0644', 'a\tb']);
    expect(value('a: |\n  0644\nb: >-\n  x\n  y\n')).to.deep.equal(
      new Map([
        ['a', '0644\n'],
        ['b', 'x y'],
      ]),
    );
  });

  it('unfolds aliases and merges keys, merged ones first, own ones winning', () => {
    const dict = value('base: &b {a: 1, z: 2}\nx:\n  own: 0\n  <<: *b\n  z: 3\n') as Map<unknown, Value>;
    expect([...(dict.get('x') as Map<unknown, unknown>)]).to.deep.equal([
      ['a', 1],
      ['own', 0],
      ['z', 3],
    ]);
  });

  it('follows explicit tags', () => {
    expect(value('[!!str 1, !!int "7", !!float 2, !!bool "yes", !!null x]')).to.deep.equal([
      '1',
      7,
      new Float(2),
      true,
      null,
    ]);
  });

  it('tells which scalars look otherwise than they are read', () => {
    const text = 'mode: 0644\nversion: 1.10\nenable: yes\nport: 80\nflag: true\ntime: 22:22\n';
    const { ambiguous } = parseYaml(text, placesIn('f', text));
    expect(ambiguous.map(([path, written]) => `${path.join('.')} ${written}`)).to.deep.equal([
      'mode 0644',
      'version 1.10',
      'enable yes',
      'time 22:22',
    ]);
  });

  it('lets a flow collection end at any column, as PyYAML does', () => {
    expect(value('a: [\n  1,\n  2\n]\nb: {\n  c: 3\n}\n')).to.deep.equal(
      new Map<string, unknown>([
        ['a', [1, 2]],
        ['b', new Map([['c', 3]])],
      ]),
    );
  });

  it('reads nothing as nothing', () => {
    expect(value('')).to.equal(null);
    expect(value('# a comment\n')).to.equal(null);
  });

  const bad: [title: string, text: string, first: { message: RegExp; at: string; hint?: RegExp }][] = [
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', { message: /key "a" stands here twice/, at: '3:1' }],
    ['1 and true as keys', '1: x\ntrue: y\n', { message: /stands here twice/, at: '2:1' }],
    ['a tab', 'a:\n\tb: 1\n', { message: /Tabs/, at: '2:1', hint: /spaces/ }],
    ['a template left in', 'a: {{ b }}\n', { message: /cannot be a key/, at: '1:5', hint: /Quote/ }],
    ['a colon too many', 'a: b: c\n', { message: /A mapping cannot begin/, at: '1:4', hint: /quotes/ }],
    ['an unknown tag', 'a: !vault x\n', { message: /"!vault" is not known/, at: '1:11' }],
    [
      'a secret that nobody encrypted',
      'a: !secret hunter2\n',
      { message: /armoured block of age, and this is none/, at: '1:12' },
    ],
    ['an unknown anchor', 'a: *b\n', { message: /anchor "b"/, at: '1:4' }],
    ['a second document', 'a: 1\n---\nb: 2\n', { message: /Only one YAML document/, at: '3:1' }],
    ['an unclosed bracket', 'a: [1, 2\n', { message: /list that begins here is never closed/, at: '1:4' }],
    ['an unclosed quote', 'a: "x\n', { message: /quoted text that begins here is never closed/, at: '1:4' }],
    ['a list as key', '? [1]\n: 2\n', { message: /cannot be a key/, at: '1:3' }],
  ];
  for (const [title, text, { message, at, hint }] of bad) {
    it(`says where ${title} is`, () => {
      const [first] = troubles(text);
      expect(first?.message).to.match(message);
      expect(first?.at).to.equal(at);
      if (hint) expect(first?.hint).to.match(hint);
    });
  }

  it('tells no mistakes that only follow from another', () => {
    expect(troubles('a:\n  b.c:\n\t- d: e\nf: g\n').map(({ at }) => at)).to.deep.equal(['3:1']);
    expect(troubles('- a\nb: c\nd: e\nf: g\n').map(({ at }) => at)).to.deep.equal(['2:1']);
    expect(troubles('a: b: c\nd: e: f\n').map(({ at }) => at)).to.deep.equal(['1:4', '2:4']);
  });

  it('refuses to unfold a bomb of aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n++)
      lines.push(
        `a${n}: &a${n} [${Array(10)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    expect(troubles(`${lines.join('\n')}\n`)[0]?.message).to.match(/too many values/);
  });

  it('refuses to go down a well', () => {
    expect(troubles(`${'['.repeat(2000)}${']'.repeat(2000)}`)[0]?.message).to.match(/too deeply/);
  });
});

describe('locateInYaml', () => {
  const text = 'web:\n  file.managed:\n    - name: /a\n    - 8080: x\n  pkg: {installed: }\n';
  const cases: [path: (string | number)[], on: 'key' | 'value', found: string][] = [
    [['web'], 'key', 'web'],
    [['web', 'file.managed', 0, 'name'], 'key', 'name'],
    [['web', 'file.managed', 0, 'name'], 'value', '/a'],
    [['web', 'file.managed', 1, '8080'], 'key', '8080'],
    [['web', 'pkg', 'installed'], 'key', 'installed'],
  ];
  for (const [path, on, found] of cases) {
    it(`finds the ${on} of ${path.join(' › ')}`, () => {
      const { start, end } = locateInYaml(text, path, on);
      expect(text.slice(start, end).trim()).to.equal(found);
    });
  }

  it('stops at the nearest place that is there', () => {
    const { start } = locateInYaml(text, ['web', 'nothing', 'here'], 'key');
    expect(text.slice(start)).to.match(/^file\.managed/);
  });
});
