import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { AcmeChallenge } from '../../engine/core/acme.ts';
import type { FileEffect } from '../../engine/core/host.ts';
import type { Means } from '../../engine/host/acme-order.ts';
import { proofsOf } from '../../engine/host/acme-proofs.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { temporaryFolder, treeOf } from '../helpers/folders.ts';
import { type Asked, type Nameserver, replyTo, startNameserver } from '../helpers/nameserver.ts';

const zone = 'example.test';
const name = 'www.example.test';
const owner = `_acme-challenge.${name}`;
const proofs = [
  { name, token: 'one', answer: 'first-answer' },
  { name, token: 'two', answer: 'second-answer' },
];

function meansOf(more: Partial<Means> = {}): Means {
  const host = createLocalHost();
  return {
    files: host,
    dns: { first: 0.5, zoneIds: new Map(), silent: new Set() },
    keep: (effect: FileEffect) => host.perform(effect),
    ...more,
  };
}

/** Texts by their owner. */
type Zone = Map<string, Set<string>>;

/** Takes every change, and answers from the zone it is told. */
function keeping(zoneNow: () => Zone, aliases: Record<string, string> = {}) {
  return (asked: Asked): readonly Buffer[] => {
    const { message, bytes } = asked;
    if ((bytes.readUInt16BE(2) >> 11) % 16 === 5) {
      for (const { name: of, class: kind, data = '' } of message.authority) {
        const texts = zoneNow().get(of) ?? new Set();
        if (kind === 1) texts.add(data);
        else texts.delete(data);
        zoneNow().set(of, texts);
      }
      return [replyTo(asked)];
    }
    const { name: of, type } = message.question!;
    const record = { name: of, class: 'IN', ttl: 60 } as const;
    if (type === 'SOA') {
      const data = 'ns.example.test. h.example.test. 1 1 1 1 1';
      // What is in no zone of its own is in this one.
      return [replyTo(asked, { authority: [{ ...record, name: zone, type: 'SOA', data }] as never })];
    }
    const alias = aliases[of];
    if (alias !== undefined) return [replyTo(asked, { answer: [{ ...record, type: 'CNAME', data: alias }] })];
    const texts = type === 'TXT' ? [...(zoneNow().get(of) ?? [])] : [];
    return [replyTo(asked, { answer: texts.map((data) => ({ ...record, type: 'TXT', data })) })];
  };
}

function challengeOf(primary: Nameserver, others: readonly Nameserver[], patience = 5): AcmeChallenge {
  return {
    type: 'dns-01',
    service: { provider: 'rfc2136', server: primary.address },
    zone,
    nameservers: [primary, ...others].map(({ address }) => address),
    patience,
  };
}

const texts = (records: Zone) => [...(records.get(owner) ?? [])].sort();

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

describe('proofs by records', () => {
  it('waits for all nameservers, and takes away only what it has added', async () => {
    const records: Zone = new Map([[owner, new Set(['"of another node"'])]]);
    let looks = 0;
    await using primary = await startNameserver(keeping(() => records));
    await using second = await startNameserver((asked) => {
      looks += 1;
      return keeping(() => (looks > 4 ? records : new Map()))(asked);
    });
    const shown = proofsOf(challengeOf(primary, [second]), proofs, meansOf());
    await shown.show();
    expect(looks).to.be.greaterThan(4);
    expect(texts(records)).to.deep.equal(['"first-answer"', '"of another node"', '"second-answer"']);
    await shown.hide();
    expect(texts(records)).to.deep.equal(['"of another node"']);
  });

  it('says which nameserver does not follow', async () => {
    const records: Zone = new Map();
    await using primary = await startNameserver(keeping(() => records));
    await using stale = await startNameserver(keeping(() => new Map()));
    const shown = proofsOf(challengeOf(primary, [stale], 0.2), proofs, meansOf());
    expect(await failure(shown.show())).to.match(
      new RegExp(
        `^The nameserver ${stale.address} does not answer with the record of ${owner} after \\d+ seconds\\.$`,
      ),
    );
    await shown.hide();
    expect(texts(records)).to.deep.equal([]);
  });

  it('waits no longer when the run is stopped', async () => {
    await using primary = await startNameserver(keeping(() => new Map()));
    const shown = proofsOf(challengeOf(primary, [], 600), proofs, meansOf({ stoppedBy: () => 'SIGTERM' }));
    expect(await failure(shown.show())).to.match(/does not answer with the record/);
  });

  it('follows an alias to where the record may be put', async () => {
    const records: Zone = new Map();
    const aliases = { [owner]: 'proof.example.test' };
    await using primary = await startNameserver(keeping(() => records, aliases));
    const shown = proofsOf(challengeOf(primary, []), proofs, meansOf());
    await shown.show();
    expect([...records.get('proof.example.test')!].sort()).to.deep.equal([
      '"first-answer"',
      '"second-answer"',
    ]);
    await shown.hide();
    expect([...records.values()].map(({ size }) => size)).to.deep.equal([0]);
  });

  it('does not follow aliases for ever', async () => {
    const aliases = { [owner]: 'a.example.test', 'a.example.test': owner };
    await using primary = await startNameserver(keeping(() => new Map(), aliases));
    const shown = proofsOf(challengeOf(primary, []), proofs, meansOf());
    expect(await failure(shown.show())).to.match(/is an alias of an alias, without end/);
  });
});

describe('proofs by files', () => {
  it('writes one for each token, for all to read, and removes them', async () => {
    await using folder = temporaryFolder();
    const shown = proofsOf({ type: 'http-01', webroot: folder.path }, proofs, meansOf());
    await shown.show();
    expect(readFileSync(`${folder.path}/.well-known/acme-challenge/two`, 'utf8')).to.equal('second-answer');
    await shown.hide();
    expect(Object.keys(treeOf(folder.path)).filter((path) => path.endsWith('/one'))).to.deep.equal([]);
  });

  it('takes no token that leads elsewhere', async () => {
    await using folder = temporaryFolder();
    for (const token of ['../../x', 'a/b', '', 'a\0b', '.']) {
      const shown = proofsOf(
        { type: 'http-01', webroot: folder.path },
        [{ name, token, answer: 'x' }],
        meansOf(),
      );
      expect(await failure(shown.show()), token).to.equal('The authority sent a token that is none.');
      await shown.hide();
    }
    const left = Object.keys(treeOf(folder.path)).map((path) => path.replace(/.*\//, ''));
    expect(left.sort()).to.deep.equal(['', '.well-known', 'acme-challenge']);
  });
});
