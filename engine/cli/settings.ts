/** Works out what a run goes by: the command line, then the settings file, then the current folder. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Code } from '../core/codes.ts';
import { type Diagnostic, didYouMean, type Origin, Trouble } from '../core/diagnostic.ts';
import { type Dict, fromPlain, isDict, keyText, type Value } from '../core/value.ts';
import { type Cache, createCache, noCache } from '../source/cache.ts';
import { readMapping } from '../source/mapping.ts';
import { locateInYaml, placesIn } from '../source/yaml.ts';
import type { Options } from './given.ts';
import { colours, logLevels, outputs, stateOutputs } from './options.ts';

export interface Settings {
  readonly states: readonly string[];
  readonly pillar: readonly string[];
  readonly root?: string;
  readonly id?: string;
  /** Facts of another host; grains of this one are not gathered then. */
  readonly foreignGrains?: Dict;
  /** Grains that the node's owner set by hand. */
  readonly ownGrains?: Dict;
  readonly pillarOverride?: Dict;
  readonly output: 'human' | 'json' | 'ndjson' | 'quiet';
  readonly stateOutput: 'full' | 'changes' | 'terse';
  readonly context: number;
  readonly detailedExitcode: boolean;
  readonly failhard: boolean;
  readonly color: 'auto' | 'always' | 'never';
  readonly logLevel: string;
  readonly cache: string | false;
  /** Path of the age identities of this node. */
  readonly identity: string;
  /** Whether everything that a file (by its absolute path) holds is a secret. */
  readonly isSecret: (path: string) => boolean;
  readonly backups: string;
  /** Holds the history of this host and what is owed. Undefined below a root: an image has no history here. */
  readonly journal?: string;
  /** Where this user's converge keeps what outlives a run, below a root too. */
  readonly stateDir: string;
  /** Holds the lock, and is gone after a reboot where there is a place for that. */
  readonly lock: string;
  readonly historyRuns: number;
  /** Bytes. */
  readonly historySize: number;
  /** Bytes that copies of what was replaced may take. */
  readonly undoSize: number;
  /** Kinds of things that are removed when they are declared no more; `all`. */
  readonly prune: readonly string[];
  /** Corrections within a day. */
  readonly flapping: number;
  readonly metrics?: string;
  readonly junit?: string;
  /** Of which runs the system log is told; eventful: they changed something, or went wrong. */
  readonly syslog: 'eventful' | 'always' | 'never';
  /** Seconds a command may take. */
  readonly timeout: number;
  /** Seconds a run may take; undefined: as long as it needs. */
  readonly runTimeout?: number;
  /** Seconds to wait for another run to end. */
  readonly wait: number;
  /** Who asked for the run. */
  readonly cause: string;
  /** Seconds until everything is taken back unless it is confirmed. */
  readonly confirm?: number;
  readonly automaticOrder: boolean;
  readonly mergeLists: boolean;
  /** The settings file as a dict, for `opts` in templates. */
  readonly file: Dict;
  /** Files that the command line named, as absolute paths. */
  readonly given: { readonly config?: string; readonly grains?: string; readonly pillarOverride?: string };
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly uid: number;
}

const settingsFile = '/etc/converge/converge.yaml';
const grainsFile = '/etc/converge/grains.yaml';

type Kind = 'text' | 'texts' | 'boolean' | 'number' | 'dict';

export interface SettingRow {
  readonly kind: Kind;
  readonly choices?: readonly string[];
  readonly help: string;
}

