import { keptFor } from '../../../engine/modules/acme/_arguments.ts';
import absent from '../../../engine/modules/acme/certificate_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const file = '/etc/site.pem';
const folder = '/var/lib/converge/acme';
const kept = keptFor(file, folder);

stateTester('acme.certificate_absent', absent, [
  {
    title: 'removes the files and what is kept, and not the account',
    args: { name: file, key_file: '/etc/site.key' },
    host: {
      files: {
        [file]: 'x',
        '/etc/site.key': 'x',
        '/etc/other.pem': 'x',
        [kept.key]: 'x',
        [kept.chain]: 'x',
        [kept.previous]: 'x',
        [kept.note]: '{}',
        [`${folder}/account-ca.test.key`]: 'x',
      },
    },
    expects: {
      changes: [file, '/etc/site.key', kept.key, kept.chain, kept.previous, kept.note],
      files: {
        [file]: null,
        '/etc/site.key': null,
        [kept.key]: null,
        '/etc/other.pem': 'x',
        [`${folder}/account-ca.test.key`]: 'x',
      },
    },
  },
  { title: 'has nothing to do where there is nothing', args: { name: file }, expects: { changes: [] } },
]);
