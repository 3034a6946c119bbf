/** A file that ssh reads, in a home or of the whole machine: where it is, and how it is written. */
import { asBytes } from './byte-text.ts';
import type { FileEffect, Reader, Stat, User } from './host.ts';
import { parentOf } from './path.ts';
import { isLabelled, labelStep } from './selinux-label.ts';
import type { Change, Refusal, Step } from './state.ts';

export interface SshFile {
  readonly path: string;
  readonly user?: User;
  /** Of the file itself, links followed. */
  readonly stat?: Stat;
  /** Whether the path is a link. */
  readonly through?: boolean;
  /** One character a byte; '' where there is no file. */
  readonly text: string;
  /** Missing directories above it, outermost first. */
  readonly missing: readonly string[];
  /** The directory it lies in, where that is one of the user's own below its home. */
  readonly folder?: { readonly path: string; readonly stat: Stat };
  /** SELinux is there, and with it the label by which sshd knows its files. */
  readonly labelled: boolean;
  readonly refusal?: Refusal;
}

export interface SshFilePlace {
  readonly user?: string;
  /** Relative to the home, where there is a user; with %h and %u for home and name. */
  readonly config: string;
}

/** More than this is no list of keys that anybody could use; who may write it could fill our memory. */
const largest = 8 << 20;

/** Looks at the file. What stands in the way is a refusal of the plan, for an earlier state may still help. */
export function sshFile({ user: name, config }: SshFilePlace, reader: Reader): SshFile {
  const user = name === undefined ? undefined : reader.user(name);
  const nowhere = { path: config, text: '', missing: [], labelled: false };
  if (name !== undefined && user === undefined) {
    return {
      ...nowhere,
      refusal: {
        refused: `There is no user ${name}.`,
        hint: 'Require the user.present that makes it.',
      },
    };
  }
  const path = pathOf(config, user);
  if (!path.startsWith('/') || path.includes('\0')) {
    return {
      ...nowhere,
      refusal: {
        refused: `"${config}" is not an absolute path, and there is no user whose home it could lie in.`,
        hint: 'Give a user, or write the path from the root: /etc/ssh/….',
        certain: true,
      },
    };
  }
  const stat = reader.stat(reader.resolve(path));
  const missing = missingAbove(path, reader);
  const parent = parentOf(path);
  const own = user !== undefined && parent.startsWith(`${user.home}/`) ? reader.stat(parent) : undefined;
  return {
    path,
    ...(user && { user }),
    ...(stat && { stat, through: reader.stat(path)?.kind === 'link' }),
    text: stat?.kind === 'file' && stat.size <= largest ? reader.content(path)!.toString('latin1') : '',
    missing,
    labelled: isLabelled(reader),
    ...(own?.kind === 'directory' && { folder: { path: parent, stat: own } }),
    ...obstacle(path, stat, missing, user),
  };
}

function pathOf(config: string, user: User | undefined): string {
  const path = config.replace(/%([hu%])/g, (whole, letter) => {
    if (letter === '%') return '%';
    return (letter === 'h' ? user?.home : user?.name) ?? whole;
  });
  if (user === undefined || path.startsWith('/')) return path;
  const home = user.home.replace(/\/+$/, '');
  return path.startsWith('~/') ? `${home}${path.slice(1)}` : `${home}/${path}`;
}

function missingAbove(path: string, reader: Reader): string[] {
  const missing: string[] = [];
  for (let above = parentOf(path); above !== '/'; above = parentOf(above)) {
    if (reader.stat(reader.resolve(above)) !== undefined) break;
    missing.unshift(above);
  }
  return missing;
}

function obstacle(
  path: string,
  stat: Stat | undefined,
  missing: readonly string[],
  user: User | undefined,
): { refusal?: Refusal } {
  if (stat !== undefined && stat.kind !== 'file') {
    return { refusal: { refused: `${path} is a ${stat.kind}, not a file.`, hint: 'Remove it first.' } };
  }
  if (stat !== undefined && stat.size > largest) {
    return {
      refusal: { refused: `${path} is too large for a list of keys.`, hint: 'Look at what fills it.' },
    };
  }
  if (user === undefined || !missing.includes(user.home)) return {};
  return {
    refusal: {
      refused: `The home directory ${user.home} of ${user.name} does not exist.`,
      hint: 'Require a user.present with createhome, or a file.directory that makes it.',
    },
  };
}

/** sshd and ssh turn down files that others than their user may write to (StrictModes of sshd_config(5)). */
const others = 0o022;

/**
 * The steps to another text. Directories below a home are made for its user alone, others for everybody to read. A link
 * of the user's own is only followed to what is the user's, too: the host refuses the rest.
 */
export function sshFileSteps(file: SshFile, text: string, changes: readonly Change[], mode: number): Step[] {
  const { path, user, stat } = file;
  const owner = user && { user: user.uid, group: user.gid };
  const steps: Step[] = [];
  if (text !== file.text) {
    for (const folder of file.missing) {
      const own = user !== undefined && folder.startsWith(`${user.home}/`);
      const effect: FileEffect = {
        kind: 'directory',
        path: folder,
        ...(own ? { ...owner, mode: 0o700 } : { user: 0, group: 0, mode: 0o755 }),
      };
      steps.push({ change: { subject: folder, new: `directory ${own ? '0700' : '0755'}` }, effect });
    }
    const kept = stat && { user: stat.uid, group: stat.gid, mode: stat.mode };
    const [change, ...also] = changes;
    steps.push({
      change,
      also,
      effect: {
        kind: 'write',
        path,
        content: Buffer.from(text, 'latin1'),
        ...(kept ?? { ...owner, mode }),
        follow: true,
      },
    });
    if (stat === undefined && file.labelled) steps.push(labelStep(file.missing[0] ?? path));
  }
  return [...steps, ...modeSteps(file)];
}

/** Only of what is the user's: a link is left alone, and so is what root shares among users. */
function modeSteps({ path, user, stat, through, folder }: SshFile): Step[] {
  const found = [
    ...(folder ? [folder] : []),
    ...(stat && !through && folder && stat.uid === user?.uid ? [{ path, stat }] : []),
  ];
  return found
    .filter(({ stat }) => (stat.mode & others) !== 0)
    .map(({ path, stat }) => {
      const mode = stat.mode & ~others;
      return {
        change: { subject: `${path} mode`, old: octal(stat.mode), new: octal(mode) },
        effect: { kind: 'attributes', path, mode },
      };
    });
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Why a text cannot be part of a line; undefined where it can. */
export function badLine(argument: string, text: string): Refusal | undefined {
  if (!/[\p{Cc}]/u.test(text.replaceAll('\t', ' '))) return undefined;
  return {
    refused: `${argument} cannot hold a control character, such as a newline.`,
    hint: 'Give each line by itself.',
    certain: true,
  };
}

/** A line of the user's as it stands in a file. */
export function lineOf(...parts: readonly string[]): string {
  return asBytes(parts.filter((part) => part !== '').join(' '));
}
