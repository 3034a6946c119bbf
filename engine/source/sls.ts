/** Reads SLS files: finds, renders and parses them, and follows their includes. */
import type { Code } from '../core/codes.ts';
import { at, type Diagnostic, didYouMean, type Origin, type Place, Trouble } from '../core/diagnostic.ts';
import { fnmatch, isPattern } from '../core/fnmatch.ts';
import type { Path, Sls } from '../core/sls.ts';
import { isDict, keyText, type Value } from '../core/value.ts';
import { type Cache, parseOnce } from './cache.ts';
import type { RenderedTemplate, Templates } from './template.ts';
import type { Tree, TreeFile } from './tree.ts';
import { locateInYaml, type PlaceOf, placesIn } from './yaml.ts';

/** What it takes to render the files of one tree: states and pillar have one each. */
export interface SlsSource {
  readonly tree: Tree;
  readonly templates: Templates;
  readonly cache: Cache;
  /** Variables of every template: pillar, grains, opts… */
  readonly variables: ReadonlyMap<string, unknown>;
}

/** A rendered and parsed file that may be anything: an SLS, a top file, a pillar file. */
export interface ParsedFile {
  readonly file: TreeFile;
  readonly value: Value;
  locate(path: Path, on: 'key' | 'value'): Origin;
  ambiguous(path: Path): string | undefined;
}

const suffixes = ['.sls', '.yaml'] as const;

/** Salt: `x.sls` wins over `x/init.sls`. */
export function findSls(tree: Tree, name: string): TreeFile | undefined {
  if (name === '' || name.includes('/')) return undefined;
  const path = name.replaceAll('.', '/');
  for (const stem of [path, `${path}/init`]) {
    for (const suffix of suffixes) {
      const found = tree.find(stem + suffix);
      if (found) return found;
    }
  }
  return undefined;
}

/**
 * Names of all SLS files. YAML files beside a tree of .sls files are its data, so a pattern prefers .sls.
 * Salt: in the order of their paths, so `web.a` (web/a.sls) comes before `web` (web/init.sls).
 */
export function slsMatching(tree: Tree, pattern: string): readonly string[] {
  const wanted = fnmatch(pattern);
  for (const suffix of suffixes) {
    const names = tree
      .names()
      .filter((name) => name.endsWith(suffix) && !/^top\.(?:sls|yaml)$/.test(name))
      .map((name) =>
        name
          .slice(0, -suffix.length)
          .replaceAll('/', '.')
          .replace(/\.init$/, ''),
      );
    const found = names.filter((name) => wanted.test(name));
    if (found.length > 0) return [...new Set(found)];
  }
  return [];
}

/** Renders and parses one file. `name` is its dotted name, where it has one. */
export async function parseFile(
  source: SlsSource,
  file: TreeFile,
  name: string,
  variables?: ReadonlyMap<string, unknown>,
): Promise<ParsedFile> {
  const renderer = rendererOf(file);
  let text = file.text;
  let placeOf: PlaceOf = placesIn(file.file, file.text);
  if (renderer.template) {
    const all = new Map([...source.variables, ...(variables ?? []), ...pathVariables(file, name)]);
    const rendered: RenderedTemplate | Promise<RenderedTemplate> = source.templates.render(file, all);
    const result = rendered instanceof Promise ? await rendered : rendered;
    text = result.text;
    placeOf = (offset) => result.place(offset) ?? { file: file.file, line: 1, column: 1 };
  }
  if (renderer.dropFirstLine) text = text.replace(/^[^\n]*/, (line) => ' '.repeat(line.length));
  const document = parseOnce(source.cache, text, placeOf);
  let ambiguous: Map<string, string> | undefined;
  return {
    file,
    value: document.value,
    locate: (path, on) => ({
      place: () => {
        const { start, end } = locateInYaml(text, path, on);
        const place = placeOf(start);
        const line = text.indexOf('\n', start);
        const length = Math.max(1, Math.min(end, line === -1 ? end : line) - start);
        return place.length === undefined ? { ...place, length } : place;
      },
    }),
    ambiguous: (path) => {
      ambiguous ??= new Map(
        document.ambiguous.map(([known, written]) => [JSON.stringify(known.map(String)), written]),
      );
      return ambiguous.get(JSON.stringify(path.map(String)));
    },
  };
}

