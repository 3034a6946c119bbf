import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { Trouble } from '../../engine/core/diagnostic.ts';
import { type Dict, toPlain } from '../../engine/core/value.ts';
import { createGrains, type GrainsOptions } from '../../engine/source/grains.ts';
import type { System } from '../../engine/source/grains-facts.ts';
import { readMapping } from '../../engine/source/mapping.ts';

type Files = { readonly [path: string]: string };

/** What /etc of each distribution says, and what Salt 3007 makes of it. */
const distributions: readonly {
  readonly files: Files;
  readonly grains: { readonly [name: string]: unknown };
}[] = [
  {
    files: {
      '/etc/os-release':
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
    },
    grains: {
      os: 'Debian',
      os_family: 'Debian',
      osfullname: 'Debian GNU/Linux',
      osrelease: '12',
      osrelease_info: [12],
      osmajorrelease: 12,
      osfinger: 'Debian-12',
      oscodename: 'bookworm',
      osarch: 'amd64',
    },
  },
  {
    files: {
      '/etc/os-release':
        'PRETTY_NAME="Ubuntu 22.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=jammy\n',
      '/etc/lsb-release':
        'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.3 LTS"\n',
    },
    grains: {
      os: 'Ubuntu',
      os_family: 'Debian',
      osfullname: 'Ubuntu',
      osrelease: '22.04',
      osrelease_info: [22, 4],
      osmajorrelease: 22,
      osfinger: 'Ubuntu-22.04',
      oscodename: 'jammy',
      lsb_distrib_id: 'Ubuntu',
      lsb_distrib_description: 'Ubuntu 22.04.3 LTS',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7 (Core)"\nCPE_NAME="cpe:/o:centos:centos:7"\n',
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n',
    },
    grains: {
      os: 'CentOS',
      os_family: 'RedHat',
      osfullname: 'CentOS Linux',
      osrelease: '7.9.2009',
      osmajorrelease: 7,
      osfinger: 'CentOS Linux-7',
      oscodename: 'CentOS Linux 7 (Core)',
      osarch: 'x86_64',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="CentOS Stream"\nVERSION="9"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="9"\nPRETTY_NAME="CentOS Stream 9"\n',
      '/etc/centos-release': 'CentOS Stream release 9\n',
    },
    grains: {
      os: 'CentOS Stream',
      os_family: 'RedHat',
      osfullname: 'CentOS Stream',
      osrelease: '9',
      osfinger: 'CentOS Stream-9',
      oscodename: 'CentOS Stream 9',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nPRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"\n',
    },
    grains: {
      os: 'Rocky',
      os_family: 'RedHat',
      osfullname: 'Rocky Linux',
      osrelease: '9.3',
      osrelease_info: [9, 3],
      osmajorrelease: 9,
      osfinger: 'Rocky Linux-9',
      oscodename: 'Blue Onyx',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="AlmaLinux"\nVERSION="8.9 (Midnight Oncilla)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.9"\nPRETTY_NAME="AlmaLinux 8.9 (Midnight Oncilla)"\n',
    },
    grains: {
      os: 'AlmaLinux',
      os_family: 'RedHat',
      osfullname: 'AlmaLinux',
      osrelease: '8.9',
      osfinger: 'AlmaLinux-8',
      oscodename: 'Midnight Oncilla',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="Red Hat Enterprise Linux"\nVERSION="9.2 (Plow)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.2"\nPRETTY_NAME="Red Hat Enterprise Linux 9.2 (Plow)"\n',
    },
    grains: {
      os: 'RedHat',
      os_family: 'RedHat',
      osfullname: 'Red Hat Enterprise Linux',
      osrelease: '9.2',
      osfinger: 'Red Hat Enterprise Linux-9',
      oscodename: 'Plow',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="Fedora Linux"\nVERSION="39 (Server Edition)"\nID=fedora\nVERSION_ID=39\nVERSION_CODENAME=""\nPRETTY_NAME="Fedora Linux 39 (Server Edition)"\n',
    },
    grains: {
      os: 'Fedora',
      os_family: 'RedHat',
      osfullname: 'Fedora Linux',
      osrelease: '39',
      osmajorrelease: 39,
      osfinger: 'Fedora Linux-39',
      oscodename: '',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="Amazon Linux"\nVERSION="2"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\nPRETTY_NAME="Amazon Linux 2"\n',
    },
    grains: {
      os: 'Amazon',
      os_family: 'RedHat',
      osfullname: 'Amazon Linux',
      osrelease: '2',
      osfinger: 'Amazon Linux-2',
      oscodename: 'Amazon Linux 2',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="openSUSE Leap"\nVERSION="15.5"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"\nPRETTY_NAME="openSUSE Leap 15.5"\n',
    },
    grains: {
      os: 'SUSE',
      os_family: 'Suse',
      osfullname: 'Leap',
      osrelease: '15.5',
      osrelease_info: [15, 5],
      osfinger: 'Leap-15',
      oscodename: 'openSUSE Leap 15.5',
    },
  },
  {
    files: {
      '/etc/os-release':
        'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.0\nPRETTY_NAME="Alpine Linux v3.19"\n',
    },
    grains: {
      os: 'Alpine',
      os_family: 'Alpine',
      osfullname: 'Alpine Linux',
      osrelease: '3.19.0',
      osmajorrelease: 3,
      osfinger: 'Alpine Linux-3',
      oscodename: 'Alpine Linux v3.19',
      osarch: 'x86_64',
    },
  },
  {
    files: { '/etc/os-release': 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n' },
    grains: {
      os: 'Arch',
      os_family: 'Arch',
      osfullname: 'Arch Linux',
      osrelease: 'rolling',
      osmajorrelease: undefined,
      osfinger: 'Arch Linux-rolling',
    },
  },
];

const system: System = {
  hostname: 'web1',
  kernel: 'Linux',
  release: '6.1.0-18-amd64',
  version: '#1 SMP Debian 6.1.76-1',
  machine: 'x86_64',
  cpus: 8,
  memory: 4 * 2 ** 30,
  interfaces: {
    lo: [
      {
        address: '127.0.0.1',
        netmask: '255.0.0.0',
        family: 'IPv4',
        mac: '00:00:00:00:00:00',
        internal: true,
        cidr: '127.0.0.1/8',
      },
      {
        address: '::1',
        netmask: 'ffff::',
        family: 'IPv6',
        mac: '00:00:00:00:00:00',
        internal: true,
        cidr: '::1/128',
        scopeid: 0,
      },
    ],
    eth0: [
      {
        address: '192.0.2.7',
        netmask: '255.255.255.0',
        family: 'IPv4',
        mac: '02:00:00:00:00:07',
        internal: false,
        cidr: '192.0.2.7/24',
      },
    ],
  },
  uid: 0,
  gid: 0,
  pid: 4711,
  cwd: '/root',
  env: { PATH: '/usr/bin:/bin', LANG: 'de_DE.UTF-8', SHELL: '/bin/bash' },
};

describe('grains', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'converge-grains-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }

  function grains(files: Files, options: GrainsOptions = {}): Dict {
    write(files);
    return createGrains({ root, machine: root, system, ...options });
  }

  function grain(files: Files, name: string): unknown {
    return toPlain(grains(files).get(name));
  }

  for (const { files, grains: expected } of distributions) {
    it(`names ${expected['osfullname']} ${expected['osrelease']} as Salt does`, () => {
      const found = grains(files);
      const some = Object.keys(expected).map((name) => [
        name,
        found.has(name) ? toPlain(found.get(name)) : undefined,
      ]);
      expect(Object.fromEntries(some)).to.deep.equal(expected);
    });
  }

  it('puts unknown distributions into the family they name', () => {
    const like = (text: string) =>
      grain(
        { '/etc/os-release': `NAME="New Linux"\nID=new\nVERSION_ID=1\nID_LIKE="${text}"\n` },
        'os_family',
      );
    expect(like('ubuntu debian')).to.equal('Debian');
    expect(like('centos rhel fedora')).to.equal('RedHat');
    expect(like('')).to.equal('New');
  });

  it('knows names from /etc/hosts and asks no DNS', () => {
    const found = grains({
      '/etc/hosts':
        '127.0.0.1 localhost\n# 192.0.2.1 web1.wrong.org web1\n192.0.2.7\tweb1.example.org web1 # ours\n::7 web1.example.org\n',
    });
    expect(['id', 'fqdn', 'host', 'domain', 'nodename'].map((name) => found.get(name))).to.deep.equal([
      'web1.example.org',
      'web1.example.org',
      'web1',
      'example.org',
      'web1',
    ]);
    expect(toPlain(found.get('fqdn_ip4'))).to.deep.equal(['192.0.2.7']);
    expect(toPlain(found.get('fqdn_ip6'))).to.deep.equal(['::7']);
  });

  it('goes by its bare name where nothing else is known', () => {
    const found = grains({ '/etc/hosts': '127.0.0.1 localhost.localdomain localhost web1\n' });
    expect(['id', 'fqdn', 'host', 'domain'].map((name) => found.get(name))).to.deep.equal([
      'web1',
      'web1',
      'web1',
      '',
    ]);
  });

  it('takes the id it is given', () => {
    expect(grains({}, { id: 'db.example.org' }).get('id')).to.equal('db.example.org');
  });

  it('knows addresses', () => {
    const found = grains({
      '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
      '/sys/class/net/eth0/address': '02:00:00:00:00:07\n',
      '/sys/class/net/eth1/address': '02:00:00:00:00:08\n',
      '/proc/net/route':
        'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n',
      '/etc/resolv.conf': '# comment\nsearch example.org\nnameserver 192.0.2.53\nnameserver ::53\n',
    });
    const plain = (name: string) => toPlain(found.get(name));
    expect(plain('ipv4')).to.deep.equal(['127.0.0.1', '192.0.2.7']);
    expect(plain('ipv6')).to.deep.equal(['::1']);
    expect(plain('ip4_interfaces')).to.deep.equal({ eth0: ['192.0.2.7'], eth1: [], lo: ['127.0.0.1'] });
    expect(plain('ip_interfaces')).to.deep.equal({ eth0: ['192.0.2.7'], eth1: [], lo: ['127.0.0.1', '::1'] });
    expect(plain('hwaddr_interfaces')).to.deep.include({ eth1: '02:00:00:00:00:08' });
    expect(plain('ip4_gw')).to.equal('192.0.2.1');
    expect(plain('dns')).to.deep.include({ nameservers: ['192.0.2.53', '::53'], search: ['example.org'] });
  });

  it('knows the machine', () => {
    const found = grains({
      '/proc/cpuinfo':
        'processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse2\n\nprocessor\t: 1\nmodel name\t: AMD EPYC\n',
      '/proc/meminfo': 'MemTotal:        2046980 kB\nMemFree: 1 kB\nSwapTotal:       1048572 kB\n',
      '/proc/cmdline': 'root=/dev/vda1 quiet name="a b"\n',
      '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
      '/sys/class/dmi/id/product_uuid': 'ABCDEF\n',
    });
    const plain = (name: string) => toPlain(found.get(name));
    expect(plain('num_cpus')).to.equal(2);
    expect(plain('cpu_model')).to.equal('AMD EPYC');
    expect(plain('cpu_flags')).to.deep.equal(['fpu', 'sse2']);
    expect(plain('mem_total')).to.equal(1999);
    expect(plain('swap_total')).to.equal(1023);
    expect(plain('kernelparams')).to.deep.equal([
      ['root', '/dev/vda1'],
      ['quiet', null],
      ['name', 'a b'],
    ]);
    expect(plain('machine_id')).to.equal('0123456789abcdef0123456789abcdef');
    expect(plain('uuid')).to.equal('abcdef');
    expect(found.has('serialnumber')).to.equal(false);
  });

  it('falls back on what Node knows where /proc tells nothing', () => {
    const found = grains({});
    expect([found.get('num_cpus'), found.get('mem_total'), found.get('swap_total')]).to.deep.equal([
      8, 4096, 0,
    ]);
  });

  for (const [what, files, virtual, subtype] of [
    ['a machine', {}, 'physical', undefined],
    ['nspawn', { '/run/systemd/container': 'systemd-nspawn\n' }, 'container', 'systemd-nspawn'],
    ['Docker', { '/.dockerenv': '' }, 'container', 'Docker'],
    ['LXC', { '/proc/1/cgroup': '9:cpu:/lxc/web1\n' }, 'container', 'LXC'],
    ['KVM', { '/sys/class/dmi/id/sys_vendor': 'QEMU\n' }, 'kvm', undefined],
    ['VMware', { '/sys/class/dmi/id/product_name': 'VMware7,1\n' }, 'VMware', undefined],
    ['VirtualBox', { '/sys/class/dmi/id/product_name': 'VirtualBox\n' }, 'VirtualBox', undefined],
    ['Xen', { '/sys/hypervisor/type': 'xen\n' }, 'xen', undefined],
    ['an unknown hypervisor', { '/proc/cpuinfo': 'flags : fpu hypervisor\n' }, 'kvm', undefined],
  ] as const) {
    it(`recognises ${what}`, () => {
      const found = grains(files);
      expect([found.get('virtual'), found.get('virtual_subtype')]).to.deep.equal([virtual, subtype]);
    });
  }

  it('knows the init system', () => {
    expect(
      grain({ '/run/systemd/system/x': '', '/usr/lib/systemd/libsystemd-shared-254.so': '' }, 'init'),
    ).to.equal('systemd');
    expect(grain({}, 'systemd')).to.deep.equal({ version: '254' });
  });

  it('knows settings and the user', () => {
    const found = grains({
      '/etc/passwd': 'daemon:x:1:1::/:/bin/false\nroot:x:0:0:root:/root:/bin/bash\n',
      '/etc/group': 'root:x:0:\n',
      '/sys/fs/selinux/enforce': '1',
      '/etc/timezone': 'Europe/Berlin\n',
    });
    const plain = (name: string) => toPlain(found.get(name));
    expect([plain('username'), plain('groupname'), plain('shell')]).to.deep.equal([
      'root',
      'root',
      '/bin/bash',
    ]);
    expect(plain('systempath')).to.deep.equal(['/usr/bin', '/bin']);
    expect(plain('selinux')).to.deep.equal({ enabled: true, enforced: 'Enforcing' });
    expect(plain('timezone')).to.equal('Europe/Berlin');
    expect(plain('locale_info')).to.deep.include({ defaultlanguage: 'de_DE', defaultencoding: 'UTF-8' });
    symlinkSync('/usr/share/zoneinfo/America/New_York', join(root, 'etc/localtime'));
    expect(grain({}, 'timezone')).to.equal('America/New_York');
  });

  it('looks at an image instead of this machine, where it has an os-release', () => {
    const image = join(root, 'image');
    mkdirSync(image);
    const options = { root: image, machine: root };
    write({ '/etc/os-release': 'NAME=Ubuntu\nID=ubuntu\nVERSION_ID=24.04\n' });
    expect(grains({}, options).get('osfinger')).to.equal('Ubuntu-24.04');
    write({
      '/image/etc/os-release': 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID=12\n',
      '/image/etc/hostname': 'img\n',
    });
    expect(grains({}, options).get('osfinger')).to.equal('Debian-12');
    expect(grains({}, options).get('id')).to.equal('img');
  });

  it('survives files that are odd', () => {
    const odd = '\x00\x01=\n====\n"\nNAME="\nVERSION_ID=\'\n\xff';
    const found = grains({
      '/etc/os-release': odd,
      '/etc/hosts': odd,
      '/etc/passwd': odd,
      '/proc/cpuinfo': odd,
      '/proc/meminfo': odd,
      '/proc/net/route': odd,
      '/etc/resolv.conf': odd,
      '/etc/machine-id/x': '',
    });
    expect(found.size).to.be.above(40);
  });

  describe('as a dict', () => {
    it('gathers nothing before it is asked', () => {
      const untouchable = new Proxy(system, {
        get(_, name) {
          throw new Error(`asked for ${String(name)}`);
        },
      });
      const found = createGrains({
        root,
        machine: root,
        system: untouchable,
        id: 'me',
        own: new Map([['os', 'Mine']]),
      });
      expect([found.get('id'), found.get('os'), found.get('nonsense')]).to.deep.equal([
        'me',
        'Mine',
        undefined,
      ]);
      expect(() => found.get('kernel')).to.throw('asked for kernel');
    });

    it('lets own grains win, whatever is asked first', () => {
      const own = new Map<string, string>([
        ['os', 'Mine'],
        ['rack', 'r1'],
      ]);
      const found = grains({}, { own });
      found.get('os_family');
      expect([found.get('os'), found.get('rack')]).to.deep.equal(['Mine', 'r1']);
      expect(new Map(found).get('os')).to.equal('Mine');
    });

    it('is complete however it is walked through', () => {
      const ways: readonly ((dict: Dict) => number)[] = [
        (dict) => dict.size,
        (dict) => [...dict].length,
        (dict) => [...dict.keys()].length,
        (dict) => [...dict.values()].length,
        (dict) => [...dict.entries()].length,
        (dict) => Object.keys(toPlain(dict) as object).length,
        (dict) => new Map(dict).size,
        (dict) => {
          let count = 0;
          dict.forEach(() => {
            count++;
          });
          return count;
        },
      ];
      const counts = ways.map((count) => count(grains({})));
      expect(new Set(counts).size, String(counts)).to.equal(1);
      expect(counts[0]).to.be.above(40);
    });

    it('can be changed', () => {
      const found = grains({});
      found.set('os', 'Other');
      expect(found.get('os')).to.equal('Other');
      expect(found.delete('kernel')).to.equal(true);
      expect(found.has('kernel')).to.equal(false);
      expect([...found.keys()]).to.not.include('kernel');
      found.clear();
      expect(found.size).to.equal(0);
    });
  });

  describe('of a file', () => {
    it('are read from YAML and JSON', () => {
      write({
        '/a.yaml': 'roles:\n  - web\nmode: 0644\n',
        '/b.json': '{"os": "Debian"}',
        '/c.yaml': '# nothing\n',
      });
      expect(toPlain(readMapping(join(root, 'a.yaml')))).to.deep.equal({ roles: ['web'], mode: 644 });
      expect(toPlain(readMapping(join(root, 'b.json')))).to.deep.equal({ os: 'Debian' });
      expect(readMapping(join(root, 'c.yaml'))).to.deep.equal(new Map());
      expect(readMapping(join(root, 'none.yaml'))).to.equal(undefined);
    });

    it('have to be a mapping in UTF-8 and YAML', () => {
      write({ '/list': '- a\n', '/broken': 'a: [\n' });
      writeFileSync(join(root, 'latin'), Buffer.from('a: \xe9\n', 'latin1'));
      const code = (name: string) => {
        try {
          readMapping(join(root, name));
        } catch (error) {
          if (error instanceof Trouble) return error.diagnostics[0]!.code;
        }
        return undefined;
      };
      expect(['list', 'broken', 'latin', '.'].map(code)).to.deep.equal([
        'bad-grains',
        'yaml-syntax',
        'not-utf8',
        'file-unreadable',
      ]);
    });
  });
});
