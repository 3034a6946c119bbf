/** Gathers what the steps of one state came to. */
import type { Runnable } from '../core/chunk.ts';
import type { Diagnostic, Place } from '../core/diagnostic.ts';
import type { Effect, Failed, Outcome, Performed } from '../core/host.ts';
import type { Change, Step } from '../core/state.ts';
import type { Plain } from '../core/value.ts';
import { plainChange, type Settled, withHint } from './settled.ts';

export class StepReport {
  readonly #runnable: Runnable;
  readonly #taken: Step[] = [];
  readonly #differences: Change[] = [];
  #changes: { [subject: string]: Plain } = {};
  #comments: string[] = [];
  #dry = false;
  #presumed = false;
  #unknown = false;
  #judgedFailed = false;
  #unmoved = false;
  readonly #warnings: string[] = [];

  constructor(runnable: Runnable) {
    this.#runnable = runnable;
  }

  add(step: Step, performed: Performed): void {
    if (performed.became === 'failed') {
      // Salt: a command that fails still reports what it did, one that could not be started did nothing.
      if (performed.outcome && performed.outcome.pid !== 0 && step.effect.kind === 'exec')
        this.#addOutcome(step, performed.outcome);
      return;
    }
    if (performed.became === 'postponed') {
      this.#warnings.push(performed.warning);
      return;
    }
    // What is left for a later state of the run is no change of the host.
    if (step.effect.kind === 'remember') return;
    if (step.effect.kind === 'await') {
      // Waiting changes nothing; whether it would end well cannot be known before.
      if (performed.became === 'presumed') this.#dry = this.#presumed = this.#unknown = true;
      else if (performed.became === 'done' && performed.comment) this.#comments.push(performed.comment);
      return;
    }
    this.#taken.push(step);
    if (performed.became !== 'done') this.#dry = true;
    if (performed.became === 'presumed') this.#presumed = true;
    if (performed.became === 'done') {
      if (performed.comment) this.#comments.push(performed.comment);
      // A command that was foreseen and changes nothing of its own (daemon-reload) only serves what was told already.
      const silent = step.effect.kind === 'exec' && step.effect.foreseen && !step.change;
      if (performed.outcome && step.effect.kind === 'exec' && !silent)
        this.#addOutcome(step, performed.outcome);
    }
    this.#addChange(step, performed.became !== 'done');
  }

  #addChange({ change, also = [], effect }: Step, dry: boolean): void {
    for (const one of change ? [change, ...also] : also) {
      this.#differences.push(one);
      // Salt: a dry run reports no changes of copies and renames, though they would be made.
      if (dry && (effect.kind === 'copy' || effect.kind === 'move')) continue;
      this.#changes[one.subject] = plainChange(one);
    }
  }

  /** A command without a change of its own: its outcome is what changed. */
  #addOutcome(step: Step, outcome: Outcome): void {
    const verdict = this.#runnable.definition.judge?.(this.#runnable.args, outcome);
    if (step.change) {
      // What was foretold is in the report already; what the output adds to it is not.
      if (verdict?.comment) this.#comments.push(verdict.comment);
      return;
    }
    const standard = {
      pid: outcome.pid,
      retcode: outcome.status,
      stdout: outcome.stdout.replace(/\n$/, ''),
      stderr: outcome.stderr.replace(/\n$/, ''),
    };
    const found = (verdict?.changes ?? standard) as { [subject: string]: Plain };
    Object.assign(this.#changes, found);
    if (Object.keys(found).length === 0) this.#unmoved = true;
    for (const [subject, value] of Object.entries(found)) this.#differences.push({ subject, new: value });
    if (verdict?.comment) this.#comments.push(verdict.comment);
    if (verdict?.failed) this.#judgedFailed = true;
  }

  success(comment: string | undefined, warnings: readonly string[]): Settled {
    const said = comment && this.#unknown ? `Unknown until applied: ${comment}` : comment;
    const comments = this.#comments.length > 0 ? this.#comments : said ? [said] : [];
    return {
      result: this.#judgedFailed ? false : this.#dry ? null : true,
      moved: this.#taken.length > 0 && !(this.#unmoved && this.#differences.length === 0),
      presumed: this.#presumed,
      dry: this.#dry,
      unknown: this.#unknown,
      changes: this.#changes,
      differences: this.#differences,
      comment: comments.join('\n'),
      warnings: [...warnings, ...this.#warnings],
      diagnostics: [],
      taken: this.#taken,
    };
  }

  failure(step: Step, why: Failed, untried: readonly Step[], warnings: readonly string[]): Settled {
    const lines = [withHint(why.reason, why.hint)];
    if (this.#taken.length > 0) lines.push(`Done before: ${named(this.#taken)}.`);
    if (untried.length > 0) lines.push(`Not tried: ${named(untried)}.`);
    return {
      result: false,
      moved: Object.keys(this.#changes).length > 0,
      presumed: false,
      dry: this.#dry,
      unknown: false,
      changes: this.#changes,
      differences: this.#differences,
      comment: [...this.#comments, ...lines].join('\n'),
      warnings,
      diagnostics: complaints(step, why),
      taken: this.#taken,
    };
  }
}

function named(steps: readonly Step[]): string {
  return [...new Set(steps.map(({ change, effect }) => change?.subject ?? deed(effect)))].join(', ');
}

/** What an effect does, in a word or two. */
function deed(effect: Effect): string {
  if (effect.kind === 'exec') return effect.command.argv[0]?.trim().split(/\s/, 1)[0] ?? effect.kind;
  return effect.kind === 'unit' ? `${effect.verb} ${effect.unit}` : effect.kind;
}

/** Lines a validator complained about, as places in the template they were rendered from. */
function complaints(step: Step, why: Failed): Diagnostic[] {
  const places = (why.lines ?? [])
    .map((line) => step.locate?.(line))
    .filter((place): place is Place => !!place);
  const seen = new Set<string>();
  return places
    .filter((place) => {
      const key = `${place.file}:${place.line}`;
      return !seen.has(key) && seen.add(key);
    })
    .map((place) => ({
      code: 'check-failed',
      message: 'The check of the new content complains about what this line rendered to.',
      origin: { place: () => place },
    }));
}
