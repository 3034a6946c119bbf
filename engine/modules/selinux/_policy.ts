/** Where SELinux shows itself on a node, and what its states say where there is none. */
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

/** selinuxfs, where the kernel runs with SELinux. */
export const kernelFolder = '/sys/fs/selinux';

export const configFile = '/etc/selinux/config';

export function isRunning(reader: Reader): boolean {
  return reader.content(`${kernelFolder}/enforce`) !== undefined;
}

/** selinux(8): the value of a setting in /etc/selinux/config. */
export function settingOf(config: string | undefined, key: string): string | undefined {
  return new RegExp(`^\\s*${key}\\s*=\\s*(\\S+)`, 'm').exec(config ?? '')?.[1];
}

/** `targeted` on most systems. */
export function policyName(reader: Reader): string {
  const name = settingOf(reader.content(configFile)?.toString('utf8'), 'SELINUXTYPE') ?? 'targeted';
  return /^[A-Za-z0-9_.-]+$/.test(name) && !name.startsWith('.') ? name : 'targeted';
}

/** Where the policy keeps what was changed on this node. */
export function storeFolder(reader: Reader): string {
  const name = policyName(reader);
  const places = [`/var/lib/selinux/${name}/active`, `/etc/selinux/${name}/active`];
  return places.find((path) => reader.stat(path)?.kind === 'directory') ?? places[0]!;
}

export function refuseWithout(reader: Reader): Refusal | undefined {
  if (reader.rooted) {
    return { refused: 'SELinux policy cannot be changed below another root than /.', certain: true };
  }
  return isRunning(reader)
    ? undefined
    : {
        refused: 'This system does not run with SELinux.',
        hint: 'Boot a kernel with SELinux (selinux.mode), or leave this state out by a grain.',
      };
}

/** Why a program cannot be run. */
export function refuseTool(program: string, brings: string, reader: Reader): Refusal | undefined {
  const folders = ['/usr/sbin', '/sbin', '/usr/bin'];
  return folders.some((folder) => reader.stat(`${folder}/${program}`) !== undefined)
    ? undefined
    : { refused: `There is no ${program} here.`, hint: `Require pkg.installed: ${brings}.` };
}

/** What a part of a context can be (`httpd_sys_content_t`, `s0-s0:c0.c1023`). */
export function isContextPart(text: string): boolean {
  return /^[A-Za-z0-9_.:,-]+$/.test(text) && !text.startsWith('-');
}

export const notProved =
  'SELinux cannot be had in the lab: this was tried against files as the manual pages describe them, not on a real node.';
