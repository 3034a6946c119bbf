import { expect } from 'chai';
import {
  complain,
  notes,
  readChanges,
  readOffers,
  readSimulation,
} from '../../../engine/modules/pkg/_dnf-output.ts';
import { ended } from './_names.ts';

// All of it was printed by dnf 4.14.
const table = `Last metadata expiration check: 0:00:01 ago on Sun Nov 22 23:53:37 2026.
Dependencies resolved.
================================================================================
 Package           Architecture       Version             Repository       Size
================================================================================
Installing:
 beta              noarch             1.0-1               lab             5.4 k
     replacing  old-beta.noarch 0.5-1
 a-package-with-a-very-long-name-that-does-not-fit
                   x86_64             2:3.0-1.el9         lab             1.2 M
Installing dependencies:
 gamma             noarch             1.2-1               lab             5.4 k
Upgrading:
 alpha             noarch             2:0.9-1             lab             5.4 k
Removing dependent packages:
 delta             noarch             1.0-1               @lab              0  
Installing Groups:
 Lab Group                                                                     

Transaction Summary
================================================================================
Install  3 Packages
`;

describe('output of dnf', () => {
  const alpha = { name: 'alpha', version: '1.5-1', arch: 'noarch', state: 'installed', held: false } as const;
  const packages = new Map([
    ['alpha', alpha],
    ['delta', { ...alpha, name: 'delta', version: '1.0-1' }],
  ]);

  it('of a simulation becomes changes', () => {
    expect(readSimulation(ended(1, table, 'Operation aborted.\n'), packages)).to.deep.equal([
      { subject: 'beta', old: '', new: '1.0-1' },
      { subject: 'old-beta', old: '0.5-1', new: '' },
      { subject: 'a-package-with-a-very-long-name-that-does-not-fit', old: '', new: '2:3.0-1.el9' },
      { subject: 'gamma', old: '', new: '1.2-1' },
      { subject: 'alpha', old: '1.5-1', new: '2:0.9-1' },
      { subject: 'delta', old: '1.0-1', new: '' },
    ]);
  });

  it('of a simulation may say that nothing is to be done, or that it cannot tell', () => {
    const nothing = 'Package alpha-1.0-1.noarch is already installed.\nNothing to do.\nComplete!\n';
    expect(readSimulation(ended(0, nothing), packages)).to.deep.equal([]);
    const error = "Error: Cache-only enabled but no cache for 'lab'\n";
    expect(readSimulation(ended(1, '', error), packages)).to.equal(undefined);
  });

  it('of a run becomes changes', () => {
    const output = `Running transaction
  Preparing        :                                                        1/1 
  Upgrading        : alpha-2:0.9-1.noarch                                   1/6 
  Downgrading      : down-1.0-1.noarch                                      2/6 
  Installing       : gamma-1.2-1.noarch                                     3/6 
  Cleanup          : alpha-1.5-1.noarch                                     4/6 
  Cleanup          : down-2.0-1.noarch                                      5/6 
  Erasing          : delta-1.0-1.noarch                                     6/6 
  Verifying        : alpha-2:0.9-1.noarch                                   1/6 

Upgraded:
  alpha-2:0.9-1.noarch                                                          
Downgraded:
  down-1.0-1.noarch                                                             
New leaves:
  gamma.noarch

Installed:
  gamma-1.2-1.noarch              a-b-c-3-1.el9.x86_64                          

Removed:
  delta-1.0-1.noarch                                                            

Complete!
`;
    expect(readChanges(output)).to.deep.equal({
      alpha: { old: '1.5-1', new: '2:0.9-1' },
      down: { old: '2.0-1', new: '1.0-1' },
      gamma: { old: '', new: '1.2-1' },
      'a-b-c': { old: '', new: '3-1.el9' },
      delta: { old: '1.0-1', new: '' },
    });
    expect(readChanges('Metadata cache created.\n')).to.deep.equal({});
  });

  it('of repoquery becomes versions, newest first', () => {
    const output =
      'alpha\t0\t1.0-1\tnoarch\nalpha\t2\t0.9-1\tnoarch\nalpha\t0\t1.5-1\tnoarch\nglibc\t0\t2.34-1\ti686\n';
    expect(readOffers(output).get('alpha')).to.deep.equal(['2:0.9-1', '1.5-1', '1.0-1']);
    expect(readOffers(output).get('glibc.i686')).to.deep.equal(['2.34-1']);
  });

  it('tells which script failed though the package is there', () => {
    const stdout = `  Running scriptlet: brokenpost-1.0-1.noarch                                1/1 
it hurts
warning: %post(brokenpost-1.0-1.noarch) scriptlet failed, exit status 1
`;
    const stderr = 'Error in POSTIN scriptlet in rpm package brokenpost\n';
    expect(notes(ended(0, stdout, stderr))).to.deep.equal([
      'The script %post of brokenpost failed: it hurts.',
    ]);
    expect(notes(ended(0, '', stderr))).to.deep.equal(['The script %post of brokenpost failed.']);
    expect(complain(ended(1, stdout, `${stderr}Error: Transaction failed\n`))).to.equal(
      'The script %post of brokenpost failed: it hurts.',
    );
  });

  const complaints: readonly (readonly [string, string, string])[] = [
    [
      'No match for argument: nosuch\n',
      'Error: Unable to find a match: nosuch other\n',
      'There is no package "nosuch", "other" in the package sources.',
    ],
    [
      'All matches were filtered out by exclude filtering for argument: alpha-1.5-1\n',
      'Error: Unable to find a match: alpha-1.5-1\n',
      '"alpha-1.5-1" is excluded, by a lock of versionlock or by an exclude of dnf.conf.',
    ],
    [
      '',
      'Error: \n Problem: conflicting requests\n  - nothing provides nowhere-to-be-had needed by needy-1.0-1.noarch\n',
      'needy-1.0-1.noarch cannot be installed: it depends on nowhere-to-be-had, which nothing provides.',
    ],
    [
      '',
      'Error: \n Problem: conflicting requests\n  - nothing provides lib >= 2 needed by needy-1.0-1.noarch from lab\n',
      'needy-1.0-1.noarch cannot be installed: it depends on lib >= 2, which nothing provides.',
    ],
    [
      '',
      'Error: \n Problem: problem with installed package gamma-1.2-1.noarch\n  - package foe-1.0-1.noarch conflicts with gamma provided by gamma-1.2-1.noarch\n',
      'foe-1.0-1.noarch cannot be installed beside gamma-1.2-1.noarch.',
    ],
    [
      '',
      'Error: Transaction test error:\n  file /opt/x conflicts between attempted installs of foe-1.0-1.noarch and friend-1.0-1.noarch\n',
      'foe-1.0-1.noarch cannot be installed beside friend-1.0-1.noarch: both bring /opt/x.',
    ],
    [
      '[MIRROR] two-1.0-1.noarch.rpm: Status code: 404 for http://127.0.0.1:8099/two-1.0-1.noarch.rpm (IP: 127.0.0.1)\n',
      'Error: Error downloading packages:\n  two-1.0-1.noarch: Cannot download, all mirrors were already tried without success\n',
      'http://127.0.0.1:8099/two-1.0-1.noarch.rpm could not be fetched: Status code: 404.',
    ],
    ['', "Error: Unknown repo: 'nope'\n", 'There is no repository "nope".'],
    [
      '',
      "Error: Failed to download metadata for repo 'lab': Cannot download repomd.xml: All mirrors were tried\n",
      'The lists of the repository "lab" could not be fetched: Cannot download repomd.xml: All mirrors were tried.',
    ],
    ["Module or Group 'nogrp' is not available.\n", 'Error: Nothing to do.\n', 'There is no group "nogrp".'],
    [
      '',
      'error: cannot open Packages database in /var/lib/rpm\nError: Transaction test error:\n',
      "rpm's database cannot be read; where it is damaged, `rpm --rebuilddb` may help.",
    ],
    ['', 'Error: Something new.\n', 'Something new.'],
    [
      'Downloading Packages:\n',
      'warning: Signature not supported. Hash algorithm SHA1 not available.\nProblem opening package old-1-1.el9.x86_64.rpm\nError: GPG check FAILED\n',
      'old-1-1.el9.x86_64.rpm is signed by SHA1, which this system does not trust.',
    ],
    [
      'CouchDB    915 kB/s | 937  B     00:00\n',
      'The GPG keys listed for the "CouchDB" repository are already installed but they are not correct for this package.\nCheck that the correct key URLs are configured for this repository.. Failing package is: couchdb-3.5.2-1.el9.noarch\n GPG Keys are configured as: https://x/keys.asc\nError: GPG check FAILED\n',
      'couchdb-3.5.2-1.el9.noarch is signed by none of the keys that the repository "CouchDB" names.',
    ],
  ];
  for (const [stdout, stderr, sentence] of complaints) {
    it(`that fails becomes a sentence: ${sentence}`, () =>
      expect(complain(ended(1, stdout, stderr))).to.equal(sentence));
  }
});
