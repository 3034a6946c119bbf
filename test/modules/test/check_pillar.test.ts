import state from '../../../engine/modules/test/check_pillar.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const pillar = { app: { port: 80, name: 'x', on: true, list: [1], share: 0.5, none: null } };

stateTester('test.check_pillar', state, [
  {
    title: 'all there',
    pillar,
    args: {
      present: ['app:port', 'app:none'],
      integer: 'app:port',
      string: 'app:name',
      boolean: 'app:on',
      listing: 'app:list',
      dictionary: ['app'],
    },
    expects: { changes: [], comment: /holds all/ },
  },
  {
    title: 'missing',
    pillar,
    args: { present: ['app:no', 'app:port'], string: 'app:no' },
    expects: { refused: 'The pillar has no "app:no".' },
  },
  {
    title: 'of another kind',
    pillar,
    args: { string: 'app:port', verbose: true },
    expects: { refused: 'Pillar "app:port" is an integer, not a string: 80.' },
  },
  {
    title: 'a float is no integer',
    pillar,
    args: { integer: 'app:share' },
    expects: { refused: /"app:share" is a number, not an integer/ },
  },
]);
