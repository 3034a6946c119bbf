import configUnset from '../../../engine/modules/git/config_unset.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { clone } from './_git.ts';

const repo = '/srv/shop';
const host = {
  files: clone({ '/srv/shop/.git/config': '[a]\n\tb = 1\n\tb = 2\n\tc = 3\n[http "x"]\n\tproxy = p\n' }),
};
const config = '/srv/shop/.git/config';

stateTester('git.config_unset', configUnset, [
  {
    title: 'removes a key',
    args: { name: 'A.C', repo },
    host,
    expects: { changes: ['a.c'], files: { [config]: '[a]\n\tb = 1\n\tb = 2\n[http "x"]\n\tproxy = p\n' } },
  },
  {
    title: 'is content where the key is not set',
    args: { name: 'a.nosuch', repo },
    host,
    expects: { changes: [], comment: 'No matching keys are set' },
  },
  {
    title: 'refuses to remove several values unless told so',
    args: { name: 'a.b', repo },
    host,
    expects: { refused: 'a.b has 2 values in /srv/shop/.git/config.' },
  },
  {
    title: 'removes all values',
    args: { name: 'a.b', all: true, repo },
    host,
    expects: { changes: ['a.b'], files: { [config]: '[a]\n\tc = 3\n[http "x"]\n\tproxy = p\n' } },
  },
  {
    title: 'removes the values that match, of the keys that match',
    args: { name: '(a|http\\..*)\\..*', value_regex: '^[2p]$', repo },
    host,
    expects: { changes: ['a.b', 'http.x.proxy'], files: { [config]: '[a]\n\tb = 1\n\tc = 3\n[http "x"]\n' } },
  },
  {
    title: 'refuses a pattern that is none',
    args: { name: 'a.(', repo },
    host,
    expects: { refused: /no regular expression/ },
  },
]);
