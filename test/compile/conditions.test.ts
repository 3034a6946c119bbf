/** What the engine itself acts on, as the user writes it and as the run receives it. */
import { expect } from 'chai';
import type { Runnable } from '../../engine/core/chunk.ts';
import { brief, compiled, complaints, statesOf, stateWith } from '../helpers/sls.ts';

const states = statesOf({
  'm.state': stateWith(),
  'm.validating': stateWith({ check_cmd: { type: 'string' } }, { ownChecks: true }),
});

function read(args: string, fun = 'state'): Runnable {
  return compiled(`x:\n  m.${fun}:\n    - ${args}\n`, states)[0]!;
}

describe('conditions', () => {
  const cases: [written: string, conditions: object][] = [
    ['onlyif: test -e /a', { onlyif: ['test -e /a'] }],
    ['onlyif: [a, b]', { onlyif: ['a', 'b'] }],
    ['onlyif: []', {}],
    ['onlyif: ', {}],
    ['onlyif: false', {}],
    ['onlyif: [true, a, ~]', { onlyif: ['a'] }],
    ['unless: a', { unless: ['a'] }],
    ['unless: [yes]', {}],
    ['creates: /a', { creates: ['/a'] }],
    ['creates: [/a, /b]', { creates: ['/a', '/b'] }],
    ['creates: []', {}],
    ['creates: ', {}],
    ['creates: true', {}],
    ['check_cmd: a', { check_cmd: ['a'] }],
    ['check_cmd: [a, b]', { check_cmd: ['a', 'b'] }],
    ['check_cmd: []', {}],
    ['onlyif: a\n    - unless: b\n    - creates: c', { onlyif: ['a'], unless: ['b'], creates: ['c'] }],
  ];
  for (const [written, conditions] of cases) {
    it(`${JSON.stringify(written)} → ${JSON.stringify(conditions)}`, () => {
      expect(read(written).conditions).to.deep.equal(conditions);
    });
  }

  it('keeps the mapping of a look-up as it is written', () => {
    const [asked] = read('onlyif: [{fun: file.file_exists, args: [/a], 8080: b}]').conditions.onlyif!;
    expect([...(asked as Map<unknown, unknown>)]).to.deep.equal([
      ['fun', 'file.file_exists'],
      ['args', ['/a']],
      [8080, 'b'],
    ]);
  });

  it('leaves check_cmd to a state that checks by itself', () => {
    expect(read('check_cmd: visudo -c -f', 'validating').conditions).to.deep.equal({});
  });

  const wrong: [written: string, message: string][] = [
    ['onlyif: 5', '"onlyif": It holds the number 5, expected a command or a mapping with "fun".'],
    ['onlyif: [[a]]', '"onlyif": It holds a list, expected a command or a mapping with "fun".'],
    ['unless: [{file: a}]', '"unless": A mapping in it lacks "fun", the function to ask.'],
    ['unless: {fun: 5}', '"unless": A mapping in it lacks "fun", the function to ask.'],
    ['creates: 5', '"creates": It holds the number 5, expected text.'],
    ['creates: [/a, ~]', '"creates": It holds empty, expected text.'],
    ['check_cmd: {a: b}', '"check_cmd": It holds a mapping, expected text.'],
    ['failhard: "yes"', '"failhard": It is the text "yes", expected true or false.'],
    ['test: 1', '"test": It is the number 1, expected true or false.'],
    ['retry: 3', '"retry": It is the number 3, expected a mapping of attempts, until, interval and splay.'],
    ['retry: {attempts: 0}', '"retry": "attempts" of it is the number 0, expected a whole number above 0.'],
    [
      'retry: {attempts: 2.5}',
      '"retry": "attempts" of it is the number 2.5, expected a whole number above 0.',
    ],
    ['retry: {attempts: {}}', '"retry": "attempts" of it is a mapping, expected a whole number above 0.'],
    ['retry: {until: 1}', '"retry": "until" of it is the number 1, expected true or false.'],
    ['retry: {interval: -1}', '"retry": "interval" of it is the number -1, expected seconds.'],
    ['retry: {splay: .inf}', '"retry": "splay" of it is the number inf, expected seconds.'],
    ['retry: {tries: 1}', '"retry": It has no setting "tries", only attempts, until, interval and splay.'],
    [
      'retry: {toString: 1}',
      '"retry": It has no setting "toString", only attempts, until, interval and splay.',
    ],
  ];
  for (const [written, message] of wrong) {
    it(`refuses ${written}`, () => {
      const said = complaints(() => read(written));
      const column = 9 + written.indexOf(':');
      expect(said.map((one) => [brief(one), one.message])).to.deep.equal([
        [`bad-argument main.sls:3:${column}`, message],
      ]);
    });
  }
});

describe('retry, failhard and test', () => {
  const standard = { attempts: 2, until: true, interval: 30, splay: 0 };
  const cases: [written: string, retry: object | undefined][] = [
    ['retry: true', standard],
    ['retry: {}', standard],
    ['retry: false', undefined],
    ['retry: ', undefined],
    [
      'retry: {attempts: 5, interval: 0.5, splay: 10, until: false}',
      { attempts: 5, until: false, interval: 0.5, splay: 10 },
    ],
    ['retry: {attempts: 3.0, interval: 2.0}', { ...standard, attempts: 3, interval: 2 }],
  ];
  for (const [written, retry] of cases) {
    it(`${written} → ${JSON.stringify(retry)}`, () => expect(read(written).retry).to.deep.equal(retry));
  }

  it('are true, false or not told', () => {
    expect(read('failhard: true').failhard).to.equal(true);
    expect(read('failhard: false').failhard).to.equal(false);
    expect(read('failhard: ')).not.to.have.property('failhard');
    expect(read('order: 1')).not.to.have.property('failhard');
    expect(read('test: true').dry).to.equal(true);
    expect(read('test: false').dry).to.equal(false);
  });
});

describe('where conditions run', () => {
  const cases: [written: string, shell: object][] = [
    ['cwd: /srv', { cwd: '/srv' }],
    ['runas: www-data', { user: 'www-data' }],
    ['shell: /bin/bash', { shell: '/bin/bash' }],
    ['cwd: ""', {}],
    ['cwd: 5', {}],
    [
      'env: {A: b, B: 5, C: false, D: ~, 8080: yes}',
      { env: { A: 'b', B: '5', C: null, D: '', 8080: 'true' } },
    ],
    ['env: [{A: b}, {A: c, B: 1.5}]', { env: { A: 'c', B: '1.5' } }],
    ['env: []', {}],
    ['env: text', {}],
  ];
  for (const [written, shell] of cases) {
    it(`${written} → ${JSON.stringify(shell)}`, () => {
      expect(read(`onlyif: a\n    - ${written}`).shell).to.deep.equal(shell);
    });
  }

  it('takes a variable called __proto__ for one', () => {
    const { env } = read('onlyif: a\n    - env: {__proto__: x}').shell;
    expect(Object.entries(env!)).to.deep.equal([['__proto__', 'x']]);
  });
});
