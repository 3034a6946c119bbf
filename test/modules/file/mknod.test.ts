/** Named pipes and devices. */
import { expect } from 'chai';
import mknod from '../../../engine/modules/file/mknod.ts';
import { planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

stateTester('file.mknod', mknod, [
  {
    title: 'makes a named pipe',
    args: { name: '/pipe', ntype: 'p', mode: '0660' },
    expects: { changes: ['/pipe'], files: { '/pipe': { fifo: true, mode: 0o660 } } },
  },
  {
    title: 'makes it with the default mode',
    args: { name: '/pipe', ntype: 'p' },
    expects: { changes: ['/pipe'], files: { '/pipe': { fifo: true, mode: 0o600 } } },
  },
  {
    title: 'refuses a file in the way',
    args: { name: '/pipe', ntype: 'p' },
    host: { files: { '/pipe': 'x' } },
    expects: { refused: '/pipe is a file, not a named pipe.', files: { '/pipe': 'x' } },
  },
  {
    title: 'refuses a missing parent',
    args: { name: '/no/pipe', ntype: 'p' },
    expects: { refused: 'The parent directory /no does not exist.' },
  },
]);

describe('file.mknod of devices', () => {
  const device = {
    kind: 'char',
    mode: 0o600,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    atime: 0,
    inode: '1',
  } as const;

  it('plans a character device', async () => {
    await using stage = await hostOf({});
    const { plan } = await planOf(
      mknod,
      { name: '/null', ntype: 'c', major: 1, minor: 3, mode: 666 },
      stage.host,
    );
    expect(plan).to.deep.equal([
      {
        change: { subject: '/null', new: 'a character device 1:3 0666' },
        effect: { kind: 'node', path: '/null', type: 'char', major: 1, minor: 3, mode: 0o666 },
      },
    ]);
  });

  it('leaves the same device alone and refuses other numbers', async () => {
    await using stage = await hostOf({});
    const host = { ...stage.host, stat: () => ({ ...device, device: { major: 1, minor: 3 } }) };
    const args = { name: '/null', ntype: 'c', major: 1, minor: 3 };
    expect((await planOf(mknod, args, host)).plan).to.deep.equal([]);
    const { plan } = await planOf(mknod, { ...args, minor: 5 }, host);
    expect(plan).to.deep.include({ refused: '/null is a character device 1:3, not a character device 1:5.' });
  });
});
