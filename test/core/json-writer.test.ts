/** JSON is written as Python's json does. */
import { expect } from 'chai';
import { jsonText } from '../../engine/core/json-writer.ts';
import { Float, type Value } from '../../engine/core/value.ts';

const value = new Map<Value, Value>([
  ['b', [1, new Float(2), 1.5, null, true, 'é"\\\n\x7f']],
  [8080, new Map()],
  ['a', [1, []]],
]);

describe('jsonText', () => {
  it('is written in order, or sorted', () => {
    expect(jsonText(value)).to.equal(
      '{"b": [1, 2.0, 1.5, null, true, "é\\"\\\\\\n\x7f"], "8080": {}, "a": [1, []]}',
    );
    expect(
      jsonText(
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
        { sortKeys: true },
      ),
    ).to.equal('{"a": 2, "b": 1}');
  });

  it('is written over several lines, in ASCII where wanted', () => {
    expect(jsonText(['é\x7f', [], [1]], { indent: '  ', ascii: true })).to.equal(
      '[\n  "\\u00e9\\u007f",\n  [],\n  [\n    1\n  ]\n]',
    );
    expect(jsonText([1, [2]], { indent: '' })).to.equal('[\n1,\n[\n2\n]\n]');
  });

  it('sorts number keys as numbers, and a mixture by its text', () => {
    const ports = new Map<Value, Value>([
      [8080, 'x'],
      [80, 'y'],
      [10n ** 20n, 'z'],
    ]);
    expect(jsonText(ports, { sortKeys: true })).to.equal(
      '{"80": "y", "8080": "x", "100000000000000000000": "z"}',
    );
    ports.set('1', null).set(true, null);
    expect(jsonText(ports, { sortKeys: true })).to.equal(
      '{"1": null, "100000000000000000000": "z", "80": "y", "8080": "x", "true": null}',
    );
  });

  it('prints what is no JSON as Python does', () => {
    const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e17];
    expect(jsonText(numbers.map((one) => new Float(one)))).to.equal('[NaN, Infinity, -Infinity, 1e+17]');
  });
});
