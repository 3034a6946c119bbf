/** Three nodes that share names, over several lifetimes of certificates, by a clock of the test. */
import { mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { chainOf } from '../../../engine/modules/acme/_chain.ts';
import { selfSigned } from '../../../engine/modules/acme/_self-signed.ts';
import { runCertificate } from '../../helpers/acme-run.ts';
import { type AcmeServer, startAcmeServer } from '../../helpers/acme-server.ts';
import { newKey, pemOfKey } from '../../helpers/certificates.ts';
import { type TemporaryFolder, temporaryFolder } from '../../helpers/folders.ts';
import { startTlsServer, type TlsServer } from '../../helpers/tls-server.ts';

const day = 86_400_000;
const key = newKey();
const pem = pemOfKey(key);
const domains = ['www.example.test'];
const realNow = Date.now;

interface Member {
  readonly folder: string;
  readonly server: TlsServer;
}

describe('acme.certificate, of three nodes over the years', function () {
  this.timeout(60_000);
  let now = realNow();
  let folder: TemporaryFolder;
  let authority: AcmeServer;
  let members: readonly Member[];

  beforeEach(async () => {
    now = realNow();
    folder = temporaryFolder();
    authority = await startAcmeServer();
    const cert = selfSigned(key, domains, now);
    members = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => {
        mkdirSync(`${folder.path}/${name}`);
        return { folder: `${folder.path}/${name}`, server: await startTlsServer({ cert, key: pem }) };
      }),
    );
    Date.now = () => now;
  });
  afterEach(async () => {
    Date.now = realNow;
    for (const { server } of members) await server[Symbol.asyncDispose]();
    await authority[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const held = (member: Member) => chainOf(readFileSync(`${member.folder}/site.pem`, 'utf8'))!;

  /** A run, after which the server shows what is in the file. */
  async function run(member: Member, isThere: (one: Member) => boolean): Promise<boolean> {
    const others = members.filter((one) => one !== member);
    const { ordered } = await runCertificate({
      directory: authority.directory,
      name: `${member.folder}/site.pem`,
      domains,
      key: pem,
      folder: `${member.folder}/acme`,
      webroot: member.folder,
      turn: members.indexOf(member),
      peers: others.map((one) => (isThere(one) ? one.server.address : '127.0.0.1:9')),
    });
    member.server.show({ cert: held(member).pems.join('\n'), key: pem });
    return ordered;
  }

  /** Twenty runs of each node in a lifetime, one after the other. Who ordered when, in lifetimes. */
  async function live(lifetime: number, isDead: (index: number, passed: number) => boolean) {
    authority.lifetime = lifetime;
    const start = now;
    const orders: { index: number; at: number }[] = [];
    for (let passed = 0; passed < 2.2; passed = (now - start) / lifetime) {
      for (const [index, member] of members.entries()) {
        if (isDead(index, passed)) continue;
        if (await run(member, (one) => !isDead(members.indexOf(one), passed)))
          orders.push({ index, at: passed });
        expect(held(member).isSelfSigned, `node ${index} at ${passed}`).to.equal(false);
        expect(held(member).until, `node ${index} at ${passed}`).to.be.greaterThan(now + lifetime / 10);
        now += lifetime / 60;
      }
    }
    expect(new Set(members.map((one) => held(one).fingerprint)).size, 'certificates in the end').to.equal(1);
    expect(authority.issued).to.have.length(orders.length);
    return orders;
  }

  for (const days of [90, 45, 6])
    it(`of ${days} days each: one order for each renewal, always by the first node`, async () => {
      const orders = await live(days * day, () => false);
      expect(orders.map(({ index }) => index)).to.deep.equal([0, 0, 0, 0]);
      for (const [index, { at }] of orders.entries())
        expect(at, `order ${index}`).to.be.within(index * 0.66, index * 0.75);
    });

  it('the first one is dead when it is due: the second orders in its place, and that is all', async () => {
    const orders = await live(90 * day, (index, passed) => index === 0 && passed > 0.5 && passed < 0.9);
    expect(orders.map(({ index }) => index)).to.deep.equal([0, 1, 0, 0]);
    expect(orders[1]!.at).to.be.within(0.7, 0.8);
  });
});
