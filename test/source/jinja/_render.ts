/** Renders template sources for tests: with files, variables and Salt functions as plain data. */
import { parse } from 'yaml';
import { at, Trouble } from '../../../engine/core/diagnostic.ts';
import { fromPlain } from '../../../engine/core/value.ts';
import {
  createTemplates,
  type RenderedTemplate,
  type SaltFunction,
  type TemplateEnvironment,
  type TemplateOptions,
} from '../../../engine/source/template.ts';

export interface Setting extends Partial<TemplateEnvironment> {
  readonly files?: { readonly [name: string]: string };
  readonly variables?: { readonly [name: string]: unknown };
  readonly salt?: { readonly [name: string]: SaltFunction };
  readonly options?: TemplateOptions;
}

/** YAML good enough for tests; a stray tab is reported at its place, as the real loader would. */
function parseYaml(text: string, file: string): unknown {
  const tab = text.indexOf('\t');
  if (tab >= 0) {
    const before = text.slice(0, tab).split('\n');
    const origin = at(file, before.length, before.at(-1)!.length + 1);
    throw new Trouble([{ code: 'yaml-syntax', message: 'A tab.', origin }]);
  }
  return fromPlain(parse(text));
}

export function environmentOf(setting: Setting): TemplateEnvironment {
  const { files = {}, salt = {} } = setting;
  return {
    load: (name) => {
      const text = Object.hasOwn(files, name) ? files[name] : undefined;
      return text === undefined ? undefined : { file: `/states/${name}`, name, text };
    },
    functions: new Map(Object.entries(salt)),
    parseYaml,
    ...setting,
  };
}

export function variablesOf(setting: Setting): Map<string, unknown> {
  return new Map(Object.entries(setting.variables ?? {}).map(([name, value]) => [name, fromPlain(value)]));
}

export async function rendered(text: string, setting: Setting = {}): Promise<RenderedTemplate> {
  const file = { file: '/states/app/main.sls', name: 'app/main.sls', text };
  return createTemplates(environmentOf(setting)).render(file, variablesOf(setting), setting.options);
}

/** The text, or what went wrong as `code line:column+length message`. */
export async function outcome(text: string, setting: Setting = {}): Promise<string> {
  try {
    return (await rendered(text, setting)).text;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return error.diagnostics
      .map((one) => {
        const place = one.origin?.place();
        const where = place ? `${place.line}:${place.column}+${place.length}` : '?';
        return `${one.code} ${where} ${[one.message, one.hint].filter(Boolean).join(' ')}`;
      })
      .join('\n');
  }
}
