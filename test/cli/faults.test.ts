/** Disks that are full, read-only or broken, limits that are too low, and missing tools: nothing is lost, all is told. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { type Enclave, type Ended, enclave } from '../helpers/enclave.ts';
import type { Tree } from '../helpers/folders.ts';
import { isOnPath } from '../helpers/tools.ts';

const dir = '{{ salt["environ.get"]("DIR") }}';
const why = (() => {
  if (process.getuid!() !== 0) return 'needs root';
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? undefined : 'needs mount namespaces';
})();

interface Result {
  readonly id: string;
  readonly result: boolean | null;
  readonly changes: object;
  readonly comment: string;
}

/** ID → what became of it. */
function resultsOf({ stdout, stderr }: Ended): { readonly [id: string]: Result } {
  expect(stderr, 'a stack trace').to.not.match(/^\s+at /m);
  const { results } = JSON.parse(stdout) as { results: Result[] };
  return Object.fromEntries(results.map((result) => [result.id, result]));
}

function failedOf(ended: Ended): string[] {
  return Object.values(resultsOf(ended))
    .filter(({ result }) => result === false)
    .map(({ id }) => id);
}

const apply = (here: Enclave, options?: Parameters<Enclave['converge']>[1]) =>
  here.converge(['apply', 'web', '--json'], options);

/** What is said but that there is no lock and no undoing, which are matters of their own. */
function warningsOf({ stderr }: Ended): string[] {
  const lines = stderr.split('\n').filter(Boolean);
  return lines.filter(
    (line) =>
      !/^converge: (There can be no lock in|Not all that this run changes can be undone:) [^.]+\./.test(line),
  );
}

/** Names that no run may leave behind. */
const leftOver = (here: Enclave) =>
  here.sh('find . -name ".converge*" -o -name "*.new" -o -name "*.extract" -o -name "tmp.*"');

/** Sizes, modes, owners and bytes of all below a folder. */
const snapshot = (here: Enclave, folder: string) =>
  here.sh(
    `cd ${folder}; find . | sort | while read -r f; do stat -c '%n %a %u %g %F' "$f"; [ ! -f "$f" ] || md5sum "$f"; done`,
  );

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

