/** Digests of what states ask for: the same for the same, another for another, and nothing without the key. */
import { expect } from 'chai';
import type { RunOrder } from '../../engine/core/chunk.ts';
import type { SourceEntry } from '../../engine/core/host.ts';
import { Float } from '../../engine/core/value.ts';
import { createDigester, runDigest, textOf } from '../../engine/journal/intent.ts';
import { compiled, slsOf } from '../helpers/sls.ts';

const key = Buffer.alloc(32, 7);
const other = Buffer.alloc(32, 8);

describe('digests of intent', () => {
  it('have texts that differ where the values do', () => {
    const values = [
      ...[null, true, false, 'true', '', 1, '1', 1n, new Float(1), 1.5, [], {}, new Map(), [1], ['1']],
      ...[
        { a: 1 },
        { a: '1' },
        new Map([['a', 1]]),
        new Map([[1, 'a']]),
        ['a', 'b'],
        ['ab'],
        [['a'], 'b'],
        ["1'a", 'b'],
      ],
    ];
    const texts = values.map(textOf);
    // JSON has one kind of number for both.
    expect(new Set(texts).size).to.equal(texts.length - 1);
    expect(textOf(1)).to.equal(textOf(1n));
    expect(textOf({ b: 1, a: 2 }), 'the order of arguments does not count').to.equal(textOf({ a: 2, b: 1 }));
  });

  it('are those of this node alone', () => {
    const [one, two] = compiled('a:\n  file.managed:\n    - mode: 1\nb:\n  file.managed:\n    - mode: 2\n');
    const digester = createDigester(key);
    expect(digester.intent(one!)).to.equal(createDigester(key).intent(one!)).and.have.lengthOf(16);
    expect(digester.intent(one!)).to.not.equal(digester.intent(two!));
    expect(digester.intent(one!)).to.not.equal(createDigester(other).intent(one!));
  });

  it('know inputs by where they lie and what they hold; many of them as a whole', () => {
    const { inputs } = createDigester(key);
    const entry: SourceEntry = { path: 'a', kind: 'file', mode: 0o644 };
    const one = inputs(
      new Map<string, Buffer | string | SourceEntry[]>([
        ['salt://a', Buffer.from('x')],
        ['salt://d/', [entry]],
      ]),
    );
    expect(Object.keys(one)).to.have.lengthOf(2);
    expect(inputs(new Map([['salt://a', 'x']]))).to.deep.equal(
      inputs(new Map([['salt://a', Buffer.from('x')]])),
    );
    const many = (last: string) =>
      inputs(new Map(Array.from({ length: 40 }, (_, at) => [`${at}`, at === 39 ? last : 'x'])));
    expect(Object.keys(many('x'))).to.deep.equal(['all']);
    expect(many('x')).to.not.deep.equal(many('y'));
  });

  it('of a run change with the text of any file, and with its circumstances', () => {
    const order = (...texts: string[]): RunOrder => ({
      states: [],
      listenings: [],
      files: texts.map((text, at) => ({ ...slsOf('{}', String(at)), text })),
    });
    const all = [
      runDigest(order('a', 'b'), 'x', key),
      runDigest(order('b', 'a'), 'x', key),
      runDigest(order('ab'), 'x', key),
      runDigest(order('a', 'c'), 'x', key),
      runDigest(order('a', 'b'), 'y', key),
      runDigest(order('a', 'b'), 'x', other),
    ];
    expect(new Set(all).size).to.equal(all.length);
    expect(runDigest(order('a', 'b'), 'x', key)).to.equal(all[0]);
  });
});
