/** Looks at a repository by its files alone (gitrepository-layout(5)), so that no git runs where nothing changes. */
import type { Reader, Stat } from '../../core/host.ts';
import { join, parentOf } from '../../core/path.ts';
import { type Configuration, lastValue, parseConfig } from './_config.ts';
import { type Interruption, interruptionOf } from './_mark.ts';

export interface Repository {
  /** Where HEAD, index and the like are. */
  readonly gitDir: string;
  /** Where refs and config are: elsewhere only for a linked work tree. */
  readonly commonDir: string;
  readonly bare: boolean;
  /** Whom it belongs to: git refuses to work for others on it. */
  readonly uid: number;
  readonly gid: number;
  readonly config: Configuration;
  readonly configPath: string;
  /** The branch that is checked out; undefined where HEAD is detached. */
  readonly branch?: string;
  /** The commit that is checked out; undefined on a branch without commits. */
  readonly revision?: string;
  readonly refs: Refs;
  /** A clone whose checkout was never finished has no index yet. */
  readonly hasIndex: boolean;
  /** What an update by converge was cut off at: see _mark.ts. */
  readonly interrupted?: Interruption;
  /** A part of it that belongs to somebody else than the repository: its owner could lead us anywhere by it. */
  readonly foreign?: string;
}

export interface Refs {
  /** What a full ref name (`refs/tags/v1`) points to. */
  get(ref: string): string | undefined;
  /** The commit it points to, where that is known: of a tag that is packed, or no tag object. */
  commit(ref: string): string | undefined;
  /** All of them, name → object. */
  all(): ReadonlyMap<string, string>;
}

export type Found =
  | { readonly kind: 'nothing' }
  /** An empty directory. */
  | { readonly kind: 'empty'; readonly stat: Stat }
  /** Something that is no repository: a file, or a directory with things in it. */
  | { readonly kind: 'other'; readonly stat: Stat }
  /** The beginning of a repository, such as an interrupted clone leaves, and nothing beside it. */
  | { readonly kind: 'remains'; readonly stat: Stat }
  | { readonly kind: 'repository'; readonly repository: Repository; readonly stat: Stat };

const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function isCommit(text: string): boolean {
  return commitPattern.test(text);
}

/** `path` without links. */
export function lookAt(path: string, reader: Reader): Found {
  const stat = reader.stat(path);
  if (stat === undefined) return { kind: 'nothing' };
  if (stat.kind !== 'directory') return { kind: 'other', stat };
  const names = reader.list(path) ?? [];
  if (names.length === 0) return { kind: 'empty', stat };
  if (!names.includes('.git')) {
    if (!['HEAD', 'objects', 'refs'].every((name) => names.includes(name))) return { kind: 'other', stat };
    const repository = repositoryAt(path, true, stat, reader);
    return repository ? { kind: 'repository', repository, stat } : { kind: 'other', stat };
  }
  const dotGit = join(path, '.git');
  const gitDir = gitDirOf(dotGit, reader);
  const repository = gitDir && repositoryAt(gitDir, false, reader.stat(dotGit)!, reader);
  if (repository) return { kind: 'repository', repository, stat };
  return { kind: names.length === 1 && isRemains(dotGit, reader) ? 'remains' : 'other', stat };
}

/** `.git` is the directory itself, or a file that says where it is. */
function gitDirOf(dotGit: string, reader: Reader): string | undefined {
  const stat = reader.stat(dotGit);
  if (stat?.kind !== 'file') return stat?.kind === 'directory' ? dotGit : undefined;
  const [, target] = /^gitdir: (.+?)\s*$/.exec(reader.content(dotGit)?.toString() ?? '') ?? [];
  if (target === undefined) return undefined;
  return reader.resolve(target.startsWith('/') ? target : `${parentOf(dotGit)}/${target}`);
}

/** Nothing that was ever committed there could be lost with it. */
function isRemains(dotGit: string, reader: Reader): boolean {
  if (reader.stat(dotGit)?.kind !== 'directory') return false;
  const refs = refsIn(dotGit, reader);
  return refs.all().size === 0;
}

