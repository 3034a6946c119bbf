import { expect } from 'chai';
import { dataOf, jsonIn } from '../../../engine/source/jinja/data.ts';
import { JinjaError, Namespace, Range, tuple, Undefined } from '../../../engine/source/jinja/values.ts';

describe('dataOf', () => {
  it('makes dicts and lists of what a template has', () => {
    const space = new Namespace(new Map<unknown, unknown>([['a', tuple(1, [undefined])]]));
    expect(dataOf(space, 'JSON')).to.deep.equal(new Map([['a', [1, [null]]]]));
    expect(Object.getPrototypeOf((dataOf(space, 'JSON') as Map<string, unknown>).get('a'))).to.equal(
      Array.prototype,
    );
  });

  it('refuses what is no value, and a list that contains itself', () => {
    const round: unknown[] = [];
    round.push(round);
    expect(() => dataOf(round, 'JSON')).to.throw(JinjaError, 'nested too deeply');
    expect(() => dataOf(round, 'YAML')).to.throw(JinjaError, 'nested too deeply');
    expect(() => dataOf(new Range(0, 3, 1), 'YAML')).to.throw(JinjaError, 'cannot represent');
    expect(() => dataOf(new Range(0, 3, 1), 'JSON')).to.throw(JinjaError, 'not JSON serializable');
    expect(() => dataOf(new Undefined('"x" is undefined.'), 'YAML')).to.throw('"x" is undefined');
  });

  it('takes any key for YAML, and scalars alone for JSON', () => {
    const dict = new Map([[tuple(1, 2), 3]]);
    expect(dataOf(dict, 'YAML')).to.deep.equal(new Map([[[1, 2], 3]]));
    expect(() => dataOf(dict, 'JSON')).to.throw(JinjaError, 'keys must be str, int, float, bool or None');
  });
});

describe('jsonIn', () => {
  it('tells of a mistake as a template does', () => {
    expect(() => jsonIn('[1 2]')).to.throw(JinjaError, 'line 1 column 4');
  });
});
