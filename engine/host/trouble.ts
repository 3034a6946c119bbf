/** Turns errors of the operating system into one plain sentence each. */
import { type Failed, HostTrouble } from '../core/host.ts';

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
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `attempt` is the subject and what could not be done: "/etc/motd cannot be read". */
export function failedBecause(error: unknown, attempt: string): Failed {
  if (error instanceof HostTrouble) return { became: 'failed', reason: error.message, hint: error.hint };
  const code = codeOf(error);
  if (code === undefined) throw error;
  const reason = `${attempt}: ${reasons[code] ?? code}.`;
  return { became: 'failed', reason, hint: hints[code] };
}

export function troubleBecause(error: unknown, attempt: string): HostTrouble {
  const { reason, hint } = failedBecause(error, attempt);
  return new HostTrouble(reason, hint);
}

/** The same sentence for a look-alike of the machine, which knows the code without having tried. */
export function troubleOf(code: string, attempt: string): HostTrouble {
  return troubleBecause(Object.assign(new Error(code), { code }), attempt);
}

export function failed(reason: string, hint?: string): Failed {
  return { became: 'failed', reason, hint };
}
