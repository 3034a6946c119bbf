import { expect } from 'chai';
import { dnf } from '../../../engine/modules/pkg/_dnf.ts';

function words(...texts: string[]) {
  return texts.map((text) => ({ text, again: text.startsWith('again') }));
}

describe('commands of dnf', () => {
  it('end their options before names, so that no name is taken for one', () => {
    const commands = [
      ...dnf.install(words('a', 'b-1'), {}),
      ...dnf.download(words('a', 'b-1'), {}),
      dnf.remove(['a', 'b-1'], { purge: true }),
      dnf.upgrade({ security: true }, ['a', 'b-1']),
      dnf.offers(['a', 'b-1'], { fromrepo: 'x' }),
    ];
    for (const command of commands) {
      expect(command.argv.slice(-3)).to.deep.equal(['--', 'a', 'b-1']);
      expect(command.shell).to.equal(undefined);
    }
  });

  it('install again by a verb of its own', () => {
    const commands = dnf.install(words('a', 'again'), { update_holds: true });
    expect(commands.map(({ argv }) => argv.slice(2).join(' '))).to.deep.equal([
      'install --disableplugin=versionlock -- a',
      'reinstall --disableplugin=versionlock -- again',
    ]);
  });

  it('take packages from where they are told, and set what they are told', () => {
    const [from] = dnf.install(words('a'), {
      fromrepo: 'lab',
      enablerepo: 'ignored',
      setopt: ['tsflags=nodocs', 'a=b'],
      install_recommends: false,
      skip_verify: true,
    });
    expect(from!.argv.slice(2).join(' ')).to.equal(
      'install --disablerepo=* --enablerepo=lab --setopt=tsflags=nodocs --setopt=a=b --setopt=install_weak_deps=False --nogpgcheck -- a',
    );
    const [with_] = dnf.install(words('a'), {
      enablerepo: 'epel, crb',
      disablerepo: ['x'],
      disableexcludes: 'main',
    });
    expect(with_!.argv.slice(2).join(' ')).to.equal(
      'install --disablerepo=x --enablerepo=epel --enablerepo=crb --disableexcludes=main -- a',
    );
  });

  it('are simulated without fetching anything', () => {
    const [command] = dnf.install(words('a', '-y'), {});
    expect(dnf.simulated(command!).argv).to.deep.equal([
      'dnf',
      '-C',
      '--assumeno',
      'install',
      '--',
      'a',
      '-y',
    ]);
  });

  it('name versions before the architecture', () => {
    expect(dnf.word('glibc.i686', '2.34-1')).to.equal('glibc-2.34-1.i686');
    expect(dnf.word('python3.11', '2:3.11-1')).to.equal('python3.11-2:3.11-1');
    expect(dnf.split('python3.11')).to.deep.equal(['python3.11', undefined]);
  });

  it('take names and capabilities, and nothing that means more to dnf', () => {
    const good = ['glibc.i686', 'NetworkManager', 'libstdc++', 'perl(JSON::XS)', 'libc.so.6()(64bit)', 'x'];
    const bad = [
      '@group',
      '-x',
      'a b',
      'a*',
      '/usr/bin/x',
      'a >= 1',
      '',
      'a\nb',
      './x.rpm',
      'http://x/y.rpm',
    ];
    expect(good.filter((name) => !dnf.isName(name))).to.deep.equal([]);
    expect(bad.filter((name) => dnf.isName(name))).to.deep.equal([]);
  });

  it('hold by the list of versionlock, and by its own command where the version is not known yet', () => {
    const locks = { path: '/etc/locks', text: 'a-0:1-1.*\n', heeded: true };
    const packages = new Map([
      ['a', '2-1'],
      ['b', undefined],
    ]);
    const [write, exec, ...more] = dnf.holding({ verb: 'hold', packages, locks });
    expect(write).to.deep.include({ kind: 'write', path: '/etc/locks', content: Buffer.from('a-0:2-1.*\n') });
    expect(exec)
      .to.have.nested.property('command.argv')
      .that.deep.equals(['dnf', '-q', '-C', 'versionlock', 'add', '--', 'b']);
    expect(more).to.deep.equal([]);
    const free = dnf.holding({ verb: 'unhold', packages: new Map([['b', undefined]]), locks });
    expect(free).to.deep.equal([]);
  });
});
