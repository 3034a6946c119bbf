import masked from '../../../engine/modules/service/masked.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const stopped = { active: 'inactive', sub: 'dead' };

stateTester('service.masked', masked, [
  {
    title: 'masks',
    args: { name: 'cups' },
    host: { units: { cups: { ...stopped, enabled: 'disabled' } } },
    expects: { changes: ['enablement'], units: { cups: { enabled: 'masked' } } },
  },
  {
    title: 'masks until the next boot',
    args: { name: 'cups', runtime: true },
    host: { units: { cups: { ...stopped, enabled: 'disabled' } } },
    expects: { changes: ['enablement'], units: { cups: { enabled: 'masked-runtime' } } },
  },
  {
    title: 'is content with a masked unit',
    args: { name: 'cups' },
    host: { units: { cups: { ...stopped, load: 'masked', enabled: 'masked' } } },
    expects: { changes: [], comment: 'Service cups is already masked' },
  },
]);
