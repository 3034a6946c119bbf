import state from '../../../engine/modules/svn/latest.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('svn.latest', state, [
  {
    title: 'always says what to use instead',
    args: { name: 'https://svn.example.com/shop/trunk', target: '/srv/shop' },
    expects: { refused: 'Subversion is not supported.' },
  },
]);