describe(`faults${why ? ` (${why})` : ''}`, function () {
  this.timeout(60_000);
  before(function () {
    if (why) this.skip();
  });

  describe('of the disk of managed files', () => {
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
  });

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

  describe('of the disk where converge keeps its things', () => {
    const web = `file:\n  file.managed:\n    - name: ${dir}/out\n    - contents_pillar: word\ncommand:\n  cmd.run:\n    - name: echo >> ${dir}/reacted\n    - onchanges: [file]\n`;
    const highstate = { 'states/top.yaml': "base: {'*': [web]}\n", 'states/web.yaml': web };
    const run = (here: Enclave, word: string) =>
      here.converge(['highstate', '--pillar-override', `{"word": "${word}"}`, '--output', 'quiet']);
    const conditions = {
      'is full': ['size=64k', 'head -c 100000 /dev/zero > FOLDER/filling || true'],
      'has no inodes': ['nr_inodes=2', 'touch FOLDER/filling || true'],
      'is read-only': ['ro', 'true'],
    } as const;
    for (const [what, said] of [
      [
        'state',
        /^converge: \S+\/state cannot be written: [a-z -]+\. The run goes on, but its history [a-z ]+\.$/,
      ],
      ['cache', /^$/],
    ] as const) {
      for (const [condition, [options, script]] of Object.entries(conditions)) {
        it(`goes on where its ${what} ${condition}, and the next run keeps all again`, async () => {
          await using here = await enclave({ ...highstate, [what]: { directory: true } });
          await here.sh(`mount -t tmpfs -o ${options} tmpfs ${what}; ${script.replace('FOLDER', what)}`);
          const ended = await run(here, 'one');
          expect(ended.code, ended.stderr).to.equal(0);
          expect(warningsOf(ended).join('\n')).to.match(said);
          expect(await here.sh('cat out reacted')).to.equal('one\n\n');
          expect(await leftOver(here)).to.equal('');
          await here.sh(`mount -o remount,rw,size=9m,nr_inodes=999 ${what}; rm -f ${what}/filling`);
          const again = await run(here, 'two');
          expect([again.code, again.stderr]).to.deep.equal([0, '']);
          const history = await here.converge(['history', '--json']);
          expect(JSON.parse(history.stdout).at(-1).exit).to.equal(0);
          expect((await here.converge(['owed'])).stdout).to.equal('Nothing is owed.\n');
        });
      }
    }

    it('goes on without a lock where /run has no room for one', async () => {
      await using here = await enclave({
        ...highstate,
        'c.yaml': 'states: states\ncache: cache\n',
      });
      await here.sh('mkdir var; mount --bind var /var/lib; mount -t tmpfs -o nr_inodes=1 tmpfs /run');
      const ended = await run(here, 'one');
      expect(ended.code, ended.stderr).to.equal(0);
      expect(ended.stderr).to.equal(
        'converge: There can be no lock in /run/converge: no space left on device. The run goes on without one.\n',
      );
      expect(await here.sh('cat out reacted')).to.equal('one\n\n');
    });

    it('takes the lock on a full disk, and keeps others out', async () => {
      await using here = await enclave({
        'states/slow.yaml': `slow:\n  cmd.run:\n    - name: touch ${dir}/began; while [ ! -e ${dir}/go ]; do sleep 0.02; done\n`,
        state: { directory: true },
      });
      await here.sh(
        'mount -t tmpfs -o size=64k tmpfs state; head -c 100000 /dev/zero > state/filling || true',
      );
      const first = here.converge(['apply', 'slow']);
      await here.sh('while [ ! -e began ]; do sleep 0.02; done');
      const second = await here.converge(['apply', 'slow', '--wait', '0']);
      await here.sh('touch go');
      expect(second.code).to.equal(4);
      expect(second.stderr).to.match(/another run/i);
      expect((await first).code).to.equal(0);
    });

    it('fails a state whose backup finds no room, and leaves its file', async () => {
      await using here = await enclave({
        'states/web.yaml': `file:\n  file.managed:\n    - name: ${dir}/file\n    - contents: new\n    - backup: minion\n`,
        'c.yaml': 'states: states\nstate_dir: state\nbackups: kept\ncache: cache\n',
        file: 'old\n',
        kept: { directory: true },
      });
      await here.sh('mount -t tmpfs -o size=4k tmpfs kept; head -c 9000 /dev/zero > kept/filling || true');
      const { code, stdout } = await apply(here);
      expect(code).to.equal(1);
      expect(JSON.parse(stdout).results[0].comment).to.equal(
        `${here.path}/file is left as it is, for its backup cannot be written: the file system ${here.path}/kept is full.\nFree some space on ${here.path}/kept.`,
      );
      expect(await here.sh('cat file; rm kept/filling; find kept -type f')).to.equal('old\n');
      expect((await apply(here)).code).to.equal(0);
    });
  });

  it('tells of a script that finds no room for itself', async () => {
    await using here = await enclave({
      'states/web.yaml': `script:\n  cmd.script:\n    - source: salt://s.sh\nplain:\n  file.managed:\n    - name: ${dir}/plain\n    - contents: written\n    - check_cmd: grep -q written\n`,
      'states/s.sh': '#!/bin/sh\ntrue\n',
      full: { directory: true },
    });
    await here.sh('mount -t tmpfs -o nr_inodes=1 tmpfs full');
    const ended = await apply(here, { env: { TMPDIR: `${here.path}/full` } });
    expect(ended.code).to.equal(1);
    expect(failedOf(ended)).to.deep.equal(['script']);
    expect(ended.stdout).to.include(`The script cannot be put into ${here.path}/full.`);
    expect((await apply(here)).code).to.equal(0);
  });

  it('changes nothing on a machine that is read-only as a whole, and says so of every state', async () => {
    await using here = await enclave({
      'states/web.yaml': `file:\n  file.managed:\n    - name: ${dir}/out\n    - contents: new\nfolder:\n  file.directory:\n    - name: ${dir}/folder\nold:\n  file.absent:\n    - name: ${dir}/old\ncommand:\n  cmd.run:\n    - name: echo ran\n`,
      old: 'old',
    });
    await here.sh('mount -o remount,bind,ro /');
    const before = await snapshot(here, '.');
    const ended = await apply(here);
    expect(ended.code).to.equal(1);
    expect(failedOf(ended)).to.deep.equal(['file', 'folder', 'old']);
    for (const id of failedOf(ended))
      expect(resultsOf(ended)[id]!.comment).to.match(/ is mounted read-only\.\n/);
    expect(warningsOf(ended)).to.have.lengthOf(1);
    expect(await snapshot(here, '.')).to.equal(before);
    await here.sh('mount -o remount,bind,rw /');
    expect((await apply(here)).code).to.equal(0);
  });

  it('names the immutable flag as a reason', async function () {
    await using here = await enclave({
      'states/web.yaml': `file:\n  file.managed:\n    - name: ${dir}/file\n    - contents: new\ngone:\n  file.absent:\n    - name: ${dir}/gone\nnext:\n  cmd.run:\n    - name: echo ran\n`,
      file: 'old\n',
      'gone/file': '',
    });
    const flagged = spawnSync('chattr', ['+i', `${here.path}/file`, `${here.path}/gone/file`]);
    if (flagged.status !== 0) return this.skip();
    let ended: Ended;
    try {
      ended = await apply(here);
    } finally {
      spawnSync('chattr', ['-i', `${here.path}/file`, `${here.path}/gone/file`]);
    }
    expect(failedOf(ended)).to.deep.equal(['file', 'gone']);
    for (const id of ['file', 'gone'])
      expect(resultsOf(ended)[id]!.comment).to.include('immutable flag (lsattr)');
    expect(await here.sh('cat file')).to.equal('old\n');
    expect(await leftOver(here)).to.equal('');
    expect((await apply(here)).code).to.equal(0);
  });

  describe('that system calls report (needs strace)', () => {
    before(function () {
      if (!isOnPath('strace')) this.skip();
    });
    for (const [inject, reason] of [
      ['fsync:error=EIO', 'the device reported an I/O error'],
      ['fsync:error=EDQUOT', 'the disk quota on / is used up'],
      ['/^rename:error=EIO', 'the device reported an I/O error'],
      ['fchmod:error=EUCLEAN', 'the file system is damaged'],
    ] as const) {
      it(`${inject}: the file stays, the state says why, and the next run heals`, async () => {
        await using here = await enclave({
          'states/web.yaml': `file:\n  file.managed:\n    - name: ${dir}/file\n    - contents: new\ncommand:\n  cmd.run:\n    - name: echo >> ${dir}/reacted\n    - onchanges: [file]\nnext:\n  cmd.run:\n    - name: echo ran\n`,
          file: 'old\n',
        });
        const by = [
          'strace',
          '-o',
          '/dev/null',
          '-e',
          `trace=${inject.split(':')[0]}`,
          '-e',
          `inject=${inject}`,
        ];
        const ended = await apply(here, { by });
        expect(ended.code).to.equal(1);
        expect(failedOf(ended)).to.deep.equal(['file', 'command']);
        expect(resultsOf(ended)['file']!.comment).to.include(
          `${here.path}/file cannot be written: ${reason}`,
        );
        expect(await here.sh('cat file')).to.equal('old\n');
        expect(await leftOver(here)).to.equal('');
        expect((await apply(here)).code).to.equal(0);
        expect(await here.sh('cat file reacted')).to.equal('new\n\n');
      });
    }
  });

  it('fails what cannot be read, and goes on', async () => {
    await using here = await enclave({
      // The memory of a process has nothing at its beginning: EIO.
      'states/web.yaml': `broken:\n  file.managed:\n    - name: ${dir}/out\n    - source: /proc/self/mem\nnext:\n  cmd.run:\n    - name: echo ran\n`,
    });
    const ended = await apply(here);
    expect(failedOf(ended)).to.deep.equal(['broken']);
    expect(resultsOf(ended)['broken']!.comment).to.include(
      'cannot be read: the device reported an I/O error.',
    );
    expect(await here.sh('[ ! -e out ] && echo none')).to.equal('none\n');
  });

  it('fails what its user may not read, list or enter, and goes on', async function () {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    if (spawnSync(nobody[0]!, [...nobody.slice(1), process.execPath, '--version']).status !== 0)
      return this.skip();
    await using here = await enclave({
      'states/web.yaml': `unreadable:\n  file.append:\n    - name: ${dir}/out/secret\n    - text: more\nunlisted:\n  file.directory:\n    - name: ${dir}/out/closed\n    - clean: true\nunentered:\n  file.managed:\n    - name: ${dir}/out/closed/below\n    - contents: new\nforeign:\n  file.managed:\n    - name: ${dir}/out/foreign/file\n    - contents: new\nnext:\n  cmd.run:\n    - name: echo ran\n`,
      'out/secret': { content: 'old', mode: 0o600 },
      'out/closed/file': 'x',
      'out/foreign': { directory: true },
    });
    await here.sh('chown 65534:65534 .; chmod 700 out/closed');
    const before = await snapshot(here, 'out');
    const ended = await apply(here, { by: nobody });
    expect(ended.code, ended.stderr).to.equal(1);
    expect(failedOf(ended)).to.deep.equal(['unreadable', 'unlisted', 'unentered', 'foreign']);
    for (const id of failedOf(ended)) {
      expect(resultsOf(ended)[id]!.comment, id).to.include(
        'permission denied.\nRun converge as a user who may do this, such as root.',
      );
    }
    expect(await snapshot(here, 'out')).to.equal(before);
    expect((await apply(here)).code).to.equal(0);
  });

  describe('of a limit of open files', () => {
    const many: Tree = {
      'states/web.yaml': `{% for n in range(1000) %}
file{{ n }}:
  file.managed:
    - name: ${dir}/disk/{{ n % 20 }}/{{ n }}
    - makedirs: true
    - contents: {{ n }}
{% endfor %}
tree:
  file.recurse:
    - name: ${dir}/disk/tree
    - source: salt://tree
command:
  cmd.run:
    - name: echo ran
`,
      disk: { directory: true },
      ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`states/tree/${n % 30}/${n}`, `${n}\n`])),
    };

    it('works with few of them for a thousand files', async () => {
      await using here = await enclave(many);
      await here.sh('mount -t tmpfs tmpfs disk');
      const ended = await apply(here, { by: ['prlimit', '--nofile=64'] });
      expect(ended.code, ended.stderr).to.equal(0);
      expect(await here.sh('find disk -type f | wc -l')).to.equal('1300\n');
    });

    it('says so where there are too few, and heals with more', async () => {
      await using here = await enclave({
        ...many,
        'states/web.yaml': (many['states/web.yaml'] as string).replace('1000', '3'),
      });
      await here.sh('mount -t tmpfs tmpfs disk');
      const ended = await apply(here, { by: ['prlimit', '--nofile=26'] });
      expect(ended.code, ended.stderr).to.equal(1);
      for (const id of failedOf(ended)) {
        expect(resultsOf(ended)[id]!.comment, id).to.match(/too many (open )?files|too many files open/);
      }
      expect(failedOf(ended)).to.include('file0');
      expect(await leftOver(here)).to.equal('');
      expect((await apply(here)).code).to.equal(0);
    });
  });

  it('names each tool that is missing', async () => {
    await using here = await enclave({
      'states/web.yaml': `service:\n  service.running:\n    - name: nginx\npackage:\n  pkg.installed:\n    - name: nginx\nfifo:\n  file.mknod:\n    - name: ${dir}/fifo\n    - ntype: p\narchive:\n  archive.extracted:\n    - name: ${dir}/archive\n    - source: ${dir}/a.tar\n    - enforce_toplevel: false\nplain:\n  file.managed:\n    - name: ${dir}/plain\n    - contents: new\ncommand:\n  cmd.run:\n    - name: no-such-tool\n`,
      plain: 'old',
      disk: { directory: true },
    });
    await here.sh(`
      mkdir packed; echo x > packed/x; tar -cf a.tar -C packed x
      mount -t tmpfs tmpfs disk
      for at in /usr/bin /usr/sbin; do
        new=disk/$(basename $at); mkdir -p $new/upper $new/work
        mount -t overlay overlay -o lowerdir=$at,upperdir=$new/upper,workdir=$new/work $at
      done
      cd /usr/bin; rm -f systemctl dpkg-query apt-get apt-cache rpm dnf mknod tar cp`);
    const ended = await apply(here, { env: { PATH: '' } });
    expect(ended.code).to.equal(1);
    const results = resultsOf(ended);
    const comments = Object.fromEntries(Object.entries(results).map(([id, { comment }]) => [id, comment]));
    expect(comments['service']).to.include('there is no systemctl here');
    expect(comments['package']).to.match(/apt-get|dnf|package manager/);
    expect(comments['fifo']).to.include('mknod is not installed.\nInstall coreutils.');
    expect(comments['archive']).to.include('tar: command not found');
    expect(comments['command']).to.include('exit status 127');
    // Without cp only extended attributes are lost.
    expect(failedOf(ended)).to.deep.equal(['service', 'package', 'fifo', 'archive', 'command']);
    expect(await here.sh('cat plain')).to.equal('new\n');
    expect(await leftOver(here)).to.equal('');
  });
});
