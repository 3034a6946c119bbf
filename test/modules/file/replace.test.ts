/** file.replace. */
import replace from '../../../engine/modules/file/replace.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const conf = { files: { '/conf': 'key = 1\nother = 2\nkey = 3\n' } };

stateTester('file.replace', replace, [
  {
    title: 'every match is replaced and the old file kept as .bak',
    args: { name: '/conf', pattern: '^key = .*$', repl: 'key = 9' },
    host: conf,
    expects: {
      changes: ['content'],
      files: { '/conf': 'key = 9\nother = 2\nkey = 9\n', '/conf.bak': 'key = 1\nother = 2\nkey = 3\n' },
    },
  },
  {
    title: 'no match',
    args: { name: '/conf', pattern: 'not here', repl: 'x' },
    host: conf,
    expects: { changes: [], files: { '/conf.bak': null } },
  },
  {
    title: 'only the first matches with count',
    args: { name: '/conf', pattern: 'key = \\d', repl: 'key = x', count: 1, backup: false },
    host: conf,
    expects: { changes: ['content'], files: { '/conf': 'key = x\nother = 2\nkey = 3\n', '/conf.bak': null } },
  },
  {
    title: 'count with groups that would go on at every run',
    args: { name: '/conf', pattern: '(\\w) = (\\d)', repl: '\\1: \\2', count: 1 },
    host: conf,
    expects: { refused: /would change its own result/ },
  },
  {
    title: 'groups and the other backup suffix',
    args: {
      name: '/conf',
      pattern: '^(key)( = )(\\d)$',
      repl: '\\g<1>\\g<2>0\\3',
      backup: '~',
      count: 0,
      flags: ['MULTILINE'],
    },
    host: { files: { '/conf': 'key = 1\n' } },
    expects: { changes: ['content'], files: { '/conf': 'key = 01\n', '/conf~': 'key = 1\n' } },
  },
  {
    title: 'a number in place of text',
    args: { name: '/conf', pattern: '^port=.*', repl: 22 },
    host: { files: { '/conf': 'port=1\nx\n' } },
    expects: { changes: ['content'], files: { '/conf': '22\nx\n' } },
  },
  {
    title: 'anchors mean the file without MULTILINE',
    args: { name: '/conf', pattern: '^key = .*\\Z', repl: 'x', flags: ['IGNORECASE', 'S'] },
    host: { files: { '/conf': 'KEY = 1\nother\n' } },
    expects: { changes: ['content'], files: { '/conf': 'x' } },
  },
  {
    title: 'flags as a number',
    args: { name: '/conf', pattern: '^key.*$', repl: 'x', flags: 10 },
    host: { files: { '/conf': 'KEY = 1\nother\n' } },
    expects: { changes: ['content'], files: { '/conf': 'x\nother\n' } },
  },
  {
    title: 'an unknown flag',
    args: { name: '/conf', pattern: 'x', repl: 'y', flags: ['QUICKLY'] },
    host: conf,
    expects: { refused: /"QUICKLY" is no flag/ },
  },
  {
    title: 'appended where it is not found, after a newline that was missing',
    args: { name: '/conf', pattern: '^new=.*', repl: 'new=1', append_if_not_found: true },
    host: { files: { '/conf': 'a=1' } },
    expects: { changes: ['content'], files: { '/conf': 'a=1\nnew=1\n', '/conf.bak': 'a=1' } },
  },
  {
    title: 'the content stands there already, though the pattern does not find it',
    args: { name: '/conf', pattern: '^nothing$', repl: 'a.b', append_if_not_found: true },
    host: { files: { '/conf': 'x\na.b\n' } },
    expects: { changes: [] },
  },
  {
    title: 'prepended with content of its own',
    args: {
      name: '/conf',
      pattern: '^(new)=.*$',
      repl: '\\1=1',
      prepend_if_not_found: true,
      not_found_content: 'new=1',
    },
    host: { files: { '/conf': 'a=1\n' } },
    expects: { changes: ['content'], files: { '/conf': 'new=1\na=1\n' } },
  },
  {
    title: 'appended to an empty file',
    args: { name: '/conf', pattern: '^a$', repl: 'a', append_if_not_found: true },
    host: { files: { '/conf': '' } },
    expects: { changes: ['content'], files: { '/conf': 'a\n' } },
  },
  {
    title: 'append and prepend together',
    args: { name: '/conf', pattern: 'a', repl: 'b', append_if_not_found: true, prepend_if_not_found: true },
    host: conf,
    expects: { refused: /Only one of/ },
  },
  {
    title: 'backslashes taken literally',
    args: { name: '/conf', pattern: 'dir=.*', repl: 'dir=C:\\new\\1', backslash_literal: true },
    host: { files: { '/conf': 'dir=x\n' } },
    expects: { changes: ['content'], files: { '/conf': 'dir=C:\\new\\1\n' } },
  },
  {
    title: 'an edit that never ends',
    args: { name: '/conf', pattern: 'foo', repl: 'foobar' },
    host: { files: { '/conf': 'foo\n' } },
    expects: { refused: /would change its own result again at every run/ },
  },
  {
    title: 'an edit that ends after some rounds',
    args: { name: '/conf', pattern: 'aa', repl: 'a' },
    host: { files: { '/conf': 'aaaaaaaa\n' } },
    expects: { changes: ['content'], files: { '/conf': 'a\n' } },
  },
  {
    title: 'a missing file',
    args: { name: '/none', pattern: 'a', repl: 'b' },
    expects: { refused: '/none does not exist.' },
  },
  {
    title: 'a missing file that may be missing',
    args: { name: '/none', pattern: 'a', repl: 'b', ignore_if_missing: true },
    expects: { changes: [], files: { '/none': null } },
  },
  {
    title: 'a directory',
    args: { name: '/etc', pattern: 'a', repl: 'b' },
    host: { files: { '/etc': { directory: true } } },
    expects: { refused: /is a directory/ },
  },
  {
    title: 'a binary file',
    args: { name: '/bin', pattern: 'a', repl: 'b' },
    host: { files: { '/bin': Buffer.from([0x61, 0, 0x62]) } },
    expects: { refused: '/bin is a binary file.' },
  },
  {
    title: 'bytes that are not UTF-8 survive, and what is put in is UTF-8',
    args: { name: '/latin', pattern: 'name=.*', repl: 'name=ü' },
    host: { files: { '/latin': Buffer.from('gr\xfc\xdfe\nname=x\n', 'latin1') } },
    expects: {
      changes: ['content'],
      files: { '/latin': Buffer.concat([Buffer.from('gr\xfc\xdfe\nname=', 'latin1'), Buffer.from('ü\n')]) },
    },
  },
  {
    title: 'CR LF line ends survive',
    args: { name: '/dos', pattern: 'a=1', repl: 'a=2', append_if_not_found: true },
    host: { files: { '/dos': 'a=1\r\nb=2\r\n' } },
    expects: { changes: ['content'], files: { '/dos': 'a=2\r\nb=2\r\n' } },
  },
  {
    title: 'a line added to a file of CR LF lines',
    args: { name: '/dos', pattern: 'c=1', repl: 'c=2', append_if_not_found: true },
    host: { files: { '/dos': 'a=1\r\nb=2\r\n' } },
    expects: { changes: ['content'], files: { '/dos': 'a=1\r\nb=2\r\nc=2\r\n' } },
  },
  {
    title: 'through a symbolic link, keeping mode',
    args: { name: '/link', pattern: 'a', repl: 'b' },
    host: { files: { '/real': { content: 'a\n', mode: 0o600 }, '/link': { link: '/real' } } },
    expects: {
      changes: ['content'],
      files: { '/link': { link: '/real' }, '/real': { content: 'b\n', mode: 0o600 }, '/real.bak': 'a\n' },
    },
  },
  {
    title: 'a pattern that is none',
    args: { name: '/conf', pattern: '(', repl: 'b' },
    host: conf,
    expects: { refused: /regular expression "\(" cannot be understood/ },
  },
  {
    title: 'a reference to a group there is not',
    args: { name: '/conf', pattern: 'key', repl: '\\7' },
    host: conf,
    expects: { refused: /"\\7" cannot be understood/ },
  },
]);
