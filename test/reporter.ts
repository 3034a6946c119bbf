/** Reports a mocha run: dots, every failure in full, every skipped test by name, and the counts as the last line. */
import { appendFileSync } from 'node:fs';
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

export default class Reporter extends mocha.reporters.Base {
  readonly #skipped: string[] = [];
  #passed = 0;
  #width = 0;

  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options);
    runner.on('pass', () => {
      this.#passed++;
      this.#mark('.');
    });
    runner.on('fail', () => this.#mark('!'));
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
