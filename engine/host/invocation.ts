/** Works out the words, folder and environment with which a command is really started. */
import * as fs from 'node:fs';
import { type Command, HostTrouble } from '../core/host.ts';
import type { Files } from './files.ts';
import type { Accounts } from './passwd.ts';

export interface Invocation {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string | undefined;
  readonly env: Record<string, string>;
}

export interface Surroundings {
  readonly files: Files;
  readonly accounts: Accounts;
  readonly self: { readonly uid: number; readonly gid: number };
  environment(): Readonly<Record<string, string | undefined>>;
  /** Whether a text holds a secret: ps(1) shows everybody the words of a command. */
  readonly isSecret?: ((text: string) => boolean) | undefined;
}

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The command could not even be tried; said on its stderr with status 127. */
export class NotStarted extends Error {}

/**
 * The environment of the run with a PATH that holds at least the usual folders, so that cron and a login shell
 * see the same. Unlike Salt: commands run with `LC_ALL=C.UTF-8` where Salt sets `C`, so that they print
 * untranslated messages and still understand names that are not ASCII.
 */
function environmentOf(command: Command, surroundings: Surroundings): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(surroundings.environment())) {
    if (value !== undefined) env[name] = value;
  }
  const path = (env['PATH'] ?? '').split(':').filter(Boolean);
  env['PATH'] = [...path, ...folders.filter((folder) => !path.includes(folder))].join(':');
  env['LC_ALL'] = 'C.UTF-8';
  env['LANGUAGE'] = 'C';
  const user = command.user === undefined ? undefined : surroundings.accounts.user(command.user);
  if (user !== undefined)
    Object.assign(env, { HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell });
  for (const [name, value] of Object.entries(command.env ?? {})) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** Variable by which a script with a secret reaches its shell. */
const hidden = 'CONVERGE_SCRIPT';

function isPosixShell(shell: string | undefined): boolean {
  return shell !== undefined && /(^|\/)(ba|da|a|z|k|mk)?sh$/.test(shell);
}

/** Throws NotStarted, or HostTrouble where it must not run at all. */
export function invocationOf(command: Command, surroundings: Surroundings): Invocation {
  const { files } = surroundings;
  for (const word of [...command.argv, command.cwd ?? '', ...Object.values(command.env ?? {})]) {
    if (word?.includes('\0')) throw new NotStarted('A word of the command holds a NUL character.');
  }
  const env = environmentOf(command, surroundings);
  let words =
    command.shell === undefined ? [...command.argv] : [command.shell, '-c', ...command.argv.slice(0, 1)];
  const script = command.argv[0];
  if (script !== undefined && isPosixShell(command.shell) && surroundings.isSecret?.(script)) {
    // The environment of a process is for its owner only (proc(5)); what the script starts does not inherit it.
    env[hidden] = script;
    words = [command.shell!, '-c', `converge_script=$${hidden}; unset ${hidden}; eval "$converge_script"`];
  }
  const [program] = words;
  if (!program) throw new NotStarted('The command is empty.');
  // The words stay words: only the mask is looked at by the shell.
  if (command.umask !== undefined) {
    words = ['/bin/sh', '-c', 'umask "$1" && shift && exec "$@"', 'sh', command.umask.toString(8), ...words];
  }
  if (files.root !== undefined && files.root !== '/' && !command.belowRoot) {
    return { argv: inChroot(command, words, surroundings), cwd: '/', env };
  }
  if (files.root !== undefined) env['CONVERGE_ROOT'] = files.root;
  words = asUser(command, words, surroundings);
  return { argv: words as [string, ...string[]], cwd: workFolder(command, files), env };
}

function workFolder(command: Command, files: Files): string | undefined {
  if (command.cwd === undefined) return undefined;
  const real = files.outside(files.resolve(command.cwd));
  if (!fs.statSync(real, { throwIfNoEntry: false })?.isDirectory()) {
    throw new NotStarted(`The folder ${command.cwd} to run it in does not exist.`);
  }
  return real;
}

/** setpriv(1) also sets the supplementary groups, which spawn(2) with a uid would leave as root's. */
function asUser(command: Command, words: string[], { accounts, self }: Surroundings): string[] {
  if (command.user === undefined && command.group === undefined) return words;
  const user = command.user === undefined ? undefined : accounts.user(command.user);
  if (command.user !== undefined && user === undefined)
    throw new NotStarted(`There is no user "${command.user}".`);
  const group = command.group === undefined ? undefined : accounts.group(command.group);
  if (command.group !== undefined && group === undefined) {
    throw new NotStarted(`There is no group "${command.group}".`);
  }
  const uid = user?.uid ?? self.uid;
  const gid = group?.gid ?? user?.gid ?? self.gid;
  if (uid === self.uid && gid === self.gid) return words;
  if (self.uid !== 0) throw new NotStarted('Only root can run a command as another user or group.');
  const groups = user === undefined ? '--clear-groups' : '--init-groups';
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, groups, '--', ...words];
}

function inChroot(
  command: Command,
  words: string[],
  { files, accounts, self }: Surroundings,
): [string, ...string[]] {
  if (self.uid !== 0 || files.stat(files.resolve('/bin/sh')) === undefined) {
    throw new HostTrouble(
      `"${command.argv[0]}" is not run: commands of a tree below --root need root and a shell inside it.`,
      'Run converge as root on a complete image; a cmd state with below_root runs on this machine itself.',
    );
  }
  if (command.user !== undefined && accounts.user(command.user) === undefined) {
    throw new NotStarted(`There is no user "${command.user}".`);
  }
  const group = command.group === undefined ? '' : `:${command.group}`;
  const spec =
    command.user === undefined && group === '' ? [] : [`--userspec=${command.user ?? '+0'}${group}`];
  const enter = ['/bin/sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'sh', command.cwd ?? '/', ...words];
  return ['chroot', ...spec, files.root!, ...enter];
}
