import { expect } from 'chai';
import { spanOf, spanText } from '../../engine/core/span.ts';

describe('spans of time', () => {
  const spans: readonly (readonly [string | number, number])[] = [
    [0, 0],
    [90, 90],
    [0.5, 0.5],
    ['90', 90],
    ['1.5', 1.5],
    ['30s', 30],
    ['15m', 900],
    ['15 min', 900],
    ['2h', 7200],
    ['1d', 86_400],
    ['1w', 604_800],
    ['200ms', 0.2],
    ['1h 30m', 5400],
    ['1h30m', 5400],
    [' 2 hours ', 7200],
    ['1.5h', 5400],
    ['0s', 0],
  ];
  for (const [written, seconds] of spans) {
    it(`takes ${JSON.stringify(written)} for ${seconds} seconds`, () => {
      expect(spanOf(written)).to.equal(seconds);
    });
  }

  const wrong = [
    '',
    ' ',
    'm',
    '15x',
    '-5m',
    -5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '5m,',
    '1h m',
    '15M',
    '5constructor',
    '1e3s',
    '9'.repeat(400),
    `${'9'.repeat(400)}s`,
  ];
  for (const written of wrong) {
    it(`takes ${JSON.stringify(written)} for none`.slice(0, 60), () => {
      expect(spanOf(written)).to.equal(undefined);
    });
  }

  it('are written as they are read', () => {
    for (const text of ['30s', '15m', '1h 30m', '2d', '200ms'])
      expect(spanText(spanOf(text)!)).to.equal(text);
    expect(spanText(0)).to.equal('0s');
    expect(spanText(90_061)).to.equal('1d 1h');
  });
});
