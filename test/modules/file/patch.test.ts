/** file.patch. */
import patch from '../../../engine/modules/file/patch.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const insert = `--- a/conf
+++ b/conf
@@ -1,3 +1,4 @@
 one
 two
+two and a half
 three
`;
const source = 'salt://p';

const tree = `diff --git a/lib/one b/lib/one
--- a/lib/one
+++ b/lib/one
@@ -1,2 +1,2 @@
 a
-b
+B
diff --git a/lib/new/two b/lib/new/two
new file mode 100644
--- /dev/null
+++ b/lib/new/two
@@ -0,0 +1,2 @@
+x
+y
diff --git a/lib/new/too b/lib/new/too
new file mode 100644
--- /dev/null
+++ b/lib/new/too
@@ -0,0 +1 @@
+z
diff --git a/old b/old
deleted file mode 100644
--- a/old
+++ /dev/null
@@ -1,2 +0,0 @@
-gone
-too
`;
const patchedTree = {
  '/d/lib/one': 'a\nB\n',
  '/d/lib/new/two': 'x\ny\n',
  '/d/lib/new/too': 'z\n',
  '/d/old': null,
};

stateTester('file.patch', patch, [
  {
    title: 'a file',
    args: { name: '/conf', source },
    sources: { p: insert },
    host: { files: { '/conf': { content: 'one\ntwo\nthree\n', mode: 0o600 } } },
    expects: {
      changes: ['content'],
      files: { '/conf': { content: 'one\ntwo\ntwo and a half\nthree\n', mode: 0o600 } },
    },
  },
  {
    title: 'a file that is patched already',
    args: { name: '/conf', source },
    sources: { p: insert },
    host: { files: { '/conf': 'one\ntwo\ntwo and a half\nthree\n' } },
    expects: { changes: [] },
  },
  {
    title: 'a hunk that moved',
    args: { name: '/conf', source },
    sources: { p: insert },
    host: { files: { '/conf': '1\n2\n3\n4\none\ntwo\nthree\n' } },
    expects: { changes: ['content'], files: { '/conf': '1\n2\n3\n4\none\ntwo\ntwo and a half\nthree\n' } },
  },
  {
    title: 'a line around the hunk that differs',
    args: { name: '/conf', source },
    sources: { p: insert },
    host: { files: { '/conf': 'ONE\ntwo\nthree\n' } },
    expects: { changes: ['content'], files: { '/conf': 'ONE\ntwo\ntwo and a half\nthree\n' } },
  },
  {
    title: 'a line around the hunk that must not differ',
    args: { name: '/conf', source, options: '-F 0' },
    sources: { p: insert },
    host: { files: { '/conf': 'ONE\ntwo\nthree\n' } },
    expects: { refused: /does not apply/ },
  },
  {
    title: 'a file it does not fit',
    args: { name: '/conf', source },
    sources: { p: insert },
    host: { files: { '/conf': 'quite\nanother\nfile\n' } },
    expects: { refused: /does not apply, and is not in the file already/ },
  },
  {
    title: 'a line added at the end',
    args: { name: '/conf', source },
    sources: { p: '--- x\n+++ x\n@@ -1 +1,2 @@\n one\n+two\n' },
    host: { files: { '/conf': 'one\n' } },
    expects: { changes: ['content'], files: { '/conf': 'one\ntwo\n' } },
  },
  {
    title: 'a line taken away',
    args: { name: '/conf', source },
    sources: { p: '--- x\n+++ x\n@@ -1,3 +1,2 @@\n one\n-two\n three\n' },
    host: { files: { '/conf': 'one\ntwo\nthree\n' } },
    expects: { changes: ['content'], files: { '/conf': 'one\nthree\n' } },
  },
  {
    title: 'two hunks',
    args: { name: '/conf', source },
    sources: { p: '--- x\n+++ x\n@@ -1,2 +1,2 @@\n-a\n+A\n b\n@@ -5,2 +5,2 @@\n e\n-f\n+F\n' },
    host: { files: { '/conf': 'a\nb\nc\nd\ne\nf\n' } },
    expects: { changes: ['content'], files: { '/conf': 'A\nb\nc\nd\ne\nF\n' } },
  },
  {
    title: 'a last line without newline',
    args: { name: '/conf', source },
    sources: { p: '--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n' },
    host: { files: { '/conf': 'a\nb' } },
    expects: { changes: ['content'], files: { '/conf': 'a\nc\n' } },
  },
  {
    title: 'CR LF',
    args: { name: '/conf', source },
    sources: { p: insert },
    host: { files: { '/conf': 'one\r\ntwo\r\nthree\r\n' } },
    expects: { changes: ['content'], files: { '/conf': 'one\r\ntwo\r\ntwo and a half\r\nthree\r\n' } },
  },
  {
    title: 'backwards',
    args: { name: '/conf', source, options: '-u -R' },
    sources: { p: insert },
    host: { files: { '/conf': 'one\ntwo\ntwo and a half\nthree\n' } },
    expects: { changes: ['content'], files: { '/conf': 'one\ntwo\nthree\n' } },
  },
  {
    title: 'from a template',
    args: { name: '/conf', source, template: 'jinja', context: { line: 'B' } },
    sources: { p: '--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n+{{ line }}\n' },
    host: { files: { '/conf': 'a\nb\n' } },
    expects: { changes: ['content'], files: { '/conf': 'a\nB\n' } },
  },
  {
    title: 'a whole tree',
    args: { name: '/d', source, strip: 1 },
    sources: { p: tree },
    host: { files: { '/d/lib/one': 'a\nb\n', '/d/old': 'gone\ntoo\n' } },
    expects: {
      changes: ['/d/lib/one', '/d/lib/new', '/d/lib/new/two', '/d/lib/new/too', '/d/old'],
      files: patchedTree,
    },
  },
  {
    title: 'a tree that is patched in part',
    args: { name: '/d', source, options: '--strip=1' },
    sources: { p: tree },
    host: { files: { '/d/lib/one': 'a\nB\n', '/d/lib/new/too': 'z\n', '/d/old': 'gone\ntoo\n' } },
    expects: { changes: ['/d/lib/new/two', '/d/old'], files: patchedTree },
  },
  {
    title: 'a tree of which one file does not fit',
    args: { name: '/d', source, strip: 1 },
    sources: { p: tree },
    host: { files: { '/d/lib/one': 'else\n', '/d/old': 'gone\ntoo\n' } },
    expects: { refused: /^\/d\/lib\/one: The patch does not apply/, files: { '/d/old': 'gone\ntoo\n' } },
  },
  {
    title: 'a tree without the right strip',
    args: { name: '/d', source },
    sources: { p: tree },
    host: { files: { '/d/lib/one': 'a\nb\n', '/d/old': 'gone\ntoo\n' } },
    expects: { refused: /\/d\/b\/lib\/one: The file does not exist/ },
  },
  {
    title: 'a name that leads out of the tree',
    args: { name: '/d', source },
    sources: { p: '--- ../etc/passwd\n+++ ../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n' },
    host: { files: { '/d/x': '' } },
    expects: { refused: /does not lie below \/d/ },
  },
  {
    title: 'a link that leads out of the tree',
    args: { name: '/d', source },
    sources: { p: '--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n' },
    host: { files: { '/d/x': { link: '/etc/x' }, '/etc/x': 'a\n' } },
    expects: { refused: /leads out of \/d/, files: { '/etc/x': 'a\n' } },
  },
  {
    title: 'several files where one is named',
    args: { name: '/conf', source },
    sources: { p: tree },
    host: { files: { '/conf': 'a\n' } },
    expects: { refused: /about several files/ },
  },
  {
    title: 'no patch at all',
    args: { name: '/conf', source },
    sources: { p: 'hello\n' },
    host: { files: { '/conf': 'a\n' } },
    expects: { refused: /holds no changes/ },
  },
  {
    title: 'a broken patch',
    args: { name: '/conf', source },
    sources: { p: '--- x\n+++ x\n@@ -1,9 +1 @@\n-a\n' },
    host: { files: { '/conf': 'a\n' } },
    expects: { refused: /cannot be understood/ },
  },
  {
    title: 'an option there is not',
    args: { name: '/conf', source, options: '--merge' },
    sources: { p: insert },
    host: { files: { '/conf': 'a\n' } },
    expects: { refused: /"--merge" of patch\(1\) is not supported/ },
  },
  {
    title: 'a missing file',
    args: { name: '/none', source },
    sources: { p: insert },
    expects: { refused: '/none does not exist.' },
  },
  {
    title: 'a missing patch',
    args: { name: '/conf', source: 'salt://none' },
    host: { files: { '/conf': 'a\n' } },
    expects: { refused: /none/ },
  },
]);
