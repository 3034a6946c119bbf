/** Reports a mocha run: dots, failures as they happen and in full at the end, the files that took longest, every skipped test by name, and the counts as the last line. */
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import mocha from 'mocha';

/** What a run came to; `scripts/test.ts` adds up several. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

/** With CI=true a test that was skipped proves nothing and fails the run. */
export function lastLine(counts: Counts, strict: boolean): string {
  const failed = counts.failed + (strict ? counts.skipped.length : 0);
  return `${counts.passed} passed, ${failed} failed`;
}

/** Milliseconds from which on a file is named. */
const slowFile = 20_000;

export default class Reporter extends mocha.reporters.Base {
  readonly #skipped: string[] = [];
  #passed = 0;
  #width = 0;
  /** Milliseconds, without hooks: files that take long make everybody wait. */
  readonly #times = new Map<string, number>();

  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options);
    runner.on('pass', (test) => {
      this.#passed++;
      this.#mark('.');
      const file = relative('', test.file ?? '');
      this.#times.set(file, (this.#times.get(file) ?? 0) + (test.duration ?? 0));
    });
    runner.on('fail', (test) => {
      // What follows may take many minutes, or be cut off.
      process.stdout.write(`\nFAILED ${test.fullTitle()}\n`);
      this.#width = 0;
    });
    runner.on('pending', (test) => {
      this.#skipped.push(test.fullTitle());
      this.#mark(',');
    });
    runner.once('end', () => this.#finish());
  }

  #mark(sign: string): void {
    process.stdout.write(sign);
    if (++this.#width % 100 === 0) process.stdout.write('\n');
  }

  #finish(): void {
    console.log();
    const slow = [...this.#times].filter(([, time]) => time > slowFile).sort((a, b) => b[1] - a[1]);
    for (const [file, time] of slow.slice(0, 20)) console.log(`${Math.round(time / 1000)} s ${file}`);
    if (this.failures.length > 0) mocha.reporters.Base.list(this.failures);
    const counts: Counts = { passed: this.#passed, failed: this.failures.length, skipped: this.#skipped };
    const sum = process.env.CONVERGE_TEST_COUNTS;
    if (sum !== undefined) appendFileSync(sum, `${JSON.stringify(counts)}\n`);
    else {
      for (const title of this.#skipped) console.log(`SKIPPED ${title}`);
      console.log(lastLine(counts, false));
    }
  }
}
