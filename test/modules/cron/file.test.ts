import file from '../../../engine/modules/cron/file.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { debian, header, tab } from './_host.ts';

stateTester('cron.file', file, [
  {
    title: 'installs a source, with a newline at its end',
    args: { name: 'salt://tab' },
    sources: { tab: '@daily x' },
    host: debian(`${header}@daily y\n`),
    expects: { changes: ['crontab'], files: { [tab]: '@daily x\n' } },
  },
  {
    title: 'leaves the same alone',
    args: { name: 'salt://tab' },
    sources: { tab: '@daily x\n' },
    host: debian(`${header}@daily x\n`),
    expects: { changes: [], comment: 'The crontab of root is in place.' },
  },
  {
    title: 'renders a template',
    args: {
      name: 'salt://tab',
      template: 'jinja',
      context: { what: 'x' },
      defaults: { what: 'y', when: '@daily' },
    },
    sources: { tab: '{{ when }} {{ what }}\n' },
    host: debian(),
    expects: { changes: ['crontab'], files: { [tab]: '@daily x\n' } },
  },
  {
    title: 'leaves a crontab alone that is not to be replaced',
    args: { name: 'salt://tab', replace: false },
    sources: { tab: '@daily x\n' },
    host: debian('@daily y\n'),
    expects: { changes: [], files: { [tab]: '@daily y\n' } },
  },
  {
    title: 'removes the crontab for an empty source',
    args: { name: 'salt://tab' },
    sources: { tab: '' },
    host: debian('@daily y\n'),
    expects: { changes: ['crontab'], files: { [tab]: null } },
  },
  {
    title: 'refuses a source that is not there',
    args: { name: 'salt://tab' },
    host: debian(),
    expects: { refused: 'salt://tab is not in the file roots.' },
  },
  {
    title: 'refuses the web without a hash',
    args: { name: 'https://example.com/tab' },
    host: debian(),
    expects: { refused: /has no source_hash/ },
  },
]);
