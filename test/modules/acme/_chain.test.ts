import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { chainOf, described, fits, isStaged, isWhole, keyIn } from '../../../engine/modules/acme/_chain.ts';
import { derived, digestOf, keyOf } from '../../../engine/modules/acme/_key.ts';
import { pemOf, selfSigned } from '../../../engine/modules/acme/_self-signed.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';

const now = Date.now();
const year = 365 * 86_400_000;
const span = { from: now - 1000, until: now + 1000 };

describe('chains of certificates', () => {
  for (const type of ['p256', 'p384', 'rsa2048'] as const)
    it(`a self-signed one of a key of ${type} is one that others understand`, async () => {
      const key = await keyOf({ name: '/x', key_type: type }, []);
      if ('refused' in key) throw new Error(key.refused);
      const names = ['*.example.test', 'example.test'];
      const certificate = new X509Certificate(selfSigned(key.object, names, now));
      expect(certificate.verify(certificate.publicKey)).to.equal(true);
      expect(certificate.checkPrivateKey(key.object)).to.equal(true);
      expect(certificate.checkHost('www.example.test')).to.equal('*.example.test');
      expect(certificate.checkHost('example.test')).to.equal('example.test');
      expect(certificate.validToDate.getTime() - now).to.be.within(9 * year, 11 * year);
      const chain = chainOf(certificate.toString())!;
      expect([chain.isSelfSigned, fits(chain, names, key.object), isWhole(chain)]).to.deep.equal([
        true,
        true,
        false,
      ]);
      expect(described(chain)).to.equal('self-signed, for *.example.test, example.test');
    });

  it('of a text, whatever else stands in it, and in DER the same', () => {
    const key = newKey();
    const pem = createIssuer().issue({ names: ['B.example.test', 'a.example.test'], key, ...span });
    const chain = chainOf(`# a comment\n${pemOfKey(key)}${pem.replaceAll('\n', '\r\n')}`)!;
    expect(chain.names).to.deep.equal(['a.example.test', 'b.example.test']);
    expect(chain.pems).to.have.length(2);
    expect(pem).to.include(pemOf(chain.leaf.raw));
    expect([isWhole(chain), chain.isSelfSigned]).to.deep.equal([true, false]);
    expect(fits(chain, chain.names, key)).to.equal(true);
    expect(fits(chain, chain.names, newKey())).to.equal(false);
    expect(fits(chain, ['a.example.test'], key)).to.equal(false);
  });

  it('that does not hang together is not whole', () => {
    const wish = { names: ['a.test'], key: newKey(), ...span };
    const [leaf] = chainOf(createIssuer().issue(wish))!.pems;
    const [, stranger] = chainOf(createIssuer().issue(wish))!.pems;
    expect(isWhole(chainOf(`${leaf}\n${stranger}`)!)).to.equal(false);
    expect(isWhole(chainOf(leaf!)!)).to.equal(false);
  });

  it('is none in what is empty, cut off or garbage', () => {
    const pem = createIssuer().issue({ names: ['a.test'], key: newKey(), ...span });
    for (const text of [
      '',
      'x',
      pem.slice(0, 300),
      `${pem.slice(0, 90)}!!!${pem.slice(120)}`,
      '\0'.repeat(1000),
    ])
      expect(chainOf(text), text.slice(0, 40)).to.equal(undefined);
  });

  it('of a staging environment is told by its issuer', () => {
    const wish = { names: ['a.test'], key: newKey(), ...span };
    expect(isStaged(chainOf(createIssuer('(STAGING) Wannabe').issue(wish))!)).to.equal(true);
    expect(isStaged(chainOf(createIssuer('Not (STAGING)').issue(wish))!)).to.equal(false);
  });
});

describe('keys of certificates', () => {
  const random = { name: '/x', key_type: 'p256' } as const;

  it('are derived from a secret, always the same, another one for each file', async () => {
    const secret = 'a secret of enough characters';
    const [one, again, other] = [derived(secret, '/a'), derived(secret, '/a'), derived(secret, '/b')];
    expect(one.equals(again)).to.equal(true);
    expect(one.equals(other)).to.equal(false);
    expect(one.asymmetricKeyDetails).to.deep.equal({ namedCurve: 'prime256v1' });
    // So that no later version gives nodes that are updated one by one different keys.
    const found = await keyOf({ ...random, name: '/etc/site.pem', secret: 'sixteen or more characters' }, []);
    expect(digestOf(found as never)).to.equal('bd63eb6dbae58d2b');
  });

  it('are taken as they are given, in any form without a passphrase', async () => {
    const key = newKey();
    const forms = [
      pemOfKey(key),
      key.export({ type: 'sec1', format: 'pem' }).toString(),
      `x\n${pemOfKey(key)}\n# y`,
    ];
    for (const form of forms) {
      const found = await keyOf({ ...random, key: form }, []);
      expect(found).to.deep.include({ pem: pemOfKey(key), isNew: false });
    }
    const locked = key
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    for (const form of [locked, 'x', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'])
      expect(await keyOf({ ...random, key: form }, []))
        .to.have.property('refused')
        .that.does.not.include('AAAA');
  });

  it('are kept, and taken over from a file that somebody else has made', async () => {
    const key = newKey();
    expect(await keyOf(random, [pemOfKey(key)])).to.deep.include({ pem: pemOfKey(key), isNew: false });
    expect(await keyOf(random, ['', pemOfKey(key)])).to.deep.include({ pem: pemOfKey(key), isNew: true });
    const made = await keyOf({ ...random, key_type: 'p384' }, [pemOfKey(key)]);
    expect(createPrivateKey((made as { pem: string }).pem).asymmetricKeyDetails).to.deep.equal({
      namedCurve: 'secp384r1',
    });
    expect(keyIn('no key')).to.equal(undefined);
  });
});
