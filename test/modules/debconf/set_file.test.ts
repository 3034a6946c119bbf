import setFile from '../../../engine/modules/debconf/set_file.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const config = '/var/cache/debconf/config.dat';
const host = {
  answers: {},
  files: {
    '/usr/bin/debconf-set-selections': '',
    [config]: 'Name: a/one\nTemplate: a/one\nValue: 1 2\nOwners: a\nFlags: seen\n\n',
  },
};

stateTester('debconf.set_file', setFile, [
  {
    title: 'answers what is not answered so',
    args: { name: 'x', source: 'salt://answers', template: 'jinja', context: { two: 'zwei' } },
    sources: { answers: '# mine\n\na\ta/one\tstring\t1 2\nb b/two string {{ two }}\nb b/three string\n' },
    host,
    expects: {
      changes: ['b/two', 'b/three'],
      files: {
        [config]: `${host.files[config]}Name: b/two\nTemplate: b/two\nValue: zwei\nOwners: b\nFlags: seen\n\nName: b/three\nTemplate: b/three\nValue: \nOwners: b\nFlags: seen\n\n`,
      },
    },
  },
  {
    title: 'is content with what is answered',
    args: { name: 'x', source: 'salt://answers' },
    sources: { answers: 'a a/one string 1 2' },
    host,
    expects: { changes: [], comment: 'All questions of x are answered so' },
  },
  {
    title: 'refuses a line that is none',
    args: { name: 'x', source: 'salt://answers' },
    sources: { answers: 'a a/one\n' },
    host,
    expects: { refused: '"a a/one" does not answer a question.' },
  },
  {
    title: 'refuses a file that is not there',
    args: { name: 'x', source: 'salt://nosuch' },
    host,
    expects: { refused: 'salt://nosuch is not in the file roots' },
  },
]);
