/** Beacon `files` on a real file system: what is done to a path is told, by the name that it is known by. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import files from '../../../engine/watch/beacons/files.ts';
import { type TemporaryFolder, temporaryFolder } from '../../helpers/folders.ts';
import { type FakeMeans, fakeMeans, targetsOf } from '../../helpers/watch-means.ts';

interface Rig extends AsyncDisposable {
  readonly path: string;
  readonly means: FakeMeans;
  aim(paths: readonly string[], sources?: readonly string[]): void;
  /** Resolves when it was told; what was told before does not count. */
  told(name: string, act: () => void): Promise<void>;
}

function rig(prepare: (path: string) => void = () => {}): Rig {
  const folder: TemporaryFolder = temporaryFolder();
  prepare(folder.path);
  const means = fakeMeans();
  const beacon = files.start({}, means, 'files');
  return {
    path: folder.path,
    means,
    aim: (paths, sources = []) => beacon.aim!(targetsOf({ paths: new Set(paths), sources })),
    async told(name, act) {
      means.notices.length = 0;
      act();
      while (!means.notices.includes(name)) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    async [Symbol.asyncDispose]() {
      beacon[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('beacon files', () => {
  it('tells of a file that is written, replaced, given other rights, and removed', async () => {
    await using it = rig((path) => fs.writeFileSync(join(path, 'motd'), 'hello'));
    const motd = join(it.path, 'motd');
    it.aim([motd]);
    await it.told(motd, () => fs.writeFileSync(motd, 'other'));
    await it.told(motd, () => fs.appendFileSync(motd, 'more'));
    await it.told(motd, () => fs.chmodSync(motd, 0o600));
    await it.told(motd, () => {
      fs.writeFileSync(`${motd}.new`, 'new');
      fs.renameSync(`${motd}.new`, motd);
    });
    // It is another file now, and watched all the same.
    await it.told(motd, () => fs.writeFileSync(motd, 'again'));
    await it.told(motd, () => fs.rmSync(motd));
    await it.told(motd, () => fs.writeFileSync(motd, 'back'));
  });

  it('tells nothing of others in the same folder', async () => {
    await using it = rig((path) => fs.writeFileSync(join(path, 'motd'), 'hello'));
    const motd = join(it.path, 'motd');
    it.aim([motd]);
    await it.told(motd, () => {
      fs.writeFileSync(join(it.path, 'other'), 'x');
      fs.writeFileSync(motd, 'x');
    });
    expect(new Set(it.means.notices)).to.deep.equal(new Set([motd]));
  });

  it('tells of entries that come and go where a folder was listed', async () => {
    await using it = rig((path) => fs.mkdirSync(join(path, 'conf.d')));
    const listed = `${join(it.path, 'conf.d')}/`;
    it.aim([listed]);
    await it.told(listed, () => fs.writeFileSync(join(listed, 'stray'), ''));
    await it.told(listed, () => fs.rmSync(join(listed, 'stray')));
  });

  it('awaits a path of which not even the folder is there', async () => {
    await using it = rig();
    const deep = join(it.path, 'a/b/c/motd');
    it.aim([deep]);
    await it.told(deep, () => fs.mkdirSync(join(it.path, 'a')));
    await it.told(deep, () => fs.mkdirSync(join(it.path, 'a/b/c'), { recursive: true }));
    await it.told(deep, () => fs.writeFileSync(deep, 'there'));
    await it.told(deep, () => fs.rmSync(join(it.path, 'a'), { recursive: true }));
    await it.told(deep, () => {
      fs.mkdirSync(join(it.path, 'a/b/c'), { recursive: true });
      fs.writeFileSync(deep, 'again');
    });
    await it.told(deep, () => fs.writeFileSync(deep, 'and again'));
  });

  it('follows links: of the file, of its folder, and where they come to lead elsewhere', async () => {
    await using it = rig((path) => {
      for (const name of ['1', '2']) {
        fs.mkdirSync(join(path, name));
        fs.writeFileSync(join(path, name, 'conf'), name);
      }
      fs.symlinkSync('1', join(path, 'current'));
      fs.symlinkSync('current/conf', join(path, 'conf'));
    });
    const link = join(it.path, 'conf');
    const below = join(it.path, 'current/conf');
    it.aim([link, below]);
    await it.told(link, () => fs.writeFileSync(join(it.path, '1/conf'), 'x'));
    expect(it.means.notices).to.include(below);
    await it.told(below, () => {
      fs.symlinkSync('2', join(it.path, 'current.new'));
      fs.renameSync(join(it.path, 'current.new'), join(it.path, 'current'));
    });
    await it.told(below, () => fs.writeFileSync(join(it.path, '2/conf'), 'y'));
    await it.told(link, () => fs.writeFileSync(join(it.path, '2/conf'), 'z'));
  });

  it('tells of the tree, of files and folders that come into it', async () => {
    await using it = rig((path) => fs.mkdirSync(join(path, 'states')));
    const states = join(it.path, 'states');
    fs.writeFileSync(join(states, 'top.yaml'), '');
    it.aim([], [states]);
    const top = join(states, 'top.yaml');
    // chokidar takes its time to begin, and tells nothing of that: so it is changed until it is heard.
    const end = Date.now() + 5000;
    while (!it.means.notices.includes(top) && Date.now() < end) {
      fs.writeFileSync(top, String(Date.now()));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const init = join(states, 'web/init.yaml');
    await it.told(init, () => {
      fs.mkdirSync(join(states, 'web'));
      fs.writeFileSync(init, 'x');
    });
    await it.told(init, () => fs.rmSync(join(states, 'web'), { recursive: true }));
  });

  it('tells what became of the tree before it could be watched, also when other runs came in between', async () => {
    await using it = rig((path) => fs.mkdirSync(join(path, 'states')));
    const top = join(it.path, 'states/top.yaml');
    fs.writeFileSync(top, '');
    const beacon = files.start({}, it.means, 'files');
    const sources = [join(it.path, 'states')];
    beacon.aim!(targetsOf({ sources, since: Date.now() }));
    await it.told(top, () => {
      fs.writeFileSync(top, 'base: {}');
      beacon.aim!(targetsOf({ sources, since: Date.now() + 5000 }));
    });
    beacon[Symbol.dispose]();
  });

  it('watches each folder once, and lets go of those that nobody looks at any more', async () => {
    await using it = rig((path) => {
      for (const name of ['a', 'b']) fs.mkdirSync(join(path, name));
    });
    const many = Array.from({ length: 1000 }, (_, index) =>
      join(it.path, index % 2 ? 'a' : 'b', `f${index}`),
    );
    const beacon = files.start({}, it.means, 'files');
    beacon.aim!(targetsOf({ paths: new Set(many) }));
    expect(beacon.tell()).to.equal('1000 paths in 2 folders');
    beacon.aim!(targetsOf({ paths: new Set(many.slice(0, 1)) }));
    expect(beacon.tell()).to.equal('1 paths in 1 folders');
    beacon[Symbol.dispose]();
  });

  it('passes over what never tells of itself', async () => {
    await using it = rig();
    it.aim(['/proc/mounts', '/sys/kernel/mm', '/dev/null']);
    expect(it.means.warnings).to.deep.equal([]);
  });
});
