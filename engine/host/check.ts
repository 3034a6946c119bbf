/** Has a validator look at new content under its real name before it replaces anything. */
import * as fs from 'node:fs';
import type { Command, Outcome, Performed, WriteEffect } from '../core/host.ts';
import { baseOf, join, parentOf } from '../core/path.ts';
import { escapeRegex } from '../core/regex.ts';
import type { Spot } from './spot.ts';
import { sweepOnce, temporaryName } from './sweep.ts';

type Checked = WriteEffect & { readonly check: Command };

/**
 * The file lies in a private folder beside its target; once the validator agrees it is renamed from there, so
 * what was validated is what is used. `create` makes the file; `before` runs right before the replacement.
 */
export async function checkContent(
  effect: Checked,
  spot: Spot,
  create: (at: string, child: string) => void,
  run: (command: Command) => Promise<Outcome>,
  before: () => void,
): Promise<Performed> {
  sweepOnce(spot);
  const folder = temporaryName();
  const at = `${spot.beside(folder)}/${spot.name}`;
  fs.mkdirSync(spot.beside(folder), 0o700);
  try {
    // Another user than ours has to be able to reach the file; what it may read there its mode says.
    if (effect.check.user !== undefined) fs.chmodSync(spot.beside(folder), 0o711);
    create(at, `${spot.forChild(folder)}/${spot.name}`);
    const seen = join(join(parentOf(spot.path), folder), spot.name);
    const outcome = await run(withPath(effect.check, seen));
    if (outcome.status !== 0) return rejected(effect, spot, seen, outcome);
    before();
    fs.renameSync(at, spot.at);
    spot.sync();
    return { became: 'done', outcome: renamed(outcome, seen, spot.path) };
  } finally {
    fs.rmSync(spot.beside(folder), { recursive: true, force: true });
  }
}

function withPath(command: Command, path: string): Command {
  if (command.shell === undefined) return { ...command, argv: [...command.argv, path] };
  return { ...command, argv: [`${command.argv[0]} '${path.replaceAll("'", "'\\''")}'`] };
}

function rejected(effect: Checked, spot: Spot, seen: string, outcome: Outcome): Performed {
  const program = effect.check.argv[0]!.trim().split(/\s+/)[0]!;
  const how = outcome.timedOut
    ? 'ran out of time on'
    : outcome.status === 127
      ? 'could not check'
      : 'rejects';
  return {
    became: 'failed',
    reason: `${effect.path} is left as it is: ${program} ${how} the new content (exit status ${outcome.status}).`,
    outcome: renamed(outcome, seen, spot.path),
    lines: linesNamed(`${outcome.stdout}\n${outcome.stderr}`, seen, effect.content),
  };
}

function renamed(outcome: Outcome, seen: string, path: string): Outcome {
  return {
    ...outcome,
    stdout: outcome.stdout.replaceAll(seen, path),
    stderr: outcome.stderr.replaceAll(seen, path),
  };
}

/** Line numbers in what a validator printed: after the path ("x.cfg:12", "x.cfg(12)") or after "line". */
function linesNamed(output: string, path: string, content: Buffer): readonly number[] {
  const last = content.toString('latin1').split('\n').length;
  const found = new Set<number>();
  const base = escapeRegex(baseOf(path));
  const patterns = [
    new RegExp(`${base}["']?[:(\\[, ]\\s*(?:line\\s+)?(\\d+)`, 'g'),
    /\blines?\b[\s:#=]*(\d+)/gi,
  ];
  for (const pattern of patterns) {
    for (const match of output.matchAll(pattern)) {
      const line = Number(match[1]);
      if (line >= 1 && line <= last) found.add(line);
    }
  }
  return [...found].sort((a, b) => a - b);
}