/** Every setting of /etc/converge/converge.yaml; docs/settings.md is made of it. */
export const settingRows: { readonly [name: string]: SettingRow } = {
  states: { kind: 'texts', help: 'File roots with SLS files, searched in order.' },
  pillar: { kind: 'texts', help: 'Pillar roots, searched in order.' },
  secret_pillar: {
    kind: 'texts',
    help: 'Pillar folders or files in which everything is a secret, and which only their owner may read; `/etc/converge/pillar` unless set.',
  },
  identity: {
    kind: 'text',
    help: 'The file with the age identities that decrypt the secrets of the pillar; `/etc/converge/identity` unless set.',
  },
  templates: { kind: 'text', help: 'One more file root, searched last.' },
  root: { kind: 'text', help: 'Folder or image to converge instead of `/`.' },
  id: { kind: 'text', help: 'The id of this node; its full host name unless set.' },
  grains: { kind: 'dict', help: 'Grains set by hand; those of `/etc/converge/grains.yaml` win over them.' },
  output: { kind: 'text', choices: outputs, help: 'What to print on stdout; `human` unless set.' },
  state_output: {
    kind: 'text',
    choices: stateOutputs,
    help: 'How much to say about each state; `changes` unless set.',
  },
  context: { kind: 'number', help: 'Unchanged lines around each difference; 3 unless set.' },
  color: { kind: 'text', choices: colours, help: 'Colours; `auto` unless set.' },
  log_level: { kind: 'text', choices: logLevels, help: 'What to log on stderr; `warning` unless set.' },
  detailed_exitcode: { kind: 'boolean', help: 'Exit with 2 when a dry run finds changes pending.' },
  failhard: { kind: 'boolean', help: 'Stop at the first state that fails.' },
  timeout: {
    kind: 'number',
    help: 'Seconds a command may take unless its state says otherwise; 3600 unless set.',
  },
  run_timeout: {
    kind: 'number',
    help: 'Seconds a run may take; then the present command is ended and the run stops. No limit unless set.',
  },
  wait: {
    kind: 'number',
    help: 'Seconds to wait while another run holds the lock; 10 unless set, 3600 for runs with `--cause`.',
  },
  state_dir: {
    kind: 'text',
    help: 'Where the history, what is owed, backups and the lock are kept; `/var/lib/converge` for root (the lock: `/run/converge`), else `~/.local/state/converge`.',
  },
  history_runs: { kind: 'number', help: 'Runs that the history keeps at least; 500 unless set.' },
  undo_size: {
    kind: 'number',
    help: 'MiB that copies of replaced and removed files may take, for `rollback` and `restore`; 256 unless set.',
  },
  prune: {
    kind: 'texts',
    help: 'Kinds of things (`file`, `cron`… or `all`) that a highstate removes when they were declared once and are no more; none unless set.',
  },
  flapping: {
    kind: 'number',
    help: 'Corrections of one state within a day, beyond which it is reported as flapping; 4 unless set.',
  },
  metrics: {
    kind: 'text',
    help: 'File that every run leaves its figures in, for the textfile collector of Prometheus; none unless set.',
  },
  junit: { kind: 'text', help: 'File for a report in the format of JUnit; none unless set.' },
  syslog: {
    kind: 'boolean',
    help: 'Send one line about every run to the system log (true), or about none (false); unless set, about those of root that change something or go wrong.',
  },
  history_size: { kind: 'number', help: 'MiB that the changes in the history may take; 64 unless set.' },
  cache: {
    kind: 'text',
    help: 'Where parsed files are kept between runs; `/var/cache/converge` for root, else `~/.cache/converge`.',
  },
  backups: {
    kind: 'text',
    help: 'Where `backup: minion` keeps old files; `backups` in `state_dir` unless set.',
  },
  state_auto_order: { kind: 'boolean', help: 'Run states in the order they are declared; true unless set.' },
  pillar_merge_lists: {
    kind: 'boolean',
    help: 'Join lists of the pillar instead of replacing them; false unless set.',
  },
};

