/** What is declared no more: which kinds may go, what speaks against it, and in which order they go. */
import { expect } from 'chai';
import type { Leftover, Thing } from '../../engine/journal/applied.ts';
import { isWanted, removalOrder, staysBecause, thingKey } from '../../engine/journal/orphans.ts';
import { compiled } from '../helpers/sls.ts';

function leftover(kind: string, name: string, more: Partial<Thing> = {}): Leftover {
  const absent = { state: 'file.absent', args: { name } };
  const thing: Thing = { kind, name, absent, made: true, ...more };
  return { state: 'file', fun: 'managed', id: 'a', name, sls: 'web', at: 1, since: 2, thing };
}

describe('what is declared no more', () => {
  it('goes by its kind; accounts and packages only where they are named', () => {
    for (const kind of ['file', 'directory', 'tree', 'link', 'cron', 'unit', 'host', 'schedule'])
      expect(isWanted({ kind }, ['all']), kind).to.equal(true);
    for (const kind of ['user', 'group', 'package']) {
      expect(isWanted({ kind }, ['all', 'file']), kind).to.equal(false);
      expect(isWanted({ kind }, [kind])).to.equal(true);
    }
    expect(isWanted({ kind: 'cron' }, [])).to.equal(false);
  });

  it('stays where it was there before, where nothing removes it, and where a state names it', () => {
    const states = compiled(
      "x:\n  cmd.run:\n    - name: 'cat /etc/app.conf > /x'\n    - user: app\ny:\n  file.managed:\n    - name: /srv/data/file\n",
    );
    const reason = (one: Leftover) => staysBecause(one, states);
    expect(reason(leftover('file', '/etc/app.conf'))).to.include('cmd.run of ID "x"');
    expect(reason(leftover('link', '/srv/data')), 'something lies behind it').to.include(
      'file.managed of ID "y"',
    );
    expect(reason(leftover('user', 'app'))).to.include('ID "x"');
    for (const name of [
      '/etc/app',
      '/etc/app.con',
      '/tc/app.conf',
      '/srv/dat',
      '/data/file',
      '/etc/app.conf.d',
    ])
      expect(reason(leftover('file', name)), name).to.equal(undefined);
    expect(reason(leftover('user', 'ap'))).to.equal(undefined);
    expect(reason(leftover('cron', 'app: x'))).to.equal(undefined);
    expect(reason(leftover('file', '/free', { made: undefined }))).to.equal('it was there before');
    expect(reason(leftover('file', '/free', { absent: undefined }))).to.equal('no state removes such things');
  });

  it('goes from within: jobs, files, the folders around them, packages, accounts', () => {
    const all = [
      leftover('group', 'g'),
      leftover('user', 'u'),
      leftover('directory', '/a'),
      leftover('package', 'p'),
      leftover('tree', '/a/b/c'),
      leftover('directory', '/a/b'),
      leftover('file', '/a/b/f'),
      leftover('cron', 'c'),
    ];
    const order = all.sort(removalOrder).map(({ thing }) => thing.name);
    expect(order).to.deep.equal(['c', '/a/b/f', '/a/b/c', '/a/b', '/a', 'p', 'u', 'g']);
  });

  it('is the same thing under one path, whatever it is now', () => {
    expect(thingKey({ kind: 'file', name: '/a//b/' })).to.equal(thingKey({ kind: 'link', name: '/a/./b' }));
    expect(thingKey({ kind: 'file', name: '/a' })).to.not.equal(thingKey({ kind: 'unit', name: '/a' }));
    expect(thingKey({ kind: 'directory', name: '/' })).to.equal(thingKey({ kind: 'tree', name: '//' }));
  });
});
