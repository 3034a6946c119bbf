import { expect } from 'chai';
import { readRpmHeader } from '../../../engine/modules/pkg/_rpm-header.ts';
import { rpmFile } from './_rpm-file.ts';

describe('the header of an .rpm', () => {
  it('tells name, version and architecture', () => {
    expect(
      readRpmHeader(rpmFile({ name: 'alpha', version: '1.0', release: '1.el9', arch: 'x86_64' })),
    ).to.deep.equal({
      name: 'alpha',
      version: '1.0-1.el9',
      arch: 'x86_64',
    });
    const file = rpmFile({ name: 'alpha', version: '1.0', release: '1', arch: 'noarch', epoch: 2 });
    expect(readRpmHeader(file)?.version).to.equal('2:1.0-1');
  });

  it('is not found in anything else', () => {
    const whole = rpmFile({ name: 'alpha', version: '1.0', release: '1', arch: 'noarch' });
    for (const length of [0, 4, 96, 100, 120, whole.length - 40, whole.length - 1])
      expect(readRpmHeader(whole.subarray(0, length)), `${length} bytes`).to.equal(undefined);
    expect(readRpmHeader(Buffer.from('!<arch>\ndebian-binary'.padEnd(500)))).to.equal(undefined);
    const lying = Buffer.from(whole);
    lying.writeUInt32BE(0xffffffff, 96 + 8);
    expect(readRpmHeader(lying)).to.equal(undefined);
  });
});
