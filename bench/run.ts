/** Measures runs that find nothing to change, and prints a table; see README.md beside this file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, contenders } from './contenders.ts';

const top = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000,10000' },
    runs: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});

interface Figure {
  readonly median: number;
  readonly least: number;
  /** MiB; undefined where GNU time is not installed. */
  readonly memory?: number;
}

function once(command: readonly string[]): number {
  const start = process.hrtime.bigint();
  const ended = spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (ended.status !== 0) throw new Error(`${command.join(' ')} ended with ${ended.status}.`);
  return milliseconds;
}

/** Largest resident set of one more run, not of the measured ones. */
function memoryOf(command: readonly string[], folder: string): number | undefined {
  if (!existsSync('/usr/bin/time')) return undefined;
  once(['/usr/bin/time', '-f', '%M', '-o', join(folder, 'memory'), ...command]);
  return Number(readFileSync(join(folder, 'memory'), 'utf8')) / 1024;
}

function measure(contender: Contender, folder: string, count: number): Figure {
  const command = contender.prepare(folder, count);
  const runs = contender.slow ? 3 : Number(values.runs);
  for (let i = 0; i < (contender.slow ? 1 : 3); i++) once(command);
  const times = Array.from({ length: runs }, () => once(command)).sort((a, b) => a - b);
  return { median: times[Math.floor(runs / 2)]!, least: times[0]!, memory: memoryOf(command, folder) };
}

function number(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

const work = mkdtempSync(join(tmpdir(), 'converge-bench-'));
const installed = join(work, 'dist');
spawnSync(process.execPath, [join(top, 'scripts/build.ts'), '--out', installed], { stdio: 'inherit' });
console.log(
  `\n${cpus()[0]?.model}, ${cpus().length} cores, Linux ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`,
);
try {
  for (const count of values.count.split(',').map(Number)) {
    console.log(`\n### ${count.toLocaleString('en')} files, nothing to change\n`);
    console.log('| | median ms | least ms | × C | peak MiB |\n|---|--:|--:|--:|--:|');
    let floor: number | undefined;
    for (const contender of contenders(join(top, 'converge'), join(installed, 'converge'))) {
      if (!contender.name.includes(values.only)) continue;
      if (contender.missing !== undefined) {
        console.log(`| ${contender.name} | skipped: ${contender.missing} | | | |`);
        continue;
      }
      const folder = mkdtempSync(join(work, 'run-'));
      const figure = measure(contender, folder, count);
      floor ??= figure.median;
      const cells = [number(figure.median), number(figure.least), number(figure.median / floor)];
      console.log(
        `| ${contender.name} | ${cells.join(' | ')} | ${figure.memory ? number(figure.memory) : '–'} |`,
      );
      if (!values.keep) rmSync(folder, { recursive: true, force: true });
    }
  }
} finally {
  if (values.keep) console.log(`\nKept in ${work}`);
  else rmSync(work, { recursive: true, force: true });
}
