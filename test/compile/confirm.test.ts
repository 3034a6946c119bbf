/** `confirm` sections: what is read of them, how several come together, and what is said of malformed ones. */
import { expect } from 'chai';
import { lowState } from '../../engine/compile/compile.ts';
import { nameOf } from '../../engine/core/confirm.ts';
import { brief, complaints, slsFiles } from '../helpers/sls.ts';

type Files = Parameters<typeof slsFiles>[0];

function confirmOf(files: Files) {
  return lowState(slsFiles(files)).confirm;
}

describe('a confirm section', () => {
  it('holds probes of three kinds, each with its own patience', () => {
    const confirm = confirmOf(
      [
        'confirm:',
        '  - tcp: {host: "::1", port: "22", timeout: 3}',
        '  - http: {url: "https://a.example/up", status: [200, 204], match: "a.b", verify: false}',
        '    timeout: 2',
        '  - http: http://b.example/',
        '  - command: systemctl is-active ssh',
        '  - command: {run: "true", user: nobody, cwd: /tmp}',
        '  - timeout: 60',
        '    interval: 0.5',
        'x: test.nop',
      ].join('\n'),
    );
    expect(confirm).to.deep.equal({
      timeout: 60,
      interval: 0.5,
      probes: [
        { target: { kind: 'tcp', host: '::1', port: 22 }, timeout: 3 },
        {
          target: {
            kind: 'http',
            url: 'https://a.example/up',
            verify: false,
            status: [200, 204],
            match: 'a\\.b',
          },
          timeout: 2,
        },
        { target: { kind: 'http', url: 'http://b.example/', verify: true }, timeout: 5 },
        {
          target: { kind: 'command', command: { argv: ['systemctl is-active ssh'], shell: '/bin/sh' } },
          timeout: 5,
        },
        {
          target: {
            kind: 'command',
            command: { argv: ['true'], shell: '/bin/sh', user: 'nobody', cwd: '/tmp' },
          },
          timeout: 5,
        },
      ],
    });
    expect(confirm!.probes.map(nameOf)).to.deep.equal([
      'tcp [::1]:22',
      'http https://a.example/up',
      'http http://b.example/',
      'command "systemctl is-active ssh"',
      'command "true"',
    ]);
  });

  it('joins those of other files: a probe counts once, the longest patience and the shortest pause hold', () => {
    const confirm = confirmOf({
      a: 'confirm: [{tcp: {host: a, port: 1}}, {timeout: 10}, {interval: 5}]',
      b: 'confirm: [{tcp: {host: a, port: 1}, timeout: 9}, {tcp: {host: b, port: 1}}, {timeout: 30}]',
      c: 'x: m.f',
    });
    expect(confirm?.probes.map((one) => [nameOf(one), one.timeout])).to.deep.equal([
      ['tcp a:1', 9],
      ['tcp b:1', 5],
    ]);
    expect(confirm).to.include({ timeout: 30, interval: 5 });
  });

  it('of an excluded file does not count, nor does one without a probe', () => {
    expect(confirmOf({ a: 'confirm: [{command: "true"}]', b: 'exclude: [a]' })).to.equal(undefined);
    expect(confirmOf('confirm: [{timeout: 5}]')).to.equal(undefined);
    expect(confirmOf('confirm: []')).to.equal(undefined);
  });

  it('is an ordinary ID where a mapping stands below it, or a state', () => {
    const ids = (yaml: string) => lowState(slsFiles(yaml)).chunks.map(({ id }) => id);
    expect(ids('confirm: {m.f: []}')).to.deep.equal(['confirm']);
    expect(ids('confirm: m.f')).to.deep.equal(['confirm']);
  });

  const wrong: [yaml: string, at: string, message: RegExp][] = [
    ['confirm: [tcp]', 'bad-confirm main.sls:1:11', /An item of "confirm" .* the text "tcp"/],
    ['confirm:\n  - tpc: {host: a, port: 1}', 'bad-confirm main.sls:2:5', /"confirm" .* has no "tpc"/],
    [
      'confirm:\n  - tcp: {host: a, port: 1}\n    http: http://a',
      'bad-confirm main.sls:3:5',
      /two probes: tcp and http/,
    ],
    ['confirm:\n  - tcp: a:22', 'bad-confirm main.sls:2:10', /"tcp" is the text "a:22", expected a mapping/],
    ['confirm:\n  - tcp: {host: a}', 'bad-confirm main.sls:2:5', /lacks "port"/],
    ['confirm:\n  - tcp: {hots: a, port: 1}', 'bad-confirm main.sls:2:11', /has no "hots"/],
    [
      'confirm:\n  - tcp: {host: a, port: 70000}',
      'bad-confirm main.sls:2:26',
      /"port" of "tcp" is the number 70000/,
    ],
    ['confirm:\n  - tcp: {host: 5, port: 1}', 'bad-confirm main.sls:2:17', /"host" .* expected some text/],
    ['confirm:\n  - http: ftp://a', 'bad-confirm main.sls:2:11', /"url" of "http" .* begins with http/],
    [
      'confirm:\n  - http: {url: "http://a", status: 99}',
      'bad-confirm main.sls:2:37',
      /"status" .* expected an HTTP status/,
    ],
    [
      'confirm:\n  - http: {url: "http://a", verify: maybe}',
      'bad-confirm main.sls:2:37',
      /"verify" .* expected true or false/,
    ],
    ['confirm:\n  - command: ""', 'bad-confirm main.sls:2:14', /"run" of "command" .* expected some text/],
    ['confirm:\n  - command:', 'bad-confirm main.sls:2:13', /"run" of "command" is empty/],
    ['confirm:\n  - command: a\n    timeout: 0', 'bad-confirm main.sls:3:14', /number of seconds/],
    ['confirm:\n  - command: a\n    tmeout: 1', 'bad-confirm main.sls:3:5', /has no "tmeout"/],
    ['confirm:\n  - interval: soon', 'bad-confirm main.sls:2:15', /"interval" .* number of seconds/],
  ];
  for (const [yaml, at, message] of wrong) {
    it(`that is wrong is told of: ${JSON.stringify(yaml)}`, () => {
      const [first, ...others] = complaints(() => confirmOf(yaml));
      expect(brief(first!)).to.equal(at);
      expect(first!.message).to.match(message);
      expect(others).to.deep.equal([]);
    });
  }

  it('suggests what may have been meant', () => {
    const [first] = complaints(() => confirmOf('confirm: [{tpc: {}}]'));
    expect(first?.hint).to.equal('Did you mean "tcp"?');
  });
});
