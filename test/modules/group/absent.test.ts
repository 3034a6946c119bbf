import absent from '../../../engine/modules/group/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const files = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n',
  '/etc/group': 'root:x:0:\nalice:x:1000:\ndevs:x:3000:alice\n',
  '/etc/gshadow': 'devs:!::alice\n',
};

stateTester('group.absent', absent, [
  {
    title: 'removes a group with members',
    args: { name: 'devs' },
    host: { files },
    expects: {
      changes: ['devs'],
      files: {
        '/etc/group': { content: 'root:x:0:\nalice:x:1000:\n' },
        '/etc/gshadow': { content: '' },
      },
    },
  },
  {
    title: 'leaves alone what is not there',
    args: { name: 'ops' },
    host: { files },
    expects: { changes: [] },
  },
  {
    title: 'refuses the primary group of a user',
    args: { name: 'alice' },
    host: { files },
    expects: { refused: 'The group alice is the primary group of alice.' },
  },
  {
    title: 'removes one of two groups of the same id',
    args: { name: 'alice' },
    host: { files: { ...files, '/etc/group': `${files['/etc/group']}again:x:1000:\n` } },
    expects: { changes: ['alice'], files: { '/etc/gshadow': { content: files['/etc/gshadow'] } } },
  },
  { title: 'a name that is none', args: { name: '-r' }, expects: { refused: /cannot be the name/ } },
]);
