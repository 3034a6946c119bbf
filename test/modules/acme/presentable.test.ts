import { expect } from 'chai';
import { isRefusal } from '../../../engine/core/state.ts';
import { selfSigned } from '../../../engine/modules/acme/_self-signed.ts';
import presentable from '../../../engine/modules/acme/presentable.ts';
import { planOf } from '../../helpers/apply.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { startTlsServer, type TlsServer } from '../../helpers/tls-server.ts';

const file = '/etc/site.pem';
const hour = 3_600_000;
const name = 'www.example.test';
const key = newKey();
const pem = pemOfKey(key);
const issuer = createIssuer();

function issue({
  names = [name],
  from = -hour,
  until = hour,
}: {
  names?: string[];
  from?: number;
  until?: number;
}) {
  return issuer.issue({ names, key, from: Date.now() + from, until: Date.now() + until });
}

const [good, other] = [issue({}), issue({})];
const flawed = {
  'was valid until': issue({ from: -2 * hour, until: -hour }),
  'is not valid before': issue({ from: hour, until: 2 * hour }),
  'is self-signed': selfSigned(key, [name], Date.now() - hour),
  'is not for www.example.test': issue({ names: ['elsewhere.test'] }),
};

stateTester('acme.presentable', presentable, [
  {
    title: 'is content with a certificate that is fit',
    args: { name: file, domains: name },
    host: { answers: {}, files: { [file]: pem + good } },
    expects: { changes: [] },
  },
  {
    title: 'is content with an expired one where nobody listens',
    args: { name: file, domains: name, listeners: '127.0.0.1:9' },
    host: { answers: {}, files: { [file]: pem + flawed['was valid until'] } },
    expects: { changes: [] },
  },
  {
    title: 'refuses what is no certificate',
    args: { name: file, domains: name },
    host: { answers: {}, files: { [file]: `${pem}half of it` } },
    expects: { refused: /^There is no certificate in \/etc\/site\.pem\.$/ },
  },
  {
    title: 'refuses half a certificate',
    args: { name: file, domains: name },
    host: { answers: {}, files: { [file]: pem + good.slice(0, 300) } },
    expects: { refused: /^There is no certificate in/ },
  },
  {
    title: 'refuses a certificate without a key',
    args: { name: file, domains: name },
    host: { answers: {}, files: { [file]: good } },
    expects: { refused: /^There is no private key in/ },
  },
  {
    title: 'refuses the key of another one',
    args: { name: file, domains: name },
    host: { answers: {}, files: { [file]: pemOfKey(newKey()) + good } },
    expects: { refused: /^The private key in \/etc\/site\.pem is not that of the certificate\.$/ },
  },
  {
    title: 'says so where there is no file',
    args: { name: file, domains: name },
    host: { answers: {} },
    expects: { refused: /^There is no certificate in/ },
  },
  {
    title: 'refuses names with quotes',
    args: { name: file, domains: 'it\'s.example".org' },
    host: { answers: {}, files: { [file]: pem + good } },
    expects: { refused: /is no name that a certificate can be for/ },
  },
  {
    title: 'refuses port 0',
    args: { name: file, domains: name, listeners: '127.0.0.1:0' },
    host: { answers: {}, files: { [file]: pem + good } },
    expects: { refused: /is no address of a server/ },
  },
]);

describe('acme.presentable, where a certificate is served', () => {
  let server: TlsServer;
  before(async () => {
    server = await startTlsServer({ cert: good, key: pem });
  });
  after(() => server[Symbol.asyncDispose]());

  async function refusal(text: string, domains: string | string[] = name) {
    await using stage = await hostOf({ host: { answers: {}, files: { [file]: pem + text } } });
    const { plan } = await planOf(
      presentable,
      { name: file, domains, listeners: server.address },
      stage.host,
    );
    return isRefusal(plan) ? plan : undefined;
  }

  it('refuses what is worse, and says in which way', async () => {
    server.show({ cert: good, key: pem });
    for (const [flaw, text] of Object.entries(flawed)) {
      const { refused, hint } = (await refusal(text)) ?? {};
      expect(refused).to.match(new RegExp(`^The certificate in /etc/site\\.pem ${flaw}`));
      expect(hint).to.match(/serial [0-9a-f]+ is served until/);
    }
    expect(server.asked.at(-1)).to.equal(name);
  });

  it('asks nobody where the certificate is fit', async () => {
    const asked = server.asked.length;
    expect(await refusal(other)).to.equal(undefined);
    expect(server.asked).to.have.length(asked);
  });

  it('lets anything take the place of what is no better', async () => {
    for (const shown of Object.values(flawed)) {
      server.show({ cert: shown, key: pem });
      for (const text of Object.values(flawed)) expect(await refusal(text)).to.equal(undefined);
    }
  });

  it('knows wildcards', async () => {
    server.show({ cert: good, key: pem });
    const wildcard = issue({ names: ['*.example.test'] });
    expect(await refusal(wildcard)).to.equal(undefined);
    expect(await refusal(wildcard, '*.example.test')).to.equal(undefined);
  });
});
