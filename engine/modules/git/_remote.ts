/** What a remote has: which commit a branch, a tag or its HEAD stands for. */
import { HostTrouble, type Outcome, type Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { type Access, complaint, git, type Remote } from './_access.ts';

/** What `rev` stands for on the remote. */
export type Wanted =
  | {
      readonly kind: 'branch';
      readonly branch: string;
      readonly commit: string;
      /** Of a dry run that could not ask: the commit is none. */
      readonly unknown?: true;
    }
  | {
      readonly kind: 'tag';
      readonly commit: string;
      /** What the ref is on the remote: the tag object, which is not the commit. */
      readonly object?: string;
    }
  /** Whole or the beginning of one. */
  | { readonly kind: 'commit'; readonly commit: string };

/** Seconds after which a remote that does not answer is given up. */
const patience = 120;

/** git-check-ref-format(1), and what git would take for something other than a name. Undefined: it is fine. */
export function refuseRev(rev: string, argument: string): Refusal | undefined {
  const bad = /^$|^[-/.]|[\u0000- \u007f~^:?*[\\]|\.\.|@\{|\/[/.]|\.lock(\/|$)|[/.]$|^@$/.test(rev);
  if (!bad) return undefined;
  return { refused: `"${rev}" cannot be the name of a branch or tag, in ${argument}.`, certain: true };
}

export function isHash(rev: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(rev);
}

/** Refs of the remote, name → object, and the branch that its HEAD means. */
export interface RemoteRefs {
  readonly refs: ReadonlyMap<string, string>;
  readonly head?: string;
  /** It could not be asked, for what that takes only exists in a dry run. */
  readonly unknown?: true;
}

/** Asks for these refs only, so that a remote with a hundred thousand tags answers with three lines. */
export async function askRemote(
  remote: Remote,
  patterns: readonly string[],
  access: Access,
  reader: Reader,
): Promise<RemoteRefs | Refusal> {
  const words = ['ls-remote', '--symref', '--', remote.url, ...patterns];
  const ask = (as: Access) => reader.ask({ ...git(words, as, '/'), timeout: patience });
  let outcome: Outcome;
  let isNewborn = access.newborn;
  try {
    outcome = await ask(access);
    if (outcome.status === 127 && outcome.pid === 0 && /^There is no user/.test(outcome.stderr)) {
      // The user will only be made by an earlier state of this dry run; what is public can be asked all the same.
      isNewborn = true;
      outcome = await ask({ ...access, user: undefined });
    }
  } catch (error) {
    // Below a root without a shell nothing can be asked.
    if (!(error instanceof HostTrouble)) throw error;
    return { refused: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
  if (outcome.status !== 0 && isNewborn) return { refs: new Map(), unknown: true };
  if (outcome.timedOut) return { refused: `${remote.url} does not answer.` };
  if (outcome.status !== 0) {
    const { what, hint } = complaint(outcome);
    return { refused: `${remote.url} cannot be asked: ${what}`, ...(hint !== undefined && { hint }) };
  }
  return parseRefs(outcome.stdout);
}

export function parseRefs(output: string): RemoteRefs {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for (const line of output.split('\n')) {
    const symbolic = /^ref: refs\/heads\/(\S+)\tHEAD$/.exec(line);
    if (symbolic) head = symbolic[1]!;
    const entry = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line);
    if (entry) refs.set(entry[2]!, entry[1]!);
  }
  return head === undefined ? { refs } : { refs, head };
}

/** The ref of a tag, which `rev` may name in short. */
export function refOfTag(rev: string): string {
  return `refs/tags/${rev.replace(/^refs\/tags\//, '')}`;
}

/** Salt: a branch wins over a tag of the same name, and both over a hash. */
export async function wantedOf(
  rev: string,
  remote: Remote,
  access: Access,
  reader: Reader,
): Promise<Wanted | Refusal> {
  const branch = rev.replace(/^refs\/heads\//, '');
  const tag = refOfTag(rev);
  const patterns = rev === 'HEAD' ? ['HEAD'] : [`refs/heads/${branch}`, tag, `${tag}^{}`];
  const asked = await askRemote(remote, patterns, access, reader);
  if ('refused' in asked) return asked;
  const { refs, head, unknown } = asked;
  if (unknown) {
    return { kind: 'branch', branch: rev === 'HEAD' ? 'HEAD' : branch, commit: '0'.repeat(40), unknown };
  }
  if (rev === 'HEAD') {
    const commit = refs.get('HEAD');
    if (commit === undefined) return { refused: `${remote.url} holds no commit yet.` };
    return head === undefined ? { kind: 'commit', commit } : { kind: 'branch', branch: head, commit };
  }
  const tip = refs.get(`refs/heads/${branch}`);
  if (tip !== undefined) return { kind: 'branch', branch, commit: tip };
  const object = refs.get(tag);
  if (object !== undefined) return { kind: 'tag', commit: refs.get(`${tag}^{}`) ?? object, object };
  if (isHash(rev)) return { kind: 'commit', commit: rev.toLowerCase() };
  return {
    refused: `${remote.url} has no branch or tag "${rev}".`,
    hint: 'Check `rev`; a commit is written as at least 7 hexadecimal digits.',
  };
}

/** As reports show it. */
export function shownCommit(wanted: Wanted): string {
  return wanted.kind === 'branch' && wanted.unknown ? 'newest' : wanted.commit;
}
