import { expect } from 'chai';
import state from '../../../engine/modules/test/show_notification.ts';
import { argumentsOf } from '../../helpers/apply.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('test.show_notification', state, [
  { title: 'says its text', args: { text: 'hello' }, expects: { changes: [], comment: 'hello' } },
]);

describe('test.show_notification, arguments', () => {
  it('needs a text', () => {
    expect(() => argumentsOf(state, {})).to.throw('text');
    expect(() => argumentsOf(state, { text: '' })).to.throw('text');
  });
});