/** `treeless`: the folders of states and pillar are of no concern, and may be gone. */
export function readSettings(
  options: Options,
  around: Surroundings,
  { treeless = false }: { readonly treeless?: boolean } = {},
): Settings {
  // The settings say where the cache is; the file that holds them is kept where it is unless told.
  const cache =
    options.cache === false
      ? noCache
      : createCache(resolve(around.cwd, options.cache ?? cacheFolder(around)));
  const place = options.config === undefined ? settingsFile : resolve(around.cwd, options.config);
  if (options.config !== undefined && !existsSync(place)) {
    throw new Trouble([
      {
        code: 'bad-configuration',
        message: `The settings file ${options.config} does not exist.`,
        hint: 'Correct the path after --config.',
      },
    ]);
  }
  const file = checked(place, readMapping(place, cache, 'bad-configuration') ?? new Map());
  const base = dirname(place);
  function text(key: string): string | undefined {
    return file.get(key) as string | undefined;
  }
  function paths(given: readonly string[], key: string): string[] {
    if (given.length > 0) return given.map((one) => resolve(around.cwd, one));
    return texts(key).map((one) => resolve(base, one));
  }
  function texts(key: string): string[] {
    const set = file.get(key);
    return Array.isArray(set) ? set.map(String) : set === undefined ? [] : [String(set)];
  }
  let states = paths(options.states, 'states');
  let pillar = paths(options.pillar, 'pillar');
  let templates = paths(options.templates === undefined ? [] : [options.templates], 'templates');
  if (states.length === 0) {
    const here = (name: string) => [join(around.cwd, name)].filter(isFolder);
    states = here('states');
    if (pillar.length === 0) pillar = here('pillar');
    if (templates.length === 0) templates = here('templates');
  }
  if (!treeless) {
    requireFolders(states, '--states');
    requireFolders(pillar, '--pillar');
    requireFolders(templates, '--templates');
  }
  /** A path of the command line counts from the current folder, one of the settings file from where that lies. */
  function path(option: string | undefined, key: string): string | undefined {
    return paths(option === undefined ? [] : [option], key)[0];
  }
  const root = path(options.root, 'root');
  if (root !== undefined) requireFolders([root], '--root');
  const foreign =
    options.grains === undefined
      ? undefined
      : readDict(resolve(around.cwd, options.grains), cache, 'bad-grains');
  const override =
    options.pillarOverride === undefined ? undefined : overrideOf(options.pillarOverride, around, cache);
  const ownGrains = foreign ? undefined : readMapping(join(root ?? '/', grainsFile), cache);
  const rooted = root !== undefined && root !== '/';
  const setGrains = file.get('grains');
  const number = (key: string) => file.get(key) as number | undefined;
  const ownStateDir = path(undefined, 'state_dir');
  const stateDir = ownStateDir ?? stateFolder(around);
  // A lock need not outlive a boot, and /run can be written to when the disk is full or read-only.
  const lockDir = ownStateDir === undefined && around.uid === 0 ? '/run/converge' : stateDir;
  const runTimeout = number('run_timeout');
  const secretPillar = paths([], 'secret_pillar');
  const id = options.id ?? text('id');
  const metrics = path(undefined, 'metrics');
  const junit = path(options.junit, 'junit');
  return {
    states: [...states, ...templates],
    pillar,
    ...(root === undefined ? {} : { root }),
    ...(id === undefined ? {} : { id }),
    ...(foreign ? { foreignGrains: foreign } : {}),
    ...(ownGrains || isDict(setGrains)
      ? { ownGrains: new Map([...(isDict(setGrains) ? setGrains : []), ...(ownGrains ?? [])]) }
      : {}),
    ...(override ? { pillarOverride: override } : {}),
    output: options.output ?? (text('output') as Settings['output']) ?? 'human',
    stateOutput: options.stateOutput ?? (text('state_output') as Settings['stateOutput']) ?? 'changes',
    context: options.context ?? (file.get('context') as number | undefined) ?? 3,
    detailedExitcode: options.detailedExitcode ?? file.get('detailed_exitcode') === true,
    failhard: options.failhard ?? file.get('failhard') === true,
    color: options.color ?? (text('color') as Settings['color']) ?? 'auto',
    logLevel: options.logLevel ?? text('log_level') ?? 'warning',
    cache: options.cache !== false && (path(options.cache, 'cache') ?? cacheFolder(around)),
    identity: path(undefined, 'identity') ?? '/etc/converge/identity',
    isSecret: belowOneOf(secretPillar.length > 0 ? secretPillar : ['/etc/converge/pillar']),
    backups: path(undefined, 'backups') ?? join(stateDir, 'backups'),
    stateDir,
    ...(rooted ? {} : { journal: stateDir }),
    lock: rooted ? ofRoot(lockDir, root) : lockDir,
    historyRuns: number('history_runs') ?? 500,
    historySize: (number('history_size') ?? 64) * 2 ** 20,
    undoSize: (number('undo_size') ?? 256) * 2 ** 20,
    prune: options.prune ?? texts('prune'),
    flapping: number('flapping') ?? 4,
    ...(metrics === undefined ? {} : { metrics }),
    ...(junit === undefined ? {} : { junit }),
    syslog: syslogOf(file.get('syslog'), around),
    timeout: number('timeout') ?? 3600,
    ...(runTimeout === undefined ? {} : { runTimeout }),
    // What no person waits for may wait long: of several runs that do, only one stays.
    wait: options.wait ?? number('wait') ?? (options.cause === undefined ? 10 : 3600),
    cause: options.cause ?? 'cli',
    ...(options.confirm === undefined ? {} : { confirm: options.confirm }),
    automaticOrder: file.get('state_auto_order') !== false,
    mergeLists: file.get('pillar_merge_lists') === true,
    file,
    given: givenFiles(options, around),
  };
}

function givenFiles({ config, grains, pillarOverride }: Options, { cwd }: Surroundings): Settings['given'] {
  const at = (path: string) => resolve(cwd, path);
  return {
    ...(config === undefined ? {} : { config: at(config) }),
    ...(grains === undefined ? {} : { grains: at(grains) }),
    ...(pillarOverride === undefined || isJson(pillarOverride) ? {} : { pillarOverride: at(pillarOverride) }),
  };
}

/** Told from the path of a file. */
function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

function syslogOf(set: Value | undefined, { uid }: Surroundings): Settings['syslog'] {
  if (set === undefined) return uid === 0 ? 'eventful' : 'never';
  return set === true ? 'always' : 'never';
}

