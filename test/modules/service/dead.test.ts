import dead from '../../../engine/modules/service/dead.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const up = { active: 'active', sub: 'running', enabled: 'enabled' };

stateTester('service.dead', dead, [
  {
    title: 'disables and stops',
    args: { name: 'cups', enable: false },
    host: { units: { cups: up } },
    expects: {
      changes: ['enablement', 'state'],
      units: { cups: { active: 'inactive', enabled: 'disabled' } },
    },
  },
  {
    title: 'stops what systemd tries to keep up',
    args: { name: 'cups' },
    host: { units: { cups: { active: 'activating', sub: 'auto-restart', enabled: 'enabled' } } },
    expects: { changes: ['state'], units: { cups: { active: 'inactive', enabled: 'enabled' } } },
  },
  {
    title: 'is content with a failed unit',
    args: { name: 'cups' },
    host: { units: { cups: { active: 'failed', sub: 'failed', enabled: 'enabled' } } },
    expects: { changes: [], comment: 'The service cups is already dead' },
  },
  {
    title: 'is content with a unit that is not there',
    args: { name: 'cups', enable: false },
    host: { units: {} },
    expects: { changes: [], comment: 'The named service cups is not available' },
  },
  {
    title: 'does not wait where told so',
    args: { name: 'cups', no_block: true },
    host: { units: { cups: up } },
    expects: { changes: ['state'], units: { cups: { active: 'inactive' } } },
  },
]);
