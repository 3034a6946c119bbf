/** JSON is written and read as Python's json does. */
import { expect } from 'chai';
import { Float } from '../../../engine/core/value.ts';
import { parseJson, prettyText, toJson } from '../../../engine/source/jinja/json.ts';
import { JinjaError, repr, tuple } from '../../../engine/source/jinja/python.ts';

const value = new Map<unknown, unknown>([
  ['b', [1, new Float(2), 1.5, null, true, 'é"\\\n\x7f']],
  [8080, new Map()],
  ['a', tuple(1, [])],
]);

describe('JSON', () => {
  it('is written in order, or sorted', () => {
    expect(toJson(value)).to.equal(
      '{"b": [1, 2.0, 1.5, null, true, "é\\"\\\\\\n\x7f"], "8080": {}, "a": [1, []]}',
    );
    expect(
      toJson(
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
        { sortKeys: true },
      ),
    ).to.equal('{"a": 2, "b": 1}');
  });
  it('is written over several lines, in ASCII where wanted', () => {
    expect(toJson(['é\x7f', [], [1]], { indent: 2, ascii: true })).to.equal(
      '[\n  "\\u00e9\\u007f",\n  [],\n  [\n    1\n  ]\n]',
    );
  });
  it('reads back what it wrote, keys in order and floats as floats', () => {
    const text = '{"z": 1.0, "10": [1e3, 12345678901234567890, "\\u00e9"], "2": {"a": null}}';
    expect(repr(parseJson(text))).to.equal(
      "{'z': 1.0, '10': [1000.0, 12345678901234567890, 'é'], '2': {'a': None}}",
    );
    expect((parseJson('{"__proto__": 1}') as Map<string, number>).get('__proto__')).to.equal(1);
  });
  const broken: [text: string, says: string][] = [
    ['', 'ends too early'],
    ['{"a": 1', 'ends too early'],
    ['{"a": 1,}', 'line 1 column 9'],
    ['[1 2]', 'line 1 column 4'],
    ["{\n 'a': 1}", 'line 2 column 2'],
    ['[01]', 'line 1 column 3'],
    ['1 x', 'line 1 column 3'],
    ['['.repeat(2000), 'nested too deeply'],
  ];
  for (const [text, says] of broken) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(() => parseJson(text)).to.throw(JinjaError, says);
    });
  }
  it('refuses a value that contains itself', () => {
    const round: unknown[] = [];
    round.push(round);
    expect(() => toJson(round)).to.throw(JinjaError, 'nested too deeply');
  });
  it('is printed over several lines by pprint only where it is too wide', () => {
    expect(
      prettyText(
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ),
    ).to.equal("{'a': 2, 'b': 1}");
    expect(prettyText([['x'.repeat(40)], ['y'.repeat(40)]])).to.equal(
      `[['${'x'.repeat(40)}'],\n ['${'y'.repeat(40)}']]`,
    );
  });
});
