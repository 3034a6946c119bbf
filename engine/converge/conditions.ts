/** Evaluates onlyif, unless, creates and check_cmd on the host. */
import type { Condition, Runnable } from '../core/chunk.ts';
import type { Command, Reader } from '../core/host.ts';
import { type Dict, Float, keyText, toPlain, type Value } from '../core/value.ts';

/** Calls a look-up function (`file.file_exists`) for a condition that names one. */
export type CallFunction = (fun: string, args: readonly Value[], kwargs: Dict) => unknown;

export interface Asking {
  readonly host: Reader;
  readonly call: CallFunction;
}

/** Why a state is skipped, or undefined where it may run. */
export async function skippedBy(runnable: Runnable, asking: Asking): Promise<string | undefined> {
  const { onlyif, unless, creates } = runnable.conditions;
  for (const condition of onlyif ?? []) {
    const said = await ask(runnable, condition, asking);
    if (!said.holds) return `onlyif condition is false: ${said.detail}`;
  }
  if (unless) {
    // Salt: skipped only if all of them hold.
    const details: string[] = [];
    for (const condition of unless) {
      const said = await ask(runnable, condition, asking);
      if (!said.holds) break;
      details.push(said.detail);
    }
    if (details.length === unless.length) return `unless condition is true: ${details.join('; ')}`;
  }
  if (creates?.every((path) => asking.host.stat(asking.host.resolve(path)))) {
    return `${creates.join(', ')} exists`;
  }
  return undefined;
}

/** What `check_cmd` says of the state: undefined where there is none. */
export async function checked(
  runnable: Runnable,
  asking: Asking,
): Promise<{ readonly holds: boolean; readonly comment: string } | undefined> {
  const { check_cmd } = runnable.conditions;
  if (!check_cmd || check_cmd.length === 0) return undefined;
  for (const script of check_cmd) {
    const said = await ask(runnable, script, asking);
    if (!said.holds)
      return { holds: false, comment: `check_cmd determined the state failed: ${said.detail}` };
  }
  return { holds: true, comment: 'check_cmd determined the state succeeded' };
}

async function ask(
  runnable: Runnable,
  condition: Condition,
  { host, call }: Asking,
): Promise<{ readonly holds: boolean; readonly detail: string }> {
  if (typeof condition !== 'string') return askFunction(condition, call);
  const { shell, ...where } = runnable.shell;
  const command: Command = { argv: [condition], shell: shell ?? '/bin/sh', ...where };
  const outcome = await host.probe(command);
  return { holds: outcome.status === 0, detail: `${condition} (exit status ${outcome.status})` };
}

/** `fun: module.function` with `args` and named arguments; `get_return` looks into what it gives. */
async function askFunction(condition: Dict, call: CallFunction): Promise<{ holds: boolean; detail: string }> {
  const fun = keyText(condition.get('fun'));
  const args = condition.get('args');
  const kwargs: Dict = new Map(
    [...condition].filter(([key]) => !['fun', 'args', 'get_return'].includes(keyText(key))),
  );
  let given = await call(fun, Array.isArray(args) ? args : args === undefined ? [] : [args], kwargs);
  const path = condition.get('get_return');
  if (typeof path === 'string') {
    for (const step of path.split(':')) {
      given = given instanceof Map ? given.get(step) : Array.isArray(given) ? given[Number(step)] : undefined;
    }
  }
  return { holds: isTrue(given), detail: `${fun} gives ${JSON.stringify(toPlain(given))}` };
}

/** As Python's bool() tells. */
function isTrue(value: unknown): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}
