import { expect } from 'chai';
import { at } from '../../engine/core/diagnostic.ts';
import type { Event } from '../../engine/core/event.ts';
import { createJunitReporter, type JunitOptions, troubleAsJunit } from '../../engine/report/junit.ts';
import { casesOf, readJunit } from '../helpers/junit.ts';
import { diagnostic, finished, source, summary } from './recorded.ts';

function options(some: Partial<JunitOptions> = {}): JunitOptions {
  return {
    write() {},
    mask: (text) => text.replaceAll('a<secret', '«it»'),
    readSource: () => source,
    node: 'web1',
    pendingFails: false,
    placeOf: () => ({ file: 'states/web.sls', line: 7, column: 1 }),
    began: '2026-01-31T11:00:00.000Z',
    ...some,
  };
}

function report(events: readonly Event[], some: Partial<JunitOptions> = {}): string {
  const documents: string[] = [];
  const reporter = createJunitReporter(options({ write: (text) => documents.push(text), ...some }));
  for (const event of events) reporter.handle(event);
  reporter.flush();
  reporter.flush();
  expect(documents).to.have.lengthOf(1);
  return documents[0]!;
}

const failing: Event[] = [
  {
    kind: 'effect-performed',
    effect: { kind: 'exec', command: { argv: ['nginx', '-t'] } },
    became: 'failed',
    outcome: { status: 2, stdout: '', stderr: 'bad <line> ]]>\x1b[0m', pid: 1 },
  },
  finished({ verdict: 'failed', result: false, name: 'nginx', id: 'proxy', comment: 'It failed.\nBadly.' }),
];

