import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

/** Also on a Debian whose mount uses the newer calls of the kernel. */
function itMounts(node: () => Node): void {
  it('a file system in memory, in a place with a blank in its name', async () => {
    const args = {
      name: '/srv/in memory/ü',
      device: 'tmpfs',
      fstype: 'tmpfs',
      opts: ['size=8M', 'mode=0750', 'nosuid', 'nodev', 'nofail', 'x-systemd.device-timeout=5'],
      mkmnt: true,
    };
    await expectLife(node(), {
      state: 'mount.mounted',
      args,
      check: "findmnt -n -o OPTIONS '/srv/in memory/ü' | grep -q nosuid,nodev,.*size=8192k,mode=750",
      changes: [
        '/srv/in memory',
        'mount point /srv/in memory/ü',
        '/srv/in memory/ü',
        '/srv/in memory/ü in /etc/fstab',
        'units of systemd',
      ],
      damage: "mount -o remount,suid,size=4M '/srv/in memory/ü'",
    });
    await node().must("umount '/srv/in memory/ü'");
    expect(Object.keys((await applyState(node(), 'mount.mounted', args)).changes)).to.deep.equal([
      '/srv/in memory/ü',
    ]);
    await node().stop();
    await node().start();
    const after = await applyState(node(), 'mount.mounted', args);
    expect(after.changes, 'after a boot').to.deep.equal({});
    expect(after.processes, 'processes').to.deep.equal([]);
    await expectApplied(node(), {
      state: 'mount.unmounted',
      args: { name: args.name, persist: true },
      check: "! findmnt -n '/srv/in memory/ü' && [ \"$(cat /etc/fstab)\" = '# mine' ]",
    });
  });

  it('a directory seen in a second place, and a file', async () => {
    await node().must('mkdir -p /srv/a /srv/b && echo one > /srv/a/f && echo two > /srv/b/f');
    const bound = { name: '/srv/bound', device: '/srv/a', fstype: 'none', opts: 'bind,ro', mkmnt: true };
    await expectLife(node(), {
      state: 'mount.mounted',
      args: bound,
      check: 'grep -q one /srv/bound/f && ! touch /srv/bound/x 2>/dev/null',
      changes: ['mount point /srv/bound', '/srv/bound', '/srv/bound in /etc/fstab', 'units of systemd'],
      damage: 'mount -o remount,bind,rw /srv/bound',
    });
    await expectApplied(
      node(),
      {
        state: 'mount.mounted',
        args: { ...bound, device: '/srv/b', opts: 'bind' },
        check: 'grep -q two /srv/bound/f && touch /srv/bound/x',
      },
      ['overlay at /srv/bound', '/srv/bound', '/srv/bound in /etc/fstab', 'units of systemd'],
    );
    await expectApplied(node(), {
      state: 'mount.mounted',
      args: { ...bound, name: '/srv/file', device: '/srv/a/f', opts: 'bind', persist: false },
      check: 'grep -q one /srv/file',
    });
    await node().must('umount /srv/file; mount --bind /srv/a /srv/bound');
    await expectApplied(node(), {
      state: 'mount.unmounted',
      args: { name: '/srv/bound', persist: true },
      check: '! findmnt -n /srv/bound && ! grep -q bound /etc/fstab',
    });
  });
}

describeLab('lab: mount states', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await boot({ name: 'mount' });
    await node.write('/etc/fstab', '# mine\n');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  itMounts(() => node);

  it('a mount that is in use stays, with its line', async () => {
    const args = { name: '/srv/busy', device: 'tmpfs', fstype: 'tmpfs', mkmnt: true };
    await applyState(node, 'mount.mounted', args);
    await node.must('systemd-run -q --unit=busy --working-directory=/srv/busy sleep infinity');
    const { failed } = await applyState(node, 'mount.unmounted', { name: '/srv/busy', persist: true });
    expect(failed).to.match(/"umount" ended with exit status/);
    await node.must('grep -q /srv/busy /etc/fstab; systemctl stop busy');
  });

  it('what cannot be mounted gets no line', async () => {
    const args = { name: '/srv/bad', device: 'tmpfs', fstype: 'tmpfs', opts: 'size=nonsense', mkmnt: true };
    expect((await applyState(node, 'mount.mounted', args)).failed).to.match(/"mount" ended with exit status/);
    await node.must('! grep -q /srv/bad /etc/fstab');
  });

  it('lines of fstab, of which systemd makes units', async () => {
    const args = { name: 'nas:/home', fs_file: '/home', fs_vfstype: 'nfs', fs_mntops: 'noauto,_netdev' };
    await expectLife(node, {
      state: 'mount.fstab_present',
      args,
      check:
        'grep -qx "nas:/home\t/home\tnfs\tnoauto,_netdev\t0 0" /etc/fstab && systemctl cat home.mount | grep -q nas:/home',
      changes: ['/home in /etc/fstab', 'units of systemd'],
      damage: "sed -i 's/noauto/auto/' /etc/fstab",
      absent: {
        state: 'mount.fstab_absent',
        args: { name: 'nas:/home', fs_file: '/home' },
        check: '! grep -q nas /etc/fstab && ! systemctl cat home.mount',
      },
    });
    // Somebody edits the table and forgets systemd.
    await applyState(node, 'mount.fstab_present', args);
    await node.until('touch /etc/fstab; [ /etc/fstab -nt /run/systemd/generator ]');
    const again = await applyState(node, 'mount.fstab_present', args);
    expect(Object.keys(again.changes)).to.deep.equal(['units of systemd']);
    expect(again.left).to.deep.equal([]);
  });

  it('a swap file is made whole; a node cannot swap to it', async () => {
    const swap = { name: '/swapfile', size: '16M' };
    const foretold = await applyState(node, 'mount.swap', swap, { dry: true });
    expect(Object.keys(foretold.changes)).to.deep.equal([
      'size of /swapfile',
      'format of /swapfile',
      'swapping to /swapfile',
      '/swapfile in /etc/fstab',
      'units of systemd',
    ]);
    expect(foretold.left).to.deep.equal([]);
    const { failed } = await applyState(node, 'mount.swap', swap);
    expect(failed).to.match(/^"swapon" /);
    await node.must(
      '[ "$(stat -c "%s %a %U" /swapfile)" = "16777216 600 root" ] && [ "$(blkid -p -o value -s TYPE /swapfile)" = swap ]',
    );
    await node.must(
      '[ "$(stat -c %b /swapfile)" -ge 32768 ] && [ ! -e /swapfile.converge ] && ! grep -q swap /etc/fstab',
    );
    // Tried again, the file is taken as it is.
    const again = await applyState(node, 'mount.swap', swap, { dry: true });
    expect(Object.keys(again.changes)[0]).to.equal('swapping to /swapfile');
    await node.write('/data', 'mine');
    const refused = await applyState(node, 'mount.swap', { name: '/data', size: '1M' });
    expect(refused.refused).to.match(/never made for swapping/);
    await expectApplied(node, {
      state: 'mount.swap_absent',
      args: { name: '/swapfile', remove_file: true },
      check: '[ ! -e /swapfile ]',
    });
  });
});

describeLab(
  'lab: mount states on Debian 13',
  function () {
    this.timeout(120_000);
    let node: Node;
    before(async () => {
      node = await boot({ name: 'mount13', family: 'trixie' });
      await node.write('/etc/fstab', '# mine\n');
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    itMounts(() => node);
  },
  ['trixie'],
);
