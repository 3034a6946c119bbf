/** A directory without what is too old or too large. */
import tidied from '../../../engine/modules/file/tidied.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const name = '/tmp/t';
const now = Date.now();
const day = 86_400_000;
/** Midday, so that no test depends on how long it runs. */
const ago = (days: number) => new Date(now).setHours(12, 0, 0, 0) - days * day;
const files = {
  '/tmp/t/new.log': { content: 'x', mtime: ago(0) },
  '/tmp/t/old.log': { content: 'x', mtime: ago(10) },
  '/tmp/t/old.txt': { content: 'x'.repeat(2048), mtime: ago(10) },
  '/tmp/t/sub/old.log': { content: 'x', mtime: ago(10) },
  '/tmp/t/link': { link: '/kept' },
  '/kept/old.log': { content: 'x', mtime: ago(10) },
} as const;

stateTester('file.tidied', tidied, [
  {
    title: 'removes every file where nothing is asked for, but no directory',
    args: { name },
    host: { files },
    expects: {
      changes: ['/tmp/t/sub/old.log', '/tmp/t/old.txt', '/tmp/t/old.log', '/tmp/t/new.log', '/tmp/t/link'],
      files: { '/tmp/t/sub': { directory: true }, '/kept/old.log': 'x', '/tmp/t/link': null },
    },
  },
  {
    title: 'removes what is old enough, and nothing else',
    args: { name, age: 10, time_comparison: 'mtime', rmlinks: false },
    host: { files },
    expects: {
      changes: ['/tmp/t/sub/old.log', '/tmp/t/old.txt', '/tmp/t/old.log'],
      files: { '/tmp/t/new.log': 'x' },
    },
  },
  {
    title: 'counts whole days',
    args: { name, age: 11, time_comparison: 'mtime', rmlinks: false },
    host: { files },
    expects: { changes: [] },
  },
  {
    title: 'removes what is too large',
    args: { name, size: '2K' },
    host: { files },
    expects: { changes: ['/tmp/t/old.txt'], files: { '/tmp/t/old.txt': null } },
  },
  {
    title: 'takes one of age and size',
    args: { name, age: 5, size: 2048, time_comparison: 'mtime', matches: ['.*\\.log', '.*\\.txt'] },
    host: { files },
    expects: {
      changes: ['/tmp/t/sub/old.log', '/tmp/t/old.txt', '/tmp/t/old.log'],
      files: { '/tmp/t/new.log': 'x' },
    },
  },
  {
    title: 'takes both of age and size',
    args: { name, age: 5, size: 2048, time_comparison: 'mtime', age_size_logical_operator: 'AND' },
    host: { files },
    expects: { changes: ['/tmp/t/old.txt'], files: { '/tmp/t/old.log': 'x' } },
  },
  {
    title: 'age_size_only looks at one of them',
    args: { name, age: 99, size: 2048, age_size_only: 'size' },
    host: { files },
    expects: { changes: ['/tmp/t/old.txt'], files: { '/tmp/t/old.log': 'x' } },
  },
  {
    title: 'matches names from their beginning',
    args: { name, matches: ['ld', 'new'] },
    host: { files },
    expects: { changes: ['/tmp/t/new.log'], files: { '/tmp/t/old.log': 'x' } },
  },
  {
    title: 'excludes names',
    args: { name, matches: ['.*\\.log'], exclude: ['new'] },
    host: { files },
    expects: { changes: ['/tmp/t/sub/old.log', '/tmp/t/old.log'], files: { '/tmp/t/new.log': 'x' } },
  },
  {
    title: 'matches whole paths',
    args: { name, matches: ['/tmp/t/sub/'], full_path_match: true },
    host: { files },
    expects: { changes: ['/tmp/t/sub/old.log'], files: { '/tmp/t/old.log': 'x' } },
  },
  {
    title: 'rmdirs removes directories that end up empty',
    args: { name, rmdirs: true, matches: ['sub', 'old\\.log'] },
    host: { files },
    expects: {
      changes: ['/tmp/t/sub/old.log', '/tmp/t/sub', '/tmp/t/old.log'],
      files: { '/tmp/t/sub': null },
    },
  },
  {
    title: 'rmdirs keeps directories that still hold something',
    args: { name, rmdirs: true, matches: ['sub'] },
    host: { files },
    expects: { changes: [], files: { '/tmp/t/sub/old.log': 'x' } },
  },
  {
    title: 'followlinks descends through links',
    args: { name, followlinks: true, matches: ['old\\.log'] },
    host: { files },
    expects: {
      changes: ['/tmp/t/sub/old.log', '/tmp/t/old.log', '/tmp/t/link/old.log'],
      files: { '/kept/old.log': null },
    },
  },
  {
    title: 'refuses a size that is none',
    args: { name, size: 'big' },
    host: { files },
    expects: { refused: '"big" is no size.' },
  },
  {
    title: 'refuses a directory that is missing',
    args: { name },
    expects: { refused: '/tmp/t does not exist.' },
  },
  {
    title: 'refuses a file',
    args: { name },
    host: { files: { [name]: 'x' } },
    expects: { refused: '/tmp/t is no directory.' },
  },
]);
