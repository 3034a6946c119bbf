/** What the engine may ask of a host (Reader) and do to it (Effect), as data: two hosts exist, local and overlay. */
import type { AcmeEffect, Handshake, HandshakeQuery } from './acme.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import type { DnsEffect, RecordQuery, Records } from './dns.ts';
import type { HttpAnswer, HttpEffect, HttpRequest, SettledRequest } from './http.ts';
import type { Dict, Value } from './value.ts';

/** One entry of the file system itself, links not followed. */
export interface Stat {
  readonly kind: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'block' | 'char';
  /** Permission bits with setuid, setgid and sticky: 0o0000 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  readonly atime: number;
  /** Identifies the file on its host: two names with the same `inode` are hard links of one file. */
  readonly inode: string;
  /** Device numbers of `block` and `char`. */
  readonly device?: { readonly major: number; readonly minor: number };
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** The comment field: full name, room, phones, other (passwd(5)). */
  readonly gecos: string;
}

/** An entry of /etc/shadow (shadow(5)); days count from 1970-01-01, and undefined means that the field is empty. */
export interface Shadow {
  /** The hash as stored: with `!` before it where the password is locked. */
  readonly password: string;
  readonly lastChange?: number;
  readonly minDays?: number;
  readonly maxDays?: number;
  readonly warnDays?: number;
  readonly inactiveDays?: number;
  readonly expire?: number;
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** A command. Without `shell` no shell is involved, whatever the words hold. */
export interface Command {
  /** Program and arguments; with `shell` exactly one word: the script. */
  readonly argv: readonly string[];
  /** Path of the shell that runs `argv[0]` by `-c`. */
  readonly shell?: string;
  readonly cwd?: string;
  /** Added to (null: removed from) the environment of the run. */
  readonly env?: { readonly [name: string]: string | null };
  /** User (and optionally group) to run as. */
  readonly user?: string;
  readonly group?: string;
  readonly umask?: number;
  /** Seconds; the whole process group is killed then. */
  readonly timeout?: number;
  readonly stdin?: string | Buffer;
  /** Below `--root`: run on this machine all the same, with `cwd` below the root and CONVERGE_ROOT set. */
  readonly belowRoot?: boolean;
  /** Stdout is wanted as bytes, up to this many of them, in `Outcome.bytes`; `Outcome.stdout` is empty then. */
  readonly bytes?: number;
}

/** What became of a command. Output is decoded as UTF-8. */
export interface Outcome {
  /** Exit status; 128 + n when signal n ended it, 124 when it ran out of time, 127 when it could not be started. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
  readonly timedOut?: boolean;
  /** With `Command.bytes`: all of stdout. Undefined where there was more. */
  readonly bytes?: Buffer;
}

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /**
   * `installed`, or `config` where only configuration files are left (removed, not purged), or `broken`: left half way,
   * or by rpm in two versions.
   */
  readonly state: 'installed' | 'config' | 'broken';
  readonly held: boolean;
  /** Of a broken one: its files have to be unpacked again (dpkg(1): half-installed, reinst-required). */
  readonly incomplete?: true;
  /** Virtual packages it stands for (deb-control(5): Provides), without versions. `local` reads them with the rest. */
  readonly provides?: readonly string[];
  /** Further versions that are installed beside this one: kernels of rpm. */
  readonly beside?: readonly string[];
}

/** What systemd says of a unit (org.freedesktop.systemd1(5)); of a unit it does not know, `load` is `not-found`. */
export interface Unit {
  readonly name: string;
  readonly load: string;
  /** ActiveState: active, inactive, failed, activating, deactivating, reloading. */
  readonly active: string;
  readonly sub: string;
  /** UnitFileState: enabled, disabled, static, masked, indirect, generated, alias…; '' where there is no file. */
  readonly enabled: string;
  readonly needDaemonReload: boolean;
  readonly canReload: boolean;
  readonly mainPid: number;
  /** Times systemd restarted it by itself. */
  readonly restarts: number;
  /** FragmentPath: the file it was loaded from. Undefined where there is none. */
  readonly fragment?: string;
}

/** Something many states read and a host can fetch for all of them in one go. */
export type Need =
  | { readonly kind: 'unit'; readonly name: string }
  | { readonly kind: 'packages' }
  /** Versions the package sources offer. */
  | { readonly kind: 'candidate'; readonly name: string };

/** Something that is reached or not, and that can be waited for. */
export type Target =
  /** A connection is accepted. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | HttpTarget
  /** The certificate with this SHA-256 (hex) is shown in a TLS handshake. */
  | ({ readonly kind: 'certificate'; readonly fingerprint: string } & HandshakeQuery)
  /** A command that only looks succeeds. */
  | { readonly kind: 'command'; readonly command: Command; readonly success?: readonly number[] }
  /** A template renders to this text, but for white space around it. */
  | { readonly kind: 'template'; readonly request: TemplateRequest; readonly equals: string };

