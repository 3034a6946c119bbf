import { expect } from 'chai';
import system from '../../../engine/modules/timezone/system.ts';
import { planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const zoneinfo = Object.fromEntries(
  ['Europe/Berlin', 'Europe/Brussels', 'America/New_York', 'America/Argentina/Ushuaia', 'Etc/UTC', 'UTC'].map(
    (zone) => [`/usr/share/zoneinfo/${zone}`, 'TZif2'],
  ),
);
const etc = { '/etc': { directory: true as const } };

stateTester('timezone.system', system, [
  {
    title: 'sets the zone of a fresh node',
    args: { name: 'Europe/Berlin' },
    host: { files: { ...zoneinfo, ...etc } },
    expects: {
      changes: ['timezone'],
      files: { '/etc/localtime': { link: '../usr/share/zoneinfo/Europe/Berlin' }, '/etc/timezone': null },
    },
  },
  {
    title: 'replaces link and file, and the kind of clock',
    args: { name: 'Europe/Berlin', utc: false },
    host: {
      files: {
        ...zoneinfo,
        '/etc/localtime': { link: '/usr/share/zoneinfo/Etc/UTC' },
        '/etc/timezone': { content: 'Etc/UTC\n', mode: 0o644 },
        '/etc/adjtime': '1.5 1700000000 0.0\n1700000000\nUTC\n',
      },
    },
    expects: {
      changes: ['timezone', '/etc/timezone', 'hardware clock'],
      files: {
        '/etc/localtime': { link: '../usr/share/zoneinfo/Europe/Berlin' },
        '/etc/timezone': { content: 'Europe/Berlin\n', mode: 0o644 },
        '/etc/adjtime': '1.5 1700000000 0.0\n1700000000\nLOCAL\n',
      },
    },
  },
  {
    title: 'replaces a copy of a zone',
    args: { name: 'UTC' },
    host: { files: { ...zoneinfo, '/etc/localtime': 'TZif2', '/etc/adjtime': '0.0 0 0.0\n0\nLOCAL\n' } },
    expects: {
      changes: ['timezone', 'hardware clock'],
      files: {
        '/etc/localtime': { link: '../usr/share/zoneinfo/UTC' },
        '/etc/adjtime': '0.0 0 0.0\n0\nUTC\n',
      },
    },
  },
  {
    title: 'is content with an absolute link',
    args: { name: 'Europe/Berlin' },
    host: {
      files: { ...zoneinfo, '/etc/localtime': { link: '/usr/share/zoneinfo/Europe/Berlin' } },
    },
    expects: { changes: [], comment: 'Timezone Europe/Berlin already set' },
  },
  {
    title: 'refuses where there are no zones',
    args: { name: 'Europe/Berlin' },
    expects: { refused: 'There are no time zones in /usr/share/zoneinfo.' },
  },
  ...['Europe', '../../../etc/passwd', 'Europe/Berlin\n', '', '/Europe/Berlin', 'Europe/Nowhere']
    .filter((name) => name !== '')
    .map((name) => ({
      title: `refuses ${JSON.stringify(name)}`,
      args: { name },
      host: { files: { ...zoneinfo, '/etc/passwd': 'TZif' } },
      expects: { refused: `There is no time zone "${name}".` },
    })),
]);

describe('timezone.system, where a name is wrong', () => {
  for (const [name, guess] of [
    ['europe/berlin', 'Did you mean Europe/Berlin?'],
    ['Berlin', 'Did you mean Europe/Berlin?'],
    ['Europe/Berln', 'Did you mean Europe/Berlin?'],
    ['America/New York', 'Did you mean America/New_York?'],
    ['Ushuaia', 'Did you mean America/Argentina/Ushuaia?'],
    ['Middle/Earth', 'See /usr/share/zoneinfo.'],
  ] as const) {
    it(`${name}: ${guess}`, async () => {
      await using stage = await hostOf({ host: { files: zoneinfo } });
      const { plan } = await planOf(system, { name }, stage.host);
      expect(plan).to.include({ hint: guess });
    });
  }
});
