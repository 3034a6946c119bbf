/** The label of SELinux for what a state makes anew: that of its parent, unless the policy knows better. */
import type { Reader } from './host.ts';
import type { Step } from './state.ts';

export function isLabelled(reader: Reader): boolean {
  return (
    reader.stat('/sys/fs/selinux/enforce') !== undefined &&
    ['/usr/sbin/restorecon', '/sbin/restorecon'].some((path) => reader.stat(path) !== undefined)
  );
}

/** Without it a service such as sshd may not be allowed to read the file. */
export function labelStep(path: string): Step {
  return {
    change: { subject: `${path} label`, new: 'as the policy says' },
    effect: { kind: 'exec', command: { argv: ['restorecon', '-R', '--', path] }, foreseen: true },
  };
}
