/** Managed files on disks that are full, without inodes or read-only: they stay as they were, and the next run heals. */
import { expect } from 'chai';
import { type Enclave, enclave } from '../helpers/enclave.ts';
import { apply, dir, failedOf, leftOver, noEnclave, resultsOf, snapshot } from '../helpers/faults.ts';
import type { Tree } from '../helpers/folders.ts';

/** States of all kinds that write to the folder `disk`; each is told by its ID. */
const writers = [
  'new:\n  file.managed:\n    - name: D/disk/new\n    - source: salt://big',
  'replaced:\n  file.managed:\n    - name: D/disk/old1\n    - source: salt://big\n    - backup: .bak',
  'kept:\n  file.managed:\n    - name: D/disk/old2\n    - source: salt://big\n    - backup: minion',
  'checked:\n  file.managed:\n    - name: D/disk/old3\n    - source: salt://big\n    - check_cmd: grep -q x',
  'appended:\n  file.append:\n    - name: D/disk/old4\n    - text: {{ "y" * 9000 }}',
  'block:\n  file.blockreplace:\n    - name: D/disk/old5\n    - append_if_not_found: true\n    - content: {{ "y" * 9000 }}\n    - backup: false',
  'line:\n  file.replace:\n    - name: D/disk/old6\n    - pattern: ^a\n    - repl: {{ "z" * 9000 }}\n    - backup: false',
  'copied:\n  file.copy:\n    - name: D/disk/copy\n    - source: D/states/big',
  'moved:\n  file.rename:\n    - name: D/disk/moved\n    - source: D/move-me',
  'tree:\n  file.recurse:\n    - name: D/disk/tree\n    - source: salt://tree',
  'archive:\n  archive.extracted:\n    - name: D/disk/archive\n    - source: D/a.tar.gz\n    - enforce_toplevel: false',
]
  .join('\n')
  .replaceAll('D/', `${dir}/`);
const ids = [...writers.matchAll(/^(\w+):$/gm)].map(([, id]) => id!);
const others = `
elsewhere:
  file.managed:
    - name: ${dir}/elsewhere
    - contents: written
command:
  cmd.run:
    - name: echo ran
`;
const big = 'x'.repeat(9000);
const sources: Tree = {
  'states/web.yaml': `${writers}${others}`,
  'states/big': big,
  'states/tree/one': big,
  'states/tree/sub/two': big,
  'move-me': big,
  disk: { directory: true },
};

/** A small disk at `disk` with files that are to be replaced, and an archive; room for `size` in all. */
async function smallDisk(options: string): Promise<Enclave> {
  const here = await enclave(sources);
  await here.sh(`
    mkdir packed var; head -c 30000 /dev/urandom > packed/1; cp packed/1 packed/2; tar -czf a.tar.gz -C packed 1 2
    mount --bind var /var/lib
    mount -t tmpfs -o ${options} tmpfs disk
    for n in 1 2 3 4 5 6; do printf 'a\\nb\\n' > disk/old$n; done`);
  return here;
}

describe(`the disk of managed files${noEnclave}`, function () {
  this.timeout(60_000);
  before(function () {
    if (noEnclave) this.skip();
  });

  for (const [title, options, script, reason, hint] of [
    [
      'that is full',
      'size=64k',
      'head -c 100000 /dev/zero > disk/filling || true',
      'the file system D/disk is full.',
      'Free some space on D/disk.',
    ],
    [
      'without inodes',
      'nr_inodes=8',
      'mkdir disk/last || true',
      'the file system D/disk has no inodes left.',
      'Remove files from D/disk; df -i D/disk shows how many it can hold.',
    ],
    [
      'that is read-only',
      'size=1m',
      'mount -o remount,ro disk',
      'the file system D/disk is mounted read-only.',
      'Find out why (dmesg), and remount it writable: mount -o remount,rw D/disk',
    ],
  ] as const) {
    it(`${title}: every state says so, files stay as they were, and the next run heals`, async () => {
      await using here = await smallDisk(options);
      await here.sh(script);
      const before = await snapshot(here, 'disk');
      const dry = await apply(here, {});
      const results = resultsOf(dry);
      expect(dry.code).to.equal(1);
      for (const id of ids) {
        const { comment, result } = results[id]!;
        expect(result, id).to.equal(false);
        expect(comment.replaceAll(here.path, 'D'), id).to.include(`${reason}\n${hint}`);
      }
      expect(await here.sh('cat elsewhere')).to.equal('written\n');
      expect(results['command']!.result).to.equal(true);
      expect(await leftOver(here), 'temporary files').to.equal('');
      if (title === 'that is full')
        await here.sh('rmdir disk/tree/sub disk/tree disk/archive 2> /dev/null || true');
      expect(await snapshot(here, 'disk')).to.equal(before);
      await here.sh('mount -o remount,rw,size=1m,nr_inodes=100 disk; rm -rf disk/filling disk/last');
      const healed = await apply(here);
      expect(healed.code, healed.stdout).to.equal(0);
      expect(failedOf(healed)).to.deep.equal([]);
      expect(await here.sh('cat disk/old1 disk/tree/sub/two disk/moved')).to.equal(big.repeat(3));
      expect(await here.sh('cat disk/old1.bak')).to.equal('a\nb\n');
      expect(await here.sh('ls disk/archive')).to.equal('1\n2\n');
      expect(await leftOver(here), 'temporary files').to.equal('');
    });
  }

  it('stops in the middle of a folder with whole files only, and the next run writes the rest', async () => {
    await using here = await enclave({
      'states/web.yaml': `tree:\n  file.recurse:\n    - name: ${dir}/disk/tree\n    - source: salt://tree\n`,
      ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`states/tree/${n}`, big])),
      disk: { directory: true },
    });
    await here.sh('mount -t tmpfs -o size=32k tmpfs disk');
    const ended = await apply(here);
    expect(ended.code).to.equal(1);
    const { comment } = resultsOf(ended)['tree']!;
    expect(comment.replaceAll(`${here.path}/disk`, 'D')).to.equal(
      'D/tree/3 cannot be written: the file system D is full.\nFree some space on D.\nDone before: D/tree, D/tree/1, D/tree/2.\nNot tried: D/tree/4, D/tree/5.',
    );
    expect(await here.sh('cat disk/tree/1 disk/tree/2; ls -A disk/tree')).to.equal(`${big}${big}1\n2\n`);
    await here.sh('mount -o remount,size=1m disk');
    const healed = await apply(here);
    expect(healed.code).to.equal(0);
    expect(Object.keys(resultsOf(healed)['tree']!.changes)).to.deep.equal(
      [3, 4, 5].map((n) => `${here.path}/disk/tree/${n}`),
    );
  });
});
