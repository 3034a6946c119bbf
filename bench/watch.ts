/** How long `converge watch` takes to put right what somebody changed, and what it costs to be awake. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, edits: { type: 'string', default: '50' } },
});
const [count, edits] = [Number(values.count), Number(values.edits)];
const top = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'converge-bench-'));
const fileOf = (number: number) => join(folder, `out/d${Math.floor(number / 20)}/f${number}`);

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Hundredths of a second of a processor that a process has taken (proc_pid_stat(5)). */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function residentOf(pid: number): string {
  return /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]!;
}

async function repaired(number: number, text: string): Promise<number> {
  const file = fileOf(number);
  const wanted = readFileSync(file, 'utf8');
  const began = performance.now();
  writeFileSync(file, text);
  // A loop without a pause would take the processor from whom it waits for.
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (readFileSync(file, 'utf8') !== wanted) {
    if (performance.now() - began > 10_000) throw new Error(`${file} is not put right`);
    Atomics.wait(clock, 0, 0, 0.2);
  }
  return performance.now() - began;
}

spawnSync('node', ['scripts/build.ts', '--out', join(folder, 'dist')], { cwd: top, stdio: 'inherit' });
write('states/top.yaml', "base:\n  '*': [files]\n");
write(
  'states/files.yaml',
  `{% for n in range(${count}) %}\n${folder}/out/d{{ n // 20 }}/f{{ n }}:\n  file.managed:\n    - contents: file {{ n }}\n    - makedirs: true\n{% endfor %}\n`,
);
write('conf.yaml', `state_dir: ${folder}/state\ncache: ${folder}/cache\nsyslog: false\n`);
let log = '';
const watch = spawn(
  join(folder, 'dist/converge'),
  ['watch', '--states', join(folder, 'states'), '--config', join(folder, 'conf.yaml')],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
watch.stderr.on('data', (bytes) => {
  log += bytes;
});
try {
  while (!log.includes('timer/start: highstate')) await pause(50);
  await pause(8000);
  const times: number[] = [];
  for (let turn = 0; turn < edits; turn++) {
    times.push(await repaired((turn * 37) % count, `edited ${turn}`));
    await pause(200);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(1);
  console.log(`repair: median ${at(0.5)} ms, least ${at(0)} ms, 9 of 10 below ${at(0.9)} ms, of ${edits}`);
  // What was left over is collected when it is quiet.
  await pause(10_000);
  const before = ticksOf(watch.pid!);
  await pause(30_000);
  console.log(
    `idle: ${((ticksOf(watch.pid!) - before) / 30).toFixed(2)} % of a core, ${residentOf(watch.pid!)} KiB`,
  );
  const start = ticksOf(watch.pid!);
  for (let turn = 0; turn < 100; turn++) {
    writeFileSync(fileOf(1), `fought ${turn}`);
    await pause(600);
  }
  const told = /put right \d+ times in (\d+) s/.exec(log)?.[1] ?? 'never';
  console.log(`fight: told after ${told} s, ${((ticksOf(watch.pid!) - start) / 60).toFixed(2)} % of a core`);
} finally {
  watch.kill();
  await new Promise((resolve) => watch.on('close', resolve));
  rmSync(folder, { recursive: true, force: true });
}
