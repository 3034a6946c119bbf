/** The figures of a run for Prometheus, as its textfile collector reads them. docs/reports.md documents them. */
import type { Summary } from '../core/event.ts';

/** All of them are gauges: what was found when the run was over. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: { readonly [name: string]: string };
  readonly value: number;
}

export interface Figures {
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly ended: number;
  /** Seconds since the epoch; 0: never. */
  readonly lastSuccess: number;
  readonly exit: number;
  /** Undefined: it did not compile. */
  readonly summary: Summary | undefined;
  readonly flapping: number;
  readonly owed: number;
  /** By `converge pause`. */
  readonly paused: boolean;
  readonly version: string;
  readonly revision?: string;
}

const successMetric = 'converge_last_success_timestamp_seconds';

export function runMetrics(figures: Figures): Metric[] {
  const { began, ended, lastSuccess, exit, summary, flapping, owed, paused, version, revision } = figures;
  return [
    one('converge_last_run_timestamp_seconds', 'When the last run ended.', ended / 1000),
    one(
      successMetric,
      'When the last run ended that succeeded; 0 where none is known.',
      exit === 0 ? ended / 1000 : lastSuccess,
    ),
    one('converge_last_run_duration_seconds', 'How long the last run took.', (ended - began) / 1000),
    one('converge_last_run_exit_code', 'How the last run ended; 0: it succeeded.', exit),
    ...(summary ? ofStates(summary) : []),
    one(
      'converge_flapping_states',
      'States that the last run corrected, as others did again and again.',
      flapping,
    ),
    one('converge_owed_reactions', 'Reactions to changes that are still to be made up for.', owed),
    pausedMetric(paused),
    {
      name: 'converge_info',
      help: 'What the last run was made of: always 1.',
      samples: [{ labels: { version, revision: revision ?? '' }, value: 1 }],
    },
  ];
}

function pausedMetric(paused: boolean): Metric {
  return one(
    'converge_paused',
    'Whether this node is left as it is for a while (converge pause).',
    Number(paused),
  );
}

/** The figures that were written before, when a pause begins or ends. */
export function withPaused(text: string, paused: boolean): string {
  const others = text.replace(/^(# (HELP|TYPE) )?converge_paused\b.*\n?/gm, '');
  const gap = others === '' || others.endsWith('\n') ? '' : '\n';
  return others + gap + expositionText([pausedMetric(paused)]);
}

function ofStates(summary: Summary): Metric[] {
  const { unchanged, changed, failed, skipped, not_tried, corrected = 0, orphans = [] } = summary;
  const verdicts = Object.entries({ unchanged, changed, failed, skipped, not_tried });
  return [
    {
      name: 'converge_states',
      help: 'States of the last run, by what they came to.',
      samples: verdicts.map(([verdict, value]) => ({ labels: { verdict }, value })),
    },
    one(
      'converge_corrected_states',
      'States that changed in the last run only because the node had drifted.',
      corrected,
    ),
    one('converge_orphans', 'Things that were made once and are declared no more.', orphans.length),
  ];
}

/** What a dry run found. */
export function pendingMetrics(ended: number, { would_change: pending, failed }: Summary): Metric[] {
  return [
    one('converge_pending_states', 'States that the last dry run would change.', pending),
    one('converge_pending_failures', 'States that fail in the last dry run.', failed),
    one('converge_dry_run_timestamp_seconds', 'When the last dry run ended.', ended / 1000),
  ];
}

function one(name: string, help: string, value: number): Metric {
  return { name, help, samples: [{ value }] };
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function expositionText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} gauge`,
        ...samples.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`),
        '',
      ].join('\n'),
    )
    .join('');
}

function labelsText(labels: { readonly [name: string]: string }): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function labelValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Seconds since the epoch, out of figures that were written before. */
export function lastSuccessIn(text: string | undefined): number | undefined {
  const found = text && new RegExp(`^${successMetric} ([0-9.e+]+)$`, 'm').exec(text)?.[1];
  const value = Number(found);
  return found && Number.isFinite(value) && value > 0 ? value : undefined;
}
