import { expect } from 'chai';
import { stepsOf } from '../../../engine/core/state.ts';
import mounted from '../../../engine/modules/mount/mounted.ts';
import { planOf } from '../../helpers/apply.ts';
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

  it('show no password', async () => {
    await using stage = await hostOf({ host });
    const args = { ...tmpfs, name: '/opt/data', opts: 'user=a,password=secret', persist: true };
    const { plan } = await planOf(mounted, args, stage.host);
    const told = stepsOf(plan as never).map(({ change }) => JSON.stringify(change));
    expect(told.join()).to.include('password=(hidden)').and.not.include('secret');
  });
});
