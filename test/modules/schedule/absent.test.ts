import absent from '../../../engine/modules/schedule/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const timer = '/etc/systemd/system/converge-report.timer';
const service = '/etc/systemd/system/converge-report.service';
const cron = '/etc/cron.d/converge-report';

stateTester('schedule.absent', absent, [
  {
    title: 'stops, disables and removes a timer',
    args: { name: 'report' },
    host: {
      units: { 'converge-report.timer': { active: 'active', enabled: 'enabled', fragment: timer } },
      files: { [timer]: '', [service]: '' },
    },
    expects: {
      changes: ['state', 'enablement', timer, service, 'exec'],
      files: { [timer]: null, [service]: null },
      units: { 'converge-report.timer': { active: 'inactive', load: 'not-found' } },
    },
  },
  {
    title: 'removes a file of cron',
    args: { name: 'report' },
    host: { files: { [cron]: '' } },
    expects: { changes: [cron], files: { [cron]: null } },
  },
  {
    title: 'is content where there is none',
    args: { name: 'report' },
    host: {},
    expects: { changes: [], comment: 'There is no job "report".' },
  },
]);
