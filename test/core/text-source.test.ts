import { expect } from 'chai';
import type { Reader } from '../../engine/core/host.ts';
import { textFrom } from '../../engine/core/text-source.ts';
import { hostOf } from '../helpers/state-tester.ts';

const place = { id: 'the-id', sls: 'the.sls' };

async function from(args: Parameters<typeof textFrom>[0], change: Partial<Reader> = {}) {
  await using stage = await hostOf({ sources: { tab: '{{ a }} {{ b }}\n' } });
  return await textFrom(args, { ...stage.host, ...change }, place);
}

describe('textFrom', () => {
  it('gives contents and sources as they are, with the place of each line', async () => {
    expect(await from({ contents: '{{ x }}' })).to.deep.equal({ text: '{{ x }}' });
    const found = await from({ source: 'salt://tab' });
    if (!('text' in found)) throw new Error(found.refused);
    expect(found.text).to.equal('{{ a }} {{ b }}\n');
    expect(found.locate!(1)).to.deep.equal({ file: '/srv/tab', line: 1, column: 1 });
  });

  it('renders templates, where context wins over defaults', async () => {
    const context = new Map([['a', 1]]);
    const defaults = new Map([
      ['a', 0],
      ['b', 2],
    ]);
    const args = { template: 'jinja', context, defaults };
    expect(await from({ source: 'salt://tab', ...args })).to.include({ text: '1 2\n' });
    expect(await from({ contents: '{{ b }}', ...args })).to.include({ text: '2' });
  });

  it('says what is missing', async () => {
    expect(await from({})).to.include({ refused: 'No source is given.' });
    expect(await from({ source: 'salt://none' })).to.include({
      refused: 'salt://none is not in the file roots.',
    });
  });

  it('fetches from the web by a hash, or where it may', async () => {
    const fetched: unknown[] = [];
    const fetch: Reader['fetch'] = async (url, hash) => {
      fetched.push(hash);
      return { url, content: Buffer.from('x') };
    };
    const source = 'https://example.com/x';
    expect(await from({ source }, { fetch }))
      .to.have.property('refused')
      .that.matches(/has no source_hash/);
    expect(await from({ source, source_hash: 'sha256=1' }, { fetch })).to.include({ text: 'x' });
    expect(await from({ source, skip_verify: true }, { fetch })).to.include({ text: 'x' });
    expect(fetched).to.deep.equal(['sha256=1', undefined]);
  });
});
