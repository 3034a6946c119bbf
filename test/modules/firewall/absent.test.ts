import { listCommand } from '../../../engine/modules/firewall/_listing.ts';
import absent from '../../../engine/modules/firewall/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { answers, listed, text } from './machine.ts';

const wants = '/etc/systemd/system/sysinit.target.wants/converge-firewall.service';
const too = '/etc/systemd/system/nftables.service.wants/converge-firewall.service';
const unit = '/etc/systemd/system/converge-firewall.service';
const ruleset = '/etc/converge/firewall.nft';
const files = {
  [wants]: { link: unit },
  [too]: { link: unit },
  [`${wants}.other`]: 'x',
  [unit]: 'x',
  [ruleset]: 'x',
} as const;
const table = [
  ...['set members_4', 'elements of set members_4', 'set members_6', 'elements of set members_6'],
  ...['set nobody_4', 'set nobody_6', 'set input.allow.1.4', 'set input.allow.1.6'],
  ...['chain refused', 'chain input'],
];

stateTester('firewall.absent', absent, [
  {
    title: 'deletes the table, and what loads it at boot',
    args: {},
    host: { files, answers: answers({ json: listed(), text }) },
    expects: {
      changes: [...table, 'at boot', 'with nftables.service', 'remove', unit, ruleset],
      files: { [wants]: null, [unit]: null, [ruleset]: null },
    },
  },
  {
    title: 'can be undone',
    args: {},
    host: { answers: answers({ json: listed(), text }) },
    expects: {
      changes: table,
      effects: [
        {
          kind: 'exec',
          command: { argv: ['nft', 'delete', 'table', 'inet', 'converge'] },
          undo: {
            argv: ['nft', '-f', '-'],
            stdin: `table inet converge\ndelete table inet converge\n${text}`,
          },
          settles: [
            {
              about: 'answer',
              command: listCommand,
              stdout: '',
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'stops the unit first where systemd runs',
    args: {},
    host: {
      files: { [unit]: 'x', '/run/systemd/system': { directory: true } },
      units: { 'converge-firewall': { active: 'active' } },
      answers: answers({}),
    },
    expects: {
      changes: ['unit', unit, 'exec'],
      units: { 'converge-firewall.service': { active: 'inactive', load: 'not-found' } },
    },
  },
  {
    title: 'has nothing to do where there is nothing',
    args: {},
    host: { answers: answers({}) },
    expects: { changes: [], comment: 'There is no firewall by converge.' },
  },
  {
    title: 'needs no nft for that',
    args: {},
    host: { answers: {} },
    expects: { changes: [] },
  },
  {
    title: 'only removes files below another root',
    args: {},
    host: { files },
    expects: {
      changes: ['at boot', 'with nftables.service', 'remove', unit, ruleset],
      files: { [ruleset]: null },
    },
  },
]);
