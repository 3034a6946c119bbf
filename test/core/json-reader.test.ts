/** JSON is read as Python's json does. */
import { expect } from 'chai';
import { JsonSyntax, parseJson } from '../../engine/core/json-reader.ts';
import { jsonText } from '../../engine/core/json-writer.ts';
import { repr } from '../../engine/source/jinja/printing.ts';

describe('parseJson', () => {
  it('keeps keys in order and floats as floats', () => {
    const text = '{"z": 1.0, "10": [1e3, 12345678901234567890, "\\u00e9"], "2": {"a": null}}';
    expect(repr(parseJson(text))).to.equal(
      "{'z': 1.0, '10': [1000.0, 12345678901234567890, 'é'], '2': {'a': None}}",
    );
    expect((parseJson('{"__proto__": 1}') as Map<string, number>).get('__proto__')).to.equal(1);
    expect(repr(parseJson('[-0, -0.0, -12345678901234567890]'))).to.equal('[0, -0.0, -12345678901234567890]');
  });

  it('reads what Python writes for numbers that are no JSON', () => {
    const text = '[NaN, Infinity, -Infinity]';
    expect(jsonText(parseJson(text))).to.equal(text);
  });

  it('reads long text', () => {
    const long = '\\n'.repeat(3_000_000);
    expect(parseJson(`"${long}"`)).to.have.lengthOf(3_000_000);
  });

  const broken: [text: string, says: string][] = [
    ['', 'ends too early'],
    ['{"a": 1', 'ends too early'],
    ['{"a": 1,}', 'line 1 column 9'],
    ['[1 2]', 'line 1 column 4'],
    ["{\n 'a': 1}", 'line 2 column 2'],
    ['[01]', 'line 1 column 3'],
    ['1 x', 'line 1 column 3'],
    ['["a", "\\x"]', 'line 1 column 7'],
    ['['.repeat(2000), 'nested too deeply'],
  ];
  for (const [text, says] of broken) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(() => parseJson(text)).to.throw(JsonSyntax, says);
    });
  }
});
