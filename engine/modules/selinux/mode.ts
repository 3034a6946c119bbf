/** The state selinux.mode: whether SELinux enforces its policy, now and after the next boot. */
import type { Reader } from '../../core/host.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';
import { configFile, kernelFolder, notProved, refuseTool, settingOf } from './_policy.ts';

const modes: { readonly [name: string]: string } = {
  enforcing: 'enforcing',
  permissive: 'permissive',
  disabled: 'disabled',
  on: 'enforcing',
  off: 'permissive',
  '1': 'enforcing',
  '0': 'permissive',
};

interface Now {
  /** Undefined where the kernel runs without SELinux. */
  readonly enforcing: boolean | undefined;
  readonly config: string | undefined;
  readonly rooted: boolean;
  readonly toolless: ReturnType<typeof refuseTool>;
}

function read(_args: object, reader: Reader): Now {
  const enforce = reader.rooted ? undefined : reader.content(`${kernelFolder}/enforce`)?.toString().trim();
  return {
    enforcing: enforce === undefined ? undefined : enforce === '1',
    config: reader.content(configFile)?.toString('latin1'),
    rooted: reader.rooted,
    toolless: refuseTool('setenforce', 'libselinux-utils (selinux-utils on Debian)', reader),
  };
}

function plan({ name }: { readonly name: string }, now: Now): Plan {
  const mode = modes[name.toLowerCase()];
  if (mode === undefined) {
    return {
      refused: `"${name}" is no mode of SELinux.`,
      hint: 'Write Enforcing, Permissive or Disabled.',
      certain: true,
    };
  }
  if (now.enforcing === undefined && now.config === undefined) {
    if (mode === 'disabled') return { steps: [], comment: 'There is no SELinux here' };
    return {
      refused: 'There is no SELinux here.',
      hint: `Require the packages that bring ${configFile} and a policy.`,
    };
  }
  const steps = [...configSteps(mode, now.config), ...liveSteps(mode, now.enforcing)];
  if (now.toolless && steps.some(({ effect }) => effect.kind === 'exec')) return now.toolless;
  const warnings = bootWarnings(mode, now);
  if (steps.length > 0) return { steps, warnings };
  return { steps, comment: `SELinux is already in ${mode} mode`, warnings };
}

function configSteps(mode: string, config: string | undefined): Step[] {
  const old = settingOf(config, 'SELINUX');
  if (old?.toLowerCase() === mode) return [];
  const line = `SELINUX=${mode}`;
  const text = config ?? 'SELINUXTYPE=targeted\n';
  const content =
    old === undefined
      ? `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`
      : text.replace(/^\s*SELINUX\s*=.*$/gm, line);
  return [
    {
      change: { subject: 'at boot', ...(old !== undefined && { old }), new: mode },
      effect: {
        kind: 'write',
        path: configFile,
        content: Buffer.from(content, 'latin1'),
        follow: true,
        ...(config === undefined && { mode: 0o644 }),
      },
    },
  ];
}

/** Salt: a kernel that is to be without SELinux is permissive until it is booted so. */
function liveSteps(mode: string, enforcing: boolean | undefined): Step[] {
  const wanted = mode === 'enforcing';
  if (enforcing === undefined || enforcing === wanted) return [];
  const digit = wanted ? '1' : '0';
  return [
    {
      change: {
        subject: 'now',
        old: enforcing ? 'enforcing' : 'permissive',
        new: wanted ? 'enforcing' : 'permissive',
      },
      effect: {
        kind: 'exec',
        command: { argv: ['setenforce', digit] },
        settles: [
          {
            about: 'file',
            effect: { kind: 'write', path: `${kernelFolder}/enforce`, content: Buffer.from(digit) },
          },
        ],
        foreseen: true,
      },
    },
  ];
}

function bootWarnings(mode: string, { enforcing, rooted }: Now): string[] {
  if (rooted) return [];
  if (mode === 'disabled' && enforcing !== undefined)
    return ['SELinux is permissive until the next boot; only that disables it.'];
  if (mode !== 'disabled' && enforcing === undefined)
    return [
      'The kernel runs without SELinux; the next boot starts it and labels all files, which takes long.',
    ];
  return [];
}

export default defineState({
  summary: 'the kernel runs with SELinux in this mode',
  description: `
Sets \`/etc/selinux/config\` and, where the kernel runs with SELinux, the present mode. To or from \`Disabled\` takes
a boot. ${notProved}`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: '`Enforcing`, `Permissive` or `Disabled`, in any case; also `on` and `off`, `1` and `0`.',
    },
  },
  examples: [
    {
      title: 'on systems that have it',
      sls: `{% if grains.os_family == 'RedHat' %}
Enforcing:
  selinux.mode
{% else %}
no selinux:
  test.nop
{% endif %}
`,
    },
  ],
  read,
  plan,
});
