/** What cannot be read or written, limits that are too low, and missing tools: nothing is lost, all is told. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { type Ended, enclave } from '../helpers/enclave.ts';
import {
  apply,
  dir,
  failedOf,
  leftOver,
  noEnclave,
  resultsOf,
  snapshot,
  warningsOf,
} from '../helpers/faults.ts';
import type { Tree } from '../helpers/folders.ts';
import { isOnPath } from '../helpers/tools.ts';

describe(`faults${noEnclave}`, function () {
  this.timeout(60_000);
  before(function () {
    if (noEnclave) this.skip();
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

  it('fails what its user may not read, list or enter, and goes on', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    await using here = await enclave({
      'states/web.yaml': `unreadable:\n  file.append:\n    - name: ${dir}/out/secret\n    - text: more\nunlisted:\n  file.directory:\n    - name: ${dir}/out/closed\n    - clean: true\nunentered:\n  file.managed:\n    - name: ${dir}/out/closed/below\n    - contents: new\nforeign:\n  file.managed:\n    - name: ${dir}/out/foreign/file\n    - contents: new\nnext:\n  cmd.run:\n    - name: echo ran\n`,
      'out/secret': { content: 'old', mode: 0o600 },
      'out/closed/file': 'x',
      'out/foreign': { directory: true },
    });
    await here.sh('chown 65534:65534 .; chmod 700 out/closed');
    const before = await snapshot(here, 'out');
    const ended = await apply(here, { by: nobody, nearby: true });
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
