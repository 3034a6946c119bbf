/** Runs every check and every test, or the tests of the files named; the last line is "N passed, N failed", and the exit status says the same. */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, isOnPath } from '../test/helpers/tools.ts';
import { type Counts, lastLine } from '../test/reporter.ts';

const top = join(import.meta.dirname, '..');
const strict = process.env.CI === 'true';
const folder = mkdtempSync(join(tmpdir(), 'converge-test-'));
const countsFile = join(folder, 'counts');

/** Runs a tool of node_modules; what it prints appears at once. */
function run(tool: string, args: readonly string[]): Promise<number> {
  const child = spawn(join(top, 'node_modules/.bin', tool), args, {
    cwd: top,
    stdio: 'inherit',
    env: { ...process.env, CONVERGE_TEST_COUNTS: countsFile },
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`error: ${tool} did not start: ${error.message}`);
      resolve(1);
    });
    child.on('close', (status) => resolve(status ?? 1));
  });
}

/** Counts of one mocha run. A run that died before it could count is one failure. */
async function mocha(args: readonly string[]): Promise<Counts> {
  rmSync(countsFile, { force: true });
  const status = await run('mocha', args);
  const counts = readCounts();
  if (counts === undefined) {
    console.error(`error: mocha ended with status ${status} before it had run the tests.`);
    return { passed: 0, failed: 1, skipped: [] };
  }
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readCounts(): Counts | undefined {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}

/** Each check counts as one test. */
async function check(tool: string, args: readonly string[]): Promise<Counts> {
  const passed = (await run(tool, args)) === 0;
  if (!passed) console.error(`error: ${tool} ${args.join(' ')} failed.`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [] };
}

/** The longest that a file says one of its tests may take, in milliseconds. */
function patience(file: string): number {
  const said = readFileSync(join(top, file), 'utf8').matchAll(/\btimeout\(([\d_]+)\)/g);
  return Math.max(0, ...Array.from(said, ([, number]) => Number(number!.replaceAll('_', ''))));
}

/** What tests run beside the lab, which sees to its own. Without root those that lack something say so. */
const programs = {
  setcap: 'libcap2-bin',
  setpriv: 'util-linux',
  patch: 'patch',
  xz: 'xz-utils',
  mount: 'mount',
  strace: 'strace',
  chattr: 'e2fsprogs',
  script: 'bsdutils',
  openssl: 'openssl',
  git: 'git',
  chromium: 'chromium',
  shellcheck: 'shellcheck',
};

if (process.getuid?.() === 0 && isOnPath('apt-get')) install(programs);
const runs: Counts[] = [];
runs.push(await check('tsc', ['--noEmit']));
// What runs in browsers has other built-ins.
runs.push(await check('tsc', ['--noEmit', '-p', 'api/web']));
runs.push(await check('biome', ['check', '.']));
// Tests of real nodes measure time and load the machine with whole systems, so they run after the others, a few at once.
const wanted = process.argv.slice(2);
const patterns = wanted.length > 0 ? wanted : ['test/**/*.test.ts'];
// Those that may take longest begin first: at the end they would be waited for while nothing else is left to do.
const tests = globSync(patterns, { cwd: top })
  .filter((file) => file.endsWith('.test.ts'))
  .sort()
  .sort((one, other) => patience(other) - patience(one));
if (tests.length === 0) throw new Error(`There are no tests in ${patterns.join(' ')}.`);
const depth = (file: string) => file.split('/').length;
// Those of whole trees and clusters are in folders of their own.
const lab = tests.filter((file) => file.startsWith('test/lab/')).sort((a, b) => depth(b) - depth(a));
const others = tests.filter((file) => !lab.includes(file));
const jobs = Math.max(2, availableParallelism());
if (others.length > 0) runs.push(await mocha(['--parallel', '--jobs', String(jobs), ...others]));
if (lab.length > 0) {
  // They wait for nodes, deadlines and the minutes of cron more than they compute.
  const nodes = String(jobs + 2);
  runs.push(await mocha(['--parallel', '--jobs', nodes, ...lab]));
}
rmSync(folder, { recursive: true });

const sum: Counts = {
  passed: runs.reduce((total, one) => total + one.passed, 0),
  failed: runs.reduce((total, one) => total + one.failed, 0),
  skipped: runs.flatMap((one) => one.skipped),
};
for (const title of sum.skipped) console.log(`SKIPPED ${title}`);
console.log(lastLine(sum, strict));
process.exitCode = sum.failed > 0 || (strict && sum.skipped.length > 0) ? 1 : 0;
