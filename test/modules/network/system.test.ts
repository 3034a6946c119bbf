import system from '../../../engine/modules/network/system.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const files = { '/proc/sys/kernel/hostname': 'old\n', '/etc/hostname': 'old\n' };

stateTester('network.system', system, [
  {
    title: 'names the node at boot',
    args: { hostname: 'web1', enabled: true },
    host: { files, answers: {} },
    expects: { changes: ['name at boot'], files: { '/etc/hostname': 'web1\n' } },
  },
  {
    title: 'and now where told so, by systemd where there is no other tool',
    args: { hostname: 'web1', apply_hostname: true },
    host: { files, answers: {} },
    expects: { changes: ['name now', 'name at boot'], files: { '/proc/sys/kernel/hostname': 'web1\n' } },
  },
]);
