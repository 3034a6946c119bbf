import { expect } from 'chai';
import {
  explain,
  install,
  judge,
  readChanges,
  readMadison,
  readSimulation,
  remove,
  simulated,
} from '../../../engine/modules/pkg/_apt.ts';

function outcome(stderr: string, stdout = '') {
  return { status: 100, stdout, stderr, pid: 1 };
}

describe('commands of apt', () => {
  it('end their options before names, so that no name is taken for one', () => {
    for (const command of [install(['a', 'b=1'], {}), remove(['a', 'b=1'], { purge: true })]) {
      expect(command.argv.slice(-3)).to.deep.equal(['--', 'a', 'b=1']);
      expect(command.shell).to.equal(undefined);
    }
  });

  it('are simulated as they are', () => {
    const command = install(['a'], {
      fromrepo: 'bookworm-backports',
      install_recommends: false,
      downgrade: true,
    });
    expect(simulated(command).argv.filter((word) => word !== '--simulate')).to.deep.equal(command.argv);
    expect(command.argv.join(' ')).to.include(
      'install -t bookworm-backports --no-install-recommends --allow-downgrades -- a',
    );
  });
});

describe('output of apt', () => {
  it('of a simulation becomes changes', () => {
    const output = [
      'Reading package lists...',
      'Inst libc6 [2.36-9+deb12u9] (2.36-9+deb12u10 Debian:12.10/stable [amd64]) []',
      'Inst haproxy (2.6.12-1 localhost [amd64])',
      'Conf haproxy (2.6.12-1 localhost [amd64])',
      'Remv old [1.0]',
      'Purg older [1:0.9]',
    ].join('\n');
    expect(readSimulation(output)).to.deep.equal([
      { subject: 'libc6', old: '2.36-9+deb12u9', new: '2.36-9+deb12u10' },
      { subject: 'haproxy', old: '', new: '2.6.12-1' },
      { subject: 'old', old: '1.0', new: '' },
      { subject: 'older', old: '1:0.9', new: '' },
    ]);
  });

  it('of a run becomes changes', () => {
    const output = [
      'Unpacking libc6:amd64 (2.36-9+deb12u10) over (2.36-9+deb12u9) ...',
      'Unpacking haproxy (2.6.12-1) ...',
      'Removing old (1.0) ...',
      'Purging configuration files for older (1:0.9) ...',
    ].join('\n');
    expect(readChanges(output)).to.deep.equal({
      libc6: { old: '2.36-9+deb12u9', new: '2.36-9+deb12u10' },
      haproxy: { old: '', new: '2.6.12-1' },
      old: { old: '1.0', new: '' },
      older: { old: '1:0.9', new: '' },
    });
    expect(judge({}, { status: 0, stdout: output, stderr: '', pid: 1 }).comment).to.equal(
      'libc6 2.36-9+deb12u10 installed over 2.36-9+deb12u9, haproxy 2.6.12-1 installed, old removed, older removed.',
    );
    expect(judge({}, { status: 0, stdout: 'Reading package lists...', stderr: '', pid: 1 })).to.deep.equal({
      changes: {},
    });
  });

  it('of madison becomes versions, newest first and without sources', () => {
    const output =
      ' haproxy | 2.6.12-2 | http://a x/main amd64 Packages\n haproxy | 2.6.12-1 | file:/b ./ Packages\n haproxy | 2.6.12-2 | http://a x/main Sources\n';
    expect(readMadison(output)).to.deep.equal(new Map([['haproxy', ['2.6.12-2', '2.6.12-1']]]));
  });

  const complaints: readonly (readonly [string, string])[] = [
    ['E: Unable to locate package hapoxy', 'There is no package "hapoxy" in the package sources.'],
    ["E: Version '9' for 'haproxy' was not found", 'The package sources do not offer version 9 of haproxy.'],
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)\nE: Unable to acquire',
      'Process 7 (apt) holds the package database.',
    ],
    [
      'dpkg: error processing package broken (--configure):\n x\nE: Sub-process',
      'The package broken could not be installed or removed.',
    ],
    ['E: Something new', 'Something new'],
    ['', 'apt ended with status 100.'],
  ];
  for (const [stderr, sentence] of complaints) {
    it(`that fails becomes a sentence: ${sentence}`, () =>
      expect(explain(outcome(stderr))).to.equal(sentence));
  }
});
