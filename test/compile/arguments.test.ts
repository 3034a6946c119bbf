/** Arguments against schemas: what a state receives, and what is said of what it cannot receive. */
import { expect } from 'chai';
import type { Runnable } from '../../engine/core/chunk.ts';
import { brief, compiled, complaints, statesOf, stateWith } from '../helpers/sls.ts';

const properties = {
  text: { type: 'string' },
  spoken: { type: 'string', description: 'What is said.' },
  count: { type: 'integer', minimum: 0, maximum: 9 },
  ratio: { type: 'number' },
  flag: { type: 'boolean' },
  either: { type: ['string', 'integer'] },
  nothing: { type: ['string', 'null'] },
  words: { type: 'array', items: { type: 'string' }, minItems: 1 },
  choice: { type: 'string', enum: ['present', 'absent'] },
  dict: { type: 'object', ordered: true },
  plain: { type: 'object' },
  member: {
    type: 'object',
    properties: { inner: { type: 'string' } },
    required: ['inner'],
    additionalProperties: false,
  },
  letter: { type: 'string', pattern: '^[a-z]$', minLength: 1 },
  anything: {},
  preset: { type: 'string', default: 'as told' },
  __keep__: { type: 'array' },
} as const;

const states = statesOf({
  'm.state': stateWith(properties),
  'm.needy': stateWith({ spoken: properties.spoken }, { required: ['spoken'] }),
  'm.open': stateWith({ text: properties.text }, { anyArguments: true }),
  'm.many': stateWith(Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`long${n}`, {}]))),
});

function one(args: string, fun = 'state'): string {
  return `x:\n  m.${fun}:\n    - ${args}\n`;
}

function received(yaml: string): Runnable['args'] {
  return compiled(yaml, states)[0]!.args;
}

describe('accepted arguments', () => {
  const cases: [written: string, key: string, value: unknown][] = [
    ['text: hello', 'text', 'hello'],
    ['text: 5', 'text', '5'],
    ['text: -5', 'text', '-5'],
    ['text: 2.5', 'text', '2.5'],
    ['text: 99999999999999999999', 'text', '99999999999999999999'],
    ['text: 2026-01-01', 'text', '2026-01-01'],
    ['text: ""', 'text', ''],
    ['text: "yes"', 'text', 'yes'],
    ['text: häßlich ☃', 'text', 'häßlich ☃'],
    ['count: 5', 'count', 5],
    ['count: "7"', 'count', 7],
    ['count: 3.0', 'count', 3],
    ['ratio: 0.5', 'ratio', 0.5],
    ['ratio: 2.0', 'ratio', 2],
    ['flag: yes', 'flag', true],
    ['flag: False', 'flag', false],
    ['either: "5"', 'either', '5'],
    ['either: 5', 'either', 5],
    ['nothing: ', 'nothing', null],
    ['words: [a, "1"]', 'words', ['a', '1']],
    ['choice: absent', 'choice', 'absent'],
    ['plain: {1: {2: 3.0}}', 'plain', { 1: { 2: 3 } }],
    ['plain: {a: ~, b: [~]}', 'plain', { a: null, b: [null] }],
    ['anything: [1, {a: b}]', 'anything', [1, { a: 'b' }]],
    ['preset: mine', 'preset', 'mine'],
    ['preset: ', 'preset', 'as told'],
    ['text: first\n    - text: second', 'text', 'second'],
  ];
  for (const [written, key, value] of cases) {
    it(`${written} → ${JSON.stringify(value)}`, () => {
      expect(received(one(written))[key]).to.deep.equal(value);
    });
  }

  it('fills in defaults, and the ID as the name', () => {
    expect(received('x: m.state')).to.deep.equal({ name: 'x', preset: 'as told' });
  });

  it('leaves out what is empty, where the state does not expect that', () => {
    expect(received(one('text: '))).not.to.have.property('text');
  });

  it('keeps the order and the keys of a dict where the state asks for it', () => {
    const { dict } = received(one('dict: {b: 1, 8080: 2.0, a: {9: x}}'));
    expect([...(dict as Map<unknown, unknown>).keys()]).to.deep.equal(['b', 8080, 'a']);
  });

  it('keeps a member called __proto__ a member', () => {
    const { plain } = received(one('plain: {__proto__: {flag: true}}'));
    expect(Object.keys(plain as object)).to.deep.equal(['__proto__']);
    expect((plain as { flag?: unknown }).flag).to.equal(undefined);
  });

  it('hands any argument to a state that takes any, but none of the engine', () => {
    expect(
      received(
        one(
          'other: {a: 1}\n    - require: []\n    - order: 1\n    - __proto__: {x: 1}\n    - text: 1',
          'open',
        ),
      ),
    ).to.deep.equal({ name: 'x', other: { a: 1 }, text: '1' });
  });

  it('takes arguments of condition commands only beside conditions', () => {
    const conditional = 'onlyif: "true"\n    - cwd: /\n    - runas: root\n    - env: {A: b}';
    expect(received(one(conditional))).to.deep.equal({ name: 'x', preset: 'as told' });
    expect(complaints(() => received(one('cwd: /'))).map(brief)).to.deep.equal([
      'unknown-argument main.sls:3:7',
    ]);
  });
});

