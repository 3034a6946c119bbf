import absent from '../../../engine/modules/systemd/unit_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const at = '/etc/systemd/system/app.service';
const up = { active: 'active', sub: 'running', enabled: 'enabled', fragment: at };

stateTester('systemd.unit_absent', absent, [
  {
    title: 'stops, disables and removes a unit',
    args: { name: 'app' },
    host: { units: { app: up }, files: { [at]: 'x' } },
    expects: {
      changes: ['state', 'enablement', at, 'exec', 'exec'],
      files: { [at]: null },
      units: { app: { active: 'inactive', load: 'not-found' } },
    },
  },
  {
    title: 'restarts a unit of a package that is no longer hidden',
    args: { name: 'app' },
    host: { units: { app: up }, files: { [at]: 'x', '/usr/lib/systemd/system/app.service': 'y' } },
    expects: {
      changes: [at, 'exec', 'state'],
      files: { [at]: null },
      units: { app: { active: 'active', load: 'loaded' } },
    },
  },
  {
    title: 'removes a drop-in and its folder',
    args: { name: 'app', dropin: 'x' },
    host: { units: { app: { ...up, active: 'inactive' } }, files: { [at]: 'x', [`${at}.d/x.conf`]: 'y' } },
    expects: { changes: [`${at}.d/x.conf`, 'remove', 'exec'], files: { [`${at}.d`]: null, [at]: 'x' } },
  },
  {
    title: 'keeps a folder with other drop-ins, and leaves the unit running as it is',
    args: { name: 'app', dropin: 'x.conf', restart: false },
    host: {
      units: { app: up },
      files: { [at]: 'x', [`${at}.d/x.conf`]: 'y', [`${at}.d/z.conf`]: 'z' },
    },
    expects: { changes: [`${at}.d/x.conf`, 'exec'], files: { [`${at}.d/z.conf`]: 'z' } },
  },
  {
    title: 'stops the instances of a template',
    args: { name: 'app@', instances: ['a', 'b'] },
    host: {
      units: { 'app@a': { ...up, enabled: 'disabled' }, 'app@b': { enabled: 'enabled' } },
      files: { '/etc/systemd/system/app@.service': 'x' },
    },
    expects: {
      changes: [
        'app@a.service state',
        'app@b.service enablement',
        '/etc/systemd/system/app@.service',
        'exec',
        'exec',
        'exec',
      ],
      files: { '/etc/systemd/system/app@.service': null },
    },
  },
  {
    title: 'clears away what systemd still keeps of a unit without a file',
    args: { name: 'app' },
    host: { units: { app: { load: 'not-found', active: 'failed' } } },
    expects: { changes: ['state'], units: { app: { active: 'inactive' } } },
  },
  {
    title: 'only removes the file below a root',
    args: { name: 'app' },
    host: { files: { [at]: 'x' } },
    expects: { changes: [at], files: { [at]: null } },
  },
  {
    title: 'leaves a mask alone',
    args: { name: 'app' },
    host: { units: { app: { enabled: 'masked', load: 'masked' } }, files: { [at]: { link: '/dev/null' } } },
    expects: { changes: [], comment: `${at} is not there.` },
  },
  {
    title: 'refuses a name that leads elsewhere',
    args: { name: '../x' },
    host: { units: {} },
    expects: { refused: /cannot be the name of a unit/ },
  },
]);
