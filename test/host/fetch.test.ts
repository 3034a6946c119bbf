import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createFetcher } from '../../engine/host/fetch.ts';

describe('fetching', () => {
  let server: http.Server;
  let base: string;
  let hits = 0;
  before(async () => {
    server = http.createServer((request, response) => {
      hits++;
      const { url = '' } = request;
      if (url === '/file') response.end('content');
      else if (url === '/login') response.end(request.headers.authorization);
      else if (url === '/to-file') response.writeHead(302, { location: '/file' }).end();
      else if (url === '/circle') response.writeHead(301, { location: '/circle' }).end();
      else if (url === '/away') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      else if (url === '/slow') response.write('x');
      else if (url === '/cut') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('x', () => response.destroy());
      } else response.writeHead(404).end('no');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const sha256 = createHash('sha256').update('content').digest('hex');

  it('brings a file once per run, through redirects', async () => {
    const fetch = createFetcher(5000);
    hits = 0;
    const [one, two] = await Promise.all([fetch(`${base}/to-file`), fetch(`${base}/to-file`)]);
    expect(one).to.deep.equal({ url: `${base}/to-file`, content: Buffer.from('content') });
    expect(two).to.deep.equal(one);
    expect(hits).to.equal(2);
  });

  it('compares with hashes of every spelling', async () => {
    const fetch = createFetcher(5000);
    const md5 = createHash('md5').update('content').digest('hex');
    for (const hash of [sha256, `sha256=${sha256.toUpperCase()}`, `sha256:${sha256}`, md5, `md5=${md5}`]) {
      expect(await fetch(`${base}/file`, hash), hash).to.have.property('content');
    }
    const wrong = await fetch(`${base}/file`, `sha256=${'0'.repeat(64)}`);
    expect(wrong).to.have.property('missing').that.includes(`has the sha256 hash ${sha256}, not 000`);
    for (const hash of ['crc=12', 'abc', 'sha256=xyz', 'sha256=']) {
      expect(await fetch(`${base}/file`, hash))
        .to.have.property('missing')
        .that.includes('of no known kind');
    }
  });

  it('sends the login of the address', async () => {
    const source = await createFetcher(5000)(`${base.replace('//', '//me:p%40ss@')}/login`);
    expect(source)
      .to.have.property('content')
      .that.deep.equals(Buffer.from(`Basic ${Buffer.from('me:p@ss').toString('base64')}`));
  });

  it('ends with the run', async () => {
    const run = new AbortController();
    const fetched = createFetcher(60_000, run.signal)(`${base}/slow`);
    run.abort();
    expect(await fetched).to.deep.equal({ missing: `${base}/slow did not arrive before the run was ended` });
  });

  it('says why it could not', async () => {
    const fetch = createFetcher(300);
    const why = async (url: string) => ((await fetch(url)) as { missing: string }).missing;
    expect(await why(`${base}/none`)).to.equal(`${base}/none was answered with 404 Not Found`);
    expect(await why(`${base}/circle`)).to.match(/without end/);
    expect(await why(`${base}/away`)).to.match(/not as safe/);
    expect(await why(`${base}/slow`)).to.match(/did not arrive within 0.3 seconds/);
    expect(await why(`${base}/cut`)).to.match(/cannot be fetched/);
    expect(await why('http://127.0.0.1:1/')).to.match(/cannot be fetched/);
    expect(await why('http://[bad')).to.match(/cannot be fetched/);
  });
});
