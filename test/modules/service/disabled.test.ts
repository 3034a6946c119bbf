import disabled from '../../../engine/modules/service/disabled.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const running = { active: 'active', sub: 'running' };

stateTester('service.disabled', disabled, [
  {
    title: 'disables without stopping',
    args: { name: 'cron' },
    host: { units: { cron: { ...running, enabled: 'enabled' } } },
    expects: { changes: ['enablement'], units: { cron: { active: 'active', enabled: 'disabled' } } },
  },
  ...['disabled', 'static', 'masked', 'indirect'].map((state) => ({
    title: `is content with a unit that is ${state}`,
    args: { name: 'cron' },
    host: { units: { cron: { ...running, enabled: state } } },
    expects: { changes: [], comment: 'Service cron is already disabled' },
  })),
  {
    title: 'is content with a unit that is not there',
    args: { name: 'cron' },
    host: { units: {} },
    expects: { changes: [], comment: 'The named service cron is not available' },
  },
]);
