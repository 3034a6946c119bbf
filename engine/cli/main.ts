/** The command line: words in, exit code out. Everything a verb needs is loaded when the verb is known. */
import { readFileSync } from 'node:fs';
import { at, Bug, type Diagnostic, Trouble } from '../core/diagnostic.ts';
import type { Secrets } from '../core/secret.ts';
import { type Command, parseArguments } from './arguments.ts';
import { discreetStream } from './discretion.ts';
import type { Signals } from './interruption.ts';
import type { Settings, Surroundings } from './settings.ts';

export interface Stream {
  write(text: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the program has of its process; tests hand in their own. */
export interface Streams extends Surroundings {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Told once the settings are known. */
  readonly onSettings?: (settings: Settings) => void;
  /** Told of the secrets before the first of them is known. */
  readonly onSecrets?: (secrets: Secrets) => void;
  /** Undefined: nothing can stop a run. */
  readonly signals?: Signals;
  /** All of stdin; on a terminal one line that is typed in, unseen. Undefined: there is no stdin. */
  readonly read?: (prompt: string) => Promise<string>;
  /** Writes to stdout what would be masked there. */
  readonly reveal?: (text: string) => void;
  /** Hands errors that nobody caught to the handler, and ends the process with the code it returns. */
  readonly onCrash?: (handler: (error: unknown) => number) => void;
  /** The words that start this program again, with absolute paths. Undefined: nobody knows. */
  readonly program?: readonly string[];
}

/** The cause of a rollback that takes back what nobody has confirmed. */
export const unconfirmedCause = 'unconfirmed';

export const exitCodes = {
  converged: 0,
  failed: 1,
  pending: 2,
  notCompiled: 3,
  locked: 4,
  usage: 64,
  bug: 70,
} as const;

/** Runs one command. Resolves to the exit code; never rejects. */
export async function executeCli(argv: readonly string[], surroundings: Streams): Promise<number> {
  let secrets: Secrets | undefined;
  let settings: Settings | undefined;
  const streams: Streams = {
    ...surroundings,
    stdout: discreetStream(surroundings.stdout, () => secrets),
    stderr: discreetStream(surroundings.stderr, () => secrets),
    onSettings(found) {
      settings = found;
      surroundings.onSettings?.(found);
    },
    onSecrets(found) {
      secrets = found;
    },
    reveal: (text) => surroundings.stdout.write(text),
  };
  surroundings.onCrash?.((error) => reportBug(error, streams));
  const command = parseArguments(argv);
  if ('problem' in command) {
    streams.stderr.write(`converge: ${command.problem}\n${command.hint ? `${command.hint}\n` : ''}`);
    return exitCodes.usage;
  }
  // What the command line says of the output holds until the settings are read.
  const output = () => settings ?? ('options' in command ? command.options : {});
  try {
    return await dispatch(command, streams);
  } catch (error) {
    if (error instanceof Trouble) {
      await reportTrouble(inOrder(error.diagnostics), output(), streams, settings);
      const code = error.diagnostics[0]?.code;
      return code === 'locked' || code === 'unconfirmed' ? exitCodes.locked : exitCodes.notCompiled;
    }
    return reportBug(error, streams);
  }
}

/** What a machine says that has no room, no rights or no health left; everything else is our fault. */
const outOfOrder = /^(EACCES|EIO|EMFILE|ENFILE|ENOMEM|ENOSPC|EPERM|EROFS|ESTALE|Unknown system error -\d+)$/;

/** Never by Node itself, which would print secrets that stand in the message. */
function reportBug(error: unknown, { stderr }: Streams): number {
  const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall !== undefined && outOfOrder.test(code ?? '')) {
    stderr.write(`converge: this machine does not let it go on: ${message}.\n`);
    return exitCodes.bug;
  }
  const kind = error instanceof Bug ? '' : `${(error as Error)?.name ?? 'Error'}: `;
  stderr.write(
    `converge: this is a bug of converge. Please report it with what follows.\n${kind}${(error as Error)?.stack ?? String(error)}\n`,
  );
  return exitCodes.bug;
}

async function dispatch(command: Command, streams: Streams): Promise<number> {
  switch (command.verb) {
    case 'help': {
      const { helpText } = await import('./help.ts');
      streams.stdout.write(helpText(command.about));
      return exitCodes.converged;
    }
    case 'version':
      streams.stdout.write(`converge ${version()}\n`);
      return exitCodes.converged;
    case 'list-states': {
      const { listStatesCommand } = await import('./commands/list-states.ts');
      return listStatesCommand(command, streams);
    }
    case 'show': {
      const { showCommand } = await import('./commands/show.ts');
      return showCommand(command, streams);
    }
    case 'lint': {
      const { lintCommand } = await import('./commands/lint.ts');
      return lintCommand(command, streams);
    }
    case 'history': {
      const { historyCommand } = await import('./commands/history.ts');
      return historyCommand(command, streams);
    }
    case 'pillar': {
      const { pillarCommand } = await import('./commands/pillar.ts');
      return pillarCommand(command, streams);
    }
    case 'owed': {
      const { owedCommand } = await import('./commands/owed.ts');
      return owedCommand(command, streams);
    }
    case 'status': {
      const { statusCommand } = await import('./commands/status.ts');
      return statusCommand(command, streams);
    }
    case 'owns': {
      const { ownsCommand } = await import('./commands/owns.ts');
      return ownsCommand(command, streams);
    }
    case 'apply-plan': {
      const { applyPlanCommand } = await import('./commands/apply-plan.ts');
      return applyPlanCommand(command, streams);
    }
    case 'confirm': {
      const { confirmCommand } = await import('./commands/confirm.ts');
      return confirmCommand(command, streams);
    }
    case 'rollback': {
      if (command.options.cause === unconfirmedCause) {
        const { revertCommand } = await import('./commands/revert.ts');
        return revertCommand(command, streams);
      }
      const { rollbackCommand } = await import('./commands/rollback.ts');
      return rollbackCommand(command, streams);
    }
    case 'restore': {
      const { restoreCommand } = await import('./commands/restore.ts');
      return restoreCommand(command, streams);
    }
    case 'dns': {
      const { dnsCommand } = await import('./commands/dns.ts');
      return dnsCommand(command, streams);
    }
    case 'doctor': {
      const { doctorCommand } = await import('./commands/doctor.ts');
      return doctorCommand(command, streams);
    }
    case 'watch': {
      const { watchCommand } = await import('./commands/watch.ts');
      return watchCommand(command, streams);
    }
    case 'pause':
    case 'resume': {
      const { pauseCommand } = await import('./commands/pause.ts');
      return pauseCommand(command, streams);
    }
    case 'highstate':
    case 'apply':
    case 'single': {
      const { runCommand } = await import('./commands/run.ts');
      return runCommand(command, streams);
    }
  }
}

/** The build puts the version in here; a checkout asks its package.json. */
declare const CONVERGE_VERSION: string | undefined;

export function version(): string {
  if (typeof CONVERGE_VERSION === 'string') return CONVERGE_VERSION;
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/** File by file from top to bottom, whatever pass found them. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const placed = diagnostics.map((one, index) => ({ one, index, place: one.origin?.place() }));
  const files = [...new Set(placed.map(({ place }) => place?.file))];
  placed.sort(
    (a, b) =>
      files.indexOf(a.place?.file) - files.indexOf(b.place?.file) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
      a.index - b.index,
  );
  return placed.map(({ one }) => one);
}

/** Errors before a run: the result for programs on stdout, frames for people on stderr. */
export async function reportTrouble(
  diagnostics: readonly Diagnostic[],
  options: Partial<Pick<Settings, 'output' | 'color'>>,
  streams: Streams,
  settings: Settings | undefined,
): Promise<void> {
  if (options.output === 'json') {
    const { errorsAsJson } = await import('../report/json.ts');
    streams.stdout.write(errorsAsJson(diagnostics));
  } else if (options.output === 'ndjson') {
    const { errorsAsNdjson } = await import('../report/ndjson.ts');
    streams.stdout.write(errorsAsNdjson(diagnostics));
  } else {
    const { renderDiagnostics } = await import('../report/frame.ts');
    const { wantsColour } = await import('../report/colour.ts');
    const color = wantsColour(options.color ?? 'auto', {
      isTTY: streams.stderr.isTTY === true,
      env: streams.env,
    });
    const sources = new Map<string, string | undefined>();
    const { readExcerpt } = await import('./excerpt.ts');
    const isSecret = settings?.isSecret ?? (() => false);
    function readOnce(file: string): string | undefined {
      if (!sources.has(file)) sources.set(file, readExcerpt(file, isSecret));
      return sources.get(file);
    }
    streams.stderr.write(renderDiagnostics(diagnostics, { readSource: readOnce, color }));
  }
}

/** A place on the command line itself. */
export function onCommandLine(column = 1) {
  return at('command line', 1, column);
}
