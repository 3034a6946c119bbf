/** file.accumulated. */
import accumulated from '../../../engine/modules/file/accumulated.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const effect = (texts: unknown[]) => ({
  kind: 'remember',
  topic: 'accumulator:/etc/x',
  values: [new Map([['names', texts]])],
});

stateTester('file.accumulated', accumulated, [
  {
    title: 'one text',
    args: { name: 'names', filename: '/etc/x', text: 'one' },
    expects: { changes: ['remember'], effects: [effect(['one'])], comment: 'Gathered a text for /etc/x.' },
  },
  {
    title: 'several',
    args: { name: 'names', filename: '/etc//x', text: ['one', 'two'] },
    expects: {
      changes: ['remember'],
      effects: [effect(['one', 'two'])],
      comment: 'Gathered 2 texts for /etc/x.',
    },
  },
  {
    title: 'a dict',
    args: { name: 'names', filename: '/etc/x', text: { a: 1 } },
    expects: {
      changes: ['remember'],
      effects: [effect([new Map([['a', 1]])])],
      comment: 'Gathered a text for /etc/x.',
    },
  },
  {
    title: 'none',
    args: { name: 'names', filename: '/etc/x', text: null },
    expects: { refused: 'text is empty.' },
  },
]);
