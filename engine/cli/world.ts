/** Puts together what verbs work with: settings, grains, pillar, trees, templates and the host. Each part when asked for. */
import { hostname } from 'node:os';
import { didYouMean, type Origin } from '../core/diagnostic.ts';
import type { Findings } from '../core/discovery.ts';
import type { Emit } from '../core/event.ts';
import { HostTrouble, type Reader, type Rendered, type TemplateRequest } from '../core/host.ts';
import type { Secrets } from '../core/secret.ts';
import type { Path } from '../core/sls.ts';
import type { Dict, Value } from '../core/value.ts';
import { forbidDumps } from '../host/dumps.ts';
import type { LocalHost, LocalOptions } from '../host/local.ts';
import type { OnLook } from '../host/looks.ts';
import type { Given } from '../host/nowhere.ts';
import { type Cache, createCache, discreet, noCache } from '../source/cache.ts';
import type { Discovery, Service } from '../source/discovery.ts';
import { isOpened, openSources } from '../source/encrypted-sources.ts';
import { createFunctions, type FunctionContext } from '../source/functions/table.ts';
import { createGrains } from '../source/grains.ts';
import { JinjaError } from '../source/jinja/values.ts';
import type { Node } from '../source/match.ts';
import { pathVariables, type SlsSource } from '../source/parse-file.ts';
import { type Keeper, type Pillar, readPillar } from '../source/pillar.ts';
import type { Layer } from '../source/pillar-places.ts';
import {
  createTemplates,
  type FunctionTable,
  Lookups,
  type RenderedTemplate,
  type TemplateFile,
  type Templates,
} from '../source/template.ts';
import { traverse } from '../source/traverse.ts';
import { createTree, readText, shown, type Tree } from '../source/tree.ts';
import { locateInYaml, parseYaml, placesIn } from '../source/yaml.ts';
import { createSecrets, pillarFingerprint } from './discretion.ts';
import type { Options } from './given.ts';
import { createLog } from './log.ts';
import { onCommandLine, type Streams, version } from './main.ts';
import { createPillarCheck } from './pillar-check.ts';
import { readSettings, type Settings } from './settings.ts';

export interface World {
  readonly settings: Settings;
  /** Complete once the pillar is read. */
  readonly secrets: Secrets;
  readonly id: string;
  readonly grains: Dict;
  readonly tree: Tree;
  node(): Promise<Node>;
  pillar(): Promise<Dict>;
  /** Where something of the pillar was written, once it is read. */
  placeInPillar(path: Path, on: 'key' | 'value'): Origin | undefined;
  /** Of the pillar as far as it was read; undefined where there is none, or no place for a key. */
  pillarFingerprint(): string | undefined;
  /** Decrypts the sources that are encrypted, so that states find them. */
  openSources(urls: Iterable<string>): Promise<void>;
  /** What it takes to render the states: with the pillar. */
  states(): Promise<SlsSource>;
  /** Undefined where nothing was looked for yet. */
  discovery(): Discovery | undefined;
  /** What a host has of the trees and not of the machine. */
  given(): Promise<Given>;
  host(emit: Emit, around?: Pick<LocalOptions, 'interruption' | 'keeper'>): Promise<LocalHost>;
  /** Templates and conditions look through this host from now on: in a dry run it knows more than the machine. */
  lookThrough(host: Reader): void;
  /** A value of grains or pillar by colon path. */
  lookUp(what: 'grains' | 'pillar', path: string): Promise<unknown>;
  /** Calls a look-up function by name, as conditions do. */
  call(fun: string, args: readonly Value[], kwargs: Dict): unknown;
}

export interface WorldOptions {
  /** The run needs neither states nor pillar, and does not fail for theirs. */
  readonly treeless?: boolean;
  /** What was found of the members of services; what was kept on disk unless told. */
  readonly findings?: Findings;
  /** Told what templates look at while states are compiled. */
  readonly onLook?: OnLook;
}

