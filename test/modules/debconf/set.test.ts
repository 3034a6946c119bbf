import { expect } from 'chai';
import type { Step } from '../../../engine/core/state.ts';
import set from '../../../engine/modules/debconf/set.ts';
import { planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const config = '/var/cache/debconf/config.dat';
const passwords = '/var/cache/debconf/passwords.dat';
/** Written by debconf 1.5.82. */
const files = {
  '/usr/bin/debconf-set-selections': '',
  [config]: `Name: debconf/priority
Template: debconf/priority
Value: critical
Owners: debconf

Name: tzdata/Areas
Template: tzdata/Areas
Value: Etc
Owners: tzdata
Flags: seen
Variables:
 CHOICES = a, b

`,
  [passwords]: 'Name: app/password\nTemplate: app/password\nValue: old\nOwners: app\nFlags: seen\n\n',
};
const host = { answers: {}, files };

stateTester('debconf.set', set, [
  {
    title: 'answers questions, known or not, by one command',
    args: {
      name: 'tzdata',
      data: {
        'tzdata/Areas': { type: 'select', value: 'Europe' },
        'tzdata/Zones/Europe': { type: 'select', value: 'Berlin' },
      },
    },
    host,
    expects: {
      changes: ['tzdata/Areas', 'tzdata/Zones/Europe'],
      files: {
        [config]: `Name: debconf/priority
Template: debconf/priority
Value: critical
Owners: debconf

Name: tzdata/Areas
Template: tzdata/Areas
Value: Europe
Owners: tzdata
Flags: seen

Name: tzdata/Zones/Europe
Template: tzdata/Zones/Europe
Value: Berlin
Owners: tzdata
Flags: seen

`,
      },
    },
  },
  {
    title: 'is content with what is answered so',
    args: { name: 'tzdata', data: { 'tzdata/Areas': { type: 'select', value: 'Etc' } } },
    host,
    expects: { changes: [], comment: 'All questions of tzdata are answered so' },
  },
  {
    title: 'settles an answer that nobody gave',
    args: { name: 'debconf', data: { 'debconf/priority': { type: 'select', value: 'critical' } } },
    host,
    expects: { changes: ['debconf/priority'], files: { [passwords]: files[passwords]! } },
  },
  {
    title: 'writes booleans as debconf does',
    args: { name: 'app', data: { 'app/yes': { type: 'boolean', value: true } } },
    host,
    expects: {
      changes: ['app/yes'],
      effects: [
        {
          kind: 'exec',
          command: {
            argv: ['debconf-set-selections'],
            stdin: 'app app/yes boolean true\n',
            env: { LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
          },
          settles: [
            {
              about: 'file',
              effect: {
                kind: 'write',
                path: config,
                content: Buffer.from(
                  `${files[config]}Name: app/yes\nTemplate: app/yes\nValue: true\nOwners: app\nFlags: seen\n\n`,
                ),
              },
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  ...(
    [
      [
        'a type that is none',
        { 'a/b': { type: 'bool', value: true } },
        'The type of the question "a/b" is none that debconf has.',
      ],
      ['a question without type', { 'a/b': 'x' }, 'The type of the question "a/b" is none that debconf has.'],
      [
        'a value of two lines',
        { 'a/b': { type: 'string', value: 'x\napp app/c string y' } },
        /has to be one line/,
      ],
      ['a list', { 'a/b': { type: 'string', value: ['x'] } }, 'The value of the question "a/b" is not text.'],
      [
        'a question of two words',
        { 'a b': { type: 'string', value: 'x' } },
        '"a b" cannot be the name of a question.',
      ],
    ] as const
  ).map(([title, data, refused]) => ({
    title: `refuses ${title}`,
    args: { name: 'app', data },
    host,
    expects: { refused },
  })),
  {
    title: 'refuses a name that is none',
    args: { name: 'a b', data: { 'a/b': { type: 'string', value: 'x' } } },
    host,
    expects: { refused: '"a b" cannot be the name of a package.' },
  },
  {
    title: 'refuses where there is no debconf',
    args: { name: 'app', data: { 'a/b': { type: 'string', value: 'x' } } },
    host: { answers: {} },
    expects: { refused: 'There is no debconf here.' },
  },
  {
    title: 'refuses below a root',
    args: { name: 'app', data: { 'a/b': { type: 'string', value: 'x' } } },
    host: { files },
    expects: { refused: /^debconf cannot be told anything below/ },
  },
]);

describe('debconf.set, passwords', () => {
  it('are neither shown nor among the words of the command', async () => {
    await using stage = await hostOf({ host });
    const data = { 'app/password': { type: 'password', value: 'hush' } };
    const { plan } = await planOf(set, { name: 'app', data }, stage.host);
    const [step] = plan as readonly Step[];
    expect(step!.change).to.deep.equal({ subject: 'app/password', old: '(hidden)', new: '(hidden)' });
    const { effect } = step!;
    if (effect.kind !== 'exec') throw new Error(effect.kind);
    expect(effect.command.argv.join(' ')).to.not.include('hush');
    expect(effect.command.stdin).to.equal('app app/password password hush\n');
    expect(effect.settles).to.have.length(1);
    expect(effect.settles![0]).to.have.nested.property('effect.path', passwords);
  });
});
