/** Turns errors of the operating system into one plain sentence each. */
import { constants } from 'node:os';
import { type Failed, HostTrouble } from '../core/host.ts';
import { type Disk, diskOf } from './disk.ts';

const reasons: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is mounted read-only',
  ENOSPC: 'the file system is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  ENOENT: 'a folder on the way to it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a directory',
  ENOTEMPTY: 'the directory is not empty',
  EEXIST: 'there is something already',
  ELOOP: 'too many symbolic links lead to one another',
  ENAMETOOLONG: 'the name is too long',
  EXDEV: 'source and target are on different file systems',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is a program that is running',
  EIO: 'the device reported an I/O error',
  EUCLEAN: 'the file system is damaged',
  ESTALE: 'the server of the network file system does not know it any more',
  EFBIG: 'it would be too large for the file system',
  EMLINK: 'the file system allows no more links to it',
  EOPNOTSUPP: 'the file system does not support that',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
  ERR_INVALID_ARG_VALUE: 'the path holds a NUL character',
  EINVAL: 'the file system refuses that',
  EAGAIN: 'it is not a regular file',
};

const hints: { readonly [code: string]: string } = {
  EACCES: 'Run converge as a user who may do this, such as root.',
  EPERM: 'Run converge as root, and check for the immutable flag (lsattr).',
  EROFS: 'Remount the file system writable.',
  ENOSPC: 'Free some space.',
  EDQUOT: 'Free some space or raise the quota.',
  EMFILE: 'Raise the limit of open files: ulimit -n, or LimitNOFILE= of a unit.',
  ENFILE: 'End what has so many files open, or raise fs.file-max.',
  EUCLEAN: 'Check the file system: fsck.',
  ESTALE: 'Mount the network file system anew.',
  EIO: 'Look at what the kernel says of the disk (dmesg).',
};

/** What is to be said of a disk, once it is known which one. */
function ofDisk(code: string, { at, lacksInodes }: Disk): { reason: string; hint: string } | undefined {
  switch (code) {
    case 'ENOSPC':
      return lacksInodes
        ? {
            reason: `the file system ${at} has no inodes left`,
            hint: `Remove files from ${at}; df -i ${at} shows how many it can hold.`,
          }
        : { reason: `the file system ${at} is full`, hint: `Free some space on ${at}.` };
    case 'EDQUOT':
      return {
        reason: `the disk quota on ${at} is used up`,
        hint: `Free some space on ${at} or raise the quota.`,
      };
    case 'EROFS':
      return {
        reason: `the file system ${at} is mounted read-only`,
        hint: `Find out why (dmesg), and remount it writable: mount -o remount,rw ${at}`,
      };
    default:
      return undefined;
  }
}

/** Errors of a disk as a whole. */
export const diskCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return undefined;
  // Node has no names for some errors of disks; errno(3) has.
  const unnamed = /^Unknown system error -(\d+)$/.exec(error.code);
  return unnamed ? nameOf(Number(unnamed[1])) : error.code;
}

function nameOf(errno: number): string {
  const known = { ...constants.errno, EUCLEAN: 117 };
  return Object.entries(known).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

/**
 * `attempt` is the subject and what could not be done: "/etc/motd cannot be read". `place` is where on this machine that
 * was, so that a full disk can be named.
 */
export function failedBecause(error: unknown, attempt: string, place?: string): Failed {
  if (error instanceof HostTrouble) return { became: 'failed', reason: error.message, hint: error.hint };
  const code = codeOf(error);
  if (code === undefined) throw error;
  const disk = place !== undefined && diskCodes.has(code) ? diskOf(place) : undefined;
  const { reason = reasons[code] ?? code, hint = hints[code] } = (disk && ofDisk(code, disk)) ?? {};
  return { became: 'failed', reason: `${attempt}: ${reason}.`, hint };
}

export function troubleBecause(error: unknown, attempt: string, place?: string): HostTrouble {
  const { reason, hint } = failedBecause(error, attempt, place);
  return new HostTrouble(reason, hint);
}

/** strerror(3), as programs of this machine print it in the language C. */
const said: readonly (readonly [text: string, code: string])[] = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['Read-only file system', 'EROFS'],
  ['Operation not permitted', 'EPERM'],
  ['Permission denied', 'EACCES'],
  ['Input/output error', 'EIO'],
];

/** What a program that did our work complained of; undefined where it is nothing that we know. */
export function codeSaid(stderr: string): string | undefined {
  return said.find(([text]) => stderr.includes(text))?.[1];
}

export function troubleSaid(stderr: string, attempt: string, place?: string): HostTrouble {
  const code = codeSaid(stderr);
  if (code === undefined) return new HostTrouble(`${attempt}: ${stderr.trim().replace(/\.$/, '')}.`);
  return troubleBecause(Object.assign(new Error(code), { code }), attempt, place);
}

/** The same sentence for a look-alike of the machine, which knows the code without having tried. */
export function troubleOf(code: string, attempt: string): HostTrouble {
  return troubleBecause(Object.assign(new Error(code), { code }), attempt);
}

export function failed(reason: string, hint?: string): Failed {
  return { became: 'failed', reason, hint };
}
