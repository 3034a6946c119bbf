import state from '../../../engine/modules/svn/dirty.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('svn.dirty', state, [
  {
    title: 'always says what to use instead',
    args: { name: 'https://svn.example.com/shop/trunk', target: '/srv/shop' },
    expects: { refused: 'Subversion is not supported.' },
  },
]);
