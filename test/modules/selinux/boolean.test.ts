import boolean from '../../../engine/modules/selinux/boolean.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, store } from './_system.ts';

const host = { answers: {}, files };
const connect = 'httpd_can_network_connect';

stateTester('selinux.boolean', boolean, [
  {
    title: 'switches it on until the next boot',
    args: { name: connect, value: true },
    host,
    expects: {
      changes: ['now'],
      effects: [
        {
          kind: 'exec',
          command: { argv: ['setsebool', connect, 'on'] },
          settles: [
            {
              about: 'file',
              effect: {
                kind: 'write',
                path: `/sys/fs/selinux/booleans/${connect}`,
                content: Buffer.from('1 1'),
              },
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'switches it on for good',
    args: { name: connect, value: 'on', persist: true },
    host,
    expects: {
      changes: ['now', 'at boot'],
      files: {
        [`${store}/booleans.local`]: `${files[`${store}/booleans.local`]}${connect}=1\n`,
        [`/sys/fs/selinux/booleans/${connect}`]: '1 1',
      },
    },
  },
  {
    title: 'switches it off for good',
    args: { name: `${connect}_db`, value: 0, persist: true },
    host,
    expects: {
      changes: ['now', 'at boot'],
      files: { [`/sys/fs/selinux/booleans/${connect}_db`]: '0 0' },
    },
  },
  {
    title: 'is content with what is so',
    args: { name: `${connect}_db`, value: true, persist: true },
    host,
    expects: { changes: [], comment: `Boolean ${connect}_db is already on` },
  },
  {
    title: 'is content with what is so until the next boot',
    args: { name: connect, value: false },
    host,
    expects: { changes: [] },
  },
  {
    title: 'refuses one that the policy does not have',
    args: { name: 'nosuch', value: true },
    host,
    expects: { refused: 'The policy has no boolean "nosuch".' },
  },
  {
    title: 'refuses a name that is a path',
    args: { name: '../enforce', value: true },
    host,
    expects: { refused: 'The policy has no boolean "../enforce".' },
  },
  {
    title: 'refuses a value that is none',
    args: { name: connect, value: 'maybe' },
    host,
    expects: { refused: '"maybe" is neither on nor off.' },
  },
  {
    title: 'refuses where SELinux does not run',
    args: { name: connect, value: true },
    host: { answers: {} },
    expects: { refused: 'This system does not run with SELinux.' },
  },
  {
    title: 'refuses below a root',
    args: { name: connect, value: true },
    host: { files },
    expects: { refused: /^SELinux policy cannot be changed below/ },
  },
]);
