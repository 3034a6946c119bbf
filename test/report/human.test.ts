import { expect } from 'chai';
import type { Event } from '../../engine/core/event.ts';
import { createHumanReporter, type HumanOptions } from '../../engine/report/human.ts';
import { finished, run, source, summary } from './recorded.ts';

function report(events: readonly Event[], options: Partial<HumanOptions> = {}): string {
  let text = '';
  const reporter = createHumanReporter({
    write: (part) => {
      text += part;
    },
    color: false,
    readSource: () => source,
    ...options,
  });
  for (const event of events) reporter.handle(event);
  reporter.flush();
  return text;
}

const last = (text: string) => text.trimEnd().split('\n').at(-1);

describe('human', () => {
  it('reports a run', () => {
    expect(report(run)).to.equal(
      [
        '✓ file.managed /etc/motd  (common) 1.3 ms',
        '~ file.managed /etc/motd  (common) 1.3 ms',
        '    File updated',
        '    content:',
        '    @@ -1 +1 @@',
        '    -a',
        '    +b',
        '    mode: 0600 → 0644',
        '! cmd.run make  (build, common) 1.3 ms',
        '    The command failed.',
        '    error[unknown-argument] states/web/haproxy.yaml:4:7',
        '      file.managed has no argument "sorce".',
        '        3 |     - name: /etc/haproxy/haproxy.cfg',
        '        4 |     - sorce: haproxy/haproxy.cfg',
        '          |       ^^^^^',
        '      Did you mean "source"?',
        '      included from states/top.yaml:3:7',
        '    command: make',
        '    exit status: 2',
        '      one',
        '      missing separator',
        '· file.managed /etc/motd  (common) 1.3 ms',
        'warning: A word of warning.',
        '? file.managed /etc/motd  (common) 1.3 ms',
        '    warning: Old spelling.',
        '',
        'Failed: 5 states in 13 ms: 1 unchanged, 1 changed, 1 would change (1 unknown until applied), 1 failed, 1 skipped',
        '',
      ].join('\n'),
    );
  });

  it('says more or less about states, and always the same about the run', () => {
    const [full, changes, terse, quiet] = [
      report(run, { stateOutput: 'full' }),
      report(run, { stateOutput: 'changes' }),
      report(run, { stateOutput: 'terse' }),
      report(run, { quiet: true }),
    ];
    expect(full).to.include('    The file is as it should be\n').and.include('    onlyif is not met\n');
    expect(terse).to.not.include('mode: 0600');
    expect(terse).to.include('    The command failed.\n').and.include('exit status: 2');
    expect(quiet).to.not.match(/^[✓·]/m);
    expect(quiet).to.include('mode: 0600 → 0644').and.include('exit status: 2').and.include('Old spelling');
    for (const text of [full, terse, quiet]) expect(last(text)).to.equal(last(changes));
  });

  it('is silent in cron when nothing changed, and only then', () => {
    const events: Event[] = [
      { kind: 'run-started', total: 2, dry: false },
      finished({ comment: 'Fine.' }),
      finished({ verdict: 'skipped', comment: 'Not now.' }),
      { kind: 'run-finished', summary: summary({ total: 2, unchanged: 1, skipped: 1 }) },
    ];
    expect(report(events, { quiet: true })).to.equal('');
    const stopped = summary({ total: 2, unchanged: 2, stopped_by: 'SIGTERM' });
    const broken = [...events.slice(0, -1), { kind: 'run-finished', summary: stopped } as const];
    expect(report(broken, { quiet: true })).to.match(/^Converged: 2 states.*\n$/);
    const warned: Event[] = [{ kind: 'warning', message: 'Odd.' }, ...events];
    expect(report(warned, { quiet: true })).to.match(/^warning: Odd\.\nConverged: .*\n$/);
  });

  it('speaks of what would change in a dry run', () => {
    const events: Event[] = [
      { kind: 'run-started', total: 1, dry: true },
      finished({
        result: null,
        verdict: 'would-change',
        differences: [{ subject: 'content', new: 'a\n', text: true }],
      }),
      { kind: 'run-finished', summary: summary({ would_change: 1 }) },
    ];
    const text = report(events);
    expect(text)
      .to.match(/^\+ file\.managed/)
      .and.include('    content (new):\n    @@ -0,0 +1 @@\n    +a\n');
    expect(last(text)).to.equal(
      'Dry run: 1 state in 13 ms: 0 unchanged, 1 would change, 0 failed, 0 skipped',
    );
  });

  it('shows what is new, gone and different, whatever it is', () => {
    const text = report([
      finished({
        verdict: 'changed',
        differences: [
          { subject: 'user', new: 'root' },
          { subject: 'group', old: 'adm' },
          { subject: 'options', old: ['a', 'b'], new: { a: 1 } },
          { subject: 'target', old: '', new: 'x\ny' },
          { subject: 'enabled', old: false, new: true },
          { subject: 'empty', old: [], new: null },
          { subject: 'content', old: Buffer.from('abc'), new: Buffer.from('abcde'), text: true },
          { subject: 'long', new: 'z'.repeat(100_000) },
        ],
      }),
    ]);
    expect(text.split('\n').slice(1, -2)).to.deep.equal([
      '    + user: root',
      '    - group: adm',
      '    options: a, b → {"a":1}',
      '    target: none → x\\ny',
      '    enabled: false → true',
      '    empty: none → none',
      '    content: 3 bytes → 5 bytes',
    ]);
    expect(text.split('\n').at(-2)).to.equal(`    + long: ${'z'.repeat(199)}…`);
  });

  it('shows what a command printed, the last lines of it', () => {
    const stdout = Array.from({ length: 1000 }, (_, index) => `line ${index}`).join('\n');
    const changes = { pid: 7, retcode: 0, stdout, stderr: '' };
    const differences = Object.entries(changes).map(([subject, value]) => ({ subject, new: value }));
    const text = report([finished({ verdict: 'changed', changes, differences })]);
    expect(text).to.match(/^~ /);
    expect(text).to.include('    pid: 7\n    retcode: 0\n    stdout:\n      […]\n      line 980\n');
    expect(text).to.match(/ {6}line 999\n$/);
  });

  it('uses signs of ASCII where nothing else can be printed', () => {
    expect(report(run.slice(0, 5), { unicode: false })).to.match(/^[\x00-\x7f]*$/);
  });

  it('lets no text drive the terminal', () => {
    const hostile = 'a\x1b[2J\x00\x9b31m\u202eb';
    const text = report([
      finished({
        name: hostile,
        id: hostile,
        sls: hostile,
        verdict: 'failed',
        comment: hostile,
        warnings: [hostile],
        differences: [
          { subject: hostile, old: hostile, new: hostile },
          { subject: 'content', old: '', new: `${hostile}\n`, text: true },
        ],
      }),
      finished({
        verdict: 'changed',
        changes: { [hostile]: hostile, out: `${hostile}\n${hostile}` },
        differences: [
          { subject: hostile, new: hostile },
          { subject: 'out', new: `${hostile}\n${hostile}` },
        ],
      }),
      { kind: 'warning', message: hostile },
    ]);
    expect(text).to.not.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  it('draws progress on a terminal, and wipes it before anything else', async () => {
    const screen: string[] = [];
    const reporter = createHumanReporter({
      write: (text) => screen.push(text),
      progress: { write: (text) => screen.push(text), columns: 30 },
      color: false,
      readSource: () => undefined,
    });
    reporter.handle({ kind: 'run-started', total: 2, dry: false });
    reporter.handle(finished());
    reporter.handle({
      kind: 'state-started',
      run_num: 1,
      id: 'a',
      state: 'cmd',
      fun: 'run',
      name: `sleep\n${'9'.repeat(80)}`,
    });
    reporter.handle({ kind: 'process-started', argv: ['sleep'], pid: 42 });
    const deadline = performance.now() + 5000;
    while (screen.length < 2 && performance.now() < deadline)
      await new Promise((resolve) => setImmediate(resolve));
    reporter.handle(finished({ run_num: 1 }));
    reporter.handle({ kind: 'run-finished', summary: summary({ total: 2 }) });
    expect(screen).to.have.length(4);
    expect(screen[0]).to.match(/^✓ /);
    expect(screen[1]).to.equal('\r[2/2] cmd.run sleep\\n9999999…');
    expect(screen[2]).to.equal('\r\x1b[2K');
    expect(screen[3]).to.match(/^✓ .*\n\nConverged/);
  });

  it('counts what a failhard left untried', () => {
    const text: string[] = [];
    const reporter = createHumanReporter({
      write: (part) => text.push(part),
      color: false,
      readSource: () => undefined,
    });
    reporter.handle({ kind: 'run-started', total: 3, dry: false });
    reporter.handle(finished());
    reporter.handle(finished({ fun: 'mod_watch' }));
    reporter.handle({ kind: 'run-finished', summary: summary({ total: 2 }) });
    reporter.flush();
    expect(text.join('')).to.match(/skipped, 2 not tried\n$/);
  });
});
