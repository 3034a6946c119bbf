import unmasked from '../../../engine/modules/service/unmasked.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const stopped = { active: 'inactive', sub: 'dead' };

stateTester('service.unmasked', unmasked, [
  {
    title: 'unmasks',
    args: { name: 'cups' },
    host: { units: { cups: { ...stopped, load: 'masked', enabled: 'masked' } } },
    expects: { changes: ['masked'], units: { cups: { enabled: 'disabled' } } },
  },
  {
    title: 'lifts a mask that lasts until the next boot',
    args: { name: 'cups', runtime: true },
    host: { units: { cups: { ...stopped, load: 'masked', enabled: 'masked-runtime' } } },
    expects: { changes: ['masked'], units: { cups: { enabled: 'disabled' } } },
  },
  {
    title: 'is content with a unit that is not masked',
    args: { name: 'cups' },
    host: { units: { cups: { ...stopped, enabled: 'disabled' } } },
    expects: { changes: [], comment: 'Service cups is already unmasked' },
  },
]);
