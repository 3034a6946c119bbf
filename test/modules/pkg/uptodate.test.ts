import { expect } from 'chai';
import { isRefusal, stepsOf } from '../../../engine/core/state.ts';
import { apt } from '../../../engine/modules/pkg/_apt.ts';
import uptodate from '../../../engine/modules/pkg/uptodate.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian } from './_names.ts';

stateTester(
  'pkg.uptodate',
  uptodate,
  onDebian([
    ...badNames(),
    {
      title: 'does not ask apt about packages that are not installed',
      args: { pkgs: ['curl'] },
      host: { packages: {} },
      expects: { changes: [], comment: 'System is already up-to-date' },
    },
  ]),
);

describe('pkg.uptodate, where something newer is on offer', () => {
  const args = { name: 'all', dist_upgrade: false, security: false, skip_verify: false };
  const changes = [
    { subject: 'curl', old: '7', new: '8' },
    { subject: 'tree', old: '1', new: '2' },
  ];
  const now = {
    database: {
      manager: apt,
      closed: undefined,
      broken: ['hello'],
      incomplete: [],
      interrupted: true,
      refreshed: true,
      age: 1,
      locks: undefined,
    },
    refused: undefined,
    command: { argv: ['apt-get', 'upgrade'] },
    changes,
  };

  it('upgrades by one command, after an interrupted dpkg was finished', () => {
    const plan = uptodate.plan(args, now);
    if (isRefusal(plan)) throw new Error(plan.refused);
    const [repair, _fix, upgrade, ...more] = stepsOf(plan);
    expect(repair!.change!.subject).to.equal('dpkg');
    expect([upgrade!.change, ...upgrade!.also!]).to.deep.equal(changes);
    expect(upgrade!.effect).to.deep.include({ kind: 'exec', command: now.command });
    expect(more).to.deep.equal([]);
  });

  it('refuses below a root', () => {
    const plan = uptodate.plan(args, { ...now, database: { ...now.database, closed: { refused: 'no' } } });
    expect(plan).to.have.property('refused');
  });
});
