/** Events and diagnostics for the tests of reporters. */
import { at, type Diagnostic } from '../../engine/core/diagnostic.ts';
import type { ChunkResult, Event, Summary } from '../../engine/core/event.ts';

export const source = [
  '/etc/haproxy/haproxy.cfg:',
  '  file.managed:',
  '    - name: /etc/haproxy/haproxy.cfg',
  '    - sorce: haproxy/haproxy.cfg',
  '',
].join('\n');

export const diagnostic: Diagnostic = {
  code: 'unknown-argument',
  message: 'file.managed has no argument "sorce".',
  origin: at('states/web/haproxy.yaml', 4, 7, 5),
  hint: 'Did you mean "source"?',
  trail: [{ file: 'states/top.yaml', line: 3, column: 7 }],
};

export function result(some: Partial<ChunkResult> = {}): ChunkResult {
  return {
    run_num: 0,
    id: '/etc/motd',
    sls: 'common',
    state: 'file',
    fun: 'managed',
    name: '/etc/motd',
    result: true,
    verdict: 'unchanged',
    changes: {},
    differences: [],
    comment: '',
    warnings: [],
    diagnostics: [],
    started: '2026-01-31T12:00:00.123+01:00',
    duration_ms: 1.25,
    ...some,
  };
}

export function summary(some: Partial<Summary> = {}): Summary {
  return {
    total: 1,
    unchanged: 0,
    changed: 0,
    would_change: 0,
    unknown: 0,
    failed: 0,
    skipped: 0,
    not_tried: 0,
    duration_ms: 12.5,
    ...some,
  };
}

export function finished(some: Partial<ChunkResult> = {}): Event {
  return { kind: 'state-finished', result: result(some) };
}

/** A run with one state of each verdict, a failing command among them. */
export const run: readonly Event[] = [
  { kind: 'run-started', total: 5, dry: false },
  { kind: 'state-started', run_num: 0, id: '/etc/motd', state: 'file', fun: 'managed', name: '/etc/motd' },
  finished({ comment: 'The file is as it should be' }),
  { kind: 'effect-performed', effect: { kind: 'remove', path: '/etc/old' }, became: 'done' },
  finished({
    run_num: 1,
    verdict: 'changed',
    comment: 'File updated',
    changes: { content: { old: 'a\n', new: 'b\n' }, mode: { old: '0600', new: '0644' } },
    differences: [
      { subject: 'content', old: 'a\n', new: 'b\n', text: true },
      { subject: 'mode', old: '0600', new: '0644' },
    ],
  }),
  { kind: 'state-started', run_num: 2, id: 'build', state: 'cmd', fun: 'run', name: 'make' },
  { kind: 'process-started', argv: ['/bin/sh', '-c', 'make'], pid: 42 },
  {
    kind: 'effect-performed',
    effect: { kind: 'exec', command: { argv: ['make'], shell: '/bin/sh' } },
    became: 'failed',
    outcome: { status: 2, stdout: 'no\n', stderr: 'one\nmissing separator\n', pid: 42 },
  },
  { kind: 'retrying', id: 'build', attempt: 2, of: 3, seconds: 0.5 },
  finished({
    run_num: 2,
    id: 'build',
    name: 'make',
    state: 'cmd',
    fun: 'run',
    result: false,
    verdict: 'failed',
    comment: 'The command failed.',
    changes: { pid: 42, retcode: 2 },
    differences: [
      { subject: 'pid', new: 42 },
      { subject: 'retcode', new: 2 },
    ],
    diagnostics: [diagnostic],
  }),
  finished({ run_num: 3, verdict: 'skipped', comment: 'onlyif is not met' }),
  { kind: 'warning', message: 'A word of warning.' },
  finished({ run_num: 4, result: null, verdict: 'unknown', warnings: ['Old spelling.'] }),
  {
    kind: 'run-finished',
    summary: summary({
      total: 5,
      unchanged: 1,
      changed: 1,
      would_change: 1,
      unknown: 1,
      failed: 1,
      skipped: 1,
    }),
  },
];
