/** Makes the command of a `cmd` state from its arguments, and says what its outcome means. */
import type { Command, ExecEffect, Outcome, Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Plan, Refusal, Verdict } from '../../core/state.ts';
import type { commandProperties } from './_properties.ts';
import { statefulVerdict } from './_stateful.ts';

export type CommandArguments = ArgumentsOf<typeof commandProperties> & { readonly name: string };

/** Everything but the words; what of it is wrong. */
export type Setting = Omit<Command, 'argv' | 'shell'> | Refusal;

/** Salt: the default folder is the home of the user the command runs as, or `/` where there is none. */
export function settingOf(args: CommandArguments, reader: Reader): Setting {
  const env = environmentOf(args, reader);
  if (typeof env === 'string') return { refused: env, certain: true };
  const umask = args.umask === undefined ? undefined : String(args.umask);
  if (umask !== undefined && !/^0?o?[0-7]{1,4}$/.test(umask)) {
    return { refused: `The umask ${umask} is not made of octal digits.`, certain: true };
  }
  const home = reader.user(args.runas ?? reader.self.uid)?.home;
  return {
    cwd: args.cwd ?? (home !== undefined && reader.list(home) !== undefined ? home : '/'),
    env,
    user: args.runas,
    group: args.group,
    umask: umask === undefined ? undefined : Number.parseInt(umask.replace('o', ''), 8),
    timeout: args.timeout || undefined,
    ...(args.below_root ? { belowRoot: true } : {}),
  };
}

/** A sentence where it cannot be understood. */
function environmentOf(args: CommandArguments, reader: Reader): { [name: string]: string | null } | string {
  const env: { [name: string]: string | null } = {};
  const present = reader.environment();
  if (args.clean_env) for (const name of Object.keys(present)) if (name !== 'PATH') env[name] = null;
  for (const given of [args.env ?? []].flat()) {
    if (typeof given !== 'object' || given === null) {
      return '"env" is neither a dictionary nor a list of dictionaries.';
    }
    for (const [name, value] of Object.entries(given)) {
      if (name === '' || name.includes('=')) return `"${name}" cannot be the name of a variable.`;
      if (typeof value === 'object' && value !== null) return `The value of ${name} in "env" is not text.`;
      env[name] = value === false ? null : String(value ?? '');
    }
  }
  const folders = [args.prepend_path ?? []].flat();
  if (folders.length > 0)
    env['PATH'] = [...folders, env['PATH'] ?? present['PATH'] ?? '/usr/bin:/bin'].join(':');
  return env;
}

/** One step without a change of its own: what the command did is known only from its outcome. */
export function execution(args: CommandArguments, command: Command): Plan {
  const effect: ExecEffect = { kind: 'exec', command, success: successOf(args) };
  return [{ effect }];
}

/** With outputs that count as success every status goes through, and `judge` decides. */
function successOf(args: CommandArguments): readonly number[] {
  if (args.success_stdout !== undefined || args.success_stderr !== undefined) {
    return Array.from({ length: 256 }, (_, status) => status).filter(
      (status) => status !== 124 || args.ignore_timeout,
    );
  }
  const codes = [0, ...[args.success_retcodes ?? []].flat()];
  return args.ignore_timeout ? [...codes, 124] : codes;
}

export function judge(args: CommandArguments, outcome: Outcome): Verdict {
  const failed = !isSuccess(args, outcome);
  const told = args.stateful !== false ? statefulVerdict(outcome) : {};
  const verdict = { comment: `Command "${args.name}" run`, ...told, failed: failed || told.failed === true };
  if (!args.hide_output) return verdict;
  const changes = told.changes ?? { pid: outcome.pid, retcode: outcome.status };
  const isNothing = Object.keys(changes).length === 0;
  return { ...verdict, changes: isNothing ? {} : { ...changes, stdout: '', stderr: '' } };
}

function isSuccess(args: CommandArguments, outcome: Outcome): boolean {
  const { status, stdout, stderr } = outcome;
  if (status === 0 || [args.success_retcodes ?? []].flat().includes(status)) return true;
  if (outcome.timedOut) return args.ignore_timeout;
  return (
    [args.success_stdout ?? []].flat().includes(stdout.trimEnd()) ||
    [args.success_stderr ?? []].flat().includes(stderr.trimEnd())
  );
}