describe('JUnit report', () => {
  it('has a suite per SLS and a case per state', () => {
    const root = readJunit(
      report([
        { kind: 'run-started', total: 4, dry: false },
        finished({ comment: 'Fine.', duration_ms: 1500 }),
        ...failing,
        finished({ verdict: 'skipped', name: '/a', id: '/a', sls: 'web', comment: 'onlyif is not met' }),
        finished({
          verdict: 'changed',
          name: '/b',
          id: '/b',
          sls: 'web',
          warnings: ['Old spelling.'],
          differences: [{ subject: 'mode', old: '0600', new: '0644' }],
        }),
        { kind: 'run-finished', summary: summary({ total: 4 }) },
      ]),
    );
    expect(root.children.map(({ attributes }) => attributes['name'])).to.deep.equal(['common', 'web']);
    expect(root.children[0]!.attributes).to.include({ hostname: 'web1', time: '1.501', tests: '2' });
    const cases = casesOf(root);
    expect([...cases].map(([name, { became }]) => [name, became])).to.deep.equal([
      ['file.managed /etc/motd', 'passed'],
      ['file.managed nginx (proxy)', 'failure'],
      ['file.managed /a', 'skipped'],
      ['file.managed /b', 'passed'],
    ]);
    const failed = cases.get('file.managed nginx (proxy)')!;
    expect(failed.message).to.equal('It failed.');
    expect(failed.text)
      .to.include('Badly.')
      .and.include('command: nginx -t')
      .and.include('bad <line> ]]>\\x1b');
    expect(failed.node.attributes).to.include({ classname: 'common', file: 'states/web.sls', line: '7' });
    expect(failed.node.children[0]!.attributes['type']).to.equal('failed');
    expect(cases.get('file.managed /a')!.message).to.equal('onlyif is not met');
    expect(cases.get('file.managed /b')!.text).to.include('Old spelling.').and.include('mode: 0600 → 0644');
    expect(cases.get('file.managed /etc/motd')!.text).to.equal('');
  });

  it('names the place and the code of a diagnostic', () => {
    const failed = finished({ verdict: 'failed', diagnostics: [diagnostic] });
    const cases = casesOf(readJunit(report([failed, { kind: 'run-finished', summary: summary() }])));
    const [only] = cases.values();
    expect(only!.node.attributes).to.include({ file: 'states/web/haproxy.yaml', line: '4' });
    expect(only!.node.children[0]!.attributes['type']).to.equal('unknown-argument');
    expect(only!.text).to.include('sorce: haproxy/haproxy.cfg');
  });

  it('takes pending changes for failures only where a dry run exits with 2 for them', () => {
    const events: Event[] = [
      finished({ verdict: 'would-change', result: null, differences: [{ subject: 'mode', new: '0644' }] }),
      finished({ verdict: 'unknown', result: null, name: '/x' }),
      { kind: 'run-finished', summary: summary({ total: 2, would_change: 2, unknown: 1 }) },
    ];
    const [loose, strict] = [report(events), report(events, { pendingFails: true })].map(readJunit);
    expect([...casesOf(loose!).values()].map(({ became }) => became)).to.deep.equal(['passed', 'passed']);
    expect([...casesOf(loose!).values()][0]!.text).to.include('+ mode: 0644');
    const pending = [...casesOf(strict!).values()];
    expect(pending.map(({ became }) => became)).to.deep.equal(['failure', 'failure']);
    expect(pending[0]!.node.children[0]!.attributes['type']).to.equal('pending');
    expect(pending[0]!.node.attributes['line']).to.equal('7');
  });

  it('tells of a run that was stopped, broke off or gave up', () => {
    const ends: [Event[], string, RegExp][] = [
      [
        [{ kind: 'run-finished', summary: summary({ not_tried: 2, stopped_by: 'SIGTERM' }) }],
        'error',
        /SIGTERM.*2 states/,
      ],
      [[{ kind: 'run-finished', summary: summary({ not_tried: 1 }) }], 'skipped', /1 state was not tried/],
      [[], 'error', /broke off/],
    ];
    for (const [events, became, message] of ends) {
      const told = casesOf(readJunit(report([finished(), ...events]))).get('the whole run')!;
      expect(told.became).to.equal(became);
      expect(told.message).to.match(message);
    }
    expect(
      readJunit(report([{ kind: 'run-finished', summary: summary({ total: 0 }) }])).children,
    ).to.deep.equal([]);
  });

  it('is sound whatever names and outputs hold', () => {
    const odd = `]]>\x00\x1b&<>"'\ud800\n\r\t\ufffe 😀`;
    const events = [
      finished({
        verdict: 'failed',
        id: odd,
        sls: odd,
        name: `${odd}${odd}`,
        comment: odd,
        warnings: [odd],
        differences: [{ subject: odd, old: odd, new: `${odd}x`, text: true }],
        diagnostics: [{ code: 'bad-id', message: odd, hint: odd, origin: at(odd, 1, 1) }],
      }),
      { kind: 'warning', message: odd } as const,
      finished({ verdict: 'skipped', comment: odd }),
    ];
    const root = readJunit(report(events, { readSource: () => odd }));
    expect(root.children).to.have.lengthOf(3);
    expect(root.children[0]!.attributes['name']).to.match(/^\]\]>\\x00\\x1b&<>"'\\ud800\\n\\r\\t\\ufffe 😀$/);
  });

  it('masks before it escapes', () => {
    const text = report([
      finished({ verdict: 'failed', name: 'x a<secret y', comment: 'a<secret', sls: 'a<secret' }),
    ]);
    readJunit(text);
    expect(text).to.include('«it»');
    expect(text).to.not.include('secret');
  });

  it('leaves out the end of what is endless', () => {
    const half = `${'x'.repeat(2 ** 18 - 4)}a<secret`;
    expect(report([finished({ verdict: 'failed', comment: half })])).to.not.match(/a&lt;s/);
    const big = finished({ verdict: 'failed', comment: 'x\n'.repeat(1_000_000) });
    const text = report([big, { kind: 'run-finished', summary: summary() }]);
    expect(text.length).to.be.below(300_000);
    expect(readJunit(text) && text).to.include('[the rest is left out]');
  });

  it('is one error for each mistake where a run does not compile', () => {
    const cases = casesOf(
      readJunit(
        troubleAsJunit([diagnostic, { code: 'locked', message: 'Another run a<secret.' }], options()),
      ),
    );
    expect([...cases].map(([name, { became }]) => [name, became])).to.deep.equal([
      ['unknown-argument states/web/haproxy.yaml:4:7', 'error'],
      ['locked', 'error'],
    ]);
    expect([...cases.values()][0]!.text)
      .to.include('^^^^^')
      .and.include('Did you mean "source"?');
    expect(cases.get('locked')!.message).to.equal('Another run «it».');
  });
});
