/** Disks on which converge keeps its own things, full or read-only: the run goes on and says so. */
import { expect } from 'chai';
import { type Enclave, enclave } from '../helpers/enclave.ts';
import { apply, dir, leftOver, noEnclave, warningsOf } from '../helpers/faults.ts';

describe(`the disk of the journal${noEnclave}`, function () {
  this.timeout(60_000);
  before(function () {
    if (noEnclave) this.skip();
  });

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
    await here.sh('mount -t tmpfs -o size=64k tmpfs state; head -c 100000 /dev/zero > state/filling || true');
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
