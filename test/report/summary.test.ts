import { expect } from 'chai';
import { speaksUtf8, wantsColour } from '../../engine/report/colour.ts';
import { durationText } from '../../engine/report/summary.ts';

describe('summary', () => {
  it('tells durations in three digits', () => {
    for (const [milliseconds, text] of [
      [0, '0.0 ms'],
      [0.44, '0.4 ms'],
      [9.94, '9.9 ms'],
      [9.96, '10 ms'],
      [999.4, '999 ms'],
      [999.6, '1.00 s'],
      [9990, '9.99 s'],
      [9999, '10.0 s'],
      [59_940, '59.9 s'],
      [59_960, '1 min 0 s'],
      [245_000, '4 min 5 s'],
      [3_599_600, '1 h 0 min'],
      [7_500_000, '2 h 5 min'],
    ] as const) {
      expect(durationText(milliseconds), String(milliseconds)).to.equal(text);
    }
  });
});

describe('colour', () => {
  it('is used on terminals, unless NO_COLOR is set or told otherwise', () => {
    expect(wantsColour('auto', { isTTY: true, env: {} })).to.equal(true);
    expect(wantsColour('auto', { isTTY: false, env: {} })).to.equal(false);
    expect(wantsColour('auto', { isTTY: true, env: { NO_COLOR: '1' } })).to.equal(false);
    expect(wantsColour('auto', { isTTY: true, env: { NO_COLOR: '' } })).to.equal(true);
    expect(wantsColour('auto', { isTTY: true, env: { TERM: 'dumb' } })).to.equal(false);
    expect(wantsColour('always', { isTTY: false, env: { NO_COLOR: '1' } })).to.equal(true);
    expect(wantsColour('never', { isTTY: true, env: {} })).to.equal(false);
  });

  it('and signs go by the locale', () => {
    expect(speaksUtf8({ LANG: 'de_DE.UTF-8' })).to.equal(true);
    expect(speaksUtf8({ LANG: 'C.utf8' })).to.equal(true);
    expect(speaksUtf8({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).to.equal(false);
    expect(speaksUtf8({})).to.equal(false);
  });
});
