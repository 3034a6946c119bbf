import { expect } from 'chai';
import {
  complain,
  readChanges,
  readMadison,
  readSimulation,
} from '../../../engine/modules/pkg/_apt-output.ts';
import { ended } from './_names.ts';

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
    expect(readSimulation(ended(0, output))).to.deep.equal([
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
      'dpkg: error processing package broken (--configure):\n installed broken package post-installation script subprocess returned error exit status 1\nE: Sub-process',
      'The package broken could not be installed or removed: installed broken package post-installation script subprocess returned error exit status 1.',
    ],
    [
      "dpkg: error processing archive /var/cache/apt/archives/foe_1_all.deb (--unpack):\n trying to overwrite '/x', which is also in package friend 1\nE: Sub-process",
      "The package foe_1_all.deb could not be installed or removed: trying to overwrite '/x', which is also in package friend 1.",
    ],
    [
      "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. ",
      'An earlier run of dpkg was interrupted; `dpkg --configure -a` finishes it.',
    ],
    ['E: Something new', 'Something new'],
  ];
  for (const [stderr, sentence] of complaints) {
    it(`that fails becomes a sentence: ${sentence}`, () =>
      expect(complain(ended(100, '', stderr))).to.equal(sentence));
  }
});
