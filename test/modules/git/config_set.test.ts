import configSet from '../../../engine/modules/git/config_set.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { clone, url } from './_git.ts';

const repo = '/srv/shop';
const host = { users: { alice: 1000 }, files: { '/home/alice': { directory: true } as const } };

stateTester('git.config_set', configSet, [
  {
    title: 'writes the configuration of a user who has none',
    args: { name: 'user.email', value: 'alice@example.com', user: 'alice', global: true },
    host,
    needsRoot: true,
    expects: {
      changes: ['user.email'],
      files: {
        '/home/alice/.gitconfig': {
          content: '[user]\n\temail = alice@example.com\n',
          user: 1000,
          mode: 0o644,
        },
      },
    },
  },
  {
    title: 'is content with the value in any case of the key',
    args: { name: 'Remote.origin.URL', value: url, repo },
    host: { files: clone() },
    expects: { changes: [], comment: 'Remote.origin.URL is already set' },
  },
  {
    title: 'sets several values of one key',
    args: { name: 'a.b', multivar: ['x', 2, true], repo },
    host: { files: clone({ '/srv/shop/.git/config': '[a]\n\tb = x\n\tb = 2\n' }) },
    expects: {
      changes: ['a.b'],
      files: { '/srv/shop/.git/config': '[a]\n\tb = x\n\tb = 2\n\tb = true\n' },
    },
  },
  {
    title: 'keeps one value of several',
    args: { name: 'a.b', value: 'y', repo },
    host: { files: clone({ '/srv/shop/.git/config': '[a]\n\tb = x\n\tb = 2\n' }) },
    expects: { changes: ['a.b'], files: { '/srv/shop/.git/config': '[a]\n\tb = y\n' } },
  },
  {
    title: 'refuses a key that is none',
    args: { name: 'user', value: 'x', repo },
    expects: { refused: '"user" is no key of git\'s configuration.' },
  },
  {
    title: 'refuses to guess whose configuration is meant',
    args: { name: 'a.b', value: 'x' },
    expects: { refused: 'It is not said whose configuration is meant.' },
  },
  {
    title: 'refuses a directory that is no repository',
    args: { name: 'a.b', value: 'x', repo },
    expects: { refused: '/srv/shop is no git repository.' },
  },
]);