export async function createWorld(
  options: Options,
  streams: Streams,
  { treeless = false, findings, onLook }: WorldOptions = {},
): Promise<World> {
  const settings = readSettings(options, streams, { treeless });
  streams.onSettings?.(settings);
  const grains = grainsOf(settings);
  const id = settings.id ?? String(grains.get('id') ?? hostname());
  const secrets = createSecrets(settings.journal);
  streams.onSecrets?.(secrets);
  const kept = settings.cache === false ? noCache : createCache(settings.cache);
  const cache = discreet(kept, secrets);
  const opts = optsOf(settings, id);
  const log = createLog(settings.logLevel, streams.stderr);
  const lookups = new Lookups();
  const tree = createTree(settings.states);
  let pillar: Promise<Dict> | undefined;
  let pillarRead: Pillar | undefined;
  let source: Promise<SlsSource> | undefined;
  let functions: FunctionTable | undefined;
  let discovery: Promise<Discovery> | undefined;
  let discovered: Discovery | undefined;

  /** Loaded when a template asks for members. */
  async function discover(service: string): Promise<Service> {
    discovery ??= (async () => {
      const { openDiscovery } = await import('./discovery.ts');
      const pillar = await world.pillar();
      discovered = openDiscovery({ id, grains, pillar, settings, findings }).discovery;
      return discovered;
    })();
    return (await discovery).service(service);
  }

  /** A tree with the templates that render it; what they see of the pillar differs. */
  function sourceOf(files: Tree, seen: Dict, table: FunctionTable, answers = lookups): SlsSource {
    return {
      tree: files,
      cache,
      templates: templatesOf(files, table, cache, answers),
      privately: { cache: noCache, templates: templatesOf(files, table, noCache, answers) },
      variables: new Map<string, unknown>([
        ['pillar', seen],
        ['grains', grains],
        ['opts', opts],
      ]),
    };
  }

  function templatesOf(files: Tree, table: FunctionTable, store: Cache, answers: Lookups): Templates {
    return createTemplates({
      load: (name) => files.find(name),
      cache: {
        get: (key) => store.get('template', key),
        set: (key, code) => store.put('template', key, code),
      },
      functions: table,
      parseYaml: (text, file) => parseYaml(text, placesIn(file, text)).value,
      lookups: answers,
    });
  }

  function functionsFor(seen: Dict, files: Tree, host: LocalHost | undefined): FunctionTable {
    const context: FunctionContext = {
      id,
      pillar: seen,
      grains,
      opts,
      run: (command) => (host ?? looker()).runSync(command),
      host: () => host ?? lookedThrough ?? looker(),
      source: (url) => files.source(url),
      names: () => files.names(),
      log,
      // Where to ask is written in the pillar.
      ...(files === tree ? { discover } : {}),
    };
    return createFunctions(context);
  }

  let decrypt: ((armour: string) => Promise<Buffer>) | undefined;
  async function opened(armour: string): Promise<Buffer> {
    if (!decrypt) {
      const { createOpener } = await import('../source/identity.ts');
      decrypt = createOpener({ identity: settings.identity, cache: kept });
    }
    return await decrypt(armour);
  }
  const keeper: Keeper = {
    add(path, value) {
      if (secrets.isEmpty) forbidDumps();
      secrets.add(path, value);
    },
    decrypt: async (armour) => (await opened(armour)).toString('utf8'),
  };

  /** What a template makes that is encrypted itself is as secret as the template. */
  function confided(
    { source }: TemplateRequest,
    rendered: Rendered | Promise<Rendered>,
  ): Rendered | Promise<Rendered> {
    if (!isOpened(source)) return rendered;
    return Promise.resolve(rendered).then((done) => {
      keeper.add(source.url.replace(/^salt:\/\//, ''), done.text);
      return done;
    });
  }

  let looking: LocalHost | undefined;
  let running: LocalHost | undefined;
  let lookedThrough: Reader | undefined;
  let createLocal: typeof import('../host/local.ts').createLocalHost | undefined;
  let tellLooks: typeof import('../host/looks.ts').tellingLooks | undefined;
  /** The machine as templates and conditions see it: once there is a run, through the host that knows what it did. */
  function looker(): LocalHost {
    if (running) return running;
    looking ??= newLooker();
    return looking;
  }

  function newLooker(): LocalHost {
    const local = createLocal!({
      root: settings.root,
      timeouts: { command: settings.timeout },
      isSecret: (text) => secrets.holds(text),
    });
    return onLook ? { ...tellLooks!(local, onLook), runSync: local.runSync } : local;
  }

  const world: World = {
    settings,
    secrets,
    id,
    grains,
    tree,
    async node() {
      return { id, grains, pillar: await world.pillar() };
    },
    pillar() {
      pillar ??= (async () => {
        ({ createLocalHost: createLocal } = await import('../host/local.ts'));
        if (onLook) ({ tellingLooks: tellLooks } = await import('../host/looks.ts'));
        const override = settings.pillarOverride ?? new Map<Value, Value>();
        const files = createTree(settings.pillar, settings.isSecret);
        const seen = sourceOf(files, override, functionsFor(override, files, undefined));
        pillarRead = await readPillar(
          seen,
          { id, grains, pillar: override },
          {
            override: { value: override, locate: locateOverride(settings) },
            keeper,
            merging: { strategy: 'recurse', mergeLists: settings.mergeLists },
          },
        );
        if (!secrets.isEmpty && settings.journal !== undefined) {
          const { readFormer } = await import('../journal/former.ts');
          secrets.addFormer(readFormer(settings.journal));
        }
        return pillarRead.value;
      })();
      return pillar;
    },
    placeInPillar: (path, on) => pillarRead?.locate(path, on),
    pillarFingerprint() {
      const { journal } = settings;
      return journal !== undefined && pillarRead?.value.size
        ? pillarFingerprint(pillarRead.value, journal)
        : undefined;
    },
    openSources: (urls) => openSources(tree, urls, { decrypt: opened, add: keeper.add }),
    states() {
      source ??= (async () => {
        const data = await world.pillar();
        functions = functionsFor(data, tree, undefined);
        const { journal } = settings;
        const unfit = createPillarCheck({
          tree,
          pillar: pillarRead!,
          cache,
          fingerprint: () => (journal === undefined ? undefined : pillarFingerprint(data, journal)),
        });
        return { ...sourceOf(tree, data, functions), unfit };
      })();
      return source;
    },
    discovery: () => discovered,
    async given() {
      if (treeless) return { ...nothingGiven, sources: tree };
      const data = await world.pillar();
      const states = await world.states();
      const find = (dict: Dict) => (path: string) => traverse(dict, path) as Value | undefined;
      /** Nothing that was seen or answered before counts, but for what a dry run foretold. */
      function afresh(): SlsSource {
        const foretold = lookedThrough !== undefined && lookedThrough !== running;
        const table = functionsFor(data, tree, foretold ? undefined : newLooker());
        return sourceOf(tree, data, table, new Lookups());
      }
      let last = { moment: 0, id: '', sls: '' };
      /**
       * What functions answered counts until the run changes something. One state gets the same answers throughout: it
       * renders again after its own change, and has to find what it wrote.
       */
      function known({ moment = 0, id, sls }: TemplateRequest): SlsSource {
        if (moment !== last.moment && (id !== last.id || sls !== last.sls)) lookups.forget();
        else moment = last.moment;
        last = { moment, id, sls };
        return states;
      }
      return {
        sources: tree,
        render: (request) =>
          confided(request, renderRequest(request.fresh ? afresh() : known(request), request)),
        grain: find(grains),
        pillar: find(data),
      };
    },
    async host(emit, around) {
      const given = await world.given();
      const { createLocalHost } = await import('../host/local.ts');
      // What the run before this one was answered is old.
      if (running) lookups.forget();
      running = createLocalHost({
        ...given,
        root: settings.root,
        emit,
        isSecret: (text) => secrets.holds(text),
        ...around,
        backupDir: settings.backups,
        timeouts: { command: settings.timeout },
      });
      return running;
    },
    lookThrough(host) {
      lookedThrough = host;
    },
    async lookUp(what, path) {
      return traverse(what === 'grains' ? grains : await world.pillar(), path);
    },
    async call(fun, args, kwargs) {
      const found = functions?.get(fun);
      if (!found) {
        const meant = didYouMean(fun, functions?.keys() ?? []);
        throw new HostTrouble(
          `There is no function "${fun}" to ask.`,
          meant ? `Did you mean "${meant}"?` : undefined,
        );
      }
      try {
        return await found(
          [...args],
          Object.fromEntries([...kwargs].map(([key, value]) => [String(key), value])),
        );
      } catch (error) {
        if (error instanceof JinjaError)
          throw new HostTrouble(`${fun} cannot tell: ${error.message}`, error.hint);
        throw error;
      }
    },
  };
  return world;
}

/** Where `--pillar-override` has a value: in the file that it names, or in its words. */
function locateOverride({ given: { pillarOverride: path } }: Settings): Layer['locate'] {
  if (path === undefined) return () => onCommandLine();
  return (steps, on) => ({
    place() {
      const text = readText(path);
      return placesIn(shown(path), text)(locateInYaml(text, steps, on).start);
    },
  });
}

const nothingGiven: Pick<Given, 'render' | 'grain' | 'pillar'> = {
  render: ({ source }) => {
    throw new HostTrouble(`Templates are not rendered here (${source.url}).`);
  },
  grain: () => undefined,
  pillar: () => undefined,
};

function grainsOf(settings: Settings): Dict {
  if (settings.foreignGrains) {
    const given = new Map(settings.foreignGrains);
    // Every node has an ID, and pillars are written by it.
    given.set('id', settings.id ?? given.get('id') ?? hostname());
    return given;
  }
  return createGrains({
    ...(settings.root === undefined ? {} : { root: settings.root }),
    ...(settings.id === undefined ? {} : { id: settings.id }),
    ...(settings.ownGrains ? { own: settings.ownGrains } : {}),
    version: version(),
  });
}

/** Salt's `opts`, as far as templates use them. */
function optsOf(settings: Settings, id: string): Dict {
  return new Map<Value, Value>([
    ['id', id],
    ['file_roots', new Map([['base', [...settings.states]]])],
    ['pillar_roots', new Map([['base', [...settings.pillar]]])],
    ['file_client', 'local'],
    ['local', true],
    ['saltenv', 'base'],
    ['pillarenv', null],
    // Unlike Salt: `opts.test` is false in a dry run too, so that templates render what the run itself would see.
    ['test', false],
    ['cachedir', settings.cache === false ? '' : settings.cache],
    ['state_auto_order', settings.automaticOrder],
    ['failhard', settings.failhard],
    ...settings.file,
  ]);
}

interface Prepared {
  readonly file: TemplateFile;
  readonly sls: string;
  readonly variables: ReadonlyMap<string, unknown>;
}

/** Of the sources that were rendered: a thousand states share one, and its text is read and its place told once. */
const prepared = new WeakMap<Buffer, Prepared>();

function prepare(states: SlsSource, { source, sls }: TemplateRequest): Prepared {
  const known = prepared.get(source.content);
  if (known?.sls === sls) return known;
  const name = source.url.replace(/^salt:\/\//, '').replace(/^\/+/, '');
  const file = { file: source.file ?? source.url, name, text: source.content.toString('utf8') };
  const variables = new Map([
    ...states.variables,
    ...pathVariables(file, sls),
    ['source', source.url] as const,
  ]);
  const made: Prepared = { file, sls, variables };
  prepared.set(source.content, made);
  return made;
}

/** Renders a template that a state names: Salt's variables, and over them those of the state. */
function renderRequest(states: SlsSource, request: TemplateRequest): Rendered | Promise<Rendered> {
  const { file, variables } = prepare(states, request);
  const all = new Map(variables);
  for (const [key, value] of request.context) if (typeof key === 'string') all.set(key, value);
  const rendered = states.templates.render(file, all);
  return rendered instanceof Promise ? rendered.then(withLines) : withLines(rendered);
}

/** Lines of the output as places of the template; worked out only when something is wrong with one. */
function withLines({ text, place }: RenderedTemplate): Rendered {
  return {
    text,
    place(line) {
      let offset = 0;
      for (let current = 1; current < line; current++) {
        const end = text.indexOf('\n', offset);
        if (end === -1) return undefined;
        offset = end + 1;
      }
      return place(offset);
    },
  };
}
