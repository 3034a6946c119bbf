/** Where a value of the merged pillar was written. */
import { expect } from 'chai';
import { at } from '../../engine/core/diagnostic.ts';
import { type Dict, fromPlain } from '../../engine/core/value.ts';
import { createLocate, type Layer } from '../../engine/source/pillar-places.ts';

/** Its places are its name and the path in it. */
function layer(name: string, value: object, below: readonly string[] = []): Layer {
  return {
    below,
    value: fromPlain(value) as Dict,
    locate: (path, on) => at(`${name} ${path.join(':')} ${on}`, 1, 1),
  };
}

function found(layers: readonly Layer[], path: (string | number)[], mergeLists = false): string | undefined {
  return createLocate(layers, { mergeLists })(path, 'value')?.place().file;
}

describe('createLocate', () => {
  const common = layer('common', { web: { port: 80, hosts: ['a', 'b'] }, other: null });
  const node = layer('node', { web: { port: 81, hosts: ['c'] } });

  it('finds the last file that has it', () => {
    expect(found([common, node], ['web', 'port'])).to.equal('node web:port value');
    expect(found([node, common], ['web', 'port'])).to.equal('common web:port value');
    expect(found([common, node], ['web'])).to.equal('node web value');
    expect(found([common, node], ['other'])).to.equal('common other value');
  });

  it('knows of nothing that nobody wrote', () => {
    expect(found([common, node], ['web', 'prt'])).to.equal(undefined);
    expect(found([common, node], ['web', 'port', 'x'])).to.equal(undefined);
    expect(found([], [])).to.equal(undefined);
  });

  it('finds members of lists, but not of one that was joined from several', () => {
    expect(found([common, node], ['web', 'hosts', '0'])).to.equal('node web:hosts:0 value');
    expect(found([common, node], ['web', 'hosts', '0'], true)).to.equal('node web:hosts value');
    expect(found([common], ['web', 'hosts', '1'], true)).to.equal('common web:hosts:1 value');
  });

  it('looks below the key of an include', () => {
    const included = layer('included', { port: 82 }, ['in', 'web']);
    expect(found([common, included], ['in', 'web', 'port'])).to.equal('included port value');
    expect(found([common, included], ['in'])).to.equal('included  value');
    expect(found([common, included], ['web', 'port'])).to.equal('common web:port value');
  });

  it('finds keys that are numbers', () => {
    const numbers: Layer = { ...layer('numbers', {}), value: new Map([[8080, 'x']]) };
    expect(found([numbers], ['8080'])).to.equal('numbers 8080 value');
  });
});
