/** Renders Jinja templates as Salt does, and remembers which place of which file wrote each part of the text. */
import { posix } from 'node:path';
import { Bug, type Place, Trouble } from '../core/diagnostic.ts';
import type { FunctionTable } from './jinja/contracts.ts';
import { jsonIn } from './jinja/data.ts';
import { globals, Salt } from './jinja/globals.ts';
import { Lookups, Suspend } from './jinja/lookups.ts';
import {
  Context,
  checkNames,
  helpers,
  placeAt,
  Rendering,
  type Template,
  troubleOf,
} from './jinja/runtime.ts';
import { JinjaError } from './jinja/values.ts';

export type { FunctionTable, SaltFunction } from './jinja/contracts.ts';
export { Lookups };

export interface TemplateFile {
  /** As shown in errors. */
  readonly file: string;
  /** Path in the file roots, such as `app/main.sls`. */
  readonly name: string;
  readonly text: string;
}

/** Keeps the JavaScript of templates between runs, by their source. What it returns is executed. */
export interface TemplateCache {
  get(key: string): string | undefined;
  set(key: string, code: string): void;
}

export interface TemplateEnvironment {
  /** The template of that path in the file roots. */
  readonly load: (name: string) => TemplateFile | undefined;
  readonly cache?: TemplateCache;
  /** What `salt[…]` answers. */
  readonly functions: FunctionTable;
  /** Text as Salt's loader reads it. May throw Trouble whose places name `file`. */
  readonly parseYaml: (text: string, file: string) => unknown;
  /** Answers shared with other environments of the same compile. */
  readonly lookups?: Lookups;
}

export interface TemplateOptions {
  /** Drop the first newline after a block tag. */
  readonly trimBlocks?: boolean;
  /** Drop blanks before a block tag that is first on its line. */
  readonly lstripBlocks?: boolean;
}

export interface RenderedTemplate {
  readonly text: string;
  /** The place that wrote the character at an offset of the text. */
  place(offset: number): Place | undefined;
}

export interface Templates {
  /** Throws (or rejects with) Trouble. A promise only where something had to be waited for. */
  render(
    file: TemplateFile,
    variables: ReadonlyMap<string, unknown>,
    options?: TemplateOptions,
  ): RenderedTemplate | Promise<RenderedTemplate>;
}

/** Part of every cache key: to be raised whenever generated code changes. */
const codeVersion = 'jinja-2';

type Parts = Pick<Template, 'root' | 'blocks' | 'sites' | 'names'> & {
  readonly needed: readonly (readonly [kind: string, name: string, site: number])[];
};
type Factory = (R: typeof helpers, t: Template) => Parts;

/** Compiled templates of this process, by cache key. */
const factories = new Map<string, Factory>();
const mostFactories = 5000;

type Compiler = typeof import('./jinja/compile.ts');
let compiler: Compiler | undefined;

