/** The state selinux.boolean: a switch of the SELinux policy is on or off. */
import type { Reader, Settled } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Change, type Common, defineState, type Plan, type Refusal } from '../../core/state.ts';
import { kernelFolder, notProved, refuseTool, refuseWithout, storeFolder } from './_policy.ts';

const properties = {
  name: { type: 'string', minLength: 1, description: 'The boolean: `httpd_can_network_connect`.' },
  value: {
    type: ['boolean', 'string', 'integer'],
    description: 'Whether it is on: a boolean, `on` or `off`, 1 or 0.',
  },
  persist: {
    type: 'boolean',
    default: false,
    description: 'Whether it is to be so after the next boot, too.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'value'> & Common;

interface Now {
  readonly refused: Refusal | undefined;
  /** Undefined where the policy has no such boolean. */
  readonly live: boolean | undefined;
  /** What was set for good; undefined where nothing was. */
  readonly stored: boolean | undefined;
  readonly storeFile: string;
  readonly store: string;
}

function read({ name }: Arguments, reader: Reader): Now {
  const isName = /^[A-Za-z0-9_]+$/.test(name);
  const storeFile = `${storeFolder(reader)}/booleans.local`;
  const store = reader.content(storeFile)?.toString('utf8') ?? '';
  const value = isName ? reader.content(`${kernelFolder}/booleans/${name}`)?.toString('latin1') : undefined;
  const stored = isName ? new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)`, 'm').exec(store)?.[1] : undefined;
  return {
    refused: refuseWithout(reader) ?? refuseTool('setsebool', 'policycoreutils', reader),
    // The value in force, and the one that is pending.
    live: value === undefined ? undefined : value.startsWith('1'),
    stored: stored === undefined ? undefined : /^(1|on|true)$/i.test(stored),
    storeFile,
    store,
  };
}

function switchOf(value: boolean | string | number): boolean | undefined {
  const text = String(value).toLowerCase();
  if (['on', 'true', '1', 'yes'].includes(text)) return true;
  return ['off', 'false', '0', 'no'].includes(text) ? false : undefined;
}

function plan(args: Arguments, now: Now): Plan {
  const { name, persist } = args;
  const wanted = switchOf(args.value);
  if (wanted === undefined) {
    return { refused: `"${args.value}" is neither on nor off.`, certain: true };
  }
  if (now.refused) return now.refused;
  if (now.live === undefined) {
    return {
      refused: `The policy has no boolean "${name}".`,
      hint: `See ${kernelFolder}/booleans, or require the package whose policy brings it.`,
    };
  }
  const word = (on: boolean) => (on ? 'on' : 'off');
  const changes: Change[] = [
    ...(now.live === wanted ? [] : [{ subject: 'now', old: word(now.live), new: word(wanted) }]),
    ...(!persist || now.stored === wanted
      ? []
      : [
          {
            subject: 'at boot',
            ...(now.stored !== undefined && { old: word(now.stored) }),
            new: word(wanted),
          },
        ]),
  ];
  const [change, ...also] = changes;
  if (!change) return { steps: [], comment: `Boolean ${name} is already ${word(wanted)}` };
  const digit = wanted ? '1' : '0';
  const settles: Settled[] = [
    {
      about: 'file',
      effect: {
        kind: 'write',
        path: `${kernelFolder}/booleans/${name}`,
        content: Buffer.from(`${digit} ${digit}`),
      },
    },
  ];
  if (persist) {
    const rest = now.store.replace(new RegExp(`^\\s*${name}\\s*=.*\\n?`, 'm'), '');
    const content = Buffer.from(`${rest}${name}=${digit}\n`);
    settles.push({ about: 'file', effect: { kind: 'write', path: now.storeFile, content } });
  }
  const argv = ['setsebool', ...(persist ? ['-P'] : []), name, word(wanted)];
  return [
    {
      change,
      ...(also.length > 0 && { also }),
      effect: { kind: 'exec', command: { argv }, settles, foreseen: true },
    },
  ];
}

export default defineState({
  summary: 'the switch of the SELinux policy is as told',
  description: `
What holds now is read from the kernel, what was set for good from the store of the policy. ${notProved}

Unlike Salt: selinux.boolean with \`persist\` sets a boolean for good even where the policy has the same default, so
that a newer policy with another default changes nothing.`,
  properties,
  required: ['value'],
  examples: [
    {
      title: 'web applications may reach databases',
      sls: 'httpd_can_network_connect_db:\n  selinux.boolean:\n    value: true\n    persist: true\n',
    },
  ],
  read,
  plan,
});
