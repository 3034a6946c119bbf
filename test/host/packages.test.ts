import { expect } from 'chai';
import { createLocalHost } from '../../engine/host/local.ts';
import { parseDpkg, parsePolicy, parseRpm } from '../../engine/host/packages.ts';
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
  });

  it('are of the machine’s own architecture first', () => {
    expect(packages.get('lib')).to.include({ arch: 'amd64', version: '4' });
    expect(packages.get('lib:i386')).to.include({ arch: 'i386', version: '3' });
    expect(packages.get('alien')?.arch).to.equal('i386');
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
      'bash\t0\t5.1-1.el9\tx86_64\nbind\t32\t9.16-1\tx86_64\ngpg-pubkey\t0\tx\t(none)\n',
    );
    expect(packages.get('bash')?.version).to.equal('5.1-1.el9');
    expect(packages.get('bind')?.version).to.equal('32:9.16-1');
    expect(packages.size).to.equal(2);
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
