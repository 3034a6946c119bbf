/** The state selinux.fcontext_policy_applied: files have the labels that the policy has for them. */
import type { Command, Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal } from '../../core/state.ts';
import { notProved, refuseTool, refuseWithout } from './_policy.ts';

const properties = {
  name: { type: 'string', minLength: 1, description: 'Absolute path of a file or folder.' },
  recursive: { type: 'boolean', default: false, description: 'Everything below it, too.' },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly refused: Refusal | undefined;
  /** Path → label it has, label it should have. */
  readonly wrong: readonly (readonly [path: string, old: string, wanted: string])[];
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const refused =
    refuseName(args) ?? refuseWithout(reader) ?? refuseTool('restorecon', 'policycoreutils', reader);
  if (refused) return { refused, wrong: [] };
  const { status, stdout, stderr } = await reader.ask(restorecon(args, true));
  if (status !== 0) {
    const refusal = {
      refused: `restorecon cannot look at ${args.name}.`,
      hint: stderr.trim().split('\n')[0]!,
    };
    return { refused: refusal, wrong: [] };
  }
  const lines = stdout.matchAll(/^Would relabel (.+) from (\S+) to (\S+)$/gm);
  return { refused, wrong: [...lines].map(([, path, old, wanted]) => [path!, old!, wanted!] as const) };
}

function refuseName({ name }: Arguments): Refusal | undefined {
  return /^\/[^\0\n]*$/.test(name)
    ? undefined
    : { refused: `"${name}" is not an absolute path.`, certain: true };
}

function restorecon({ name, recursive }: Arguments, onlyLook: boolean): Command {
  const words = ['-v', ...(onlyLook ? ['-n'] : []), ...(recursive ? ['-R'] : [])];
  return { argv: ['restorecon', ...words, '--', name], env: { LC_ALL: 'C' } };
}

function plan(args: Arguments, { refused, wrong }: Now): Plan {
  if (refused) return refused;
  const [change, ...also] = wrong.map(([subject, old, wanted]) => ({ subject, old, new: wanted }));
  if (!change) return { steps: [], comment: `The labels of ${args.name} are those of the policy` };
  return [
    {
      change,
      ...(also.length > 0 && { also }),
      effect: {
        kind: 'exec',
        command: restorecon(args, false),
        settles: [{ about: 'answer', command: restorecon(args, true), stdout: '' }],
        foreseen: true,
      },
    },
  ];
}

export default defineState({
  summary: 'files have the labels that the SELinux policy has for them',
  description: `
restorecon looks at every file each time, so with \`recursive\` a large folder takes long. ${notProved}`,
  properties,
  examples: [
    {
      title: 'the files of a web server, after their label was set',
      sls: '/srv/web:\n  selinux.fcontext_policy_applied:\n    recursive: true\n',
    },
  ],
  read,
  plan,
});
