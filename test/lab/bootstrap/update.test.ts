/** A node goes over to other versions, and back, and is broken off and loses its power while it is made: all on one machine. */
import { expect } from 'chai';
import { createChance } from '../../helpers/chance.ts';
import { describeLab } from '../lab.ts';
import { zone } from '../nameservers.ts';
import type { Node, Ran } from '../node.ts';
import { World } from './world.ts';

const home = '/opt/converge';
const script = `${home}/tree/bootstrap.sh`;
const seed = Number(process.env['CONVERGE_SEED'] ?? 20261123);
const kills = 5;

describeLab('lab: bootstrap.sh that is broken off, and other versions', function () {
  this.timeout(400_000);
  const chance = createChance(seed);
  let world: World;
  let node: Node;

  before('a nameserver, an authority, and the machine', async () => {
    world = await World.start({ from: 'release' });
    node = await world.machine('app1');
  });
  after(() => world?.[Symbol.asyncDispose]());

  function expectDone({ status, stdout, stderr }: Ran): void {
    expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
  }

  /** The words of a bootstrap, as a unit that can be killed with all that it has started. */
  async function begin(): Promise<void> {
    const words = ['app', '--source', world.release, '--without', 'time,public', '--domain', zone];
    const unit = ['systemd-run', '-q', '--unit=attempt', '--collect', `-ECONVERGE_RESOLVE=other.${zone}`];
    await node.must([...unit, '/root/converge/bootstrap.sh', ...words, '--answers', '/root/answers.yaml']);
  }

  async function expectWhole(): Promise<void> {
    await node.must(`[ ! -e ${home}/current ] || ${home}/current/converge --version`);
    const places = '/etc /opt /run /tmp /var/tmp /var/lib/converge /var/cache/converge';
    const open = `grep -rlF 'all nodes share, of' --exclude-dir='tree*' ${places} | xargs -r stat -c '%a %n' | grep -v ^600`;
    expect((await node.run(open)).stdout).to.equal('');
  }

  /** A version beside the one in use, in /srv: its settings and its launcher are others. */
  async function prepare(name: string, edit: string): Promise<void> {
    const program = 'dist/lib/node';
    await node.must(`mkdir /srv/${name} && cd ${home}/tree && tar -c --exclude=./${program} . | tar -x -C /srv/${name} &&
ln ${program} /srv/${name}/${program} && cd /srv/${name} && ${edit} && echo '# ${name}' >> dist/converge`);
  }

  const zoned = (place: string) => `sed -i 's,zone: .*,zone: ${place},' pillar/settings.yaml`;
  const update = (...options: string[]) => node.run([script, 'update', ...options], { timeout: 100 });
  const inUse = async () => ({
    engine: await node.must(`tail -n 1 ${home}/current/converge`),
    zone: await node.must('readlink /etc/localtime'),
  });
  const running = `readlink /proc/$(systemctl show -P MainPID converge-watch)/exe`;

  async function expectInUse(name: string, place: string): Promise<void> {
    const { engine, zone } = await inUse();
    expect([engine, zone.endsWith(`${place}\n`)], zone).to.deep.equal([`# ${name}\n`, true]);
    // The watch goes on by the new version.
    await node.until(`[ "$(${running})" = "$(readlink ${home}/current)/lib/node" ]`, { seconds: 30 });
  }

  it(`killed at ${kills} moments, and without power at two, the same again makes the node (seed ${seed})`, async () => {
    for (let count = 0; count < kills; count++) {
      await begin();
      await new Promise((resolve) => setTimeout(resolve, 600 * count + chance.below(600)));
      await node.run(
        'systemctl kill -s KILL attempt; systemctl stop attempt; systemctl reset-failed attempt',
      );
      await expectWhole();
    }
    for (const moment of [2000, 4000]) {
      await begin();
      await new Promise((resolve) => setTimeout(resolve, moment + chance.below(1000)));
      await node.kill();
      await node.start();
      await node.write('/etc/resolv.conf', `nameserver ${world.authority.addresses[0]}\n`);
      await expectWhole();
    }
    expectDone(await world.join(node, 'app'));
    await expectWhole();
    const again = await node.must(['converge', 'highstate', '--wait', '100'], { timeout: 120 });
    expect(again).to.match(/ 0 changed, 0 failed/);
  });

  it('an update shows what would change, and does nothing without a yes', async () => {
    await prepare('two', zoned('Europe/Vienna'));
    const before = await inUse();
    const shown = await update('--source', '/srv/two', '--test');
    expectDone(shown);
    expect(shown.stdout)
      .to.contain('Etc/UTC → Europe/Vienna')
      .and.match(/^Dry run: /m);
    const unasked = await update('--source', '/srv/two');
    expect(unasked.status, unasked.stderr).to.equal(1);
    expect(unasked.stderr).to.contain('There is nobody to ask');
    expect(await inUse()).to.deep.equal(before);
  });

  it('goes over to a folder, by a new engine, and the watch with it', async () => {
    const done = await update('--source', '/srv/two', '--yes');
    expectDone(done);
    expect(done.stdout).to.contain('The new version is in use. Back to the one before: ');
    await expectInUse('two', 'Europe/Vienna');
  });

  it('goes over to a tarball that is what its checksum says, and to no other', async () => {
    await prepare('three', zoned('Europe/Rome'));
    await node.must('tar -C /srv -czf /srv/three.tar.gz three');
    const url = 'file:///srv/three.tar.gz';
    const wrong = await update('--source', url, '--sha256', '0'.repeat(64), '--yes');
    expect(wrong.status, wrong.stdout).to.equal(1);
    expect(wrong.stderr).to.contain('is not what its checksum promises');
    await expectInUse('two', 'Europe/Vienna');
    const sum = (await node.must('sha256sum /srv/three.tar.gz')).slice(0, 64);
    expectDone(await update('--source', `${url}#sha256=${sum}`, '--yes'));
    await expectInUse('three', 'Europe/Rome');
  });

  for (const [what, edit, told] of [
    ['does not compile', "echo 'broken: [' >> pillar/settings.yaml", 'never closed'],
    ['lacks what its states want', "sed -i 's,email: .*,emial: x,' pillar/settings.yaml", 'no key "emial"'],
    [
      'has an engine that does not start',
      "echo 'exit 3' | sed -i '1r /dev/stdin' dist/converge",
      'does not start',
    ],
  ] as const)
    it(`stays as it is where the other version ${what}`, async () => {
      await node.must('rm -rf /srv/bad');
      await prepare('bad', edit);
      const { status, stdout, stderr } = await update('--source', '/srv/bad', '--yes');
      expect(status, stdout + stderr).to.equal(1);
      expect(stdout + stderr).to.contain(told);
      await expectInUse('three', 'Europe/Rome');
    });

  it('goes back to the one before', async () => {
    expectDone(await update('--source', `${home}/tree.before`, '--yes'));
    await expectInUse('two', 'Europe/Vienna');
    const again = await node.must(['converge', 'highstate', '--wait', '100'], { timeout: 120 });
    expect(again).to.match(/ 0 changed, 0 failed/);
  });
});