export interface HttpTarget {
  readonly kind: 'http';
  readonly url: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** Statuses that count; any below 400 unless told. Redirections are followed. */
  readonly status?: readonly number[];
  /** A regular expression (JavaScript's) that the body, of which 1 MiB is looked at, has to match somewhere. */
  readonly match?: string;
  readonly matchFlags?: string;
  /** Whether the certificate has to be valid; true unless told. */
  readonly verify?: boolean;
  /** Certificates (PEM) that are trusted instead of those the machine trusts. */
  readonly ca?: string;
}

export interface Reached {
  readonly reached: boolean;
  /** What was seen, as a phrase: "HTTP status 503", "connection refused". */
  readonly seen: string;
}

/** A file of the file roots, of this machine or of the web. */
export interface Source {
  /** As the user would name it: salt://…, file://…, https://… */
  readonly url: string;
  /** Path on this machine, where it has one: for error frames. */
  readonly file?: string;
  readonly content: Buffer;
  /** Permission bits of the source file, for `mode: keep`. */
  readonly mode?: number;
}

/** Why a source could not be had. */
export interface NoSource {
  readonly missing: string;
  readonly hint?: string;
}

/** An entry below a folder of the file roots; `path` is relative to that folder. */
export interface SourceEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly target?: string;
  readonly mode: number;
}

/** A rendered template that remembers which source line made which output line. */
export interface Rendered {
  readonly text: string;
  /** Place in the template of an output line (from 1), if known. */
  place(line: number): Place | undefined;
}

export interface TemplateRequest {
  /** `jinja`; other engines are refused. */
  readonly engine: string;
  readonly source: Source;
  /** Variables beside Salt's own (pillar, grains, salt, opts…). */
  readonly context: Dict;
  readonly id: string;
  readonly sls: string;
  /** Its functions look anew, whatever they answered before in this run. */
  readonly fresh?: boolean;
  /** How often the run had changed anything by then: what functions answered earlier may no longer be so. */
  readonly moment?: number;
}

/**
 * Looks at a host. Nothing here changes anything. Paths are absolute and as the tree names them; with `--root`
 * the host puts its root before them. Absence is `undefined`; what cannot be looked at (no permission, an I/O
 * error) throws HostTrouble, which fails the state concerned with a clear sentence.
 */
export interface Reader {
  /** Whether paths are meant below a folder other than `/`: then nothing outside it is this run's business. */
  readonly rooted: boolean;
  /** lstat. Undefined also where a parent is missing or is no directory. */
  stat(path: string): Stat | undefined;
  /** The bytes of a file, links followed. */
  content(path: string): Buffer | undefined;
  /** Names in a directory, sorted. */
  list(path: string): readonly string[] | undefined;
  /** Where a symbolic link points, as written in it. */
  link(path: string): string | undefined;
  /** The path with every symbolic link of it followed (below the root); the last part need not exist. */
  resolve(path: string): string;
  /** By name, or by id where given a number or digits. */
  user(name: string | number): User | undefined;
  group(name: string | number): Group | undefined;
  /** All of /etc/passwd and /etc/group, in their order; those of other sources (LDAP) are not listed. */
  users(): readonly User[];
  groups(): readonly Group[];
  /** Undefined also where there is no entry for the name. */
  shadow(name: string): Shadow | undefined;
  /** The user this process runs as: what a new file belongs to unless told otherwise. */
  readonly self: { readonly uid: number; readonly gid: number };
  /** Umask of the run: what the mode of new files follows where a state names none. */
  readonly umask: number;
  /** A file by salt:// (or a bare path of the file roots), absolute path or file://; http(s) needs `fetch`. */
  source(url: string): Source | NoSource;
  /** http(s); verified against `hash` (`sha256=…`, or bare hex) where given; kept for the length of the run. */
  fetch(url: string, hash?: string): Promise<Source | NoSource>;
  /** Everything below a folder of the file roots, folders first; undefined where there is no such folder. */
  sourceTree(url: string): readonly SourceEntry[] | undefined;
  /** Throws Trouble with the place in the template. */
  render(request: TemplateRequest): Rendered | Promise<Rendered>;
  /** Runs a command that only looks (a guard, a validator). In a dry run too. */
  probe(command: Command): Promise<Outcome>;
  /**
   * Like `probe`, but states that ask the same share one answer, until anything of the host is changed. So a listing (`ip -j addr`) costs one process for all states of a kind.
   */
  ask(command: Command): Promise<Outcome>;
  /** Looks once, for at most `timeout` seconds. */
  reach(target: Target, timeout: number): Promise<Reached>;
  /** The certificates that a server shows, whoever issued them. Waits for at most `timeout` seconds. */
  handshake(query: HandshakeQuery, timeout: number): Promise<Handshake>;
  /**
   * What a name has of a type, asked of the server that is changed and no cache. States that ask the same share one
   * answer, until anything is changed. Throws HostTrouble where there is no answer: that is not the same as no record.
   */
  records(query: RecordQuery): Promise<Records>;
  /**
   * What a server answers to a request that only looks. States that ask the same share one answer, until anything is
   * changed. Throws HostTrouble where there is no answer; a status that tells of trouble is one.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  packages(): ReadonlyMap<string, Package> | Promise<ReadonlyMap<string, Package>>;
  /**
   * Fetches anew what the package sources offer, by the package manager's own command. Undefined in a dry run, which
   * goes by the lists at hand: fetching writes them.
   */
  fetchLists(command: Command): Promise<Outcome | undefined>;
  /** Newest version the package sources offer now for each name; undefined where they offer none. */
  candidates(names: readonly string[]): Promise<ReadonlyMap<string, string | undefined>>;
  units(names: readonly string[]): Promise<ReadonlyMap<string, Unit>>;
  /** Environment variables of the run, as `environ.setenv` left them. */
  environment(): Readonly<Record<string, string | undefined>>;
  /** What earlier states of this run left for this one (`file.accumulated`). */
  recall(topic: string): readonly Value[];
  /** A grain or a pillar value by Salt's colon path; undefined where there is none. */
  grain(path: string): Value | undefined;
  pillar(path: string): Value | undefined;
}

