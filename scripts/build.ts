/** Builds the installed form: a launcher, one program file with nearly everything in it, its code cache, and Node. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './build/bundle.ts';

const top = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(top, 'dist') } } });
const out = resolve(values.out);
// Built beside its final place and renamed, so that no half of a build is ever found there.
const work = `${out}.building`;

rmSync(work, { recursive: true, force: true });
mkdirSync(join(work, 'lib'), { recursive: true });
await bundle({ top, out: join(work, 'lib') });
copyFileSync(join(top, 'scripts/build/start.cjs'), join(work, 'lib/start.cjs'));
copyFileSync(join(top, 'scripts/build/launcher.sh'), join(work, 'converge'));
chmodSync(join(work, 'converge'), 0o755);
copyFileSync(join(top, 'LICENSE'), join(work, 'LICENSE'));
placeNode(join(work, 'lib/node'));
writeCodeCache(join(work, 'lib'));
rmSync(out, { recursive: true, force: true });
renameSync(work, out);
const size = statSync(join(out, 'lib/main.cjs')).size + statSync(join(out, 'lib/main.cache')).size;
console.log(`Built ${out}: ${Math.round(size / 1024)} KiB beside Node ${process.version}`);

/** A managed machine needs no Node of its own: the program runs on the one it was built and tested with. */
function placeNode(target: string): void {
  try {
    linkSync(process.execPath, target);
  } catch {
    copyFileSync(process.execPath, target);
  }
}

/**
 * The cache holds what was compiled by the end of a run, so the run is like those to come: next to nothing to change,
 * but a command to run, as guards and services make most runs start one. What it leaves behind goes with its folder.
 */
function writeCodeCache(lib: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'converge-build-'));
  const tree = join(top, 'scripts/build/warm');
  const settings = join(folder, 'converge.yaml');
  writeFileSync(settings, `state_dir: ${folder}/state\ncache: ${folder}/cache\n`);
  const folders = ['states', 'pillar'].flatMap((one) => [`--${one}`, join(tree, one)]);
  const values = ['--pillar-override', JSON.stringify({ folder })];
  const run = ['highstate', '--config', settings, '--output', 'quiet', ...folders, ...values];
  const warmed = { ...process.env, CONVERGE_CODE_CACHE: join(lib, 'main.cache') };
  const start = join(lib, 'start.cjs');
  try {
    execFileSync(process.execPath, [start, ...run], { stdio: ['ignore', 'ignore', 'inherit'] });
    rmSync(join(folder, 'etc/one.conf'));
    const preload = ['--require', join(top, 'scripts/build/write-cache.cjs')];
    execFileSync(process.execPath, [...preload, start, ...run], {
      env: warmed,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (!existsSync(join(lib, 'main.cache'))) throw new Error('The program ended without a code cache.');
}
