import { expect } from 'chai';
import {
  accountSettings,
  badField,
  badName,
  explainTool,
  hasDirectory,
  nextId,
  numberOf,
  settledGroup,
} from '../../engine/core/accounts.ts';
import type { Reader } from '../../engine/core/host.ts';

function reading(text: string): Reader {
  return { content: () => Buffer.from(text) } as unknown as Reader;
}

const defs = accountSettings(
  '/',
  reading('# UID_MAX 7\nUID_MIN\t\t 1000\nUID_MAX 1005\nUMASK 027\nHOME="/srv/h"\n'),
);

function next(used: number[], system = false, elsewhere: number[] = []): number | undefined {
  return nextId(defs, { kind: 'UID', system, used, taken: (id) => elsewhere.includes(id) });
}

describe('accounts', () => {
  it('have settings', () => {
    expect([...defs]).to.deep.equal([
      ['UID_MIN', '1000'],
      ['UID_MAX', '1005'],
      ['UMASK', '027'],
      ['HOME', '/srv/h'],
    ]);
    expect(numberOf(defs, 'UMASK', 0)).to.equal(0o27);
    expect(numberOf(defs, 'HOME', 5)).to.equal(5);
  });

  it('get the id above the highest, then any that is free', () => {
    expect(next([])).to.equal(1000);
    expect(next([0, 999, 1003, 2000])).to.equal(1004);
    expect(next([1000], false, [1001, 1002])).to.equal(1003);
    expect(next([1000, 1005])).to.equal(1001);
    expect(next([1000, 1001, 1002, 1003, 1004, 1005])).to.equal(undefined);
  });

  it('of the system get the id below the lowest, then any that is free', () => {
    expect(next([], true)).to.equal(999);
    expect(next([0, 998, 999, 1003], true)).to.equal(997);
    expect(next([500], true, [499])).to.equal(498);
    expect(next([101, 999], true)).to.equal(998);
    expect(
      next(
        Array.from({ length: 899 }, (_, index) => 101 + index),
        true,
      ),
    ).to.equal(undefined);
  });

  it('have names and fields that keep their files whole', () => {
    for (const good of ['a', '_apt', 'www-data', 'j.d', 'host$', 'x'.repeat(32), 'Ünal']) {
      expect(badName('user', good), good).to.equal(undefined);
    }
    for (const bad of ['', '-', '+', '~a', '1', '.', '..', 'a/b', 'a:', 'a,', 'a ', 'a\0', 'x'.repeat(33)]) {
      expect(badName('user', bad), bad).to.include({ certain: true });
    }
    expect(badField('home', '/a b')).to.equal(undefined);
    for (const bad of ['a:b', 'a\nb', 'a\0', 'a\u0085'])
      expect(badField('home', bad), bad).to.include({ certain: true });
  });

  it('keep password and admins of a group', () => {
    const group = { gid: 7, members: ['x', 'y'] };
    const gshadow = Buffer.from('ab:!::\na:*:root:z\n');
    expect(settledGroup('a', group, gshadow).map((one) => 'record' in one && one.record)).to.deep.equal([
      'a:x:7:x,y',
      'a:*:root:x,y',
    ]);
    expect(settledGroup('a', null, undefined)).to.have.length(1);
  });

  it('may come from a directory', () => {
    expect(hasDirectory(reading('passwd: files sss\n'))).to.equal(true);
    expect(hasDirectory(reading('passwd: files systemd\ngroup: ldap\n'))).to.equal(false);
  });

  it('explain what their tools say', () => {
    expect(explainTool({ status: 0, stderr: 'warning' })).to.equal(undefined);
    expect(explainTool({ status: 8, stderr: 'in use\n' }, { 8: 'Use force.' })).to.equal(
      'in use\nUse force.',
    );
    expect(explainTool({ status: 127, stderr: '' })).to.match(/shadow-utils/);
    expect(explainTool({ status: 1, stderr: '' })).to.equal(undefined);
  });
});
