/** Salt's module `cmd`: commands that only look, run while a template is rendered. */

import type { Command, Outcome } from '../../core/host.ts';
import { shellWords } from '../../core/shell-words.ts';
import { bind, boolArg } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { isInt } from '../jinja/kinds.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError, type Keywords, Undefined } from '../jinja/values.ts';
import { type FunctionContext, type FunctionModule, unavailable } from './context.ts';

const RUN = [
  'cmd!',
  'cwd',
  'stdin',
  'runas',
  'shell',
  'python_shell',
  'env',
  'clean_env',
  'template',
  'rstrip',
  'umask',
  'output_encoding',
  'output_loglevel',
  'log_callback',
  'hide_output',
  'timeout',
  'reset_system_locale',
  'ignore_retcode',
  'saltenv',
  'use_vt',
  'bg',
  'password',
  'encoded_cmd',
  'raise_err',
  'prepend_path',
  'success_retcodes',
  'success_stdout',
  'success_stderr',
  'group',
];

function wordsOf(line: string): string[] {
  const words = shellWords(line);
  if (words) return words;
  throw new JinjaError(
    `No closing quotation, or nothing after the last backslash, in the command "${line}".`,
  );
}

function environment(value: unknown): Record<string, string | null> | undefined {
  if (value === undefined || value === null) return undefined;
  const dicts = value instanceof Map ? [value] : members(value);
  const env: Record<string, string | null> = {};
  for (const dict of dicts) {
    if (!(dict instanceof Map)) throw new JinjaError('The argument "env" needs a dict, or a list of dicts.');
    for (const [name, setting] of dict)
      env[str(name)] = setting === false || setting === null ? null : str(setting);
  }
  return env;
}

interface Run {
  readonly outcome: Outcome;
  readonly strip: boolean;
}

function perform(name: string, context: FunctionContext, args: unknown[], kwargs: Keywords): Run {
  const values = bind(`cmd.${name}`, RUN, args, kwargs);
  const given = new Map(RUN.map((parameter, index) => [parameter.replace('!', ''), values[index]]));
  const cmd = given.get('cmd');
  if (cmd instanceof Undefined) cmd.fail();
  // Salt: in templates a command runs without a shell unless `python_shell` asks for one.
  const inShell = name === 'shell' || boolArg(given.get('python_shell') ?? false, false);
  const words = Array.isArray(cmd) ? cmd.map((word) => str(word)) : undefined;
  const argv = inShell ? [words?.join(' ') ?? str(cmd)] : (words ?? wordsOf(str(cmd)));
  if (argv.length === 0 || argv[0] === '') throw new JinjaError(`cmd.${name} was given an empty command.`);
  const text = (key: string): string | undefined => {
    const value = given.get(key);
    return value === undefined || value === null || value === '' ? undefined : str(value);
  };
  const timeout = given.get('timeout');
  const umask = text('umask');
  const command: Command = {
    argv,
    shell: inShell ? (text('shell') ?? '/bin/sh') : undefined,
    cwd: text('cwd'),
    env: environment(given.get('env')),
    user: text('runas'),
    group: text('group'),
    stdin: text('stdin'),
    umask: umask === undefined ? undefined : Number.parseInt(umask, 8),
    timeout: isInt(timeout) ? Number(timeout) : undefined,
  };
  const outcome = context.run(command);
  if (!inShell && outcome.status === 127 && which(context, argv[0]!) === undefined) {
    throw new JinjaError(`cmd.${name} cannot run "${argv[0]}": there is no such program.`);
  }
  if (outcome.status !== 0 && boolArg(given.get('raise_err'), false)) {
    throw new JinjaError(
      `The command "${argv.join(' ')}" ended with status ${outcome.status}: ${outcome.stderr.trim()}`,
    );
  }
  return { outcome, strip: boolArg(given.get('rstrip'), true) };
}

function stripped(text: string, strip: boolean): string {
  return strip ? text.trimEnd() : text;
}

/** Salt: what cmd.run returns holds the error output too. */
function together({ outcome, strip }: Run): string {
  const { stdout, stderr } = outcome;
  const gap = stdout !== '' && stderr !== '' && !stdout.endsWith('\n') ? '\n' : '';
  return stripped(stdout + gap + stderr, strip);
}

/** The program's path, looked for as a shell would. */
export function which(context: FunctionContext, name: string): string | undefined {
  const host = context.host();
  const runs = (path: string): boolean => {
    const stat = host.stat(host.resolve(path));
    return stat?.kind === 'file' && (stat.mode & 0o111) !== 0;
  };
  if (name.includes('/')) return runs(name) ? name : undefined;
  const path = host.environment()['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  for (const folder of path.split(':')) {
    if (folder.startsWith('/') && runs(`${folder.replace(/\/$/, '')}/${name}`)) {
      return `${folder.replace(/\/$/, '')}/${name}`;
    }
  }
  return undefined;
}

const notHere = 'a template only looks, and a script has to be fetched first';

export const functions: FunctionModule = {
  run: (context, args, kwargs) => together(perform('run', context, args, kwargs)),
  shell: (context, args, kwargs) => together(perform('shell', context, args, kwargs)),
  run_stdout: (context, args, kwargs) => {
    const { outcome, strip } = perform('run_stdout', context, args, kwargs);
    return stripped(outcome.stdout, strip);
  },
  run_stderr: (context, args, kwargs) => {
    const { outcome, strip } = perform('run_stderr', context, args, kwargs);
    return stripped(outcome.stderr, strip);
  },
  run_all: (context, args, kwargs) => {
    const { outcome, strip } = perform('run_all', context, args, kwargs);
    return new Map<unknown, unknown>([
      ['pid', outcome.pid],
      ['retcode', outcome.status],
      ['stdout', stripped(outcome.stdout, strip)],
      ['stderr', stripped(outcome.stderr, strip)],
    ]);
  },
  retcode: (context, args, kwargs) => perform('retcode', context, args, kwargs).outcome.status,
  which: (context, args) => which(context, str(bind('cmd.which', ['cmd!'], args)[0])) ?? null,
  has_exec: (context, args) => which(context, str(bind('cmd.has_exec', ['cmd!'], args)[0])) !== undefined,
  which_bin: (context, args) => {
    const [names] = bind('cmd.which_bin', ['cmds!'], args);
    return (
      members(names)
        .map((name) => which(context, str(name)))
        .find((path) => path !== undefined) ?? null
    );
  },
  script: unavailable('cmd.script', notHere, "salt['cmd.shell'] or the state cmd.script"),
  exec_code: unavailable('cmd.exec_code', notHere, "salt['cmd.run']"),
};
