/** The report for CI: JUnit XML, a suite per SLS and a case per state. docs/reports.md documents it. */
import type { Diagnostic, Place } from '../core/diagnostic.ts';
import type { ChunkResult, Event, Summary } from '../core/event.ts';
import { renderDiagnostic } from './frame.ts';
import { createHumanReporter } from './human.ts';
import type { Reporter } from './reporter.ts';
import { isEventful } from './sign.ts';
import { visibleLine } from './visible.ts';
import { element, xmlText } from './xml.ts';

export interface JunitOptions {
  /** The whole document, once, when the run is over. */
  write(document: string): void;
  /** Takes secrets out of a text, before it is written as XML, where they might look like something else. */
  mask(text: string): string;
  readSource(file: string): string | undefined;
  /** The id of the node. */
  readonly node: string;
  /** Changes that a dry run finds pending are failures: it exits with 2 for them. */
  readonly pendingFails: boolean;
  /** Where a state is declared, for one that is a failure. */
  placeOf(result: ChunkResult): Place | undefined;
  /** When the run began: ISO 8601. */
  readonly began: string;
}

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly milliseconds: number;
  readonly started: string;
  readonly place?: Place | undefined;
  readonly verdict: 'passed' | 'failure' | 'error' | 'skipped';
  /** Of a failure: a word that says which. */
  readonly type?: string;
  readonly message?: string;
  readonly body?: string;
}

/** Characters of a body: a report is read by people and kept by servers. */
const longest = 1 << 18;

/** What is about the run as a whole stands in a suite of its own. */
const wholeRun = 'converge';

export function createJunitReporter(options: JunitOptions): Reporter {
  const cases: Case[] = [];
  let told = '';
  let summary: Summary | undefined;
  let written = false;
  // A case holds what people are told of the state.
  const human = createHumanReporter({
    write(text) {
      told += text;
    },
    color: false,
    readSource: options.readSource,
  });
  return {
    handle(event: Event) {
      if (event.kind === 'run-finished') {
        summary = event.summary;
        return;
      }
      human.handle(event);
      if (event.kind !== 'state-finished') return;
      human.flush();
      // Masked before it is cut: half a secret is one that nobody recognises.
      cases.push(caseOf(event.result, bodyOf(options.mask(told)), options));
      told = '';
    },
    flush() {
      if (written) return;
      written = true;
      options.write(documentOf([...cases, ...endOf(summary, options)], options));
    },
  };
}

/** A run that never began, because of these. */
export function troubleAsJunit(diagnostics: readonly Diagnostic[], options: JunitOptions): string {
  const cases = diagnostics.map((one): Case => {
    const place = one.origin?.place();
    const body = renderDiagnostic(one, { readSource: options.readSource, color: false });
    return {
      ...ofRun(options),
      name: place ? `${one.code} ${place.file}:${place.line}:${place.column}` : one.code,
      place,
      verdict: 'error',
      type: one.code,
      message: one.message,
      body: options.mask(body),
    };
  });
  return documentOf(cases, options);
}

function ofRun({ began }: JunitOptions) {
  return { suite: wholeRun, milliseconds: 0, started: began } as const;
}

/** States that never had their turn are no cases of their own: nobody knows more of them than their number. */
function endOf(summary: Summary | undefined, options: JunitOptions): Case[] {
  const run = { ...ofRun(options), name: 'the whole run' };
  if (!summary) return [{ ...run, verdict: 'error', type: 'broken-off', message: 'The run broke off.' }];
  const { not_tried: left, stopped_by: by } = summary;
  const message = `${left} ${left === 1 ? 'state was' : 'states were'} not tried.`;
  if (by !== undefined) {
    return [{ ...run, verdict: 'error', type: 'stopped', message: `Stopped: ${by}. ${message}` }];
  }
  return left > 0 ? [{ ...run, verdict: 'skipped', message }] : [];
}

function caseOf(result: ChunkResult, body: string, { pendingFails, placeOf }: JunitOptions): Case {
  const pending = result.verdict === 'would-change' || result.verdict === 'unknown';
  const failed = result.verdict === 'failed';
  const verdict =
    failed || (pending && pendingFails) ? 'failure' : result.verdict === 'skipped' ? 'skipped' : 'passed';
  return {
    suite: result.sls || wholeRun,
    name: nameOf(result),
    milliseconds: result.duration_ms,
    started: result.started,
    place: verdict === 'failure' ? (result.diagnostics[0]?.origin?.place() ?? placeOf(result)) : undefined,
    verdict,
    type: failed ? (result.diagnostics[0]?.code ?? 'failed') : 'pending',
    message: result.comment.trim().split('\n')[0] || result.verdict,
    body: isEventful(result) ? body : '',
  };
}

function nameOf({ state, fun, id, name }: ChunkResult): string {
  return `${state}.${fun} ${name}${id === name ? '' : ` (${id})`}`;
}

/** Without the headline, which says what the case is called, and what is indented below it. */
function bodyOf(told: string): string {
  const lines = told.split('\n').slice(1);
  const text = lines.map((line) => line.replace(/^ {4}/, '')).join('\n');
  return text.length > longest ? `${text.slice(0, longest)}\n[the rest is left out]\n` : text;
}

function documentOf(cases: readonly Case[], options: JunitOptions): string {
  const suites = Map.groupBy(cases, ({ suite }) => suite);
  const content = [...suites].map(([name, own]) => suiteOf(name, own, options));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'testsuites',
    { name: wholeRun, ...countsOf(cases) },
    ['\n', ...content],
  )}`;
}

function suiteOf(name: string, cases: readonly Case[], options: JunitOptions): string {
  return element(
    'testsuite',
    {
      name: visibleLine(options.mask(name)),
      ...countsOf(cases),
      // Without fractions and offset, which strict readers do not take.
      timestamp: cases[0]!.started.slice(0, 19),
      hostname: options.node,
    },
    ['\n', ...cases.map((one) => caseElement(one, options))],
  );
}

function countsOf(cases: readonly Case[]) {
  const count = (verdict: Case['verdict']) => cases.filter((one) => one.verdict === verdict).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function caseElement(one: Case, { mask }: JunitOptions): string {
  const { verdict, type, place } = one;
  const message = visibleLine(mask(one.message ?? ''));
  const body = one.body ? [xmlText(one.body)] : [];
  const content =
    verdict === 'skipped'
      ? [element('skipped', { message })]
      : verdict !== 'passed'
        ? [element(verdict, { message, type }, body)]
        : body.length > 0
          ? [element('system-out', {}, body)]
          : [];
  const attributes = {
    classname: visibleLine(mask(one.suite)),
    name: visibleLine(mask(one.name)),
    time: seconds(one.milliseconds),
    file: place && visibleLine(place.file),
    line: place?.line,
  };
  return element('testcase', attributes, content.length > 0 ? ['\n', ...content] : []);
}
