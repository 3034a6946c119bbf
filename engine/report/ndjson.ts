/** The report for programs that follow a run: one JSON object per line as things happen. docs/json.md documents it. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Event } from '../core/event.ts';
import type { Effect } from '../core/host.ts';
import { diagnosticData } from './diagnostic-data.ts';
import { resultData } from './json.ts';
import type { Reporter } from './reporter.ts';

export interface NdjsonOptions {
  write(text: string): void;
}

/** Every line is written at once, as its reader is waiting for it. */
export function createNdjsonReporter({ write }: NdjsonOptions): Reporter {
  return {
    handle: (event) => write(line(eventData(event))),
    flush() {},
  };
}

/** Trouble before a run, one line each. */
export function errorsAsNdjson(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((one) => line({ event: 'error', ...diagnosticData(one) })).join('');
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function eventData(event: Event): object {
  const { kind, ...rest } = event;
  switch (event.kind) {
    case 'state-finished':
      return { event: kind, ...resultData(event.result), verdict: event.result.verdict };
    case 'run-finished':
      return { event: kind, ...event.summary };
    case 'effect-performed':
      return {
        event: kind,
        ...effectData(event.effect),
        became: event.became,
        ...(event.outcome ? { status: event.outcome.status } : {}),
      };
    case 'run-started':
    case 'state-started':
    case 'process-started':
    case 'retrying':
    case 'warning':
      return { event: kind, ...rest };
  }
}

/** Only what identifies an effect: contents may be large, or nobody's business. */
function effectData(effect: Effect): object {
  switch (effect.kind) {
    case 'write':
    case 'directory':
    case 'link':
    case 'copy':
    case 'move':
    case 'remove':
    case 'attributes':
    case 'node':
      return { effect: effect.kind, path: effect.path };
    case 'exec':
      return { effect: effect.kind, argv: effect.command.argv };
    case 'unit':
      return { effect: effect.kind, unit: effect.unit, verb: effect.verb };
    case 'await':
      return { effect: effect.kind, target: effect.target.kind, timeout: effect.timeout };
    case 'dns':
      return {
        effect: effect.kind,
        zone: effect.zone,
        names: [...new Set([...effect.remove, ...effect.add].map(({ name }) => name))],
      };
    case 'http':
      return { effect: effect.kind, method: effect.request.method ?? 'GET', url: effect.request.url };
    case 'acme':
      return { effect: effect.kind, directory: effect.directory, names: effect.names };
    case 'environ':
      return { effect: effect.kind, names: Object.keys(effect.set) };
    case 'remember':
      return { effect: effect.kind, topic: effect.topic };
    case 'simulate':
      return { effect: effect.kind };
  }
}