/** What a package command or the like settles, so that a dry run's later states see it. */
export type Settled =
  | {
      readonly about: 'package';
      readonly name: string;
      readonly version: string | null;
      readonly held?: boolean;
    }
  | {
      readonly about: 'unit';
      readonly name: string;
      readonly active?: string;
      readonly enabled?: string;
      readonly needDaemonReload?: boolean;
      /** `loaded` unless told. */
      readonly load?: string;
    }
  /** A file, directory or link that it leaves: a home, a clone, what it makes of a list it edits. */
  | { readonly about: 'file'; readonly effect: FileEffect }
  /**
   * In a file of colon-separated records (passwd(5), group(5), shadow(5)) the one whose first field is `key`; null:
   * it is removed.
   */
  | {
      readonly about: 'record';
      readonly file: string;
      readonly key: string;
      readonly record: string | null;
    }
  /** What `ask` answers to this command from now on. */
  | { readonly about: 'answer'; readonly command: Command; readonly stdout: string }
  | SettledRequest;

interface Owned {
  /** Names or ids, looked up when the effect is performed: an earlier state may have made the user. */
  readonly user?: string | number;
  readonly group?: string | number;
  readonly mode?: number;
}

/** The closed list of what can be done to a host. Adding a state never touches it. */
export type Effect =
  | WriteEffect
  /** One directory; its parent must exist. An existing one only gets owner and mode. */
  | ({ readonly kind: 'directory'; readonly path: string } & Owned)
  /** Replaces what is there (a file or a link, never a directory) in one step. `target` is written as given. */
  | ({
      readonly kind: 'link';
      readonly path: string;
      readonly target: string;
      readonly hard?: boolean;
    } & Omit<Owned, 'mode'>)
  /** One file's bytes (or one link as link); with `preserve` owner, mode and times too. Replaces atomically. */
  | ({
      readonly kind: 'copy';
      readonly from: string;
      readonly path: string;
      readonly preserve?: boolean;
    } & Owned)
  | { readonly kind: 'move'; readonly from: string; readonly path: string }
  /** Files, links and whole directories; never follows a link, never leaves the file system it started on. */
  | { readonly kind: 'remove'; readonly path: string }
  /** Owner, mode and times (milliseconds since the epoch) of what is there; links themselves unless `follow`. */
  | ({
      readonly kind: 'attributes';
      readonly path: string;
      readonly follow?: boolean;
      readonly atime?: number;
      readonly mtime?: number;
    } & Owned)
  | ({
      readonly kind: 'node';
      readonly path: string;
      readonly type: 'fifo' | 'block' | 'char';
      readonly major?: number;
      readonly minor?: number;
    } & Owned)
  | ExecEffect
  | UnitEffect
  | AwaitEffect
  | DnsEffect
  | HttpEffect
  | AcmeEffect
  /** Environment of every later command of this run; null removes. */
  | { readonly kind: 'environ'; readonly set: { readonly [name: string]: string | null } }
  /** Leaves values for a later state of this run. */
  | { readonly kind: 'remember'; readonly topic: string; readonly values: readonly Value[] }
  /** Touches nothing and comes out as told (the `test` states); a failure by `surprise` does not show in a dry run. */
  | {
      readonly kind: 'simulate';
      readonly outcome: 'done' | 'failed';
      readonly comment?: string;
      readonly surprise?: boolean;
    };

