import present from '../../../engine/modules/sysctl/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const config = '/etc/sysctl.d/99-converge.conf';
const machine = {
  '/proc/sys/net/ipv4/ip_forward': '0\n',
  '/proc/sys/net/ipv4/tcp_rmem': '4096\t131072\t6291456\n',
  '/proc/sys/net/ipv4/conf/eth0.1/forwarding': '0\n',
  '/usr/sbin/sysctl': '',
  [config]: '# ours\nvm.swappiness=10\n',
};
const live = { files: machine, answers: {} };

stateTester('sysctl.present', present, [
  {
    title: 'sets it now and at boot',
    args: { name: 'net.ipv4.ip_forward', value: true },
    host: live,
    expects: {
      changes: ['net.ipv4.ip_forward', `net.ipv4.ip_forward in ${config}`],
      files: {
        '/proc/sys/net/ipv4/ip_forward': '1\n',
        [config]: '# ours\nvm.swappiness=10\nnet.ipv4.ip_forward = 1\n',
      },
    },
  },
  {
    title: 'takes a list as it is, whatever its white space',
    args: { name: 'net.ipv4.tcp_rmem', value: '4096 131072  6291456' },
    host: { ...live, files: { ...machine, [config]: 'net/ipv4/tcp_rmem=4096 131072 6291456' } },
    expects: { changes: [] },
  },
  {
    title: 'knows a part with a dot',
    args: { name: 'net.ipv4.conf.eth0/1.forwarding', value: 1 },
    host: { ...live, files: { ...machine, [config]: 'net/ipv4/conf/eth0.1/forwarding = 0 \n# end\n' } },
    expects: {
      changes: ['net.ipv4.conf.eth0/1.forwarding', `net.ipv4.conf.eth0/1.forwarding in ${config}`],
      files: {
        '/proc/sys/net/ipv4/conf/eth0.1/forwarding': '1\n',
        [config]: 'net/ipv4/conf/eth0.1/forwarding = 1\n# end\n',
      },
    },
  },
  {
    title: 'refuses a parameter the kernel does not have',
    args: { name: 'net.bridge.bridge-nf-call-iptables', value: 0 },
    host: live,
    expects: { refused: 'The kernel has no parameter net.bridge.bridge-nf-call-iptables.' },
  },
  {
    title: 'or only warns',
    args: {
      name: 'net.bridge.bridge-nf-call-iptables',
      value: 0,
      ignore: true,
      config: '/etc/sysctl.d/b.conf',
    },
    host: live,
    expects: {
      changes: ['net.bridge.bridge-nf-call-iptables in /etc/sysctl.d/b.conf'],
      files: { '/etc/sysctl.d/b.conf': 'net.bridge.bridge-nf-call-iptables = 0\n' },
      warnings: [/has no parameter/],
    },
  },
  {
    title: 'warns of a later file that sets another value',
    args: { name: 'vm.swappiness', value: 10 },
    host: {
      files: {
        ...machine,
        '/usr/lib/sysctl.d/99-x.conf': '-vm.swappiness = 60\n',
        '/etc/sysctl.d/10-a.conf': 'vm.swappiness=1\n',
      },
    },
    expects: {
      changes: [],
      warnings: [
        'At boot /usr/lib/sysctl.d/99-x.conf sets vm.swappiness to 60 after /etc/sysctl.d/99-converge.conf.',
      ],
    },
  },
  {
    title: 'writes only the file below a root, with its folder',
    args: { name: 'kernel.panic', value: 10 },
    host: { files: { '/etc': { directory: true } } },
    expects: {
      changes: ['/etc/sysctl.d', `kernel.panic in ${config}`],
      files: { [config]: { content: 'kernel.panic = 10\n', mode: 0o644 } },
    },
  },
  {
    title: 'needs a tool',
    args: { name: 'net.ipv4.ip_forward', value: 1 },
    host: { ...live, files: { '/proc/sys/net/ipv4/ip_forward': '0\n' } },
    expects: { refused: /there is no sysctl here/ },
  },
  {
    title: 'refuses a name that leads elsewhere',
    args: { name: 'net/../../etc/passwd', value: 1 },
    expects: { refused: /is not the name of a kernel parameter/ },
  },
  {
    title: 'refuses a value of several lines',
    args: { name: 'kernel.panic', value: '1\nkernel.x = 2' },
    expects: { refused: /one line/ },
  },
]);
