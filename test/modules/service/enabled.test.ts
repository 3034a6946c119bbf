import enabled from '../../../engine/modules/service/enabled.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const stopped = { active: 'inactive', sub: 'dead' };

stateTester('service.enabled', enabled, [
  {
    title: 'enables without starting',
    args: { name: 'cron' },
    host: { units: { cron: { ...stopped, enabled: 'disabled' } } },
    expects: { changes: ['enablement'], units: { cron: { active: 'inactive', enabled: 'enabled' } } },
  },
  ...['enabled', 'alias', 'generated'].map((state) => ({
    title: `is content with a unit that is ${state}`,
    args: { name: 'cron' },
    host: { units: { cron: { ...stopped, enabled: state } } },
    expects: { changes: [], comment: 'Service cron is already enabled' },
  })),
  {
    title: 'says that a static unit cannot be enabled',
    args: { name: 'cron' },
    host: { units: { cron: { ...stopped, enabled: 'static' } } },
    expects: { changes: [], warnings: [/cannot be enabled/] },
  },
  {
    title: 'refuses a masked unit',
    args: { name: 'cron' },
    host: { units: { cron: { ...stopped, load: 'masked', enabled: 'masked' } } },
    expects: { refused: /is masked/ },
  },
  {
    title: 'refuses a unit that is not there',
    args: { name: 'cron' },
    host: { units: {} },
    expects: { refused: /is not available/ },
  },
  {
    title: 'tries it all the same where told so',
    args: { name: 'cron', skip_verify: true },
    host: { units: {} },
    expects: { failed: /^There is no unit cron/ },
  },
]);
