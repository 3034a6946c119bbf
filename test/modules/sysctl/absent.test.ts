import absent from '../../../engine/modules/sysctl/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const config = '/etc/sysctl.d/99-converge.conf';

stateTester('sysctl.absent', absent, [
  {
    title: 'removes every line of it and nothing else',
    args: { name: 'vm.swappiness' },
    host: { files: { [config]: '# vm.swappiness = 1\nvm/swappiness=10\nvm.x = 1\n-vm.swappiness = 20' } },
    expects: {
      changes: [`vm.swappiness in ${config}`],
      files: { [config]: '# vm.swappiness = 1\nvm.x = 1\n' },
    },
  },
  { title: 'is content where nothing sets it', args: { name: 'vm.swappiness' }, expects: { changes: [] } },
  { title: 'refuses what is no name', args: { name: 'vm' }, expects: { refused: /not the name/ } },
]);
