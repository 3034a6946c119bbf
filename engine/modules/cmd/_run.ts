/** What cmd.run and cmd.wait share: one command given in the state itself. */

import type { Command, Reader } from '../../core/host.ts';
import type { ArgumentsOf, Properties } from '../../core/schema.ts';
import { shellWords } from '../../core/shell-words.ts';
import type { Plan, Refusal } from '../../core/state.ts';
import { execution, type Setting, settingOf } from './_command.ts';
import { commandProperties } from './_properties.ts';
import { statefulVerdict } from './_stateful.ts';

export const runProperties = {
  name: { type: 'string', description: 'The command, read by the shell.' },
  cmd: {
    type: ['string', 'array'],
    items: { type: ['string', 'integer'] },
    description: 'The command instead of the name. A list is a program and its words, run without a shell.',
  },
  python_shell: {
    type: 'boolean',
    default: true,
    description: 'False: the command is split into words and run without a shell.',
  },
  stdin: { type: 'string', description: 'What the command reads from its standard input.' },
  ...commandProperties,
} as const satisfies Properties;

export type RunArguments = ArgumentsOf<typeof runProperties> & { readonly name: string };

export interface RunNow {
  readonly setting: Setting;
  /** What `test_name` of a stateful command answered: whether there is anything to do. */
  readonly pending: boolean;
}

/**
 * Unlike Salt: `test_name` of a stateful cmd.run is also asked in a real run, and the command is not run where it
 * tells of no change, so that a dry run and the run itself agree.
 */
export async function readRun(args: RunArguments, reader: Reader): Promise<RunNow> {
  const setting = settingOf(args, reader);
  const test = testNameOf(args);
  if (test === undefined || 'refused' in setting) return { setting, pending: true };
  const outcome = await reader.probe({ ...setting, argv: [test], shell: args.shell });
  const { changes, failed } = statefulVerdict(outcome);
  return { setting, pending: failed === true || Object.keys(changes ?? {}).length > 0 };
}

function testNameOf(args: RunArguments): string | undefined {
  for (const entry of [args.stateful].flat()) {
    if (typeof entry !== 'object' || entry === null || !('test_name' in entry)) continue;
    return String(entry.test_name);
  }
  return undefined;
}

export function planRun(args: RunArguments, now: RunNow): Plan {
  if ('refused' in now.setting) return now.setting;
  const words = commandWords(args);
  if ('refused' in words) return words;
  return execution(args, {
    ...now.setting,
    ...words,
    ...(args.stdin === undefined ? {} : { stdin: args.stdin }),
  });
}

function commandWords(args: RunArguments): Pick<Command, 'argv' | 'shell'> | Refusal {
  const command = args.cmd ?? args.name;
  if (Array.isArray(command)) return { argv: command.map(String) };
  if (args.python_shell) return { argv: [command], shell: args.shell };
  const argv = shellWords(command);
  return argv === undefined ? { refused: `A quote in "${command}" is not closed.`, certain: true } : { argv };
}
