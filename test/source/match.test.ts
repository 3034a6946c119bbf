/** Targets choose nodes as Salt's matchers do. */
import { expect } from 'chai';
import { Float, fromPlain } from '../../engine/core/value.ts';
import { BadTarget, matches } from '../../engine/source/match.ts';

const node = {
  id: 'web1.example',
  grains: new Map<unknown, unknown>([
    ['os', 'Debian'],
    ['roles', ['web', 'db']],
    ['ipv4', ['127.0.0.1', '10.1.2.3']],
    ['ipv6', ['2001:db8::1']],
    ['disks', fromPlain([{ name: 'sda' }, { name: 'sdb' }])],
    ['virtual', false],
    ['load', new Float(3)],
    ['addr', '::1'],
  ]),
  pillar: fromPlain({ app: { name: 'shop', ports: [80, 443], deep: { er: 'x' } } }) as Map<unknown, unknown>,
};

const CASES: [target: string, matches: boolean, kind?: string, delimiter?: string][] = [
  ['*', true],
  ['web*', true],
  ['Web*', false],
  ['web* and not db*', true],
  ['web* not db*', true],
  ['not web*', false],
  ['db* or web*', true],
  ['( db* or web* ) and G@os:Debian', true],
  ['db* or web* and G@os:RedHat', false],
  ['not ( db* or G@os:RedHat )', true],
  ['E@web\\d', true],
  ['E@eb1', false],
  ['E@(web|db)\\d\\..*', true],
  ['L@a,web1.example', true],
  ['L@web1', false],
  ['G@os:debian', true],
  ['G@os:Deb*', true],
  ['P@os:(Red|deb)', true],
  ['P@os:bian', false],
  ['G@roles:db', true],
  ['G@disks:name:sdb', true],
  ['G@virtual:false', true],
  ['G@load:3.0', true],
  ['G@addr:::1', true],
  ['G|@os|Debian', true],
  ['I@app:name:shop', true],
  ['I@app:name', true],
  ['I@app:nope', false],
  ['I@app:*', true],
  ['I@app:ports:443', true],
  ['I@*:name:shop', false],
  ['I@app:*:er', true],
  ['J@app:name:s.op', true],
  ['S@10.0.0.0/8', true],
  ['S@10.1.2.3', true],
  ['S@192.168.0.0/16', false],
  ['S@2001:db8::/32', true],
  ['web* and db*', false, 'glob'],
  ['web.*', true, 'pcre'],
  ['eb', false, 'pcre'],
  ['x,web1.example', true, 'list'],
  ['os:Deb*', true, 'grain'],
  ['os|Deb*', true, 'grain', '|'],
  ['os:^deb', true, 'grain_pcre'],
  ['app:name:sh*', true, 'pillar'],
  ['app:name:sh.p$', true, 'pillar_pcre'],
  ['app:name:sh*', false, 'pillar_exact'],
  ['app:name:shop', true, 'pillar_exact'],
  ['10.1.2.0/24', true, 'ipcidr'],
];

const REFUSED: [target: string, says: string, kind?: string][] = [
  ['', 'empty'],
  ['web* db*', 'where "and" or "or" was expected'],
  ['and web*', '"and" stands where a target was expected'],
  ['web* and', 'missing at the end'],
  ['( web*', 'not closed'],
  ['web* )', '")" stands'],
  ['(web* or db*)', 'parenthesis'],
  ['N@group', 'nodegroup'],
  ['X@foo', '"X@"'],
  ['G@os', 'no value'],
  ['E@(', 'regular expression "(" cannot be read: missing ), unterminated subpattern at position 0'],
  ['S@10.0.0.1/8', 'neither'],
  ['web', 'called "globb"', 'globb'],
];

describe('matches', () => {
  for (const [target, expected, kind, delimiter] of CASES) {
    it(`${kind ?? 'compound'} ${target} → ${expected}`, () => {
      expect(matches(target, { ...node, kind, delimiter })).to.equal(expected);
    });
  }
  for (const [target, says, kind] of REFUSED) {
    it(`refuses "${target}"`, () => {
      expect(() => matches(target, { ...node, kind })).to.throw(BadTarget, says);
    });
  }
});