/** Salt's renderer line: `#!jinja|yaml`, which is also what holds without one. */
function rendererOf(file: TreeFile): { template: boolean; dropFirstLine: boolean } {
  const [line = ''] = file.text.split('\n', 1);
  if (!line.startsWith('#!')) return { template: true, dropFirstLine: false };
  const pipe = line
    .slice(2)
    .trim()
    .toLowerCase()
    .split('|')
    .map((part) => part.trim().split(/\s+/)[0]);
  const known: { readonly [pipe: string]: { template: boolean; dropFirstLine: boolean } } = {
    'jinja|yaml': { template: true, dropFirstLine: false },
    jinja: { template: true, dropFirstLine: false },
    yaml: { template: false, dropFirstLine: false },
    json: { template: false, dropFirstLine: true },
    'jinja|json': { template: true, dropFirstLine: true },
    'json|jinja': { template: true, dropFirstLine: true },
  };
  const found = known[pipe.join('|')];
  if (found) return found;
  throw new Trouble([
    {
      code: 'unknown-renderer',
      message: `The renderer line "${line.trim()}" is not supported.`,
      origin: at(file.file, 1, 1, line.length),
      hint: 'Use #!jinja|yaml (the default), #!yaml, #!jinja|json or #!json.',
    },
  ]);
}

/** Salt's variables that tell a template where it lies. */
export function pathVariables(file: TreeFile, sls: string): [string, unknown][] {
  const folder = file.name.includes('/') ? file.name.slice(0, file.name.lastIndexOf('/')) : '';
  return [
    ['sls', sls],
    ['slspath', folder],
    ['slsdotpath', folder.replaceAll('/', '.')],
    ['slscolonpath', folder.replaceAll('/', ':')],
    ['sls_path', folder.replaceAll('/', '_')],
    ['tplfile', file.name],
    ['tpldir', folder === '' ? '.' : folder],
    ['tpldot', folder.replaceAll('/', '.')],
    ['tplpath', file.file],
    ['saltenv', 'base'],
    ['env', 'base'],
  ];
}

/**
 * The named SLS files (patterns too) with all they include, in Salt's order: what a file includes comes before the file itself,
 * depth first, each once. Throws Trouble with the errors of all files.
 */
export async function readStates(source: SlsSource, names: readonly string[], from?: Origin): Promise<Sls[]> {
  const files: Sls[] = [];
  const seen = new Set<string>();
  const diagnostics: Diagnostic[] = [];

  async function read(name: string, origin: Origin | undefined, trail: readonly Place[]): Promise<void> {
    if (seen.has(name)) return;
    seen.add(name);
    let file: TreeFile | undefined;
    try {
      file = findSls(source.tree, name);
      if (!file) {
        diagnostics.push(notFound(source.tree, name, 'sls-not-found', origin));
        return;
      }
      const parsed = await parseFile(source, file, name);
      // Salt: a file that renders to nothing declares nothing.
      const value = parsed.value === null || parsed.value === '' ? new Map() : parsed.value;
      if (!isDict(value)) {
        diagnostics.push({
          code: 'bad-sls',
          message: `SLS "${name}" is not a mapping of IDs.`,
          origin: parsed.locate([], 'value'),
        });
        return;
      }
      const includes = includesOf(source.tree, name, file, parsed, value.get('include'), diagnostics);
      for (const include of includes)
        await read(include.name, include.origin, [...trail, include.origin.place()]);
      const isInit = /(?:^|\/)init\.(?:sls|yaml)$/.test(file.name);
      const { locate, ambiguous } = parsed;
      files.push({ name, file: file.file, isInit, value, locate, ambiguous, trail });
    } catch (error) {
      diagnostics.push(...troubleOf(error, trail));
    }
  }

  for (const name of names) {
    const matching = isPattern(name) && !findSls(source.tree, name) ? slsMatching(source.tree, name) : [];
    for (const one of matching.length > 0 ? matching : [name]) await read(one, from, []);
  }
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  return files;
}

