import state from '../../../engine/modules/test/fail_without_changes.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('test.fail_without_changes', state, [
  { title: 'fails, in a dry run too', args: {}, expects: { failed: 'Failure!' } },
  { title: 'says why', args: { comment: 'No disk.' }, expects: { failed: 'No disk.' } },
]);
