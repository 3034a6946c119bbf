import { expect } from 'chai';
import { createAccounts } from '../../engine/host/passwd.ts';

const files: Record<string, string> = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\n# note\n\nbad line\nbob:x:1000:100::/home/bob:\n42:x:7:7:::\nx:x:-1:0:::\n',
  '/etc/group': 'root:x:0:\nusers:x:100:bob,eve\n',
};

function accounts(read = (path: string) => (files[path] ? Buffer.from(files[path]) : undefined)) {
  return createAccounts(read, false);
}

describe('accounts', () => {
  it('are found by name and by id', () => {
    expect(accounts().user('bob')).to.deep.equal({
      name: 'bob',
      uid: 1000,
      gid: 100,
      home: '/home/bob',
      gecos: '',
      shell: '/bin/sh',
    });
    expect(accounts().user(1000)?.name).to.equal('bob');
    expect(accounts().user('1000')?.name).to.equal('bob');
    expect(accounts().group('users')?.members).to.deep.equal(['bob', 'eve']);
    expect(accounts().group(100)?.name).to.equal('users');
  });

  it('take a name of digits before an id', () => {
    expect(accounts().user('42')?.uid).to.equal(7);
    expect(accounts().user(42)).to.equal(undefined);
  });

  it('do not make things up', () => {
    for (const name of ['eve', '', 'bad line', 'x', -1]) expect(accounts().user(name)).to.equal(undefined);
    expect(accounts(() => undefined).group('root')).to.equal(undefined);
  });

  it('are read again after they were told to forget', () => {
    let text = '';
    const changing = accounts(() => Buffer.from(text));
    expect(changing.user('new')).to.equal(undefined);
    text = 'new:x:5:5:::\n';
    changing.forget();
    expect(changing.user('new')?.uid).to.equal(5);
  });
});
