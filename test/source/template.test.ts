/** Rendering as a whole: which place wrote what, where errors are shown, the cache, and hostile templates. */
import { expect } from 'chai';
import { Trouble } from '../../engine/core/diagnostic.ts';
import { createTemplates } from '../../engine/source/template.ts';
import { environmentOf, outcome, rendered, type Setting } from './jinja/_render.ts';
import { files as sampleFiles, variables as sampleVariables } from './jinja/_sample.ts';

/** Where the first occurrence of a word in the rendered text was written. */
async function origin(source: string, word: string, setting: Setting = {}): Promise<string | undefined> {
  const result = await rendered(source, setting);
  const offset = result.text.indexOf(word);
  expect(offset, `${word} in ${result.text}`).to.be.at.least(0);
  const place = result.place(offset);
  return place && `${place.file.replace('/states/', '')}:${place.line}:${place.column}`;
}

/** What went wrong, with the way that led there. */
async function trail(source: string, setting: Setting): Promise<string[]> {
  try {
    await rendered(source, setting);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    const { origin: culprit, trail: way = [] } = error.diagnostics[0]!;
    return [...way, culprit!.place()].map(
      (place) => `${place.file.replace('/states/', '')}:${place.line}:${place.column}`,
    );
  }
  throw new Error('nothing went wrong');
}

describe('templates: the place that wrote each part of the text', () => {
  const cases: [what: string, source: string, word: string, place: string, files?: Record<string, string>][] =
    [
      ['text', 'one\n  two {{ 1 }} three\n', 'three', 'app/main.sls:2:15'],
      ['text after stripped blanks', 'one  {%- if true -%}\n\n  two{% endif %}', 'two', 'app/main.sls:3:3'],
      ['a printed expression', 'one\n  {{ x }}', '5', 'app/main.sls:2:6'],
      [
        'text of a later turn of a loop',
        '{% for i in [1, 2] %}\n- {{ i }}\n{% endfor %}',
        '2',
        'app/main.sls:2:6',
      ],
      ['text of a macro', '{% macro m() %}\nbody\n{% endmacro %}\n\n{{ m() }}', 'body', 'app/main.sls:2:1'],
      [
        'text of a macro that was filtered',
        '{% macro m() %}b{% endmacro %}\n{{ m() | upper }}',
        'B',
        'app/main.sls:2:4',
      ],
      [
        'text of a set block, where it is printed',
        '{% set t %}body{% endset %}\n{{ t }}',
        'body',
        'app/main.sls:2:4',
      ],
      ['a filter block', '\n{% filter upper %}body{% endfilter %}', 'BODY', 'app/main.sls:2:11'],
      [
        'the body of a call block',
        '{% macro m() %}<{{ caller() }}>{% endmacro %}\n{% call m() %}\nbody{% endcall %}',
        'body',
        'app/main.sls:3:1',
      ],
      ['an included file', 'a\n{% include "inc" %}', 'body', 'inc:2:3', { inc: 'first\n  body' }],
      [
        'an included file in an included file',
        '{% include "a" %}',
        'body',
        'b:1:2',
        { a: '\n{% include "b" %}', b: ' body' },
      ],
      [
        'a macro of another file',
        '{% from "lib" import m %}\n{{ m() }}',
        'body',
        'lib:2:1',
        { lib: '{% macro m() %}\nbody{% endmacro %}' },
      ],
      [
        'the parent of a child',
        '{% extends "base" %}{% block a %}A{% endblock %}',
        'end',
        'base:2:1',
        { base: '{% block a %}{% endblock %}\nend' },
      ],
      [
        'a block of a child',
        '{% extends "base" %}\n{% block a %}A{% endblock %}',
        'A',
        'app/main.sls:2:14',
        { base: 'x\n{% block a %}{% endblock %}' },
      ],
      [
        'a recursive loop',
        '{% for n in [[1], [2]] recursive %}{% if n is iterable %}{{ loop(n) }}{% else %}\n{{ n }}{% endif %}{% endfor %}',
        '2',
        'app/main.sls:2:4',
      ],
      ['text with characters beyond U+FFFF', '😀 {{ x }} é😀z', 'z', 'app/main.sls:1:15'],
      ['text with Windows newlines', 'a\r\nb\r\n  c {{ x }}\r\n', 'c', 'app/main.sls:3:3'],
      ['raw text', 'a\n{% raw %}\n {{ x }}{% endraw %}', '{{', 'app/main.sls:3:2'],
    ];
  for (const [what, source, word, place, files] of cases) {
    it(what, async () => {
      expect(await origin(source, word, { files, variables: { x: 5 } })).to.equal(place);
    });
  }

  it('knows a place for every character, and text maps to the same character', async () => {
    const source = `{% from 'lib' import f with context %}a {{ x }}\n{% for k, v in d.items() %}\n  {{ k }}: {{ f(v) }}{% include 'inc' %}\n{% endfor %}é\n`;
    const result = await rendered(source, { files: sampleFiles, variables: sampleVariables });
    const sources: { [file: string]: string } = { '/states/app/main.sls': source };
    for (const [name, text] of Object.entries(sampleFiles)) sources[`/states/${name}`] = text;
    let literal = 0;
    for (let offset = 0; offset < result.text.length - 1; offset++) {
      const place = result.place(offset)!;
      if (place.length !== undefined) continue;
      literal++;
      const written = `${sources[place.file]!.split('\n')[place.line - 1]}\n`[place.column - 1];
      expect(written, `offset ${offset}`).to.equal(result.text[offset]);
    }
    expect(literal).to.be.above(30);
  });

  it('has no place beyond an empty text', async () => {
    expect((await rendered('')).place(0)).to.equal(undefined);
  });
});