/**
 * A whole file, replaced atomically: a temporary file in the same directory with final owner and mode, fsync,
 * rename, fsync of the directory. Extended attributes of the file it replaces are kept.
 */
export interface WriteEffect extends Owned {
  readonly kind: 'write';
  readonly path: string;
  readonly content: Buffer;
  /** Write through a symbolic link at `path` to where it points; otherwise the link itself is replaced. */
  readonly follow?: boolean;
  /** Keeps the old content: beside it with this suffix (`.bak`), or in converge's store of backups. */
  readonly backup?: { readonly suffix: string } | { readonly store: true };
  /**
   * Validates the new content before anything is replaced. The new file lies under its real base name in a
   * private directory beside the old one, and its path is appended to `argv` (or, in a shell, to the script).
   */
  readonly check?: Command;
}

export interface ExecEffect {
  readonly kind: 'exec';
  readonly command: Command;
  /** Exit statuses that count as success; [0] unless told. */
  readonly success?: readonly number[];
  readonly settles?: readonly Settled[];
  /** `settles` is all that later states can see of it, so a dry run goes on knowing the host. */
  readonly foreseen?: boolean;
  /** Puts back what was there before, by what was read then. Without it, only what `settles` says of files can be undone. */
  readonly undo?: Command;
}

/** Waits until something is reached; looks at once, and then again and again. It changes nothing. */
export interface AwaitEffect {
  readonly kind: 'await';
  readonly target: Target;
  /** Seconds after which it has failed; 0: one look. */
  readonly timeout: number;
  /** Seconds before the first look, which do not count. */
  readonly delay?: number;
  /** Seconds between two looks. */
  readonly every: number;
  /** Each pause is this many times the last one; 1 unless told. */
  readonly backoff?: number;
  /** Seconds a pause may grow to. */
  readonly most?: number;
  /** Seconds one look may take; 10 unless told. */
  readonly attempt?: number;
  /** What is done where it was not reached, to put things back; it has failed all the same. */
  readonly otherwise?: readonly (WriteEffect | UnitEffect)[];
  /** What the user can do where it was not reached. */
  readonly hint?: string;
}

/** Effects on files: modelled exactly in a dry run. */
export type FileEffect = Extract<
  Effect,
  { kind: 'write' | 'directory' | 'link' | 'copy' | 'move' | 'remove' | 'attributes' | 'node' }
>;

export interface UnitEffect {
  readonly kind: 'unit';
  readonly unit: string;
  readonly verb: 'start' | 'stop' | 'restart' | 'reload' | 'enable' | 'disable' | 'mask' | 'unmask';
  /** Seconds the unit has to stay up after it was started or reloaded before that counts as success. */
  readonly settle?: number;
  /** What is done where it fails, to put things back; it has failed all the same. */
  readonly otherwise?: readonly (WriteEffect | UnitEffect)[];
}

/** What became of an effect. */
export type Performed =
  | { readonly became: 'done'; readonly outcome?: Outcome; readonly comment?: string }
  /** It could not be done, nothing was changed, and that will do for now: a sentence. */
  | { readonly became: 'postponed'; readonly warning: string }
  /** Dry run: modelled exactly, later states see it. */
  | { readonly became: 'predicted' }
  /** Dry run: what it would do cannot be known; later states may be unknown until applied. */
  | { readonly became: 'presumed' }
  | Failed;

export interface Failed {
  readonly became: 'failed';
  /** One sentence. */
  readonly reason: string;
  readonly hint?: string;
  readonly outcome?: Outcome;
  /** Lines of the content a validator complained about. */
  readonly lines?: readonly number[];
}

export interface Host extends Reader {
  /** Tells what the run will read, once, before its first state. */
  expect(needs: readonly Need[]): void;
  perform(effect: Effect): Promise<Performed>;
}

/** The host did not let us look or act: a permission, an I/O error. Fails the state concerned, not the run. */
export class HostTrouble extends Error {
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  constructor(message: string, hint?: string, diagnostics: readonly Diagnostic[] = []) {
    super(message);
    this.hint = hint;
    this.diagnostics = diagnostics;
  }
}

/** An argument of which no host could make sense: a failure in a dry run too, whatever ran before. */
export class ArgumentTrouble extends HostTrouble {}
