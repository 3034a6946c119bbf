import absent from '../../../engine/modules/network/route_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { answers, ifupdown } from './machine.ts';

const file = '/etc/network/interfaces.d/converge-eth1-route-10-5-0-0-16';

stateTester('network.route_absent', absent, [
  {
    title: 'removes a route and its file',
    args: { name: '10.5.0.0/16' },
    host: { files: { ...ifupdown, [file]: 'iface eth1 inet manual\n' }, answers },
    expects: { changes: ['route to 10.5.0.0/16', file], files: { [file]: null } },
  },
  {
    title: 'leaves another gateway alone',
    args: { name: '10.5.0.0/16', gateway: '10.77.0.9', persist: false },
    host: { answers },
    expects: { changes: [] },
  },
  {
    title: 'removes a default route of one family',
    args: { name: 'default', gateway: '192.0.2.1', persist: false },
    host: { answers },
    expects: { changes: ['route to default'], files: {} },
  },
  {
    title: 'refuses what is no network',
    args: { name: 'home' },
    host: { answers },
    expects: { refused: '"home" is not an address.' },
  },
]);
