/** sysctl.present: a kernel parameter has this value, now and after a boot. */
import { asBytes, writeBytes } from '../../core/byte-text.ts';
import { parentOf } from '../../core/path.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';
import { keyText } from '../../core/value.ts';
import {
  configProperty,
  type Now,
  normalised,
  pathOf,
  readSetting,
  refuseName,
  settingIn,
  withSetting,
} from './_settings.ts';

export default defineState({
  summary: 'the kernel parameter has this value, now and after a boot',
  description: `
The value is set in the running kernel first, which refuses a wrong one before it can get into the file. In the file only
the line of this parameter is touched.

A warning tells of a file that comes after \`config\` at boot and sets another value: on Debian 12 that may be
\`/etc/sysctl.conf\`, which is read under the name \`99-sysctl.conf\`.

Unlike Salt: sysctl.present takes true and false as 1 and 0, and fails for a parameter the kernel does not have unless
\`ignore\` is set.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description:
        'The parameter: `net.ipv4.ip_forward`, or `net.ipv4.conf.eth0/1.forwarding` where a part has a dot, or all with slashes.',
    },
    value: {
      type: ['string', 'number', 'boolean', 'object'],
      ordered: true,
      description: 'Its value. White space between the numbers of a list does not count.',
    },
    config: configProperty,
    ignore: {
      type: 'boolean',
      default: false,
      description: 'Only warn where the kernel does not have the parameter (yet), and set it at boot.',
    },
  },
  required: ['value'],
  examples: [
    { title: 'a router', sls: 'net.ipv4.ip_forward:\n  sysctl.present:\n    - value: 1\n' },
    {
      title: 'a list of numbers, in a file of its own',
      sls: `net.ipv4.tcp_rmem:
  sysctl.present:
    - value: 4096 131072 16777216
    - config: /etc/sysctl.d/60-network.conf
`,
    },
  ],
  owns: ({ name, config }) => [
    {
      kind: 'sysctl',
      name: `${name} in ${config}`,
      absent: { state: 'sysctl.absent', args: { name, config } },
    },
  ],
  read: (args, reader) => readSetting(args, reader),
  plan(args, now): Plan {
    const { name } = args;
    const value = textOf(args.value);
    if (value === undefined || /[\n\r\0]/.test(value)) {
      return { refused: 'The value has to be one line of text or a number.', certain: true };
    }
    const wrong = refuseName(name);
    if (wrong) return wrong;
    const warnings: string[] = [];
    if (!now.exists && !now.rooted) {
      const said = `The kernel has no parameter ${name}.`;
      const hint =
        'Check the name; a module may have to be loaded first (kmod.present), or set `ignore: true`.';
      if (!args.ignore) return { refused: said, hint };
      warnings.push(said);
    }
    const live = liveSteps(name, value, now);
    if ('refused' in live) return live;
    const steps = [...live, ...fileSteps(args.config, name, value, now)];
    const { override } = now;
    if (override && normalised(override.value) !== normalised(asBytes(value))) {
      warnings.push(`At boot ${override.file} sets ${name} to ${override.value} after ${args.config}.`);
    }
    return warnings.length > 0 ? { steps, warnings } : steps;
  },
});

function textOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value instanceof Map ? undefined : keyText(value).trim();
}

function liveSteps(
  name: string,
  value: string,
  now: Now,
): Step[] | Exclude<Plan, { steps: unknown } | readonly Step[]> {
  if (!now.exists || normalised(now.live ?? '') === normalised(asBytes(value))) return [];
  if (!now.tool) {
    return {
      refused: 'Kernel parameters cannot be set: there is no sysctl here.',
      hint: 'Install the package procps (procps-ng).',
    };
  }
  // A write-only parameter is an order to the kernel, of which nothing can be seen afterwards.
  if (now.live === undefined) {
    return { refused: `${name} cannot be read, so it has no state.`, hint: 'Use cmd.run for it.' };
  }
  const path = `/proc/sys/${pathOf(name)}`;
  const content = Buffer.from(`${value}\n`);
  return [
    {
      change: { subject: name, old: normalised(now.live), new: normalised(value) },
      effect: {
        kind: 'exec',
        command: { argv: ['sysctl', '-q', '-w', '--', `${name}=${value}`] },
        undo: { argv: ['sysctl', '-q', '-w', '--', `${name}=${normalised(now.live)}`] },
        settles: [{ about: 'file', effect: { kind: 'write', path, content } }],
        foreseen: true,
      },
    },
  ];
}

function fileSteps(config: string, name: string, value: string, now: Now): Step[] {
  const text = now.config.text ?? '';
  const old = settingIn(text, name);
  if (old !== undefined && normalised(old) === normalised(asBytes(value))) return [];
  const folder = parentOf(config);
  const change = { subject: `${name} in ${config}`, old, new: value };
  const made: Step[] = now.folderMissing
    ? [
        {
          change: { subject: folder, new: 'directory' },
          effect: { kind: 'directory', path: folder, mode: 0o755 },
        },
      ]
    : [];
  return [...made, ...writeBytes(now.config, withSetting(text, name, asBytes(value)), [change])];
}
