import { expect } from 'chai';
import { stepsOf } from '../../../engine/core/state.ts';
import { lackingOptions, wantedOf } from '../../../engine/modules/mount/_options.ts';
import mounted from '../../../engine/modules/mount/mounted.ts';
import { argumentsOf, planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { fstab, host, machine } from './machine.ts';

const tmpfs = { name: '/srv/tmp', device: 'tmpfs', fstype: 'tmpfs', persist: false };
const withLine = (line: string) => `${fstab}\n${line}\n`;

stateTester('mount.mounted', mounted, [
  {
    title: 'mounts and writes the line, making the mount point',
    args: { name: '/srv/a/b/', device: 'tmpfs', fstype: 'tmpfs', opts: ['size=1M', 'nosuid'], mkmnt: true },
    host,
    expects: {
      changes: ['/srv/a', 'mount point /srv/a/b', '/srv/a/b', '/srv/a/b in /etc/fstab'],
      files: { '/etc/fstab': withLine('tmpfs\t/srv/a/b\ttmpfs\tsize=1M,nosuid\t0 0') },
    },
  },
  {
    title: 'knows what is mounted, however its options are written',
    args: { ...tmpfs, opts: 'size=64m,mode=0750,nosuid,nodev,nofail,x-systemd.requires=a.service' },
    host,
    expects: { changes: [] },
  },
  {
    title: 'remounts where an option is missing',
    args: { ...tmpfs, opts: ['size=128M', 'noexec', 'mode=0750'] },
    host,
    expects: { changes: ['options of /srv/tmp'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'remounts where defaults forbid what is forbidden now',
    args: tmpfs,
    host,
    expects: { changes: ['options of /srv/tmp'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'changes only the fields of the line that differ',
    args: { ...tmpfs, persist: true, opts: 'nosuid,nodev,size=64M', dump: 0, pass_num: 2 },
    host: {
      ...host,
      files: { ...machine, '/etc/fstab': `${fstab}\nnone   /srv/tmp tmpfs   nodev,nosuid,size=64M\n# end\n` },
    },
    expects: {
      changes: ['/srv/tmp in /etc/fstab'],
      files: { '/etc/fstab': `${fstab}\ntmpfs   /srv/tmp tmpfs   nodev,nosuid,size=64M 0 2\n# end\n` },
    },
  },
  {
    title: 'escapes blanks in the table, and knows them',
    args: { name: '/srv/with blank', device: '/dev/sdb1', fstype: 'ext4', opts: 'noatime' },
    host,
    expects: {
      changes: ['/srv/with blank in /etc/fstab'],
      files: { '/etc/fstab': withLine('/dev/sdb1\t/srv/with\\040blank\text4\tnoatime\t0 0') },
    },
  },
  {
    title: 'tells a bind mount by what is seen there',
    args: { name: '/srv/bound', device: '/opt/data', fstype: 'none', opts: 'bind,ro', persist: false },
    host,
    expects: { changes: [] },
  },
  {
    title: 'replaces another bind mount',
    args: { name: '/srv/bound', device: '/opt', fstype: 'none', opts: ['bind'], persist: false },
    host,
    expects: { changes: ['/dev/sda1 at /srv/bound', '/srv/bound'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'makes a bind mount writable',
    args: { name: '/srv/bound', device: '/opt/data', fstype: 'none', opts: ['bind'], persist: false },
    host,
    expects: { changes: ['options of /srv/bound'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'takes nfs for nfs4, and mounts it anew for another option',
    args: { name: '/srv/nfs', device: 'nas:/export', fstype: 'nfs', opts: 'soft,vers=4.2', persist: false },
    host,
    expects: { changes: ['nas:/export at /srv/nfs', '/srv/nfs'], files: { '/etc/fstab': fstab } },
  },
  {
    title: 'compares no options that are hidden',
    args: {
      name: '/srv/nfs',
      device: 'a,nas:/export',
      fstype: 'nfs',
      device_name_regex: ['(a|nas):/export'],
      hidden_opts: 'soft',
      opts: 'soft,vers=4.2,key=x',
      extra_mount_invisible_keys: ['key'],
      persist: false,
    },
    host,
    expects: { changes: [] },
  },
  {
    title: 'writes only the line where it is not to be mounted now',
    args: { name: '/srv/later', device: 'UUID=2', fstype: 'xfs', opts: 'nofail', mount: false },
    host,
    expects: {
      changes: ['/srv/later in /etc/fstab'],
      files: { '/etc/fstab': withLine('UUID=2\t/srv/later\txfs\tnofail\t0 0'), '/srv/later': null },
    },
  },
  {
    title: 'tells systemd of the line',
    args: { ...tmpfs, persist: true, opts: 'nodev' },
    host: {
      ...host,
      files: {
        ...machine,
        '/run/systemd/system': { directory: true },
        '/run/systemd/generator': { directory: true },
      },
    },
    expects: {
      changes: ['/srv/tmp in /etc/fstab', 'units of systemd'],
      files: { '/etc/fstab': withLine('tmpfs\t/srv/tmp\ttmpfs\tnodev\t0 0') },
    },
  },
  {
    title: 'refuses a mount point that is not there',
    args: { name: '/srv/none', device: 'tmpfs', fstype: 'tmpfs' },
    host,
    expects: { refused: 'The mount point /srv/none does not exist.' },
  },
  {
    title: 'refuses a device that is not there',
    args: { name: '/srv/x', device: 'LABEL=nosuch', fstype: 'ext4', mkmnt: true },
    host,
    expects: { refused: 'There is no device with LABEL=nosuch.' },
  },
  {
    title: 'knows the file behind a loop device',
    args: { name: '/srv/image', device: '/srv/disk.img', fstype: 'ext4', opts: 'loop', persist: false },
    host: {
      ...host,
      files: {
        ...machine,
        '/srv/image': { directory: true },
        '/srv/disk.img': '',
        '/sys/block/loop0/loop/backing_file': '/srv/disk.img\n',
        '/proc/self/mountinfo': '40 1 7:0 / /srv/image rw,relatime - ext4 /dev/loop0 rw\n',
      },
    },
    expects: { changes: [] },
  },
  {
    title: 'never replaces the root',
    args: { name: '/', device: 'tmpfs', fstype: 'tmpfs' },
    host,
    expects: { refused: /^Something else is mounted at \// },
  },
  {
    title: 'refuses a relative path',
    args: { name: 'a', device: 'b', fstype: 'c' },
    expects: { refused: /absolute/ },
  },
  {
    title: 'refuses a field it does not know',
    args: { ...tmpfs, match_on: 'color' },
    expects: { refused: 'match_on cannot be "color".' },
  },
]);

describe('mount.mounted, options as the kernel shows them', () => {
  const nobody = { user: () => undefined, group: () => undefined };

  function lacking(opts: string, shown: string, fstype: string): string[] {
    const [options, superOptions] = shown.split(' ').map((one) => one.split(','));
    const mount = { point: '/x', root: '/', device: '8:1', source: '/dev/x', fstype };
    const wanted = wantedOf({ opts, fstype }, nobody);
    return lackingOptions(wanted, { ...mount, options: options!, superOptions: superOptions! });
  }

  for (const [opts, shown, fstype] of [
    ['defaults', 'rw,relatime rw', 'ext4'],
    ['rw,noatime,errors=remount-ro,acl,barrier=1', 'rw,noatime rw', 'ext4'],
    [
      'subvol=@home,compress=zstd',
      'rw,relatime rw,compress=zstd:3,space_cache=v2,subvolid=257,subvol=/@home',
      'btrfs',
    ],
    ['nfsvers=4,proto=tcp,_netdev', 'rw,relatime rw,vers=4.2,proto=tcp,hard', 'nfs4'],
    ['umask=0077,uid=0', 'rw,relatime rw,fmask=0077,dmask=0077,uid=0', 'vfat'],
    ['user=me,password=x', 'rw,relatime rw,username=me', 'cifs'],
    ['size=50%,nr_inodes=10k', 'rw rw,size=1000k,nr_inodes=10240', 'tmpfs'],
    ['user', 'rw,nosuid,nodev,noexec,relatime rw', 'ext4'],
    ['ro', 'ro,relatime ro', 'iso9660'],
    ['defaults', 'ro,relatime ro', 'squashfs'],
    ['strictatime,async', 'rw rw', 'ext4'],
  ]) {
    it(`${opts}: ${shown} has it all`, () => expect(lacking(opts!, shown!, fstype!)).to.deep.equal([]));
  }

  for (const [opts, shown, fstype, missing] of [
    ['defaults', 'rw,relatime ro', 'ext4', 'rw'],
    ['defaults', 'rw,nosuid,noexec rw', 'ext4', 'suid,exec'],
    ['defaults,nosuid', 'rw,relatime rw', 'ext4', 'nosuid'],
    ['noatime', 'rw,relatime rw', 'ext4', 'noatime'],
    ['strictatime', 'rw,relatime rw', 'ext4', 'strictatime'],
    ['commit=30', 'rw rw', 'ext4', 'commit=30'],
    ['errors=panic', 'rw rw,errors=remount-ro', 'ext4', 'errors=panic'],
    ['vers=3', 'rw rw,vers=4.2', 'nfs', 'vers=3'],
    ['size=2M', 'rw rw,size=1024k', 'tmpfs', 'size=2M'],
    ['ro', 'rw rw', 'ext4', 'ro'],
  ]) {
    it(`${opts}: ${shown} lacks ${missing}`, () =>
      expect(lacking(opts!, shown!, fstype!).join()).to.equal(missing));
  }
});

describe('mount.mounted, its commands', () => {
  async function commandsOf(args: Record<string, unknown>): Promise<string[]> {
    await using stage = await hostOf({ host });
    const { plan } = await planOf(mounted, args, stage.host);
    if ('refused' in plan) throw new Error(plan.refused);
    return stepsOf(plan).map(({ effect }) =>
      effect.kind === 'exec' ? effect.command.argv.join(' ') : effect.kind,
    );
  }

  it('name options and places as words of their own', async () => {
    expect(await commandsOf({ ...tmpfs, name: '/opt/data', opts: 'size=1M' })).to.deep.equal([
      'mount -t tmpfs -o size=1M -- tmpfs /opt/data',
    ]);
    expect(await commandsOf(tmpfs)).to.deep.equal(['mount -t tmpfs -o remount,suid,dev -- tmpfs /srv/tmp']);
    expect(
      await commandsOf({
        name: '/srv/bound',
        device: '/opt/data',
        fstype: 'none',
        opts: 'bind',
        persist: false,
      }),
    ).to.deep.equal(['mount -o remount,bind,rw -- /opt/data /srv/bound']);
  });

  it('mount anew when something watched changed, unless it was just mounted', async () => {
    await using stage = await hostOf({ host });
    const args = argumentsOf(mounted, { ...tmpfs, opts: 'size=1M' });
    const now = await mounted.read(args, stage.host, { id: 'x', sls: 'y' });
    const [step] = stepsOf(mounted.react!(args, now, []) as never);
    expect(step!.effect).to.deep.include({
      command: { argv: ['mount', '-t', 'tmpfs', '-o', 'remount,size=1M', '--', 'tmpfs', '/srv/tmp'] },
    });
    expect(mounted.react!(args, now, [step!])).to.deep.equal([]);
  });

  it('show no password', async () => {
    await using stage = await hostOf({ host });
    const args = { ...tmpfs, name: '/opt/data', opts: 'user=a,password=secret', persist: true };
    const { plan } = await planOf(mounted, args, stage.host);
    const told = stepsOf(plan as never).map(({ change }) => JSON.stringify(change));
    expect(told.join()).to.include('password=(hidden)').and.not.include('secret');
  });
});
