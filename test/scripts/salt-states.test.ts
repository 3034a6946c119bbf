/** The table of Salt's states says why something is missing, of everything that is missing, and of nothing else. */
import { join } from 'node:path';
import { expect } from 'chai';
import { listStates } from '../../engine/modules/find.ts';
import { addressesOf, readSaltStates, saltStatesPage } from '../../scripts/docs/salt-states.ts';
import { loadStates } from '../../scripts/docs/states.ts';

const top = join(import.meta.dirname, '../..');
const { server, others } = readSaltStates(top);
const here = new Set(listStates());

describe('the table of Salt states', () => {
  it('has a line for every module, once', () => {
    const names = [...server.map(({ name }) => name), ...others.flatMap(({ modules }) => modules)].flatMap(
      (name) => name.split(', '),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).to.deep.equal([]);
    expect(names.length).to.be.greaterThan(150);
    // A few of each kind: those that everybody uses, and those that nobody would think of.
    expect(names).to.include.members([
      'file',
      'pkg',
      'service',
      'user',
      'cron',
      'mount',
      'git',
      'x509',
      'wordpress',
    ]);
  });

  it('lists every state there is', async () => {
    const page = saltStatesPage(top, await loadStates());
    for (const address of here) expect(page).to.include(`](states/${address}.md)`);
  });

  it('says of everything that is missing why', () => {
    const silent = server.flatMap((module) =>
      module.because
        ? []
        : addressesOf(module).filter(
            (address) => !here.has(address) && !module.without?.[address.split('.')[1]!],
          ),
    );
    expect(silent).to.deep.equal([]);
  });

  it('excuses nothing that is here', () => {
    const stale = server.flatMap(({ name, functions, because, without = {}, refuses }) => [
      ...Object.keys(without).filter((fun) => here.has(`${name}.${fun}`) || !functions.includes(fun)),
      ...(because && !refuses && functions.length > 0 && functions.every((fun) => here.has(`${name}.${fun}`))
        ? [name]
        : []),
    ]);
    expect(stale).to.deep.equal([]);
  });

  it('recommends only states that exist', () => {
    const texts = server.flatMap(({ because = '', without = {} }) => [because, ...Object.values(without)]);
    const named = texts.flatMap((text) => [...text.matchAll(/`(\w+\.\w+)`/g)].map((match) => match[1]!));
    expect(named.length).to.be.greaterThan(50);
    expect(named.filter((address) => !here.has(address))).to.deep.equal([]);
  });
});
