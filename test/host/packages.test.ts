import { expect } from 'chai';
import { createLocalHost } from '../../engine/host/local.ts';
import { parseDpkg, parsePolicy, parseRepoquery, parseRpm } from '../../engine/host/packages.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

function stanza(name: string, status: string, version = '1.0-1', more = ''): string {
  return `Package: ${name}\nStatus: ${status}\nPriority: optional\nArchitecture: amd64\n${more}Version: ${version}\nDescription: x\n Status: not this\n\n`;
}

describe('packages of dpkg', () => {
  const text =
    stanza('dpkg', 'install ok installed') +
    stanza('mail', 'install ok installed', '2:1', 'Provides: mta, smtpd (= 1), x:any\n') +
    stanza('kept', 'hold ok installed') +
    stanza('left', 'deinstall ok config-files') +
    stanza('half', 'install ok half-configured') +
    stanza('bad', 'install reinstreq installed') +
    stanza('waits', 'install ok triggers-pending') +
    stanza('gone', 'purge ok not-installed') +
    stanza('lib', 'install ok installed', '3').replace('amd64', 'i386') +
    stanza('lib', 'install ok installed', '4') +
    stanza('alien', 'install ok installed', '5').replace('amd64', 'i386');
  const packages = parseDpkg(text);

  it('have version, state and hold', () => {
    expect(packages.get('mail')).to.deep.equal({
      name: 'mail',
      version: '2:1',
      arch: 'amd64',
      state: 'installed',
      held: false,
      provides: ['mta', 'smtpd', 'x'],
    });
    expect(packages.get('kept')).to.include({ held: true, state: 'installed' });
    const states = ['left', 'half', 'bad', 'waits', 'gone'].map((name) => packages.get(name)?.state);
    expect(states).to.deep.equal(['config', 'broken', 'broken', 'installed', undefined]);
    expect(['half', 'bad', 'mail'].map((name) => packages.get(name)?.incomplete)).to.deep.equal([
      undefined,
      true,
      undefined,
    ]);
  });

  it('are of the machine’s own architecture first', () => {
    expect(packages.get('lib')).to.include({ arch: 'amd64', version: '4' });
    expect(packages.get('lib:i386')).to.include({ arch: 'i386', version: '3' });
    expect(packages.get('alien')?.arch).to.equal('i386');
  });

  it('are as the journal of an interrupted dpkg says', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, {
      '/var/lib/dpkg/status': text,
      '/var/lib/dpkg/updates/0000': stanza('new', 'install ok unpacked'),
      '/var/lib/dpkg/updates/0001': stanza('new', 'install ok half-configured', '2.0'),
      '/var/lib/dpkg/updates/0002': stanza('kept', 'install ok installed', '2.0'),
      '/var/lib/dpkg/updates/tmp.i': '\0\0',
    });
    const found = await createLocalHost({ root: folder.path }).packages();
    expect(found.get('new')).to.include({ version: '2.0', state: 'broken' });
    expect(found.get('kept')).to.include({ version: '2.0', held: false });
    expect(found.get('mail')?.state).to.equal('installed');
  });

  it('are read below the root', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { '/var/lib/dpkg/status': text });
    const found = await createLocalHost({ root: folder.path }).packages();
    expect(found.get('kept')?.version).to.equal('1.0-1');
  });
});

describe('packages of others', () => {
  it('come from rpm', () => {
    const packages = parseRpm(
      'bash\t0\t5.1-1.el9\tx86_64\t5\nbind\t32\t9.16-1\tx86_64\t5\ngpg-pubkey\t0\tx\t(none)\t5\n',
    );
    expect(packages.get('bash')?.version).to.equal('5.1-1.el9');
    expect(packages.get('bind')?.version).to.equal('32:9.16-1');
    expect(packages.size).to.equal(2);
  });

  it('of rpm can be there in several versions and architectures', () => {
    const packages = parseRpm(
      [
        'kernel\t0\t5.14-2\tx86_64\t20',
        'kernel\t0\t5.14-1\tx86_64\t10',
        'kernel\t0\t5.14-3\tx86_64\t30',
        'glibc\t0\t2.34-1\ti686\t40',
        'glibc\t0\t2.34-1\tx86_64\t10',
        'rpm\t0\t4-1\tx86_64\t1',
        'torn\t0\t2-1\tnoarch\t30',
        'torn\t0\t1-1\tnoarch\t10',
        '',
      ].join('\n'),
      (name) => name === 'kernel',
    );
    expect(packages.get('torn')).to.deep.include({ version: '2-1', state: 'broken' });
    expect(packages.get('kernel')).to.deep.include({ version: '5.14-3', beside: ['5.14-2', '5.14-1'] });
    expect(packages.get('glibc')?.arch).to.equal('x86_64');
    expect(packages.get('glibc.i686')?.arch).to.equal('i686');
    expect(packages.size).to.equal(5);
  });

  it('of dnf can be candidates', () => {
    const text = 'alpha\t2\t0.9-1\tnoarch\nglibc\t0\t2.34-1\ti686\nglibc\t0\t2.34-1\tx86_64\n';
    expect([...parseRepoquery(text, ['alpha', 'alpha.noarch', 'glibc.i686', 'nosuch'])]).to.deep.equal([
      ['alpha', '2:0.9-1'],
      ['alpha.noarch', '2:0.9-1'],
      ['glibc.i686', '2.34-1'],
      ['nosuch', undefined],
    ]);
  });

  it('can be candidates', () => {
    const text = `bash:\n  Installed: 1\n  Candidate: 2\n  Version table:\n     2 500\nawk:\n  Installed: (none)\n  Candidate: (none)\n`;
    expect([...parsePolicy(text, ['bash', 'awk', 'none', 'bash:amd64'])]).to.deep.equal([
      ['bash', '2'],
      ['awk', undefined],
      ['none', undefined],
      ['bash:amd64', '2'],
    ]);
  });
});