describe('refused arguments', () => {
  const cases: [written: string, at: string, message: string, hint?: string][] = [
    [
      'text: 0644',
      'ambiguous-scalar main.sls:3:13',
      '"text" expects text, and YAML reads 0644 as the number 644.',
      "Put it in quotes: '0644'.",
    ],
    [
      'text: 3.0',
      'ambiguous-scalar main.sls:3:13',
      '"text" expects text, and YAML reads 3.0 as the number 3.0.',
      "Put it in quotes: '3.0'.",
    ],
    [
      'text: 1.10',
      'ambiguous-scalar main.sls:3:13',
      '"text" expects text, and YAML reads 1.10 as the number 1.1.',
      "Put it in quotes: '1.10'.",
    ],
    [
      'text: 22:22',
      'ambiguous-scalar main.sls:3:13',
      '"text" expects text, and YAML reads 22:22 as the number 1342.',
      "Put it in quotes: '22:22'.",
    ],
    [
      'text: yes',
      'bad-argument main.sls:3:13',
      '"text" of m.state is the boolean true, expected text.',
      'YAML reads yes as a boolean. Put it in quotes if text is meant.',
    ],
    ['text: [1]', 'bad-argument main.sls:3:13', '"text" of m.state is a list, expected text.'],
    ['text: {a: 1}', 'bad-argument main.sls:3:13', '"text" of m.state is a mapping, expected text.'],
    [
      'count: 3.5',
      'bad-argument main.sls:3:14',
      '"count" of m.state is the number 3.5, expected a whole number.',
    ],
    ['count: -1', 'bad-argument main.sls:3:14', '"count" of m.state is the number -1, expected at least 0.'],
    ['count: 10', 'bad-argument main.sls:3:14', '"count" of m.state is the number 10, expected at most 9.'],
    [
      'count: "1.5"',
      'bad-argument main.sls:3:14',
      '"count" of m.state is the text "1.5", expected a whole number.',
    ],
    [
      'flag: "No"',
      'bad-argument main.sls:3:13',
      '"flag" of m.state is the text "No", expected true or false.',
      'Write false without quotes.',
    ],
    ['flag: 1', 'bad-argument main.sls:3:13', '"flag" of m.state is the number 1, expected true or false.'],
    [
      'either: [a]',
      'bad-argument main.sls:3:15',
      '"either" of m.state is a list, expected text or a whole number.',
    ],
    [
      'words: []',
      'bad-argument main.sls:3:14',
      '"words" of m.state is a list, expected a list of at least 1.',
    ],
    ['words: x', 'bad-argument main.sls:3:14', '"words" of m.state is the text "x", expected a list.'],
    [
      'words: [a, 1]',
      'bad-argument main.sls:3:18',
      '"words.1" of m.state is the number 1, expected text.',
      'Put it in quotes if text is meant.',
    ],
    [
      'words: [a, on]',
      'bad-argument main.sls:3:18',
      '"words.1" of m.state is the boolean true, expected text.',
      'YAML reads on as a boolean. Put it in quotes if text is meant.',
    ],
    [
      'choice: presnt',
      'bad-argument main.sls:3:15',
      '"choice" of m.state is the text "presnt", expected one of "present", "absent".',
      'Did you mean "present"?',
    ],
    ['choice: [a]', 'bad-argument main.sls:3:15', '"choice" of m.state is a list, expected text.'],
    ['dict: [1]', 'bad-argument main.sls:3:13', '"dict" of m.state is a list, expected a mapping.'],
    ['dict: x', 'bad-argument main.sls:3:13', '"dict" of m.state is the text "x", expected a mapping.'],
    ['member: {}', 'bad-argument main.sls:3:15', '"member" of m.state is a mapping, which lacks "inner".'],
    [
      'member: {inner: a, outer: b}',
      'bad-argument main.sls:3:26',
      '"member" of m.state is a mapping, which has no member "outer".',
    ],
    ['letter: ""', 'bad-argument main.sls:3:15', '"letter" of m.state is the text "", expected some text.'],
    [
      'letter: AB',
      'bad-argument main.sls:3:15',
      '"letter" of m.state is the text "AB", which does not match ^[a-z]$.',
    ],
    ['txet: x', 'unknown-argument main.sls:3:7', 'm.state has no argument "txet".', 'Did you mean "text"?'],
    [
      'reqire: []',
      'unknown-argument main.sls:3:7',
      'm.state has no argument "reqire".',
      'Did you mean "require"?',
    ],
    [
      'constructor: 1',
      'unknown-argument main.sls:3:7',
      'm.state has no argument "constructor".',
      'See docs/states/m.state.md for its arguments.',
    ],
    [
      '__proto__: {a: 1}',
      'unknown-argument main.sls:3:7',
      'm.state has no argument "__proto__".',
      'See docs/states/m.state.md for its arguments.',
    ],
    [
      '__keep__: [a]',
      'unknown-argument main.sls:3:7',
      'm.state has no argument "__keep__".',
      'See docs/states/m.state.md for its arguments.',
    ],
  ];
  for (const [written, at, message, hint] of cases) {
    it(written, () => {
      const said = complaints(() => received(one(written)));
      expect(
        said.map((diagnostic) => [brief(diagnostic), diagnostic.message, diagnostic.hint]),
      ).to.deep.equal([[at, message, hint]]);
    });
  }

  it('names what is missing, and what it is for', () => {
    const [said] = complaints(() => received('x: m.needy'));
    expect(brief(said!)).to.equal('missing-argument main.sls:1:1');
    expect(said!.hint).to.equal('Add "spoken": what is said.');
  });

  it('tells everything that is wrong at once, each once', () => {
    const said = complaints(() =>
      received(one('txet: x\n    - other: y\n    - member: {a: 1, b: 2}\n    - count: many')),
    );
    expect(said.map(brief).sort()).to.deep.equal([
      'bad-argument main.sls:5:15',
      'bad-argument main.sls:5:16',
      'bad-argument main.sls:5:22',
      'bad-argument main.sls:6:14',
      'unknown-argument main.sls:3:7',
      'unknown-argument main.sls:4:7',
    ]);
  });

  it('lists the arguments of a state that has few', () => {
    const [said] = complaints(() => received(one('zzzzzz: x\n    - spoken: x', 'needy')));
    expect(said!.hint).to.equal('It has: name, spoken.');
    expect(complaints(() => received(one('zzzzzz: x', 'many')))[0]!.hint).to.match(
      /^See docs\/states\/m\.many/,
    );
  });

  it('places arguments of a single name, and of an extend', () => {
    const said = complaints(() =>
      compiled(
        {
          main: 'x:\n  m.state:\n    - names:\n      - a\n      - b:\n        - count: many\n',
          more: 'extend:\n  x:\n    m:\n      - flag: 7\n',
        },
        states,
      ),
    );
    // What the extension says counts for both names, and is told once.
    expect(said.map(brief)).to.deep.equal(['bad-argument more.sls:4:15', 'bad-argument main.sls:6:18']);
  });
});
