/** Beacon `git`: the remote of the tree has commits that the tree does not have yet. */
import type { Command, Outcome } from '../../core/host.ts';
import { join, parentOf } from '../../core/path.ts';
import { spanOf } from '../../core/span.ts';
import type { Targets } from '../../core/watch.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';
import { off } from '../off.ts';
import { portionOf } from '../portion.ts';

interface Terms {
  readonly path: string | undefined;
  readonly ref: string | undefined;
  readonly remote: string | undefined;
  /** Milliseconds. */
  readonly every: number;
  /** Seconds. */
  readonly timeout: number;
}

/** Milliseconds after which the same commit is told again. */
const again = 3_600_000;
/** Seconds that git may take for what it need not ask anybody else. */
const patience = 20;

/** Nobody is there to be asked, and no lock of the user's own git is in the way. Names of variables: git(1), ssh(1). */
const unattended: Command['env'] = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS: '/bin/false',
  SSH_ASKPASS_REQUIRE: 'force',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_DIR: null,
  GIT_WORK_TREE: null,
  GIT_INDEX_FILE: null,
};

/** What is watched: one of these on the remote. Later ones count where the earlier are not there. */
interface Upstream {
  readonly remote: string;
  readonly refs: readonly string[];
}

/** Not everything is as it has to be, which is said once. */
class Outage extends Error {}

/**
 * ```
 *   resting ──▶ which branch, of which remote? ──▶ what does the remote have? ──▶ do we have that? ──▶ resting
 *                         │ none                             │ away                    │ no
 *                         ▼                                  ▼                         ▼
 *                      resting                     says so once, resting        told, resting
 * ```
 */
class Upstreams implements Beacon {
  readonly #means: Means;
  readonly #terms: Terms;
  /** Top folder of the work tree. */
  #checkout: string | undefined;
  /** Who git works for, where it does not for us. */
  #owner: string | undefined;
  #told: { readonly commit: string; readonly at: number } | undefined;
  #isOut = false;
  #state = 'not asked yet';
  #asking: Promise<void> | undefined;
  #alarm: Disposable | undefined;
  #stopped = false;

  constructor(terms: Terms, means: Means) {
    this.#means = means;
    this.#terms = terms;
    if (terms.path !== undefined) this.#follow([terms.path]);
  }

