/** SLS files into high data: declarations, extend and exclude, and what is said of malformed ones. */
import { expect } from 'chai';
import { lowState } from '../../engine/compile/compile.ts';
import { merge } from '../../engine/compile/merge.ts';
import { brief, complaints, slsFiles } from '../helpers/sls.ts';

type Files = string | { readonly [name: string]: string };

/** `ID module.function key=value` of each state, in run order. */
function lines(files: Files): string[] {
  return lowState(slsFiles(files)).chunks.map(({ id, state, fun, written }) =>
    [`${id} ${state}.${fun}`, ...[...written.values()].map(({ key, value }) => `${key}=${text(value)}`)].join(
      ' ',
    ),
  );
}

function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(' ')}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, member]) => `${text(key)}:${text(member)}`).join(' ')}}`;
  return String(value);
}

describe('declarations', () => {
  const cases: [title: string, yaml: string, expected: string[]][] = [
    ['on one line', 'x: m.f', ['x m.f']],
    ['a list', 'x: {m.f: [{a: 1}, {b: 2}]}', ['x m.f a=1 b=2']],
    ['a function among the arguments', 'x: {m: [{a: 1}, f]}', ['x m.f a=1']],
    ['a plain mapping', 'x: {m.f: {a: 1, b: [2]}}', ['x m.f a=1 b=[2]']],
    ['arguments that share a dash', 'x:\n  m.f:\n    - a: 1\n      b: 2\n', ['x m.f a=1 b=2']],
    ['a long function before a short one', 'x: {a.f: [], m: [f]}', ['x m.f', 'x a.f']],
    ['keys with underscores are Salt’s own', 'x: {__sls__: a, _b: c, m.f: []}', ['x m.f']],
    ['nothing in a file', '{}', []],
    ['keys that are no text', 'x: {m.f: [{8080: a}, {yes: b}, {~: c}]}', ['x m.f 8080=a True=b None=c']],
    ['words of JavaScript', '__proto__: {m.f: [{constructor: 1}]}', ['__proto__ m.f constructor=1']],
    ['a blank at the end of an ID', '"x ": m.f', ['x  m.f']],
  ];
  for (const [title, yaml, expected] of cases) it(title, () => expect(lines(yaml)).to.deep.equal(expected));

  const wrong: [yaml: string, at: string, message: RegExp][] = [
    ['5: m.f', 'bad-id main.sls:1:1', /^The ID 5 in SLS "main" is not text but the number 5\.$/],
    ['a: m.f\nyes: m.f', 'bad-id main.sls:2:1', /The ID True .* the boolean true/],
    ['a: m.f\n~: m.f', 'bad-id main.sls:2:1', /The ID None .* empty/],
    ['x: 5', 'bad-declaration main.sls:1:1', /is the number 5, expected a mapping of states/],
    ['x:', 'bad-declaration main.sls:1:1', /is empty, expected a mapping/],
    ['x: [m.f]', 'bad-declaration main.sls:1:1', /is a list, expected a mapping/],
    ['x: true', 'bad-declaration main.sls:1:1', /is the boolean true/],
    ['x: m', 'bad-declaration main.sls:1:4', /declares "m", which is no module\.function/],
    ['x: m.f.g', 'bad-declaration main.sls:1:4', /declares "m\.f\.g"/],
    ['x: .f', 'bad-declaration main.sls:1:4', /declares "\.f"/],
    ['x:\n  m.f:', 'bad-declaration main.sls:2:3', /declares "m\.f:" with nothing below it/],
    ['x:\n  m.f: 5', 'bad-declaration main.sls:2:3', /"m\.f" in ID "x" is the number 5, expected a list/],
    ['x:\n  m.f: a', 'bad-declaration main.sls:2:3', /is the text "a", expected a list/],
    ['x:\n  m: []', 'bad-declaration main.sls:2:3', /declares no function of the module "m"/],
    ['x:\n  m: [f, g]', 'bad-declaration main.sls:2:3', /two functions of the module "m": f, g/],
    ['x:\n  m.f: [g]', 'bad-declaration main.sls:2:3', /two functions of the module "m": f, g/],
    ['x:\n  m.f: []\n  m.g: []', 'bad-declaration main.sls:3:3', /declares the module "m" twice/],
    ['x:\n  m.f:\n    - a 1', 'bad-declaration main.sls:3:7', /The function "a 1" in ID "x" has blanks/],
    ['x:\n  m.f:\n    - 5', 'bad-declaration main.sls:3:7', /is the number 5, expected "name: value"/],
    ['x:\n  m.f:\n    - [a]', 'bad-declaration main.sls:3:7', /is a list, expected "name: value"/],
    ['x:\n  m.f:\n    - ~', 'bad-declaration main.sls:3:7', /is empty, expected "name: value"/],
    ['x:\n  m.f:\n    - {}', 'bad-declaration main.sls:3:7', /holds 0 arguments/],
    [
      'x:\n  m.f:\n    - a: 1\n      require: []',
      'bad-declaration main.sls:4:7',
      /holds 2 arguments \(a, require\)/,
    ],
  ];
  for (const [yaml, at, message] of wrong) {
    it(`refuses ${JSON.stringify(yaml)}`, () => {
      const said = complaints(() => lines(yaml));
      expect(said.map(brief)).to.deep.equal([at]);
      expect(said[0]!.message).to.match(message);
      expect(said[0]!.hint).to.match(/^[A-Z].*\.$/);
    });
  }

  it('refuses an ID that another file declared, and says where', () => {
    const [said, ...more] = complaints(() => lines({ one: 'x: m.f', two: 'y: m.f\nx: n.f' }));
    expect(more).to.deep.equal([]);
    expect(brief(said!)).to.equal('duplicate-id two.sls:2:1');
    expect(said!.related!.map(({ origin }) => origin.place())).to.deep.equal([
      { file: 'one.sls', line: 1, column: 1 },
    ]);
  });

  it('tells all mistakes of all files at once', () => {
    const said = complaints(() => lines({ one: 'x: 5\ny: m', two: 'z: []\nextend: 5\nexclude: 5' }));
    expect(said.map(({ code }) => code)).to.deep.equal([
      'bad-declaration',
      'bad-declaration',
      'bad-declaration',
      'bad-extend',
      'bad-exclude',
    ]);
  });
});

describe('extend', () => {
  const base = 'x: {m.f: [{a: 1}, {require: [{n: y}]}]}\ny: {n.g: [{name: named}]}\nz: m.f';
  const cases: [title: string, extension: string, expected: string][] = [
    ['replaces arguments', 'x: {m: [{a: 2}]}', 'x m.f a=2 require=[{n:y}]'],
    ['adds arguments', 'x: {m.f: [{b: [1]}]}', 'x m.f a=1 require=[{n:y}] b=[1]'],
    ['appends requisites', 'x: {m: [{require: [{m: z}]}]}', 'x m.f a=1 require=[{n:y} {m:z}]'],
    ['begins a requisite', 'x: {m: [{watch: [{m: z}]}]}', 'x m.f a=1 require=[{n:y}] watch=[{m:z}]'],
    ['replaces the function', 'x: {m: [h]}', 'x m.h a=1 require=[{n:y}]'],
    ['replaces the function on one line', 'x: m.h', 'x m.h a=1 require=[{n:y}]'],
    ['adds a state of another module', 'x: {o.p: [{c: 1}]}', 'x o.p c=1'],
    ['finds a declaration by its name', 'named: {n: [{b: 1}]}', 'y n.g name=named b=1'],
    ['takes a plain mapping', 'x: {m: {a: 2}}', 'x m.f a=2 require=[{n:y}]'],
    ['ignores keys with underscores', 'x: {__env__: base, m: [{a: 2}]}', 'x m.f a=2 require=[{n:y}]'],
  ];
  for (const [title, extension, expected] of cases) {
    it(title, () => {
      expect(lines({ base, more: `extend:\n  ${extension}` })).to.include(expected);
    });
  }

  it('comes from several files, the last of which holds', () => {
    const files = {
      base: 'x: {m.f: [{a: 1}]}',
      one: 'extend: {x: {m: [{a: 2}, {b: 2}]}}',
      two: 'extend: {x: {m: [{a: 3}]}}',
    };
    expect(lines(files)).to.deep.equal(['x m.f a=3 b=2']);
  });

  it('gathers requisites of several files', () => {
    const files = {
      base: 'x: {m.f: [{require: [{m: a}]}]}\na: m.f\nb: m.f\nc: m.f',
      one: 'extend: {x: {m: [{require: [{m: b}]}]}}',
      two: 'extend: {x: {m: [{require: [{m: c}]}]}}',
    };
    expect(lines(files)[0]).to.equal('x m.f require=[{m:a} {m:b} {m:c}]');
    // What was read is not changed: the same files may be compiled again.
    const parsed = slsFiles(files);
    const once = JSON.stringify(
      lowState(parsed).chunks.map(({ written }) => text([...written.values()].map(({ value }) => value))),
    );
    const again = JSON.stringify(
      lowState(parsed).chunks.map(({ written }) => text([...written.values()].map(({ value }) => value))),
    );
    expect(again).to.equal(once);
  });

  it('gives what several of an argument come to', () => {
    expect(lines({ base: 'x: {m.f: [{a: 1}, {a: 2}]}', more: 'extend: {x: {m: [{a: 3}]}}' })).to.deep.equal([
      'x m.f a=3',
    ]);
    expect(
      lines({
        base: 'x: {m.f: [{require: [{m: y}]}, {require: []}]}\ny: m.f',
        more: 'extend: {x: {m: [{require: [{m: y}]}]}}',
      })[0],
    ).to.equal('x m.f require=[{m:y}]');
  });

  it('puts a name in place of names', () => {
    expect(
      lines({ base: 'x: {m.f: [{names: [a, b]}]}', more: 'extend: {x: {m: [{name: c}]}}' }),
    ).to.deep.equal(['x m.f name=c']);
  });

  it('finds by name what an extension has named', () => {
    const files = {
      base: 'x: {m.f: [{name: old}]}',
      one: 'extend: {old: {m: [{name: new}]}}',
      two: 'extend: {new: {m: [{a: 1}]}}',
    };
    expect(lines(files)).to.deep.equal(['x m.f name=new a=1']);
    const said = complaints(() => lines({ ...files, two: 'extend: {old: {m: [{a: 1}]}}' }));
    expect(said.map(brief)).to.deep.equal(['extend-unknown two.sls:1:16']);
  });

  const wrong: [extension: string, at: string, message: RegExp][] = [
    ['5', 'bad-extend more.sls:1:1', /"extend" in SLS "more" is the number 5/],
    ['[x]', 'bad-extend more.sls:1:1', /is a list, expected a mapping of IDs/],
    ['{x: 5}', 'bad-extend more.sls:1:10', /The extension of "x" in SLS "more" is the number 5/],
    ['{x: ~}', 'bad-extend more.sls:1:10', /is empty/],
    ['{x: {o: [{a: 1}]}}', 'bad-extend more.sls:1:14', /declares nothing of the module "o"/],
    ['{w: {m: [{a: 1}]}}', 'extend-unknown more.sls:1:14', /extends the ID "w", which is not declared/],
    ['{w: m.f}', 'extend-unknown more.sls:1:10', /extends the ID "w"/],
    ['{x: {m: 5}}', 'bad-declaration more.sls:1:14', /is the number 5, expected a list/],
    ['{x: {m: [5]}}', 'bad-declaration more.sls:1:18', /is the number 5, expected "name: value"/],
    ['{same: {m: [{a: 1}]}}', 'extend-unknown more.sls:1:17', /extends the ID "same"/],
  ];
  for (const [extension, at, message] of wrong) {
    it(`refuses extend: ${extension}`, () => {
      const twins = 'p: {m.f: [{name: same}]}\nq: {m.f: [{name: same}]}';
      const said = complaints(() => lines({ base: `${base}\n${twins}`, more: `extend: ${extension}` }));
      expect(said.map(brief)).to.deep.equal([at]);
      expect(said[0]!.message).to.match(message);
    });
  }

  it('looks declarations up, however many are extended by name', () => {
    const count = 10_000;
    const every = (line: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => line(n)).join('\n');
    const files = slsFiles({
      base: every((n) => `id${n}: {m.f: [{name: name${n}}]}`),
      more: `extend:\n${every((n) => `  name${n}: {m: [{a: 1}]}`)}`,
    });
    const { high, diagnostics } = merge(files);
    expect(diagnostics).to.deep.equal([]);
    expect(
      high
        .get('id9999')!
        .states.get('m')!
        .args.map(({ key }) => key),
    ).to.deep.equal(['name', 'a']);
    // Comparing each with each would take a minute.
  }).timeout(10_000);
});

describe('exclude', () => {
  const files = {
    one: 'a: m.f\nb: m.f',
    'parts.two': 'c: m.f',
    'parts.deep.three': 'd: m.f',
    parts: 'e: m.f',
  };
  const cases: [written: string, left: string[]][] = [
    ['[one]', ['c', 'd', 'e']],
    ['[{sls: one}]', ['c', 'd', 'e']],
    ['[{id: a}]', ['b', 'c', 'd', 'e']],
    ['["parts.*"]', ['a', 'b', 'e']],
    ['[{sls: "parts*"}, {id: a}]', ['b']],
    ['[{id: 5}, nothing]', ['a', 'b', 'c', 'd', 'e']],
    ['[]', ['a', 'b', 'c', 'd', 'e']],
  ];
  for (const [written, left] of cases) {
    it(`${written} leaves ${left.join(', ')}`, () => {
      const { chunks } = lowState(slsFiles({ ...files, main: `exclude: ${written}` }));
      expect(chunks.map(({ id }) => id)).to.deep.equal(left);
    });
  }

  it('takes with a file what it extends, but not what its requisites gave to others', () => {
    const given = {
      base: 'x: {m.f: [{a: 1}]}\nb: m.f',
      gone: 'y: {m.f: [{require_in: [{m: b}]}]}\nextend: {x: {m: [{a: 2}]}}',
      main: 'exclude: [gone]',
    };
    expect(lines(given)).to.deep.equal(['x m.f a=1', 'b m.f require=[{m:y}]']);
  });

  for (const [written, at] of [
    ['one', '1:10'],
    ['{id: a}', '1:10'],
    ['[5]', '1:11'],
    ['[~]', '1:11'],
    ['[{id: a, sls: b}]', '1:11'],
    ['[{name: a}]', '1:11'],
    ['[{sls: 5}]', '1:11'],
  ] as const) {
    it(`refuses ${written}`, () => {
      expect(complaints(() => lines(`exclude: ${written}`)).map(brief)).to.deep.equal([
        `bad-exclude main.sls:${at}`,
      ]);
    });
  }
});
