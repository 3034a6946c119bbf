/** The pillar against JSON Schema: every rule in words, and no value among them. */
import { expect } from 'chai';
import { checkPillar } from '../../engine/compile/pillar-schema.ts';
import { at, type Diagnostic, Trouble } from '../../engine/core/diagnostic.ts';
import { type Dict, Float, fromPlain } from '../../engine/core/value.ts';

/** Places are paths. */
function check(schema: unknown, pillar: unknown): readonly Diagnostic[] {
  const file = {
    file: 'states/web/pillar.schema.json',
    schema,
    locate: (path: readonly (string | number)[]) => at(`/${path.join('/')}`, 1, 1),
  };
  try {
    return checkPillar(file, fromPlain(pillar) as Dict, (path, on) => at(`${path.join(':')} (${on})`, 1, 1));
  } catch (error) {
    if (error instanceof Trouble) return error.diagnostics;
    throw error;
  }
}

const told = (found: readonly Diagnostic[]) => found.map(({ code, message }) => `${code}: ${message}`);
const places = (found: readonly Diagnostic[]) => found.map(({ origin }) => origin?.place().file);

/** What is said of one value. */
function said(rule: object, value: unknown): string[] {
  return check({ properties: { a: rule } }, { a: value }).map(({ message }) =>
    message.replace('"a" of the pillar ', ''),
  );
}