describe('templates: the place and the way of an error', () => {
  it('through includes, imports and macros, outermost first', async () => {
    const files = {
      'app/x.sls': `{% from "./lib.jinja" import f %}\n{{ f(0) }}`,
      'app/lib.jinja': '{% macro f(n) %}\n  {{ 1 // n }}{% endmacro %}',
    };
    expect(await trail('a\n{% include "app/x.sls" %}', { files })).to.deep.equal([
      'app/main.sls:2:12',
      'app/x.sls:2:4',
      'app/lib.jinja:2:6',
    ]);
  });

  it('through an import whose file is malformed', async () => {
    const files = { bad: 'x\n{% if %}' };
    expect(await trail('\n{% import "bad" as b %}', { files })).to.deep.equal([
      'app/main.sls:2:11',
      'bad:2:7',
    ]);
  });

  it('names a word in scope that may have been meant', async () => {
    const variables = { pillar: { nginx: { ports: [80] } } };
    expect(await outcome('{{ pilar.nginx }}', { variables })).to.equal(
      'template-undefined 1:4+5 "pilar" is undefined. Did you mean "pillar"?',
    );
    expect(await outcome('{{ pillar.ngnix.ports }}', { variables })).to.contain('Did you mean "nginx"?');
    expect(await outcome('{% set total = 1 %}{{ totl }}')).to.contain('Did you mean "total"?');
    expect(await outcome('{{ "a" | uper }}')).to.equal(
      'unknown-filter 1:10+4 There is no filter "uper". Did you mean "upper"?',
    );
  });

  it('inside of text that is read as YAML', async () => {
    expect(await outcome('{% load_yaml as x %}\na: 1\n\tb: 2\n{% endload %}')).to.equal(
      'yaml-syntax 3:1+undefined A tab.',
    );
    const files = { 'd.yaml': 'a: 1\n{{ 2 }}:\t3\n' };
    expect(await trail('{% import_yaml "d.yaml" as d %}', { files })).to.deep.equal([
      'app/main.sls:1:16',
      'd.yaml:2:9',
    ]);
  });
});

