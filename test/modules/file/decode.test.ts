/** file.decode. */
import decode from '../../../engine/modules/file/decode.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('file.decode', decode, [
  {
    title: 'a new file',
    args: { name: '/f', encoded_data: 'Z2V0IHNh\nbHRlZAo=\n' },
    expects: { changes: ['content'], files: { '/f': { content: 'get salted\n', mode: 0o644 } } },
  },
  {
    title: 'bytes from the pillar into a file that keeps its mode',
    args: { name: '/f', contents_pillar: 'a:b', checksum: 'SHA-256' },
    pillar: { a: { b: 'AAEC/w==' } },
    host: { files: { '/f': { content: 'x', mode: 0o600 } } },
    expects: { changes: ['content'], files: { '/f': { content: Buffer.from([0, 1, 2, 255]), mode: 0o600 } } },
  },
  {
    title: 'already so',
    args: { name: '/f', encoded_data: 'eA==' },
    host: { files: { '/f': 'x' } },
    expects: { changes: [] },
  },
  {
    title: 'not base64',
    args: { name: '/f', encoded_data: 'eA=' },
    expects: { refused: 'The text is not base64.' },
  },
  { title: 'neither', args: { name: '/f' }, expects: { refused: /Exactly one of/ } },
  {
    title: 'both',
    args: { name: '/f', encoded_data: 'eA==', contents_pillar: 'a' },
    expects: { refused: /Exactly one of/ },
  },
  {
    title: 'no such pillar',
    args: { name: '/f', contents_pillar: 'a:b' },
    expects: { refused: 'There is no pillar value "a:b".' },
  },
  {
    title: 'no such checksum',
    args: { name: '/f', encoded_data: 'eA==', checksum: 'crc0' },
    expects: { refused: 'There is no checksum "crc0".' },
  },
  {
    title: 'no directory for it',
    args: { name: '/d/f', encoded_data: 'eA==' },
    expects: { refused: /parent directory \/d/ },
  },
]);