describe('checkPillar', () => {
  const rules: [rule: object, value: unknown, wanted: string][] = [
    [{ type: 'string' }, 1, 'has to be text, and is a number.'],
    [{ type: 'string' }, true, 'has to be text, and is true or false.'],
    [{ type: 'integer' }, '1', 'has to be a whole number, and is text.'],
    [{ type: 'integer' }, 1.5, 'has to be a whole number, and is a number.'],
    [{ type: ['number', 'null'] }, [], 'has to be a number or empty, and is a list.'],
    [{ type: 'object' }, null, 'has to be a mapping, and is empty.'],
    [{ type: 'array' }, {}, 'has to be a list, and is a mapping.'],
    [{ enum: ['x', 2] }, 'z', 'has to be "x" or 2.'],
    [{ type: 'string', enum: ['x'] }, 1, 'has to be text, and is a number.'],
    [{ const: 'x' }, 'z', 'has to be "x".'],
    [{ pattern: '^b' }, 'z', 'has to match ^b.'],
    [{ minimum: 3 }, 2, 'has to be at least 3.'],
    [{ maximum: 3 }, 4, 'has to be at most 3.'],
    [{ exclusiveMinimum: 3 }, 3, 'has to be more than 3.'],
    [{ exclusiveMaximum: 3 }, 3, 'has to be less than 3.'],
    [{ multipleOf: 8 }, 3, 'has to be a multiple of 8.'],
    [{ minLength: 1 }, '', 'may not be empty.'],
    [{ minLength: 8 }, 'z', 'has to be 8 characters long at least.'],
    [{ maxLength: 1 }, 'zz', 'has to be 1 characters long at most.'],
    [{ minItems: 1 }, [], 'may not be empty.'],
    [{ minProperties: 2 }, {}, 'has to have 2 members at least.'],
    [{ maxItems: 1 }, [1, 2], 'has to have 1 members at most.'],
    [{ uniqueItems: true }, ['z', 'y', 'z'], 'holds the same twice: members 1 and 3.'],
    [{ dependentRequired: { b: ['c'] } }, { b: 1 }, 'lacks "c", which "b" needs.'],
    [{ not: { type: 'string' } }, 'z', 'may not be like that.'],
    [{ propertyNames: { pattern: '^b' } }, { z: 1 }, 'may not have a key "z".'],
    [{ if: { type: 'integer' }, else: { pattern: '^b' } }, 'z', 'has to match ^b.'],
  ];
  for (const [rule, value, wanted] of rules) {
    it(`says of ${JSON.stringify(value)} by ${JSON.stringify(rule)}: ${wanted}`, () =>
      expect(said(rule, value)).to.deep.equal([wanted]));
  }

  const choices: [title: string, rule: object, value: unknown, wanted: string[]][] = [
    [
      'kinds',
      { anyOf: [{ type: 'string' }, { type: 'array' }] },
      1,
      ['has to be text or a list, and is a number.'],
    ],
    [
      'the one of the right kind',
      { anyOf: [{ type: 'string', pattern: '^b' }, { type: 'array' }] },
      'z',
      ['has to match ^b.'],
    ],
    [
      'words and kinds',
      { anyOf: [{ enum: ['auto', 'off'] }, { type: 'integer' }] },
      'z',
      ['has to be "auto", "off" or a whole number, and is text.'],
    ],
    ['keys', { anyOf: [{ required: ['b'] }, { required: ['c'] }] }, {}, ['lacks "b" or "c".']],
    [
      'the one that a word names',
      {
        oneOf: [
          { properties: { kind: { const: 'x' }, n: { type: 'integer' } } },
          { properties: { kind: { const: 'y' }, n: { type: 'string' } } },
        ],
      },
      { kind: 'y', n: 1 },
      ['"a:n" of the pillar has to be text, and is a number.'],
    ],
    [
      'none of several',
      { anyOf: [{ pattern: '^b' }, { maxLength: 1 }] },
      'zz',
      ['is in none of the forms that are taken here.'],
    ],
    [
      'more than one',
      { oneOf: [{ pattern: 'z' }, { maxLength: 1 }] },
      'z',
      ['is in more than one of the forms that exclude each other.'],
    ],
    [
      'one and another mistake beside it',
      { maxLength: 1, anyOf: [{ type: 'integer' }, { type: 'array' }] },
      'zz',
      ['has to be 1 characters long at most.', 'has to be a whole number or a list, and is text.'],
    ],
  ];
  for (const [title, rule, value, wanted] of choices) {
    it(`tells of a choice: ${title}`, () => expect(said(rule, value)).to.have.members(wanted));
  }

  it('follows references in a choice', () => {
    const schema = {
      $defs: { name: { type: 'string' }, names: { type: 'array', items: { $ref: '#/$defs/name' } } },
      properties: { a: { anyOf: [{ $ref: '#/$defs/name' }, { $ref: '#/$defs/names' }] } },
    };
    expect(told(check(schema, { a: 1 }))).to.deep.equal([
      'bad-pillar-value: "a" of the pillar has to be text or a list, and is a number.',
    ]);
    expect(check(schema, { a: 'x' })).to.deep.equal([]);
  });

  it('tells missing keys of one place together, where the mapping stands', () => {
    const schema = {
      properties: { web: { required: ['b', 'c'], properties: { b: { description: 'One.' } } } },
    };
    const found = check(schema, { web: {} });
    expect(told(found)).to.deep.equal(['missing-pillar-key: "web" of the pillar lacks "b" and "c".']);
    expect(places(found)).to.deep.equal(['web (key)']);
    expect(found[0]!.related![0]!.origin.place().file).to.equal('/properties/web/properties/b');
  });

  it('says what belongs there', () => {
    const schema = {
      required: ['web'],
      properties: { web: { required: ['b'], properties: { b: { description: 'One.' } } } },
    };
    expect(check(schema, { web: {} }).map(({ hint }) => hint)).to.deep.equal(['"b": One.']);
    const [none] = check(schema, {});
    expect(none).to.include({
      code: 'no-pillar',
      message: 'The pillar of this node has no "web", which the states in states/web need.',
      hint: 'Write "web" into a pillar file that this node gets, with "b".',
    });
    expect(places([none!])).to.deep.equal(['/properties/web']);
  });

  it('says what belongs there by what a reference leads to', () => {
    const schema = {
      $defs: { port: { type: 'integer', description: 'Of the server.' } },
      properties: { web: { required: ['b'], properties: { b: { $ref: '#/$defs/port' } } } },
    };
    expect(check(schema, { web: {} }).map(({ hint }) => hint)).to.deep.equal(['"b": Of the server.']);
    expect(check(schema, { web: { b: 'x' } }).map(({ hint }) => hint)).to.deep.equal(['"b": Of the server.']);
  });

  it('knows what a key was to be', () => {
    const schema = { properties: { web: { properties: { stats: {} }, additionalProperties: false } } };
    const found = check(schema, { web: { sats: 1, 'a/b~c': 2 } });
    expect(told(found)).to.deep.equal([
      'unknown-pillar-key: "web" of the pillar has no key "sats".',
      'unknown-pillar-key: "web" of the pillar has no key "a/b~c".',
    ]);
    expect(places(found)).to.deep.equal(['web:sats (key)', 'web:a/b~c (key)']);
    expect(found.map(({ hint }) => hint)).to.deep.equal(['Did you mean "stats"?', 'It has: stats.']);
  });

  it('takes whole floats for whole numbers, and long ones for numbers', () => {
    const schema = { properties: { a: { type: 'integer' }, b: { type: 'string' } } };
    const pillar = (a: unknown, b: unknown) =>
      new Map([
        ['a', a],
        ['b', b],
      ]) as unknown as Dict; // prettier-ignore
    const file = { file: 'x', schema, locate: () => at('x', 1, 1) };
    expect(checkPillar(file, pillar(new Float(3), '1'), () => undefined)).to.deep.equal([]);
    expect(checkPillar(file, pillar(2n ** 70n, '1'), () => undefined)).to.deep.equal([]);
    expect(checkPillar(file, pillar(1, 2n ** 70n), () => undefined)).to.have.length(1);
  });

  it('takes keys that are numbers, and names of JavaScript, as text', () => {
    const schema = { properties: { a: { additionalProperties: { type: 'string' } } } };
    const a = new Map<unknown, unknown>([
      [8080, 1],
      ['__proto__', 2],
      ['constructor', 'x'],
    ]);
    const found = checkPillar(
      { file: 'x', schema, locate: () => at('x', 1, 1) },
      new Map([['a', a]]) as unknown as Dict,
      () => undefined,
    );
    expect(found.map(({ message }) => message.split(' ')[0])).to.deep.equal(['"a:8080"', '"a:__proto__"']);
  });

  it('shows no value, in no rule', () => {
    const canary = 'canary-4711';
    for (const [rule] of rules) {
      for (const value of [canary, [canary, canary], { b: canary }]) {
        const text = JSON.stringify(check({ properties: { a: { ...rule } } }, { a: value }));
        expect(text).to.not.contain(canary);
      }
    }
  });

  it('keeps to the draft that the schema names', () => {
    const items = [{ type: 'string' }];
    const old = { $schema: 'http://json-schema.org/draft-07/schema#', properties: { a: { items } } };
    expect(told(check(old, { a: [1] }))).to.deep.equal([
      'bad-pillar-value: "a:0" of the pillar has to be text, and is a number.',
    ]);
    expect(told(check({ properties: { a: { items } } }, { a: [1] }))).to.deep.equal([
      'bad-pillar-schema: This has to be a mapping or true or false, and is a list.',
    ]);
  });

  it('takes the same identifier from two trees', () => {
    const schema = (type: string) => ({ $id: 'https://example.org/s', properties: { a: { type } } });
    expect(check(schema('string'), { a: 'x' })).to.deep.equal([]);
    expect(check(schema('integer'), { a: 'x' })).to.have.length(1);
  });

  it('wants keywords that exist', () => {
    const [bad] = check({ properties: { a: { requird: ['b'] } } }, {});
    expect(bad).to.include({
      code: 'bad-pillar-schema',
      message: 'JSON Schema has no keyword "requird".',
      hint: 'Did you mean "required"?',
    });
    expect(places([bad!])).to.deep.equal(['/properties/a/requird']);
  });
});