function repositoryAt(gitDir: string, bare: boolean, owner: Stat, reader: Reader): Repository | undefined {
  const head = /^(?:ref: (refs\/\S+)|([0-9a-f]{40,64}))\s*$/.exec(
    reader.content(`${gitDir}/HEAD`)?.toString() ?? '',
  );
  if (head === null) return undefined;
  const common = reader.content(`${gitDir}/commondir`)?.toString().trim();
  const commonDir =
    common === undefined ? gitDir : reader.resolve(common.startsWith('/') ? common : `${gitDir}/${common}`);
  const isThere = (name: string) => reader.stat(`${commonDir}/${name}`)?.kind === 'directory';
  if (!isThere('objects') || !isThere('refs')) return undefined;
  const configPath = `${commonDir}/config`;
  const config = parseConfig(reader.content(configPath)?.toString() ?? '', configPath);
  const refs = refsIn(commonDir, reader);
  const foreign = [gitDir, commonDir, configPath].find((at) => {
    const stat = reader.stat(at);
    return stat !== undefined && stat.uid !== owner.uid;
  });
  const [, ref, detached] = head;
  const revision = detached ?? refs.get(ref!);
  return {
    gitDir,
    commonDir,
    bare: bare || lastValue(config, 'core.bare') === 'true',
    uid: owner.uid,
    gid: owner.gid,
    config,
    configPath,
    ...(ref?.startsWith('refs/heads/') && { branch: ref.slice('refs/heads/'.length) }),
    ...(revision !== undefined && { revision }),
    ...(foreign !== undefined && { foreign }),
    refs,
    hasIndex: bare || reader.stat(`${gitDir}/index`) !== undefined,
    ...interruptionOf(gitDir, reader),
  };
}

function refsIn(commonDir: string, reader: Reader): Refs {
  let packed: Map<string, { object: string; commit?: string }> | undefined;

  function fromPack(): Map<string, { object: string; commit?: string }> {
    packed ??= parsePacked(reader.content(`${commonDir}/packed-refs`)?.toString() ?? '');
    return packed;
  }
  function loose(ref: string): string | undefined {
    if (ref.includes('..') || !ref.startsWith('refs/')) return undefined;
    if (reader.stat(`${commonDir}/${ref}`)?.kind !== 'file') return undefined;
    const text = reader.content(`${commonDir}/${ref}`)?.toString().trim() ?? '';
    return isCommit(text) ? text : undefined;
  }
  return {
    get: (ref) => loose(ref) ?? fromPack().get(ref)?.object,
    commit(ref) {
      const own = loose(ref);
      if (own !== undefined) return own;
      const entry = fromPack().get(ref);
      return entry?.commit ?? entry?.object;
    },
    all() {
      const found = new Map([...fromPack()].map(([ref, { object }]) => [ref, object]));
      const walk = (ref: string): void => {
        for (const name of reader.list(`${commonDir}/${ref}`) ?? []) {
          const object = loose(`${ref}/${name}`);
          if (object !== undefined) found.set(`${ref}/${name}`, object);
          else if (reader.stat(`${commonDir}/${ref}/${name}`)?.kind === 'directory') walk(`${ref}/${name}`);
        }
      };
      walk('refs');
      return found;
    },
  };
}

/** A line `^commit` says what the tag of the line before it leads to. */
function parsePacked(text: string): Map<string, { object: string; commit?: string }> {
  const found = new Map<string, { object: string; commit?: string }>();
  let last: { object: string; commit?: string } | undefined;
  for (const line of text.split('\n')) {
    const peeled = /^\^([0-9a-f]{40,64})$/.exec(line);
    if (peeled && last) last.commit = peeled[1]!;
    const entry = /^([0-9a-f]{40,64}) (refs\/\S+)$/.exec(line);
    if (entry) {
      last = { object: entry[1]! };
      found.set(entry[2]!, last);
    }
  }
  return found;
}

/** Submodules of the checked out tree that were never fetched. */
export function missingSubmodules(path: string, reader: Reader): string[] {
  const text = reader.content(`${path}/.gitmodules`)?.toString();
  if (text === undefined) return [];
  return parseConfig(text, `${path}/.gitmodules`)
    .entries.filter(({ key }) => key.startsWith('submodule.') && key.endsWith('.path'))
    .map(({ value }) => value)
    .filter((at) => reader.stat(`${path}/${at}/.git`) === undefined);
}
