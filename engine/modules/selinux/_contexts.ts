/** Labels of files that were added to the policy on this node: where they are kept, and the commands that change them. */
import type { Reader } from '../../core/host.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { isContextPart, policyName, refuseTool, refuseWithout } from './_policy.ts';

export const contextProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'The paths it is about, as a regular expression: `/srv/web(/.*)?`.',
  },
  filetype: {
    type: 'string',
    enum: ['a', 'f', 'd', 'c', 'b', 's', 'l', 'p'],
    default: 'a',
    description:
      'What it is about there: all, files, directories, character or block devices, sockets, links or pipes.',
  },
  sel_user: { type: 'string', minLength: 1, description: 'User of the label; `system_u` unless given.' },
  sel_level: { type: 'string', minLength: 1, description: 'Level of the label; `s0` unless given.' },
} as const;

/** semanage-fcontext(8) → file_contexts(5). */
const marks: { readonly [type: string]: string } = {
  a: '',
  f: '--',
  d: '-d',
  c: '-c',
  b: '-b',
  s: '-s',
  l: '-l',
  p: '-p',
};

export interface ContextArguments {
  readonly name: string;
  readonly filetype: string;
  readonly sel_type?: string;
  readonly sel_user?: string;
  readonly sel_level?: string;
}

export interface ContextNow {
  readonly refused: Refusal | undefined;
  readonly path: string;
  readonly local: string;
  /** The label that was added here, and the one that the policy has for the same paths. */
  readonly added: string | undefined;
  readonly own: string | undefined;
}

export function readContext(args: ContextArguments, reader: Reader): ContextNow {
  const folder = `/etc/selinux/${policyName(reader)}/contexts/files`;
  const path = `${folder}/file_contexts.local`;
  const local = reader.content(path)?.toString('utf8') ?? '';
  const own = reader.content(`${folder}/file_contexts`)?.toString('utf8') ?? '';
  return {
    refused:
      refuseArguments(args) ??
      refuseWithout(reader) ??
      refuseTool('semanage', 'policycoreutils-python-utils', reader),
    path,
    local,
    added: labelIn(local, args),
    own: labelIn(own, args),
  };
}

function refuseArguments(args: ContextArguments): Refusal | undefined {
  if (/[\s\0]/.test(args.name) || args.name.startsWith('-'))
    return { refused: `"${args.name}" cannot be a pattern of paths.`, certain: true };
  const bad = [args.sel_type, args.sel_user, args.sel_level].find((one) => one && !isContextPart(one));
  return bad === undefined ? undefined : { refused: `"${bad}" cannot be part of a label.`, certain: true };
}

/** file_contexts(5): pattern, kind of file where not all are meant, label. */
function labelIn(text: string, { name, filetype }: ContextArguments): string | undefined {
  const mark = marks[filetype]!;
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const words = line.trim().split(/\s+/);
    if (words[0] !== name || words.length !== (mark === '' ? 2 : 3)) continue;
    if (mark === '' || words[1] === mark) return words.at(-1);
  }
  return undefined;
}

/** The label as it would be; `<<none>>` has no parts. */
export function labelOf({ sel_type, sel_user, sel_level }: ContextArguments): string {
  return `${sel_user ?? 'system_u'}:object_r:${sel_type}:${sel_level ?? 's0'}`;
}

export function contextStep(
  verb: '-a' | '-m' | '-d',
  args: ContextArguments,
  now: ContextNow,
  after: string | undefined,
): Step {
  const { name, filetype, sel_type, sel_user, sel_level } = args;
  const rest = now.local
    .split('\n')
    .filter((line) => line !== '' && labelIn(line, args) === undefined)
    .map((line) => `${line}\n`)
    .join('');
  const words = [name, marks[filetype]!, after].filter((word) => word !== '');
  const content = Buffer.from(after === undefined ? rest : `${rest}${words.join('    ')}\n`);
  const label = [
    ...(sel_type === undefined ? [] : ['-t', sel_type]),
    ...(sel_user === undefined ? [] : ['-s', sel_user]),
    ...(sel_level === undefined ? [] : ['-r', sel_level]),
  ];
  return {
    change: {
      subject: 'label',
      ...(now.added !== undefined && { old: now.added }),
      ...(after !== undefined && { new: after }),
    },
    effect: {
      kind: 'exec',
      command: {
        argv: ['semanage', 'fcontext', verb, '-f', filetype, ...(verb === '-d' ? [] : label), name],
      },
      settles: [{ about: 'file', effect: { kind: 'write', path: now.path, content } }],
      foreseen: true,
    },
  };
}
