import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { keptFor } from '../../../engine/modules/acme/_arguments.ts';
import placeholder from '../../../engine/modules/acme/placeholder.ts';
import { applyTo } from '../../helpers/apply.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const file = '/etc/site.pem';
const key = newKey();
const pem = pemOfKey(key);
const args = { name: file, domains: 'www.example.test', key: pem };
const files = { '/etc/group': '', '/var/lib': { directory: true } } as const;
const kept = keptFor(file, '/var/lib/converge/acme');
const span = { from: Date.now() - 2000, until: Date.now() + 86_400_000 };
const good = createIssuer().issue({ names: ['www.example.test'], key, ...span });
const over = createIssuer().issue({
  names: ['old.test'],
  key,
  from: Date.now() - 2000,
  until: Date.now() - 1000,
});

stateTester('acme.placeholder', placeholder, [
  {
    title: 'makes something to start with',
    args,
    host: { files },
    expects: { changes: [file], files: { [file]: { mode: 0o640 } } },
  },
  {
    title: 'takes the copy of a good certificate, where there is one',
    args,
    host: { files: { ...files, [file]: 'damaged', [kept.chain]: good } },
    expects: { changes: [file], files: { [file]: pem + good } },
  },
  {
    title: 'leaves alone whatever a server can start with',
    args,
    host: { files: { ...files, [file]: { content: pem + over, mode: 0o640 } } },
    expects: { changes: [] },
  },
  {
    title: 'leaves alone what somebody else put there for a key of their own, and how it may be read',
    args: { ...args, key: undefined, mode: '0600' },
    host: { files: { ...files, [file]: { content: pem + good, mode: 0o644 } } },
    expects: { changes: [], files: { [file]: { content: pem + good, mode: 0o644 } } },
  },
  {
    title: 'replaces a certificate whose key is another',
    args,
    host: { files: { ...files, [file]: { content: pemOfKey(newKey()) + good, mode: 0o640 } } },
    expects: { changes: [file], files: { [file]: { mode: 0o640 } } },
  },
]);

describe('acme.placeholder, without a key', () => {
  it('makes one, which stays', async () => {
    await using stage = await hostOf({ host: { files } });
    const own = { name: file, domains: ['www.example.test', '*.example.test'] };
    const done = await applyTo(stage.host, placeholder, own);
    expect([done.failed, done.again]).to.deep.equal([undefined, []]);
    const text = stage.host.content(file)!.toString();
    const certificate = new X509Certificate(text);
    expect(certificate.subjectAltName).to.equal('DNS:*.example.test, DNS:www.example.test');
    expect(text.startsWith(stage.host.content(kept.key)!.toString())).to.equal(true);
    expect(stage.host.stat(kept.key)!.mode).to.equal(0o600);
  });
});