/** Expected trouble as diagnostics; anything else goes on up. */
export function troubleOf(error: unknown, trail: readonly Place[]): Diagnostic[] {
  if (error instanceof Trouble) {
    return error.diagnostics.map((one) =>
      trail.length > 0 ? { ...one, trail: [...trail, ...(one.trail ?? [])] } : one,
    );
  }
  throw error;
}

export function notFound(tree: Tree, name: string, code: Code, origin: Origin | undefined): Diagnostic {
  const known = tree
    .names()
    .filter((file) => /\.(?:sls|yaml)$/.test(file))
    .map((file) => file.replace(/(?:\/init)?\.(?:sls|yaml)$/, '').replaceAll('/', '.'));
  const meant = didYouMean(name, known);
  const path = name.replaceAll('.', '/');
  return {
    code,
    message: `There is no SLS "${name}": neither ${path}.sls nor ${path}/init.sls (or .yaml) lies in ${tree.roots.join(', ') || 'any file root'}.`,
    ...(origin ? { origin } : {}),
    hint: meant ? `Did you mean "${meant}"?` : 'Correct the name or write the file.',
  };
}

export interface Include {
  readonly name: string;
  readonly origin: Origin;
}

function includesOf(
  tree: Tree,
  sls: string,
  file: TreeFile,
  parsed: ParsedFile,
  include: Value | undefined,
  diagnostics: Diagnostic[],
): Include[] {
  if (include === undefined || include === null) return [];
  function wrong(message: string, origin: Origin): Include[] {
    diagnostics.push({ code: 'bad-include', message, origin, hint: 'Write a list of SLS names.' });
    return [];
  }
  if (!Array.isArray(include)) {
    return wrong(`"include" of SLS "${sls}" is no list.`, parsed.locate(['include'], 'value'));
  }
  return include.flatMap((item, index): Include[] => {
    const origin = parsed.locate(['include', index], 'value');
    let name = item;
    if (isDict(item) && item.size === 1) {
      const [[environment, inner]] = [...item] as [[Value, Value]];
      if (keyText(environment) !== 'base') {
        diagnostics.push({
          code: 'unknown-environment',
          message: `"include" of SLS "${sls}" names the environment "${keyText(environment)}"; there is only base.`,
          origin,
          hint: 'Name the SLS alone.',
        });
        return [];
      }
      name = inner;
    }
    if (typeof name !== 'string' || name === '')
      return wrong(`An include of SLS "${sls}" is no name.`, origin);
    const absolute = absoluteName(name, sls, file);
    if (absolute === undefined)
      return wrong(`The include "${name}" of SLS "${sls}" leads out of the tree.`, origin);
    if (!isPattern(absolute)) return [{ name: absolute, origin }];
    const found = slsMatching(tree, absolute);
    if (found.length === 0) diagnostics.push(notFound(tree, absolute, 'sls-not-found', origin));
    return found.map((one) => ({ name: one, origin }));
  });
}

/** `.x` lies beside the SLS, `..x` one folder up; an `init` counts from inside its folder. */
export function absoluteName(name: string, sls: string, file: TreeFile): string | undefined {
  const [, dots = '', rest = ''] = /^(\.*)(.*)$/.exec(name) ?? [];
  if (dots === '') return name;
  const steps = sls.split('.');
  if (/(?:^|\/)init\.(?:sls|yaml)$/.test(file.name)) steps.push('init');
  if (dots.length > steps.length) return undefined;
  return [...steps.slice(0, -dots.length), ...(rest ? [rest] : [])].join('.');
}
