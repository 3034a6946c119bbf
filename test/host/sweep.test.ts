import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { expect } from 'chai';
import { createLocalHost } from '../../engine/host/local.ts';
import { openSpot } from '../../engine/host/spot.ts';
import { type Moments, sweep, temporaryName } from '../../engine/host/sweep.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const left = '.converge-0123456789abcdef';
const other = '.converge-fedcba9876543210';
const hour = 3600 * 1000;

const old: Moments = { now: Date.now() + 3 * hour, started: 0 };
const rebooted: Moments = { now: Date.now(), started: Date.now() + hour };
const young: Moments = { now: Date.now() + hour, started: Date.now() - hour };

async function after(tree: Tree, moments: Moments, folderMode = 0o755): Promise<string[]> {
  await using folder = temporaryFolder();
  buildTree(folder.path, tree);
  fs.chmodSync(folder.path, folderMode);
  using spot = openSpot(`${folder.path}/file`, undefined, process.getuid!());
  sweep(spot, moments);
  return fs.readdirSync(folder.path).sort();
}

describe('sweeping', () => {
  it('clears away what is too old to be in use, or from before the machine was started', async () => {
    const tree: Tree = { [left]: 'half', [other]: { link: '/etc/passwd' }, file: 'x' };
    expect(await after(tree, old)).to.deep.equal(['file']);
    expect(await after(tree, rebooted)).to.deep.equal(['file']);
    expect(await after(tree, young)).to.deep.equal([left, other, 'file']);
  });

  it('clears away at once what a process made that is gone, and knows it from one of the same number', async () => {
    const made = temporaryName();
    const [, place, pid, start] = made.slice(1).split('-') as [string, string, string, string];
    const gone = spawnSync('true').pid;
    const [own, dead, reused, elsewhere] = [
      made,
      `.converge-${place}-${gone}-${start}-00000000`,
      `.converge-${place}-${pid}-1-00000000`,
      `.converge-00000000-${gone}-${start}-00000000`,
    ];
    const tree = Object.fromEntries([own, dead, reused, elsewhere].map((name) => [name, 'x']));
    expect(await after(tree, young)).to.deep.equal([own, elsewhere].sort());
    expect(await after(tree, old)).to.deep.equal([]);
  });

  it('clears away folders of validators', async () => {
    expect(await after({ [`${left}/nginx.conf`]: 'half' }, old)).to.deep.equal([]);
  });

  it('leaves other names alone', async () => {
    const names = [
      '.converge-',
      '.converge-0123',
      `${left}0`,
      `x${left}`,
      '.converge-0123456789ABCDEF',
    ].sort();
    const tree = Object.fromEntries(names.map((name) => [name, 'x']));
    expect(await after(tree, old)).to.deep.equal(names);
  });

  it('leaves alone what belongs to somebody else (needs root)', async function () {
    if (process.getuid!() !== 0) return this.skip();
    expect(await after({ [left]: { content: 'x', user: 12345 } }, old)).to.deep.equal([left]);
    const dead = temporaryName().replace(/-\d+-/, `-${spawnSync('true').pid}-`);
    const given = { content: 'finished, but not in its place', user: 12345 };
    expect(await after({ [dead]: given, [temporaryName()]: given }, young)).to.have.lengthOf(1);
    const elsewhere = `.converge-00000000-${process.pid}-1-00000000`;
    expect(await after({ [elsewhere]: given }, young)).to.deep.equal([elsewhere]);
    expect(await after({ [elsewhere]: given }, rebooted), 'from before the power cut').to.deep.equal([]);
    expect(await after({ [dead]: { directory: true, user: 12345 } }, young)).to.deep.equal([dead]);
  });

  it('empties no folder where others could have moved one of ours', async () => {
    const tree: Tree = { [`${left}/data`]: 'x', [other]: 'x' };
    expect(await after(tree, old, 0o777)).to.deep.equal([left]);
  });

  it('never follows a link', async () => {
    await using elsewhere = temporaryFolder();
    buildTree(elsewhere.path, { data: 'x' });
    expect(await after({ [left]: { link: elsewhere.path } }, old)).to.deep.equal([]);
    expect(fs.readdirSync(elsewhere.path)).to.deep.equal(['data']);
  });

  it('happens where something is written, once, and keeps what is in use', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { [left]: 'of another run', 'sub/keep': 'x' });
    const host = createLocalHost();
    const path = `${folder.path}/file`;
    const content = Buffer.from('new');
    expect((await host.perform({ kind: 'write', path, content })).became).to.equal('done');
    expect(fs.readdirSync(folder.path).sort()).to.deep.equal([left, 'file', 'sub']);
  });
});
