/** What is owed outlives the run that owes it. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Debt, Identity } from '../../engine/core/owed.ts';
import { createLedger, type OwedLedger } from '../../engine/journal/owed.ts';
import { temporaryFolder } from '../helpers/folders.ts';

function identity(state: string, name: string): Identity {
  return { id: name, state, fun: 'x', name, sls: 'web' };
}

const service = identity('service', 'nginx');
const [config, key] = [identity('file', '/etc/nginx.conf'), identity('file', '/etc/key')];
const debt: Debt = { debtor: service, way: 'watch', source: config };

function ledger(folder: string, run: string, troubles: string[] = [], tree = ['/']): OwedLedger {
  return createLedger({
    folder,
    run,
    tree,
    now: () => 86_400_000,
    onTrouble: (message) => troubles.push(message),
  });
}

describe('owed', () => {
  it('is known to the next run, with since when and for what', async () => {
    await using folder = temporaryFolder();
    const first = ledger(folder.path, 'one');
    first.owe([debt]);
    expect(first.reason(service, 'watch'), 'in the run itself').to.equal(undefined);
    const next = ledger(folder.path, 'two');
    expect(next.reason(service, 'watch')).to.equal(
      'Owed since 1970-01-02T00:00:00.000Z: file /etc/nginx.conf changed then, and this did not follow.',
    );
    expect(next.reason(service, 'listen')).to.equal(undefined);
    expect(next.list()).to.deep.equal([
      { debtor: service, way: 'watch', sources: [config], since: 86_400_000, run: 'one', tree: ['/'] },
    ]);
    next.pay(service, 'watch');
    expect(ledger(folder.path, 'three').list()).to.deep.equal([]);
  });

  it('is withdrawn where nothing changed, unless something else did', async () => {
    await using folder = temporaryFolder();
    const one = ledger(folder.path, 'one');
    one.owe([debt]);
    one.owe([{ ...debt, source: key }]);
    one.withdraw([debt]);
    expect(ledger(folder.path, 'two').reason(service, 'watch')).to.include('nginx.conf');
    one.withdraw([{ ...debt, source: key }]);
    expect(ledger(folder.path, 'three').list()).to.deep.equal([]);
  });

  it('of an earlier run is not withdrawn by a later one', async () => {
    await using folder = temporaryFolder();
    ledger(folder.path, 'one').owe([debt]);
    const next = ledger(folder.path, 'two');
    next.owe([debt]);
    next.withdraw([debt]);
    expect(ledger(folder.path, 'three').reason(service, 'watch')).to.include('nginx.conf');
  });

  it('is owed in its own tree only, and no longer than that exists', async () => {
    await using folder = temporaryFolder();
    ledger(folder.path, 'one').owe([debt]);
    expect(ledger(folder.path, 'two', [], ['/etc']).reason(service, 'watch')).to.equal(undefined);
    expect(ledger(folder.path, 'three').reason(service, 'watch')).to.include('nginx.conf');
    ledger(folder.path, 'four', [], [`${folder.path}/gone`]).owe([debt]);
    expect(ledger(folder.path, 'five').list()).to.have.lengthOf(1);
  });

  it('is nobody’s business but the owner’s', async () => {
    await using folder = temporaryFolder();
    ledger(folder.path, 'one').owe([debt]);
    expect(statSync(`${folder.path}/owed.json`).mode & 0o777).to.equal(0o600);
  });

  it('takes a file that makes no sense for an empty one', async () => {
    await using folder = temporaryFolder();
    for (const text of ['', '{', 'null', '[1]', '[{"debtor": 1}]', '{"a": 1}']) {
      writeFileSync(`${folder.path}/owed.json`, text);
      expect(ledger(folder.path, 'one').list(), text).to.deep.equal([]);
    }
  });

  it('tells once where it cannot be kept, and goes on', async () => {
    await using folder = temporaryFolder();
    writeFileSync(`${folder.path}/file`, '');
    const troubles: string[] = [];
    const one = ledger(`${folder.path}/file/below`, 'one', troubles);
    one.owe([debt]);
    one.pay(service, 'watch');
    expect(troubles).to.have.lengthOf(1);
    expect(troubles[0]).to.include(`${folder.path}/file/below cannot be written`);
    expect(readFileSync(`${folder.path}/file`, 'utf8')).to.equal('');
  });
});
