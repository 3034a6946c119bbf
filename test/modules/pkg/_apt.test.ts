import { expect } from 'chai';
import { apt } from '../../../engine/modules/pkg/_apt.ts';

function words(...texts: string[]) {
  return texts.map((text) => ({ text, again: false }));
}

describe('commands of apt', () => {
  it('end their options before names, so that no name is taken for one', () => {
    const commands = [
      ...apt.install(words('a', 'b=1'), {}),
      ...apt.download(words('a', 'b=1'), {}),
      apt.remove(['a', 'b=1'], { purge: true }),
      apt.upgrade({}, ['a', 'b=1']),
    ];
    for (const command of commands) {
      expect(command.argv.slice(-3)).to.deep.equal(['--', 'a', 'b=1']);
      expect(command.shell).to.equal(undefined);
    }
  });

  it('are simulated as they are', () => {
    const options = { fromrepo: 'bookworm-backports', install_recommends: false, downgrade: true };
    const [command] = apt.install(words('a'), options);
    expect(apt.simulated(command!).argv.filter((word) => word !== '--simulate')).to.deep.equal(command!.argv);
    expect(command!.argv.join(' ')).to.include(
      'install -t bookworm-backports --no-install-recommends --allow-downgrades -- a',
    );
  });

  it('fetch what is installed already too', () => {
    expect(apt.download(words('a'), {})[0]!.argv.join(' ')).to.include(
      'install --download-only --reinstall -- a',
    );
  });

  it('hold by one command, of which everything is known', () => {
    const packages = new Map([
      ['a', '1'],
      ['b', undefined],
    ]);
    const [effect, ...more] = apt.holding({ verb: 'hold', packages, locks: undefined });
    expect(more).to.deep.equal([]);
    expect(effect).to.deep.include({
      kind: 'exec',
      foreseen: true,
      settles: [{ about: 'package', name: 'a', version: '1', held: true }],
    });
  });

  it('repair what was interrupted, also where files are missing', () => {
    const lines = (names: string[]) =>
      apt.repair(names).map((effect) => effect.kind === 'exec' && effect.command.argv.join(' '));
    expect(lines([])).to.have.length(2);
    expect(lines(['a'])[1]).to.match(/ install --reinstall -- a$/);
  });
});
