/** Renders and parses one file of a tree, and keeps where its values stand in it. */
import { at, type Diagnostic, type Origin, Trouble } from '../core/diagnostic.ts';
import { isArmour, SecretTrouble } from '../core/secret.ts';
import type { Path } from '../core/sls.ts';
import type { Value } from '../core/value.ts';
import { type Cache, parseOnce } from './cache.ts';
import { encryptedSuffix } from './find-sls.ts';
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
  /** Templates and cache for a file with secrets: nothing of it is kept. */
  readonly privately?: Pick<SlsSource, 'templates' | 'cache'>;
  /** The plain text of an armoured file: a pillar has it. Rejects with a SecretTrouble. */
  readonly decrypt?: (armour: string) => Promise<string>;
  /** What keeps a file of states from being rendered: the pillar is not what its tree needs. */
  readonly unfit?: (file: TreeFile) => Promise<readonly Diagnostic[]> | undefined;
}

/** A rendered and parsed file that may be anything: an SLS, a top file, a pillar file. */
export interface ParsedFile {
  readonly file: TreeFile;
  readonly value: Value;
  /** As it was rendered. */
  readonly text: string;
  locate(path: Path, on: 'key' | 'value'): Origin;
  ambiguous(path: Path): string | undefined;
}

/** Renders and parses one file. `name` is its dotted name, where it has one. */
export async function parseFile(
  source: SlsSource,
  file: TreeFile,
  name: string,
  variables?: ReadonlyMap<string, unknown>,
): Promise<ParsedFile> {
  const encrypted = isArmour(file.text) || file.name.endsWith(encryptedSuffix);
  if (!file.secret && !encrypted) return parse(source, file, name, variables);
  const plain = encrypted ? await opened(file, source) : file;
  try {
    return await parse({ ...source, ...source.privately }, plain, name, variables);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    throw new Trouble(error.diagnostics.map(discreetly));
  }
}

/** An encrypted file in plain text: everything in it is a secret. Throws Trouble. */
async function opened(file: TreeFile, { decrypt }: SlsSource): Promise<TreeFile> {
  if (!isArmour(file.text)) {
    throw new Trouble([
      {
        code: 'secret-unreadable',
        message: `This file is not encrypted, though its name ends in ${encryptedSuffix}.`,
        origin: at(file.file, 1, 1),
        hint: `Run: converge pillar encrypt ${file.file}`,
      },
    ]);
  }
  if (!decrypt) {
    throw new Trouble([
      {
        code: 'secret-unreadable',
        message: 'This file is encrypted, which only a pillar file may be.',
        origin: at(file.file, 1, 1),
        hint: 'Move what is secret in it into the pillar.',
      },
    ]);
  }
  try {
    return { ...file, text: await decrypt(file.text), secret: true };
  } catch (error) {
    if (!(error instanceof SecretTrouble)) throw error;
    throw new Trouble([
      {
        code: error.code,
        message: `This file cannot be decrypted: ${error.message}`,
        origin: at(file.file, 1, 1),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
    ]);
  }
}

/** An error about a file with secrets tells where it is wrong, and nothing of what it says there. */
function discreetly({ code, origin, trail }: Diagnostic): Diagnostic {
  return {
    code: 'secret-file',
    message: `This file with secrets is wrong here (${code}); what it holds is not shown.`,
    ...(origin ? { origin } : {}),
    ...(trail ? { trail } : {}),
  };
}

async function parse(
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
    text,
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
