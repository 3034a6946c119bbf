import { expect } from 'chai';
import type { AwaitEffect, Effect, UnitEffect } from '../../../engine/core/host.ts';
import { isRefusal, stepsOf } from '../../../engine/core/state.ts';
import { keptFor } from '../../../engine/modules/acme/_arguments.ts';
import served from '../../../engine/modules/acme/served.ts';
import { planOf } from '../../helpers/apply.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { startTlsServer, type TlsServer } from '../../helpers/tls-server.ts';

const file = '/etc/site.pem';
const kept = keptFor(file, '/var/lib/converge/acme');
const key = newKey();
const pem = pemOfKey(key);
const issuer = createIssuer();
const issue = () =>
  issuer.issue({ names: ['www.example.test'], key, from: Date.now() - 1000, until: Date.now() + 86_400_000 });
const [old, present] = [issue(), issue()];
const nameless = issuer.issue({ names: [], key, from: Date.now() - 1000, until: Date.now() + 86_400_000 });

stateTester('acme.served', served, [
  {
    title: 'has nothing to look at below a root',
    args: { name: file, listeners: '127.0.0.1:443' },
    expects: { changes: [], comment: 'Nothing is served below a root.' },
  },
  {
    title: 'says so where there is no certificate',
    args: { name: file, listeners: '127.0.0.1:443' },
    host: { answers: {} },
    expects: { refused: /^There is no certificate in \/etc\/site\.pem\.$/ },
  },
  {
    title: 'cannot ask for a certificate without names, unless it is told one',
    args: { name: file, listeners: '127.0.0.1:9' },
    host: { answers: {}, files: { [file]: pem + nameless } },
    expects: { refused: /^The certificate in \/etc\/site\.pem is for no domain names\.$/ },
  },
  {
    title: 'says so where nobody answers',
    args: { name: file, listeners: ['127.0.0.1:9', '[::1]:9'] },
    host: { answers: {}, files: { [file]: pem + present } },
    expects: { refused: /^No certificate is seen on 127\.0\.0\.1:9 \(connection refused\), \[::1\]:9 \(/ },
  },
  {
    title: 'refuses port 0',
    args: { name: file, listeners: '127.0.0.1:0' },
    host: { answers: {} },
    expects: { refused: /is no address of a server/ },
  },
]);

describe('acme.served', () => {
  let server: TlsServer;
  before(async () => {
    server = await startTlsServer({ cert: present, key: pem });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  async function effects(
    more: Record<string, unknown> = {},
    files: Record<string, string> = {},
  ): Promise<Effect[]> {
    await using stage = await hostOf({ host: { answers: {}, files: { [file]: pem + present, ...files } } });
    const { plan } = await planOf(served, { name: file, listeners: server.address, ...more }, stage.host);
    if (isRefusal(plan)) throw new Error(plan.refused);
    return stepsOf(plan).map(({ effect }) => effect);
  }

  it('is content where the certificate is served, whatever else the server shows', async () => {
    server.show({ cert: present, key: pem });
    expect(await effects({ unit: 'haproxy' })).to.deep.equal([]);
    expect(server.asked.at(-1)).to.equal('www.example.test');
    await effects({ server_name: 'other.example.test' });
    expect(server.asked.at(-1)).to.equal('other.example.test');
  });

  it('reloads the unit and waits, and knows what to put back', async () => {
    server.show({ cert: old, key: pem });
    const note = JSON.stringify({ target: 'wanted', failures: 2 });
    const files = { [kept.previous]: pem + old, [kept.note]: note };
    const [reload, look] = (await effects({ unit: 'haproxy' }, files)) as [UnitEffect, AwaitEffect];
    expect(reload).to.deep.include({ kind: 'unit', unit: 'haproxy', verb: 'reload' });
    expect(look.target).to.deep.include({ kind: 'certificate', host: '127.0.0.1', name: 'www.example.test' });
    expect(look.otherwise).to.deep.equal(reload.otherwise);
    const [file_, kept_, again] = look.otherwise!;
    expect(file_).to.deep.include({ kind: 'write', path: file, content: Buffer.from(pem + old) });
    const left = JSON.parse((kept_ as { content: Buffer }).content.toString());
    expect(left).to.include({ target: 'wanted' });
    expect(left.next - Date.now()).to.be.within(21_000_000, 21_600_000);
    expect(again).to.deep.equal({ kind: 'unit', unit: 'haproxy', verb: 'reload' });
  });

  it('in a dry run foretells the reload after an order, and nothing where there is no unit', async () => {
    server.show({ cert: present, key: pem });
    const files = { [kept.note]: JSON.stringify({ target: 'wanted', foretold: true }) };
    const [reload, ...rest] = await effects({ unit: 'haproxy' }, files);
    expect(reload).to.deep.equal({ kind: 'unit', unit: 'haproxy', verb: 'reload' });
    expect(rest).to.deep.equal([]);
    expect(await effects({}, files)).to.deep.equal([]);
  });

  it('puts nothing back that is of no use, or where it should not', async () => {
    server.show({ cert: old, key: pem });
    const stranger = issuer.issue({
      names: ['x.test'],
      key: newKey(),
      from: Date.now() - 1000,
      until: Date.now() + 1e8,
    });
    for (const previous of ['', 'garbage', pem + present, pem + stranger, old]) {
      const [reload] = (await effects({ unit: 'haproxy' }, { [kept.previous]: previous })) as [UnitEffect];
      expect(reload.otherwise ?? [], previous.slice(0, 20)).to.deep.equal([]);
    }
    const [kept_] = (await effects({ unit: 'haproxy', restore: false }, { [kept.previous]: pem + old })) as [
      UnitEffect,
    ];
    expect(kept_.otherwise).to.equal(undefined);
    const [look] = await effects({}, { [kept.previous]: pem + old });
    expect(look!.kind, 'without a unit').to.equal('await');
  });

  it('looks until it is served, and says what is instead where it never is', async () => {
    server.show({ cert: old, key: pem });
    const [look] = (await effects({ timeout: 20 })) as [AwaitEffect];
    await using stage = await hostOf({});
    const vain = await stage.host.perform({
      ...look,
      timeout: 0,
      otherwise: [{ kind: 'write', path: '/back', content: Buffer.from('old') }],
    });
    expect(vain.became === 'failed' && vain.reason).to.match(
      /the last answer: another certificate, with the serial [0-9a-f]+/,
    );
    expect(stage.host.content('/back')?.toString()).to.equal('old');
    const waiting = stage.host.perform(look);
    server.show({ cert: present, key: pem });
    expect((await waiting).became).to.equal('done');
  });
});
