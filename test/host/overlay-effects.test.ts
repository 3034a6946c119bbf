import { expect } from 'chai';
import type { Effect, Performed } from '../../engine/core/host.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { buildTree, type Tree, temporaryFolder, treeOf } from '../helpers/folders.ts';
import { viewOf } from '../helpers/state-tester.ts';

/** Numbers below `limit`, the same for the same seed (mulberry32). */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const tree: Tree = {
  '/a/a/b': 'one',
  '/a/b': { content: 'two', mode: 0o600 },
  '/a/c': { link: '../b' },
  '/b/a': { link: '/a' },
  '/b/b': { directory: true, mode: 0o2775 },
  '/c': { link: 'b/a' },
  '/d': { link: 'd' },
};

function randomEffect(roll: (limit: number) => number): Effect {
  const path = () => Array.from({ length: 1 + roll(3) }, () => `/${'abcd'[roll(4)]}`).join('');
  // Nobody but root may look into a folder without the right to search it, and the overlay knows no rights.
  const least = process.getuid!() === 0 ? 0o600 : 0o700;
  const mode = roll(3) === 0 ? undefined : [least, 0o6755, 0o755, 0o2775, 0o1777][roll(5)];
  // Only root can give files away; then links of others are on the way now and then.
  const owner = process.getuid!() === 0 && roll(4) === 0 ? { user: 1000, group: 100 * roll(2) } : {};
  switch (roll(9)) {
    case 0:
    case 1:
      return {
        ...owner,
        kind: 'write',
        path: path(),
        content: Buffer.from(`${roll(100)}`),
        mode,
        follow: roll(2) === 0,
      };
    case 2:
      return { ...owner, kind: 'directory', path: path(), mode };
    case 3:
      return {
        ...owner,
        kind: 'link',
        path: path(),
        target: roll(2) === 0 ? path() : `../${'abcd'[roll(4)]}`,
      };
    case 4:
      return { ...owner, kind: 'link', path: path(), target: path(), hard: true };
    case 5:
      return { ...owner, kind: 'copy', from: path(), path: path(), preserve: roll(2) === 0, mode };
    case 6:
      return { kind: 'move', from: path(), path: path() };
    case 7:
      return { kind: 'remove', path: path() };
    default:
      return {
        ...owner,
        kind: 'attributes',
        path: path(),
        mode: mode ?? least | 0o040,
        follow: roll(2) === 0,
      };
  }
}

function outcomeOf(performed: Performed): string {
  return performed.became === 'failed' ? performed.reason : 'done';
}

describe('effects in a dry run', () => {
  it('come out as they do for real, whatever is done in whatever order', async function () {
    this.timeout(60_000);
    for (let seed = 1; seed <= 40; seed++) {
      await using real = temporaryFolder();
      await using twin = temporaryFolder();
      for (const { path } of [real, twin]) buildTree(path, tree);
      const host = createLocalHost({ root: real.path, umask: 0o022 });
      const overlay = createOverlay(createLocalHost({ root: twin.path, umask: 0o022 }));
      const before = treeOf(twin.path);
      const roll = dice(seed);
      const story: string[] = [];
      for (let number = 0; number < 25; number++) {
        const effect = randomEffect(roll);
        story.push(JSON.stringify(effect));
        const told = `seed ${seed}:\n${story.join('\n')}`;
        expect(outcomeOf(await overlay.perform(effect)), told).to.equal(
          outcomeOf(await host.perform(effect)),
        );
        expect(viewOf(overlay), told).to.deep.equal(viewOf(host));
      }
      expect(treeOf(twin.path), 'a dry run touches nothing').to.deep.equal(before);
    }
  });
});
