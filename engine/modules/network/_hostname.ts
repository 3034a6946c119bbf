/** The name of the node: in its file and in the kernel. */
import type { Reader } from '../../core/host.ts';
import type { Plan, Step } from '../../core/state.ts';

export interface Now {
  readonly rooted: boolean;
  readonly file: string | undefined;
  readonly live: string | undefined;
  readonly tool: boolean;
}

const hostnameFile = '/etc/hostname';
const kernelFile = '/proc/sys/kernel/hostname';

/** hostname(5): comments are allowed. */
export function readHostname(reader: Reader): Now {
  const text = reader.content(hostnameFile)?.toString('latin1');
  return {
    rooted: reader.rooted,
    file: text
      ?.split('\n')
      .find((line) => line.trim() !== '' && !line.startsWith('#'))
      ?.trim(),
    live: reader.rooted ? undefined : reader.content(kernelFile)?.toString('latin1').trim(),
    tool: ['/usr/bin/hostname', '/bin/hostname'].some((path) => reader.stat(path) !== undefined),
  };
}

export function planHostname(name: string, apply: boolean, now: Now): Plan {
  const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  if (name.length > 64 || !new RegExp(`^${label}(?:\\.${label})*$`).test(name)) {
    return {
      refused: `"${name}" is not a host name.`,
      hint: 'Letters, digits and hyphens, with dots between them; at most 64.',
      certain: true,
    };
  }
  const steps: Step[] = [];
  if (apply && !now.rooted && now.live !== name) {
    const content = Buffer.from(`${name}\n`);
    const called = (text: string) =>
      now.tool ? ['hostname', text] : ['hostnamectl', '--transient', 'set-hostname', text];
    steps.push({
      change: { subject: 'name now', old: now.live, new: name },
      effect: {
        kind: 'exec',
        command: { argv: called(name) },
        ...(now.live && { undo: { argv: called(now.live) } }),
        settles: [{ about: 'file', effect: { kind: 'write', path: kernelFile, content } }],
        foreseen: true,
      },
    });
  }
  if (now.file !== name) {
    steps.push({
      change: { subject: 'name at boot', old: now.file, new: name },
      effect: { kind: 'write', path: hostnameFile, content: Buffer.from(`${name}\n`), mode: 0o644 },
    });
  }
  return steps;
}