describe("templates: Salt's tags", () => {
  const files = {
    'd.yaml': 'k: {{ 1 + 1 }}\n',
    'd.json': '[1, true, null, 1.0]',
    'sub/m.jinja': '{% import_yaml "./e.yaml" as e %}{% set dir = tpldir %}',
    'sub/e.yaml': 'e: 1',
  };
  const cases: [source: string, text: string][] = [
    ['{% load_yaml as y %}\na: {{ 1 + 1 }}\nb: [x]\n{% endload %}{{ y }}', "{'a': 2, 'b': ['x']}"],
    ['{% load_json as y %}{"a": 1.0, "b": null}{% endload %}{{ y }}', "{'a': 1.0, 'b': None}"],
    ['{% load_text as y %} a {% endload %}[{{ y }}]', '[ a ]'],
    ['{% load_yaml as y %}{% set q = 1 %}{{ q }}{% endload %}{{ y }}{{ q is defined }}', '1False'],
    ['{% import_yaml "d.yaml" as d %}{{ d.k + 1 }}', '3'],
    ['{% import_json "d.json" as d %}{{ d }}', '[1, True, None, 1.0]'],
    ['{% import_text "d.yaml" as d %}{{ d }}', 'k: 2'],
    ['{% import_yaml "salt://d.yaml" as d %}{{ d }}', "{'k': 2}"],
    ['{% from "sub/m.jinja" import e, dir %}{{ e }}{{ dir }}{{ tpldir }}', "{'e': 1}subapp"],
    ['{% from "../sub/m.jinja" import e %}{{ e }}', "{'e': 1}"],
    ['{% profile as "x" %}{% set q = 1 %}{{ q }}{% endprofile %}{{ q }}', '11'],
    ['{% do raise("no") %}', 'template-error 1:7+5 no.'],
    [
      '{% import "../../etc/passwd" as p %}',
      'template-not-found 1:11+18 The template "../../etc/passwd" lies outside of the file roots.',
    ],
    [
      '{% load_yaml as %}{% endload %}',
      'template-syntax 1:17+2 Expected an expression, found the end of the tag.',
    ],
  ];
  for (const [source, text] of cases) {
    it(source, async () => {
      expect(await outcome(source, { files, variables: { tpldir: 'app' } })).to.equal(text);
    });
  }
});

describe('templates: the cache of compiled code', () => {
  it('serves a template without compiling it again, and survives a damaged entry', async () => {
    const kept = new Map<string, string>();
    const cache = {
      get: (key: string) => kept.get(key),
      set: (key: string, code: string) => void kept.set(key, code),
    };
    const text = `{{ x + 1 }} ${Math.random()}`;
    const file = { file: 'f', name: 'f', text };
    const variables = new Map([['x', 1]]);
    const first = await createTemplates(environmentOf({ cache })).render(file, variables);
    expect(kept.size).to.equal(1);
    const [key] = kept.keys();
    kept.set(key!, 'not JavaScript (');
    const second = await createTemplates(environmentOf({ cache })).render(file, variables);
    expect(second.text).to.equal(first.text);
  });

  it('tells the same source with other options apart', async () => {
    const source = 'a\n{% if true %}\nb\n{% endif %}\n';
    expect(await outcome(source)).to.equal('a\n\nb\n\n');
    expect(await outcome(source, { options: { trimBlocks: true } })).to.equal('a\nb\n\n');
  });

  it('tells files with the same source apart', async () => {
    const files = { a: '{{ nope }}', b: '{{ nope }}' };
    expect(await trail('{% include "a" %}', { files })).to.deep.equal(['app/main.sls:1:12', 'a:1:4']);
    expect(await trail('{% include "b" %}', { files })).to.deep.equal(['app/main.sls:1:12', 'b:1:4']);
  });
});

