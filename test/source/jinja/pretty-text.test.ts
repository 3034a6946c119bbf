import { expect } from 'chai';
import { prettyText } from '../../../engine/source/jinja/pretty-text.ts';

describe('prettyText', () => {
  it('prints over several lines only what is too wide', () => {
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
