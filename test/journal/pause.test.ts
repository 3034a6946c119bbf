/** A pause, as it is kept. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  endPause,
  isFirstToTell,
  lastPause,
  pausedUntil,
  readPause,
  writePause,
} from '../../engine/journal/pause.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

describe('a pause', () => {
  it('lasts until it is over, or until it is ended', async () => {
    await using folder = temporaryFolder();
    const { path } = folder;
    expect(pausedUntil(path, 5)).to.equal(undefined);
    endPause(path, 5);
    expect(readdirSync(path)).to.deep.equal([]);
    writePause(path, { since: 5, until: 10, reason: 'a disk', by: 'anna' });
    expect(pausedUntil(path, 9.9)).to.deep.include({ until: 10, reason: 'a disk' });
    expect(readPause(path, 10)).to.equal(undefined);
    writePause(path, { since: 20 });
    expect(pausedUntil(path, 1e14)).to.deep.equal({ since: 20 });
    endPause(path, 30);
    expect(readPause(path, 30)).to.equal(undefined);
    // The schedule is not late by what it slept.
    expect(lastPause(path)).to.deep.equal({ since: 20, until: 30 });
    expect(statSync(join(path, 'pause.json')).mode & 0o777).to.equal(0o600);
  });

  it('is told of once by runs, and the next one once more', async () => {
    await using folder = temporaryFolder();
    const { path } = folder;
    for (const since of [5, 6]) {
      writePause(path, { since });
      expect([isFirstToTell(path), isFirstToTell(path)]).to.deep.equal([true, false]);
    }
  });

  it('does not come of a damaged file', async () => {
    await using folder = temporaryFolder();
    for (const text of [
      '',
      'null',
      '[]',
      '{',
      '{"until":99}',
      '{"since":1,"until":"9"}',
      '{"since":1e99}',
      '{"since":1,"reason":{}}',
    ]) {
      buildTree(folder.path, { 'pause.json': text });
      expect(readPause(folder.path, 2), text).to.equal(undefined);
    }
  });
});
