/** An authority that is away for an hour, by a clock of the test. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { keptFor } from '../../../engine/modules/acme/_arguments.ts';
import { type CertificateRun, runCertificate } from '../../helpers/acme-run.ts';
import { type AcmeServer, startAcmeServer } from '../../helpers/acme-server.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';
import { type TemporaryFolder, temporaryFolder } from '../../helpers/folders.ts';

const minute = 60_000;
const day = 1440 * minute;
const key = newKey();
const domains = ['www.example.test'];

describe('acme.certificate, while the authority is away for an hour', () => {
  const realNow = Date.now;
  let now = realNow();
  let folder: TemporaryFolder;
  let authority: AcmeServer;
  let way: Server;
  let isAway = true;

  before(async () => {
    folder = temporaryFolder();
    authority = await startAcmeServer();
    const port = Number(new URL(authority.directory).port);
    way = createServer((socket) => {
      socket.on('error', () => {});
      if (isAway) return socket.destroy();
      const there = connect(port, '127.0.0.1');
      there.on('error', () => socket.destroy());
      return socket.pipe(there).pipe(socket);
    });
    await new Promise<void>((done) => way.listen(0, '127.0.0.1', done));
    Date.now = () => now;
  });
  after(async () => {
    Date.now = realNow;
    way?.close();
    await authority?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function run(): Promise<CertificateRun> {
    const { path } = folder;
    const { port } = way.address() as { port: number };
    return await runCertificate({
      directory: `http://127.0.0.1:${port}/directory`,
      name: `${path}/site.pem`,
      domains,
      key: pemOfKey(key),
      folder: `${path}/acme`,
      webroot: path,
    });
  }

  it('keeps the certificate, is tried a few times and not by every run, and heals without a hand', async () => {
    const from = now - 61 * day;
    const old = pemOfKey(key) + createIssuer().issue({ names: domains, key, from, until: from + 90 * day });
    const file = `${folder.path}/site.pem`;
    writeFileSync(file, old, { mode: 0o640 });
    const attempts: number[] = [];
    for (let passed = 0; passed <= 60; passed++, now += minute) {
      const { ordered, warnings } = await run();
      if (ordered) attempts.push(passed);
      expect(warnings.join()).to.match(
        /and the one at hand stays: .*cannot be reached.* It is tried again after/,
      );
      expect(readFileSync(file, 'utf8')).to.equal(old);
    }
    // After 15 minutes, give or take a quarter, and then 30.
    expect(attempts, attempts.join()).to.have.length.within(3, 4);
    expect(attempts[1]).to.be.within(11, 20);
    isAway = false;
    const note = keptFor(file, `${folder.path}/acme`).note;
    const { next } = JSON.parse(readFileSync(note, 'utf8'));
    now = next - 1;
    expect((await run()).ordered, 'just before its time').to.equal(false);
    now = next;
    expect((await run()).warnings).to.deep.equal([]);
    expect(authority.issued).to.have.length(1);
    expect(readFileSync(file, 'utf8')).to.equal(pemOfKey(key) + authority.issued[0]);
    now += minute;
    expect((await run()).ordered).to.equal(false);
    expect(JSON.parse(readFileSync(note, 'utf8'))).to.not.have.property('failures');
  });
});