describe('templates: hostile input', () => {
  const endless = /template-error .*nested too deeply/;

  it('ends templates and macros that use themselves without end', async () => {
    expect(await outcome('{% include "a" %}', { files: { a: '{% include "a" %}' } })).to.match(endless);
    const circle = { a: '{% import "b" as b %}', b: '{% import "a" as a %}' };
    expect(await outcome('{% import "a" as a %}', { files: circle })).to.match(endless);
    expect(await outcome('{% extends "a" %}', { files: { a: '{% extends "a" %}' } })).to.match(endless);
    expect(await outcome('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}')).to.match(endless);
    expect(await outcome('{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}')).to.match(endless);
    expect(await outcome('{% block a %}{{ self.a() }}{% endblock %}')).to.match(endless);
  });

  it('refuses what is nested too deeply', async () => {
    const deep = (open: string, middle: string, close: string, times: number) =>
      open.repeat(times) + middle + close.repeat(times);
    for (const source of [
      `{{ ${deep('(', '1', ')', 5000)} }}`,
      `{{ ${deep('[', '1', ']', 5000)} }}`,
      `{{ ${deep('{1:', '1', '}', 5000)} }}`,
      `{{ ${deep('not ', '1', '', 5000)} }}`,
      `{{ ${deep('-', '1', '', 5000)} }}`,
      `{{ ${deep('1+', '1', '', 50000)} }}`,
      `{{ x${deep('.a', '', '', 50000)} }}`,
      `{{ x${deep('|upper', '', '', 50000)} }}`,
      `{{ ${deep('1 if 1 else ', '1', '', 5000)} }}`,
      deep('{% if 1 %}', 'x', '{% endif %}', 5000),
      deep('{% for i in [1] %}', 'x', '{% endfor %}', 5000),
    ]) {
      expect(await outcome(source), source.slice(0, 40)).to.match(/^template-syntax .*(deeply)/);
    }
  });

  it("never reaches JavaScript's insides", async () => {
    const words = [
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'valueOf',
      'hasOwnProperty',
      '__defineGetter__',
      'call',
      'apply',
      'size',
      'push',
    ];
    const subjects = [
      '{}',
      '[]',
      '"a"',
      '1',
      '1.5',
      'true',
      'none',
      '(1,)',
      'range(2)',
      'namespace()',
      'm',
      'dict',
      'salt',
      'self',
      '{}.items()',
      'joiner()',
      'cycler(1)',
      '[1]|map("string")',
      '"a".upper',
    ];
    for (const word of words) {
      for (const subject of subjects) {
        const source = `{% macro m() %}{% endmacro %}{{ (${subject}).${word} is defined }}{{ (${subject})['${word}'] is defined }}`;
        expect(await outcome(source), `${subject}.${word}`).to.equal('FalseFalse');
      }
      expect(await outcome(`{{ ${word} is defined }}{{ 'x' | ${word} }}`)).to.match(/^unknown-filter/);
      expect(await outcome(`{{ 'x' is ${word} }}`)).to.match(/^(unknown-filter|template-syntax)/);
    }
  });

  it('takes such words as ordinary names and keys', async () => {
    const source = `{% set constructor = 1 %}{% macro m(__proto__=2, **x) %}{% endmacro %}`;
    expect(await outcome(source)).to.match(/^template-syntax/);
    expect(
      await outcome(
        `{% set constructor = 1 %}{% set __proto__ = 3 %}{% macro m(__proto__=2) %}{{ __proto__ }}{{ kwargs }}{% endmacro %}{{ constructor }}{{ __proto__ }}{{ m() }}{{ m(__proto__=4, constructor=5) }}{{ {'__proto__': 6}['__proto__'] }}{{ dict(__proto__=7) }}{{ dict(**{'__proto__': 8}) }}`,
      ),
    ).to.equal(`132{}4{'constructor': 5}6{'__proto__': 7}{'__proto__': 8}`);
  });

  it('is not led out of its code by what a template writes', async () => {
    const odd = '`${1}`\\u2028\u2028\u2029</script>"\'\\n\0*/';
    expect(
      await outcome(
        `${odd}{{ '${odd.replace("'", "\\'").replaceAll('\\', '\\\\').replace("\\\\'", "\\'")}' | length > 0 }}`,
      ),
    ).to.equal(`${odd}True`);
  });

  it('renders megabytes in linear time', async () => {
    const line = 'some text {{ a }} and {% if a %}yes{% endif %} {# no #} more\n';
    const result = await rendered(line.repeat(20_000), { variables: { a: 1 } });
    expect(result.text).to.equal('some text 1 and yes  more\n'.repeat(20_000));
    expect(result.place(result.text.length - 2)).to.include({ line: 20_000, column: line.length - 1 });
    const plain = 'text without tags { % # }\n'.repeat(200_000);
    expect((await rendered(plain)).text).to.equal(plain);
  });

  it('refuses sums, texts and ranges without end', async () => {
    expect(await outcome(`{{ 9 ** (9 ** 9) }}`)).to.match(/too large/);
    expect(await outcome(`{{ 'x' * 999999999 }}`)).to.match(/too large/);
    expect(await outcome(`{{ range(999999999) }}`)).to.match(/too big/i);
    const doubling = `{% set ns = namespace(t='x') %}{% for i in range(64) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}`;
    expect(await outcome(doubling)).to.match(/^template-error .*too large/);
  });

  it('keeps what an odd text holds', async () => {
    const odd = '\u0000\uFEFF\u{1F600}\ud800 \u2028 tab\t{ { } } %} }}\n';
    expect((await rendered(odd)).text).to.equal(odd);
  });
});