export function createTemplates(environment: TemplateEnvironment): Templates {
  const lookups = environment.lookups ?? new Lookups();
  const own = new Map<string, unknown>([['salt', new Salt(environment.functions, lookups)]]);
  /** Templates by file and options. */
  const made = new Map<string, Template>();

  function templateOf(file: TemplateFile, options: TemplateOptions): Template {
    const flags = (options.trimBlocks ? 't' : '') + (options.lstripBlocks ? 'l' : '');
    const id = `${flags} ${file.file}`;
    const known = made.get(id);
    const text = normalised(file.text);
    if (known && known.text === text) return known;
    const template = instantiate(file, text, flags);
    made.set(id, template);
    return template;
  }

  function instantiate(file: TemplateFile, text: string, flags: string): Template {
    const key = `${codeVersion} ${flags}\n${text}`;
    const template = {
      file: file.file,
      name: file.name,
      text,
      rendering: undefined,
      base: 0,
      lines: undefined,
    };
    let factory = factories.get(key);
    if (!factory) {
      factory = factoryOf(environment.cache?.get(key)) ?? factoryOf(compiled(file, text, flags, key));
      if (!factory) throw new Bug(`The code made of the template ${file.file} is malformed.`);
      if (factories.size >= mostFactories) factories.clear();
      factories.set(key, factory);
    }
    const complete = template as unknown as Template;
    const parts = factory(helpers, complete);
    Object.assign(template, parts);
    checkNames(complete, parts.needed);
    return complete;
  }

  function compiled(file: TemplateFile, text: string, flags: string, key: string): string {
    if (!compiler) {
      throw new Suspend(
        import('./jinja/compile.ts').then((module) => {
          compiler = module;
        }),
      );
    }
    try {
      const options = { trimBlocks: flags.includes('t'), lstripBlocks: flags.includes('l') };
      const code = compiler.compile(text, options);
      environment.cache?.set(key, code);
      return code;
    } catch (error) {
      if (!(error instanceof compiler.SyntaxTrouble)) throw error;
      const place = placeAt({ file: file.file, text, lines: undefined }, error.offset, error.length);
      throw new Trouble([
        { code: 'template-syntax', message: error.message, origin: { place: () => place }, hint: error.hint },
      ]);
    }
  }

  /** The file a template names, as seen from another. */
  function loaded(name: string, from: Template): TemplateFile {
    const path = resolved(name, from.name);
    const file = path === undefined ? undefined : environment.load(path);
    if (file) return file;
    throw new JinjaError(
      path === undefined
        ? `The template "${name}" lies outside of the file roots.`
        : `There is no template "${path}" in the file roots.`,
      'template-not-found',
    );
  }

  function attempt(
    file: TemplateFile,
    variables: ReadonlyMap<string, unknown>,
    options: TemplateOptions,
  ): RenderedTemplate {
    const layers = [variables, own, globals];
    const rendering = new Rendering({
      globals: layers,
      template: (name, from) => templateOf(loaded(name, from), options),
      parse: (kind, text, label) => parsed(environment, kind, text, label),
    });
    const template = templateOf(file, options);
    // Salt: the newline at the end, which Jinja drops, is put back.
    const end = /[\r\n]$/.test(file.text) ? '\n' : '';
    const { text, marks } = rendering.run(template, new Context(layers, undefined, template.blocks));
    return {
      text: text + end,
      place: (offset) =>
        offset >= text.length && end !== ''
          ? placeAt(template, template.text.length)
          : rendering.place(marks, offset),
    };
  }

  return {
    render(file, variables, options = {}) {
      try {
        return attempt(file, variables, options);
      } catch (error) {
        if (error instanceof Suspend) return later(error, () => attempt(file, variables, options));
        throw troubleOf(error);
      }
    },
  };
}

/** Waits and tries again, as often as there is something to wait for. */
async function later(first: Suspend, attempt: () => RenderedTemplate): Promise<RenderedTemplate> {
  let suspended = first;
  for (;;) {
    await suspended.until;
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof Suspend)) throw troubleOf(error);
      suspended = error;
    }
  }
}

/** Jinja: one kind of newline, and the last one is dropped. */
function normalised(text: string): string {
  const unix = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return unix.endsWith('\n') ? unix.slice(0, -1) : unix;
}

function factoryOf(code: string | undefined): Factory | undefined {
  if (code === undefined) return undefined;
  try {
    return new Function('R', 't', code) as Factory;
  } catch (error) {
    // A damaged entry of the cache is as good as none.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function resolved(name: string, from: string): string | undefined {
  const bare = name.startsWith('salt://') ? name.slice('salt://'.length) : name;
  const relative = /^\.\.?(\/|$)/.test(bare);
  const path = posix.normalize(relative ? posix.join(posix.dirname(from), bare) : bare);
  return path === '..' || path.startsWith('../') ? undefined : path;
}

function parsed(environment: TemplateEnvironment, kind: string, text: string, label: string): unknown {
  if (kind === 'text') return text;
  if (kind === 'yaml') return environment.parseYaml(text, label);
  return jsonIn(text);
}