function cacheFolder({ env, uid }: Surroundings): string {
  if (uid === 0) return '/var/cache/converge';
  const home = env['XDG_CACHE_HOME'];
  if (home && isAbsolute(home)) return join(home, 'converge');
  return join(env['HOME'] ?? '/tmp', '.cache/converge');
}

function stateFolder({ env, uid }: Surroundings): string {
  if (uid === 0) return '/var/lib/converge';
  const home = env['XDG_STATE_HOME'];
  if (home && isAbsolute(home)) return join(home, 'converge');
  return join(env['HOME'] ?? '/tmp', '.local/state/converge');
}

/** Each root has a lock of its own. */
function ofRoot(folder: string, root: string): string {
  return join(folder, 'roots', fileName(realpathSync(root)));
}

/** Bytes a file name may have on every file system of Linux. */
const longestName = 255;

/** A name that no other path has. Paths that are too long are hashed: to load what hashes takes 8 ms. */
function fileName(path: string): string {
  const name = encodeURIComponent(path);
  if (name.length <= longestName) return name;
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(path).digest('hex');
}

function belowOneOf(places: readonly string[]): (path: string) => boolean {
  return (path) => places.some((place) => path === place || path.startsWith(`${place.replace(/\/$/, '')}/`));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Below a file, in a circle of links or out of our sight: no folder for us.
    return false;
  }
}

function requireFolders(paths: readonly string[], option: string): void {
  const missing = paths.filter((path) => !isFolder(path));
  if (missing.length === 0) return;
  throw new Trouble(
    missing.map((path) => ({
      code: 'file-not-found',
      message: existsSync(path) ? `${path} is no folder.` : `The folder ${path} does not exist.`,
      hint: `Correct ${option}${existsSync(path) ? '' : ' or create the folder'}.`,
    })),
  );
}

function overrideOf(text: string, { cwd }: Surroundings, cache: Cache): Dict {
  if (!isJson(text)) return readDict(resolve(cwd, text), cache, 'bad-pillar');
  try {
    return fromPlain(JSON.parse(text)) as Dict;
  } catch (error) {
    throw new Trouble([
      {
        code: 'bad-configuration',
        message: `--pillar-override is no valid JSON: ${(error as Error).message}.`,
        hint: 'Write a JSON object or the path of a YAML file.',
      },
    ]);
  }
}

function readDict(path: string, cache: Cache, code: Code): Dict {
  const dict = readMapping(path, cache, code);
  if (dict) return dict;
  throw new Trouble([{ code: 'file-not-found', message: `The file ${path} does not exist.` }]);
}

function checked(path: string, value: Dict): Dict {
  const diagnostics: Diagnostic[] = [];
  for (const [key, setting] of value) {
    const name = keyText(key);
    function wrong(message: string, hint: string): void {
      diagnostics.push({ code: 'bad-configuration', message, origin: keyIn(path, name), hint });
    }
    const row = Object.hasOwn(settingRows, name) ? settingRows[name] : undefined;
    if (row === undefined) {
      const meant = didYouMean(name, Object.keys(settingRows));
      wrong(
        `There is no setting "${name}".`,
        meant ? `Did you mean "${meant}"?` : `The settings are ${Object.keys(settingRows).join(', ')}.`,
      );
    } else if (!isKind(setting, row.kind))
      wrong(`The setting "${name}" has to be ${kindWords[row.kind]}.`, 'Correct its value.');
    else if (row.choices && !row.choices.includes(String(setting))) {
      wrong(`The setting "${name}" cannot be "${setting}".`, `It is one of ${row.choices.join(', ')}.`);
    }
  }
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  return value;
}

/** Worked out only for an error, so the file is read again. */
function keyIn(path: string, name: string): Origin {
  return {
    place() {
      const text = readFileSync(path, 'utf8');
      const { start, end } = locateInYaml(text, [name], 'key');
      return { ...placesIn(path, text)(start), length: Math.max(1, end - start) };
    },
  };
}

const kindWords: { readonly [kind in Kind]: string } = {
  text: 'text',
  texts: 'text or a list of texts',
  boolean: 'true or false',
  number: 'a whole number that is not negative',
  dict: 'a mapping',
};

function isKind(value: Value, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'texts':
      return Array.isArray(value) ? value.every((one) => isKind(one, 'text')) : isKind(value, 'text');
    case 'dict':
      return isDict(value);
    case 'number':
      return Number.isInteger(value) && (value as number) >= 0;
    case 'boolean':
      return typeof value === 'boolean';
  }
}

/** Where the history is. Throws Trouble below a root, which has none. */
export function requireJournal({ journal }: Settings): string {
  if (journal !== undefined) return journal;
  throw new Trouble([
    {
      code: 'bad-configuration',
      message: 'There is no history of what stands below a root.',
      hint: 'Leave --root out, for that of this machine.',
    },
  ]);
}
