import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import * as esbuild from 'esbuild';
import { type Built, buildSite } from '../../api/web/build.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const source = join(import.meta.dirname, '../../api/web');

/** Bytes of everything that a first visit brings. */
const budget = 25_000;

describe('web: the site as built', () => {
  const home = temporaryFolder();
  const folder = join(home.path, 'site');
  let built: Built;

  before(async () => {
    built = await buildSite({ esbuild, source, out: folder });
  });

  after(() => home[Symbol.asyncDispose]());

  it('is small: script, style, icon and page', () => {
    const sum = Object.values(built).reduce((total, { gzip }) => total + gzip, 0);
    expect(sum).to.be.below(budget);
    expect(Object.keys(built)).to.have.length(4);
  });

  it('names files by their content, and the page names them', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]*)"/g)].map(([, name]) => name!);
    expect(named).to.have.members(Object.keys(built).filter((name) => name !== 'index.html'));
    for (const name of named) expect(name).to.match(/^assets\/[a-z]+\.[0-9A-Z]{8,}\.[a-z]+$/);
  });

  it('has no script and no style in the page, nor an address of elsewhere', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(page).to.not.match(/<style|style=|\son[a-z]+=|javascript:|https?:/);
    expect(page.match(/<script[^>]*>/g)).to.have.length(1);
    expect(page).to.match(/<script type="module" src="[^"]+"><\/script>/);
  });

  it('is compressed beforehand', () => {
    for (const name of Object.keys(built)) {
      expect(gunzipSync(readFileSync(join(folder, `${name}.gz`)))).to.deep.equal(
        readFileSync(join(folder, name)),
      );
    }
    expect(readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.br'))).to.have.length(3);
  });

  it('is the same when it is built again, with nothing left of the one before', async () => {
    const again = await buildSite({ esbuild, source, out: folder });
    expect(again).to.deep.equal(built);
    expect(readdirSync(join(folder, 'assets'))).to.have.length(9);
  });
});