  aim({ sources }: Targets): void {
    if (this.#terms.path === undefined) this.#follow(sources);
    // It may have become one.
    else if (this.#checkout === undefined) this.#follow([this.#terms.path]);
  }

  look(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  tell(): string {
    return this.#checkout === undefined ? 'no work tree of git' : `${this.#checkout}: ${this.#state}`;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #follow(paths: readonly string[]): void {
    const found = paths.map((path) => this.#checkoutOf(path)).find((path) => path !== undefined);
    if (found === this.#checkout) return;
    this.#checkout = found;
    this.#owner = undefined;
    this.#told = undefined;
    this.#isOut = false;
    this.#state = 'not asked yet';
    const portion = portionOf(this.#means.id, 'git');
    if (found !== undefined) this.#rest(this.#terms.every * portion);
    else this.#alarm?.[Symbol.dispose]();
  }

  /** Without git, which need not be there: gitrepository-layout(5). */
  #checkoutOf(path: string): string | undefined {
    const { content } = this.#means.machine;
    for (let at = path; at.startsWith('/'); at = parentOf(at)) {
      const entry = join(at, '.git');
      if (content(join(entry, 'HEAD')) || content(entry)?.toString('latin1', 0, 8) === 'gitdir: ') return at;
      if (at === '/') break;
    }
    return undefined;
  }

  #rest(milliseconds: number): void {
    this.#alarm?.[Symbol.dispose]();
    if (this.#stopped) return;
    this.#alarm = this.#means.clock.after(milliseconds, () => {
      void this.look().finally(() => this.#rest(this.#terms.every));
    });
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    const checkout = this.#checkout;
    if (checkout === undefined) return;
    try {
      const state = await this.#compared(checkout);
      if (this.#stopped || checkout !== this.#checkout) return;
      this.#state = state;
      this.#isOut = false;
    } catch (error) {
      if (this.#stopped || checkout !== this.#checkout) return;
      this.#state = (error as Error).message;
      if (!this.#isOut) this.#means.warn(`Whether ${checkout} is up to date cannot be told: ${this.#state}`);
      this.#isOut = true;
    }
  }

  /** What is to be said of it. */
  async #compared(checkout: string): Promise<string> {
    const listing = await this.#git(checkout, patience, 'for-each-ref', `--format=${format}`, 'refs/heads');
    if (listing.status === 127 && listing.stderr.startsWith('git: command not found'))
      return 'git is not there';
    if (listing.status !== 0) throw new Outage(complaintOf(listing));
    const upstream = upstreamOf(listing.stdout, this.#terms);
    if (typeof upstream === 'string') return upstream;
    const { remote, refs } = upstream;
    const answer = await this.#git(checkout, this.#terms.timeout, 'ls-remote', '--', remote, ...refs);
    if (answer.status !== 0) throw new Outage(complaintOf(answer));
    const commit = commitOf(answer.stdout, refs);
    if (commit === undefined) throw new Outage(`${masked(remote)} has no ${refs[0]}.`);
    const part = await this.#git(checkout, patience, 'merge-base', '--is-ancestor', commit, 'HEAD');
    if (part.status === 0) return `has all of ${refs[0]} of ${masked(remote)}`;
    // A commit that is not there at all is answered like other mistakes.
    if (part.status !== 1 && part.status !== 128) throw new Outage(complaintOf(part));
    const now = this.#means.clock.now();
    const isKnown = this.#told?.commit === commit && Math.abs(now - this.#told.at) < again;
    if (!isKnown && !this.#stopped && checkout === this.#checkout) {
      this.#told = { commit, at: now };
      this.#means.notify(checkout);
    }
    return `${masked(remote)} has ${commit.slice(0, 12)} of ${refs[0]}`;
  }

  /** As the owner, where git works for nobody else. */
  async #git(checkout: string, timeout: number, ...words: readonly string[]): Promise<Outcome> {
    const run = () =>
      this.#means.machine.run({
        argv: ['git', ...words],
        cwd: checkout,
        env: unattended,
        timeout,
        ...(this.#owner !== undefined && { user: this.#owner }),
      });
    const outcome = await run();
    if (this.#owner !== undefined || !/dubious ownership/.test(outcome.stderr)) return outcome;
    const { stdout } = await this.#means.machine.run({
      argv: ['stat', '--format=%U', '--', checkout],
      timeout: patience,
    });
    if (stdout.trim() === '' || stdout.trim() === 'UNKNOWN') return outcome;
    this.#owner = stdout.trim();
    return await run();
  }
}

/** A line for each branch: whether it is the one that is checked out, and where it comes from. */
const format = '%(HEAD) %(upstream:remotename) %(upstream:remoteref)';

/** A text says why there is none. */
function upstreamOf(branches: string, { ref, remote: wanted }: Terms): Upstream | string {
  const current = branches.split('\n').find((line) => line.startsWith('*'));
  const [, remote = '', branch = ''] = current?.split(' ') ?? [];
  const known = remote === '' || remote === '.' ? undefined : remote;
  if (ref !== undefined) {
    const refs = ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    return { remote: wanted ?? known ?? 'origin', refs: refs.flatMap((one) => [one, `${one}^{}`]) };
  }
  if (current === undefined) return 'no branch is checked out';
  if (known === undefined || branch === '') return 'its branch follows none of a remote';
  return { remote: wanted ?? known, refs: [branch] };
}

function commitOf(answer: string, refs: readonly string[]): string | undefined {
  const found = new Map<string, string>();
  for (const line of answer.split('\n')) {
    const [, commit, ref] = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line) ?? [];
    if (commit !== undefined) found.set(ref!, commit);
  }
  // What an annotated tag stands for goes before the tag itself.
  const name = refs.find((ref) => !ref.endsWith('^{}') && found.has(ref));
  return name === undefined ? undefined : (found.get(`${name}^{}`) ?? found.get(name));
}

function complaintOf({ stderr, status, timedOut }: Outcome): string {
  if (timedOut) return 'the remote does not answer.';
  const lines = stderr.split('\n').map((line) => line.trim());
  const said =
    lines.find((line) => /^(?:fatal|error|ssh):|denied|refused/i.test(line)) ?? lines.find(Boolean);
  return (said && masked(said).slice(0, 300)) ?? `git ended with status ${status}.`;
}

/** Without the login of an address. */
function masked(text: string): string {
  return text.replace(/:\/\/[^/@\s]*@/g, '://…@');
}

export default defineBeacon({
  summary: 'new commits of the remote that the tree comes from',
  description: `It asks the remote of the branch that is checked out, by \`git ls-remote\`, and tells when that has a commit
which is not part of what is checked out; the same commit again after an hour. It fetches nothing: that is what a state
such as \`git.latest\` is for. Git runs as the owner of the work tree, and asks nobody for a password.`,
  properties: {
    path: {
      type: 'string',
      pattern: '^/',
      description: 'A path in the work tree. Unless given, the first file root that lies in one.',
    },
    remote: {
      type: 'string',
      pattern: '^[^-]',
      description: 'Name or address of the remote. Unless given, that of the branch, else `origin`.',
    },
    ref: {
      type: 'string',
      pattern: '^[^-]',
      description: 'Branch or tag of the remote. Unless given, the one that the branch follows.',
    },
    every: {
      type: ['string', 'number'],
      description: 'Time from one question to the next, ten seconds at least.',
      default: '2m',
    },
    timeout: {
      type: ['string', 'number'],
      description: 'Time that the remote has to answer.',
      default: '30s',
    },
  },
  standard: true,
  reaction: 'highstate',
  start({ path, remote, ref, every, timeout }, means) {
    const [pause, limit] = [spanOf(every), spanOf(timeout)];
    if (pause === undefined || pause < 10) {
      return off(means, `The tree's remote is not watched: "${every}" is no span of ten seconds or more.`);
    }
    if (!limit) return off(means, `The tree's remote is not watched: "${timeout}" is no span of time.`);
    const bounded = Math.min(pause, 86_400) * 1000;
    return new Upstreams({ path, remote, ref, every: bounded, timeout: limit }, means);
  },
});
