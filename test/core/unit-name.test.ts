import { expect } from 'chai';
import { unitName } from '../../engine/core/unit-name.ts';

describe('names of units', () => {
  it('mean a service where they have no type, with dots or without', () => {
    for (const name of ['nginx', 'php8.2-fpm', 'foo@1.2', 'a.services'])
      expect(unitName(name)).to.equal(`${name}.service`);
    for (const name of ['a.service', 'b.timer', 'dev-sda1.device', 'mnt-x.mount'])
      expect(unitName(name)).to.equal(name);
  });
});
