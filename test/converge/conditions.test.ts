/** Conditions asked on a host: who is skipped, what is said, and what a look-up's answer counts for. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Asking, checked, skippedBy } from '../../engine/converge/conditions.ts';
import { Float } from '../../engine/core/value.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { compiled, statesOf, stateWith } from '../helpers/sls.ts';

const states = statesOf({ 'm.state': stateWith() });
const host = createLocalHost();

function read(args: string) {
  return compiled(`x:\n  m.state:\n    - ${args}\n`, states)[0]!;
}

function asking(answer: unknown = true, calls: unknown[] = []): Asking {
  return {
    host,
    call: (fun, args, kwargs) => {
      calls.push([fun, args, [...kwargs]]);
      return answer;
    },
  };
}

describe('skippedBy', () => {
  const cases: [args: string, reason: string | undefined][] = [
    ['onlyif: "true"', undefined],
    ['onlyif: exit 3', 'onlyif condition is false: exit 3 (exit status 3)'],
    ['onlyif: ["true", "false"]', 'onlyif condition is false: false (exit status 1)'],
    ['unless: "true"', 'unless condition is true: true (exit status 0)'],
    ['unless: "false"', undefined],
    ['unless: ["true", "false"]', undefined],
    ['unless: ["true", ":"]', 'unless condition is true: true (exit status 0); : (exit status 0)'],
    ['onlyif: "false"\n    - unless: "true"', 'onlyif condition is false: false (exit status 1)'],
    ['onlyif: "true"\n    - unless: "true"', 'unless condition is true: true (exit status 0)'],
    ['onlyif: yes', undefined],
    ['unless: yes', undefined],
    ['creates: /', '/ exists'],
    ['creates: [/, /tmp]', '/, /tmp exists'],
    ['creates: [/, /nowhere/at/all]', undefined],
    ['creates: []', undefined],
    ['onlyif: test "$A" = b\n    - env: {A: b}', undefined],
    ['onlyif: test "$PWD" = /\n    - cwd: /', undefined],
    ['onlyif: test "$0" = /bin/bash\n    - shell: /bin/bash', undefined],
    ['onlyif: no-such-program-here', 'onlyif condition is false: no-such-program-here (exit status 127)'],
    ['onlyif: "true"\n    - cwd: /nowhere/at/all', 'onlyif condition is false: true (exit status 127)'],
  ];
  for (const [args, reason] of cases) {
    it(`${JSON.stringify(args)}: ${reason ?? 'runs'}`, async () => {
      expect(await skippedBy(read(args), asking())).to.equal(reason);
    });
  }

  it('follows links to what is created', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'converge-conditions-'));
    try {
      symlinkSync('nowhere', join(folder, 'broken'));
      writeFileSync(join(folder, 'file'), '');
      symlinkSync('file', join(folder, 'good'));
      expect(await skippedBy(read(`creates: ${folder}/broken`), asking())).to.equal(undefined);
      expect(await skippedBy(read(`creates: ${folder}/good`), asking())).to.equal(`${folder}/good exists`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('asks only while it matters', async () => {
    const calls: unknown[] = [];
    await skippedBy(read('onlyif: ["false", {fun: a.b}]'), asking(true, calls));
    await skippedBy(read('unless: ["false", {fun: a.b}]'), asking(true, calls));
    expect(calls).to.deep.equal([]);
  });
});

describe('look-ups as conditions', () => {
  const answers: [answer: unknown, holds: boolean][] = [
    [true, true],
    [false, false],
    [null, false],
    ['', false],
    ['False', true],
    [0, false],
    [2, true],
    [0n, false],
    [new Float(0), false],
    [new Float(1), true],
    [[], false],
    [[0], true],
    [new Map(), false],
    [new Map([['a', 1]]), true],
    [Promise.resolve(false), false],
  ];
  for (const [index, [answer, holds]] of answers.entries()) {
    it(`${index + 1}: ${typeof answer} ${JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? `${value}` : value))} ${holds ? 'holds' : 'does not hold'}`, async () => {
      const skipped = await skippedBy(read('onlyif: [{fun: a.b}]'), asking(answer));
      expect(skipped === undefined).to.equal(holds);
    });
  }

  it('hand over arguments as they are written', async () => {
    const calls: unknown[] = [];
    await skippedBy(
      read('onlyif: [{fun: a.b, args: [1, x], k: v, 5: [y]}, {fun: c.d, args: one}]'),
      asking(true, calls),
    );
    expect(calls).to.deep.equal([
      [
        'a.b',
        [1, 'x'],
        [
          ['k', 'v'],
          [5, ['y']],
        ],
      ],
      ['c.d', ['one'], []],
    ]);
  });

  const tree = new Map([['a', [new Map([['b', true]])]]]);
  for (const [path, holds] of [
    ['a', true],
    ['a:0:b', true],
    ['a:1:b', false],
    ['a:0:c', false],
    ['x:y', false],
    ['constructor', false],
  ] as const) {
    it(`get_return ${path} ${holds ? 'holds' : 'does not hold'}`, async () => {
      const skipped = await skippedBy(read(`onlyif: [{fun: a.b, get_return: "${path}"}]`), asking(tree));
      expect(skipped === undefined).to.equal(holds);
    });
  }

  it('say what they gave', async () => {
    expect(await skippedBy(read('onlyif: [{fun: a.b}]'), asking(0))).to.equal(
      'onlyif condition is false: a.b gives 0',
    );
  });
});

describe('checked', () => {
  const cases: [args: string, outcome: object | undefined][] = [
    ['order: 1', undefined],
    ['check_cmd: []', undefined],
    ['check_cmd: "true"', { holds: true, comment: 'check_cmd determined the state succeeded' }],
    [
      'check_cmd: ["true", exit 4, exit 5]',
      { holds: false, comment: 'check_cmd determined the state failed: exit 4 (exit status 4)' },
    ],
  ];
  for (const [args, outcome] of cases) {
    it(args, async () => expect(await checked(read(args), asking())).to.deep.equal(outcome));
  }
});
