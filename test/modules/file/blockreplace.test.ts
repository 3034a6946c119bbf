/** file.blockreplace. */
import { expect } from 'chai';
import blockreplace from '../../../engine/modules/file/blockreplace.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const block = { marker_start: '# BEGIN', marker_end: '# END' };
const conf = (text: string) => ({ files: { '/conf': text } });

stateTester('file.blockreplace', blockreplace, [
  {
    title: 'the lines between the markers',
    args: { name: '/conf', ...block, content: 'new' },
    host: conf('a\n# BEGIN of it\nold\nolder\n# END of it\nb\n'),
    expects: {
      changes: ['content'],
      files: {
        '/conf': 'a\n# BEGIN of it\nnew\n# END of it\nb\n',
        '/conf.bak': 'a\n# BEGIN of it\nold\nolder\n# END of it\nb\n',
      },
    },
  },
  {
    title: 'content that ends in a newline gets no empty line',
    args: { name: '/conf', ...block, content: 'x\ny\n', backup: false },
    host: conf('# BEGIN\n# END\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx\ny\n# END\n', '/conf.bak': null } },
  },
  {
    title: 'append_newline true adds one all the same',
    args: { name: '/conf', ...block, content: 'x\n', append_newline: true },
    host: conf('# BEGIN\n# END\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx\n\n# END\n' } },
  },
  {
    title: 'append_newline false lets the marker follow at once',
    args: { name: '/conf', ...block, content: 'x', append_newline: false },
    host: conf('# BEGIN\n# END\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx# END\n' } },
  },
  {
    title: 'no content at all',
    args: { name: '/conf', ...block },
    host: conf('# BEGIN\nold\n# END\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\n\n# END\n' } },
  },
  {
    title: 'already so',
    args: { name: '/conf', ...block, content: 'x' },
    host: conf('# BEGIN\nx\n# END\n'),
    expects: { changes: [] },
  },
  {
    title: 'what precedes the end marker in its line goes',
    args: { name: '/conf', ...block, content: 'x' },
    host: conf('# BEGIN\nold # END now\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx\n# END now\n' } },
  },
  {
    title: 'two blocks',
    args: { name: '/conf', ...block, content: 'x' },
    host: conf('# BEGIN\n1\n# END\nmid\n# BEGIN\n2\n# END\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx\n# END\nmid\n# BEGIN\nx\n# END\n' } },
  },
  {
    title: 'an end marker that is missing',
    args: { name: '/conf', ...block, content: 'x' },
    host: conf('# BEGIN\nprecious\n'),
    expects: { refused: /has no end/ },
  },
  {
    title: 'no markers',
    args: { name: '/conf', ...block, content: 'x' },
    host: conf('a\n'),
    expects: { refused: /Neither "# BEGIN" nor "# END"/ },
  },
  {
    title: 'appended, with the newline the last line lacks',
    args: { name: '/conf', ...block, content: 'x', append_if_not_found: true },
    host: conf('a'),
    expects: { changes: ['content'], files: { '/conf': 'a\n# BEGIN\nx\n# END\n' } },
  },
  {
    title: 'appended to an empty file, with the standard markers',
    args: { name: '/conf', content: 'x', append_if_not_found: true },
    host: conf(''),
    expects: {
      changes: ['content'],
      files: { '/conf': '#-- start managed zone --\nx\n#-- end managed zone --\n' },
    },
  },
  {
    title: 'prepended',
    args: { name: '/conf', ...block, content: 'x', prepend_if_not_found: true },
    host: conf('a\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx\n# END\na\n' } },
  },
  {
    title: 'before the first line that matches',
    args: { name: '/conf', ...block, content: 'x', insert_before_match: '^b' },
    host: conf('a\nb1\nb2\n'),
    expects: { changes: ['content'], files: { '/conf': 'a\n# BEGIN\nx\n# END\nb1\nb2\n' } },
  },
  {
    title: 'after a last line without newline',
    args: { name: '/conf', ...block, content: 'x', insert_after_match: '^b' },
    host: conf('a\nb'),
    expects: { changes: ['content'], files: { '/conf': 'a\nb\n# BEGIN\nx\n# END\n' } },
  },
  {
    title: 'no line to insert after',
    args: { name: '/conf', ...block, content: 'x', insert_after_match: '^c' },
    host: conf('a\n'),
    expects: { refused: /no line matches "\^c"/ },
  },
  {
    title: 'two places',
    args: { name: '/conf', ...block, append_if_not_found: true, prepend_if_not_found: true },
    host: conf('a\n'),
    expects: { refused: /Only one of/ },
  },
  {
    title: 'CR LF',
    args: { name: '/conf', ...block, content: 'x\ny' },
    host: conf('# BEGIN\r\n# END\r\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\r\nx\r\ny\r\n# END\r\n' } },
  },
  {
    title: 'content that holds the end marker never settles',
    args: { name: '/conf', ...block, content: '# END\nx' },
    host: conf('# BEGIN\n# END\n'),
    expects: { refused: /would change its own result/ },
  },
  {
    title: 'a missing file',
    args: { name: '/none', content: 'x', append_if_not_found: true },
    expects: { refused: '/none does not exist.' },
  },
  {
    title: 'a rendered source follows the content',
    args: { name: '/conf', ...block, content: 'x\n', source: 'salt://t', context: { who: 'me' } },
    sources: { t: 'by {{ who }}\n' },
    host: conf('# BEGIN\n# END\n'),
    expects: { changes: ['content'], files: { '/conf': '# BEGIN\nx\nby me\n# END\n' } },
  },
  {
    title: 'a source there is not',
    args: { name: '/conf', ...block, source: 'salt://none' },
    host: conf('# BEGIN\n# END\n'),
    expects: { refused: /none/ },
  },
]);

describe('file.blockreplace with file.accumulated', () => {
  it('adds what was gathered, each text once and on its own line', async () => {
    await using stage = await hostOf({ host: conf('# BEGIN\n# END\n') });
    const accumulated = (await import('../../../engine/modules/file/accumulated.ts')).default;
    const gather = async (text: unknown) =>
      await applyTo(stage.host, accumulated, { name: 'names', filename: '/conf', text });
    expect((await gather('one')).steps).to.have.length(1);
    expect((await gather(['two', 'one', 'three\nfour'])).again).to.deep.equal([]);
    await applyTo(stage.host, blockreplace, { name: '/conf', ...block, content: 'zero' });
    expect(stage.host.content('/conf')!.toString()).to.equal('# BEGIN\nzero\none\ntwo\nthree\nfour\n# END\n');
  });
});
