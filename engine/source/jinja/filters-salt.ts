/** Salt's filters for text, truth, serialisation, regular expressions and dates. */
import { fnmatch } from '../../core/fnmatch.ts';
import { jsonText } from '../../core/json-writer.ts';
import { escapeRegex, pythonRegex, RegexSyntax, substitute } from '../../core/regex.ts';
import { scalarText } from '../../core/yaml-scalars.ts';
import { doubleQuoted, singleQuoted } from '../../core/yaml-styles.ts';
import { yamlDefaults, yamlText } from '../../core/yaml-writer.ts';
import { bind, boolArg, textArg } from './arguments.ts';
import { iterate, length, members } from './containers.ts';
import type { Filter } from './contracts.ts';
import { dataOf, jsonIn } from './data.ts';
import { parseInteger, parseReal } from './filters-number.ts';
import { indentArg } from './filters-text.ts';
import { float, int, isInt, isNumeric, typeName } from './kinds.ts';
import { truthy } from './order.ts';
import { prettyText } from './pretty-text.ts';
import { str } from './printing.ts';
import { formatTime, timeOf } from './time-text.ts';
import { JinjaError, type Keywords, toTuple, Undefined } from './values.ts';

/** A pattern of a template; its complaint says what is wrong and where in the pattern. */
export function templateRegex(pattern: unknown, flags: Parameters<typeof pythonRegex>[1]): RegExp {
  const source = str(pattern);
  try {
    return pythonRegex(source, flags);
  } catch (error) {
    if (error instanceof RegexSyntax) {
      throw new JinjaError(`The regular expression '${source}' cannot be read: ${error.message}`);
    }
    throw error;
  }
}

const REGEX_NAMES = ['rgx!', 'ignorecase', 'multiline'];

/** Salt: a match gives the groups as a tuple (empty where the pattern has none), no match gives None. */
function groups(name: string, sticky: boolean): Filter {
  return (value, args, kwargs) => {
    const [pattern, ignoreCase, multiline] = bind(name, REGEX_NAMES, args, kwargs);
    const flags = { ignoreCase: boolArg(ignoreCase, false), multiline: boolArg(multiline, false), sticky };
    const match = templateRegex(pattern, flags).exec(textArg(name, value));
    return match === null
      ? null
      : toTuple(
          Array.from(match)
            .slice(1)
            .map((one) => one ?? null),
        );
  };
}

function regexReplace(value: unknown, args: unknown[], kwargs: Keywords): string {
  const names = ['rgx!', 'val!', 'ignorecase', 'multiline'];
  const [pattern, by, ignoreCase, multiline] = bind('regex_replace', names, args, kwargs);
  const flags = {
    ignoreCase: boolArg(ignoreCase, false),
    multiline: boolArg(multiline, false),
    global: true,
  };
  const regex = templateRegex(pattern, flags);
  try {
    return substitute(regex, str(by), textArg('regex_replace', value));
  } catch (error) {
    if (error instanceof RegexSyntax) {
      throw new JinjaError(`The replacement '${str(by)}' cannot be read: ${error.message}`);
    }
    throw error;
  }
}

/** Salt: "on" is not true, and neither is a float; lists and dicts are true unless empty. */
function toBool(value: unknown): boolean {
  if (value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return ['yes', '1', 'true'].includes(value.toLowerCase());
  if (isInt(value)) return value > 0;
  if (value instanceof Undefined) return value.fail();
  return Array.isArray(value) || value instanceof Map ? length(value) > 0 : false;
}

/** Python's shlex.quote. */
export function shellQuoted(text: string): string {
  if (text === '') return "''";
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

function yamlFilter(value: unknown, flow: boolean): string {
  return yamlText(dataOf(value, 'YAML'), { ...yamlDefaults, flow, unicode: true, portable: true });
}

function yamlEncode(value: unknown): string {
  if (typeof value === 'string') return doubleQuoted(value);
  if (value instanceof Undefined) return value.fail();
  if (value === null || value === undefined) return scalarText(null);
  if (isNumeric(value)) return scalarText(value);
  throw new JinjaError(`yaml_encode() only works with YAML scalar data; failed for ${typeName(value)}`);
}

function toNum(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const whole = parseInteger(value);
  if (whole !== undefined) return whole;
  const real = parseReal(value);
  return real === undefined ? value : float(real);
}

const UNITS = 'BKMGTPEZY';

/** `1.5 GB` → bytes; KiB and K count by 1024, kB by 1000 where metric units are to be kept apart. */
function humanToBytes(value: unknown, args: unknown[], kwargs: Keywords): number | bigint {
  const [usual, metric] = bind('human_to_bytes', ['default_unit', 'handle_metric'], args, kwargs);
  const found = /^([0-9]*(?:\.[0-9]+)?)\s*([A-Za-z]*)$/.exec(str(value).trim());
  if (!found || found[1] === '') return 0;
  const unit = found[2] === '' ? str(usual ?? 'B') : found[2]!;
  const spelled = /^([BKMGTPEZYbkmgtpezy])(iB|ib|B|b)?$/.exec(unit);
  if (!spelled) return 0;
  const isMetric = boolArg(metric, false) && /^[bB]$/.test(spelled[2] ?? '') && unit.length === 2;
  const base = isMetric ? 1000 : 1024;
  return int(BigInt(Math.trunc(Number(found[1]) * base ** UNITS.indexOf(spelled[1]!.toUpperCase()))));
}

/** Salt: an expression matches as a shell pattern or as a whole regular expression. */
export function expressionMatches(text: string, expression: string): boolean {
  if (fnmatch(expression).test(text)) return true;
  try {
    return pythonRegex(`\\A(?:${expression})\\Z`).test(text);
  } catch (error) {
    if (error instanceof RegexSyntax) return false;
    throw error;
  }
}

function whitelisted(value: unknown, args: unknown[], kwargs: Keywords): boolean {
  const [white, black] = bind('check_whitelist_blacklist', ['whitelist', 'blacklist'], args, kwargs);
  const text = str(value);
  const listed = (list: unknown): boolean =>
    (typeof list === 'string' ? [list] : members(list)).some((one) => expressionMatches(text, str(one)));
  if (black !== undefined && truthy(black) && listed(black)) return false;
  return white !== undefined && truthy(white) ? listed(white) : true;
}

function camel(value: unknown, args: unknown[], kwargs: Keywords): string {
  const [upper] = bind('to_camelcase', ['uppercamel'], args, kwargs);
  const parts = str(value).split('_');
  const keepFirst = boolArg(upper, false) ? 0 : 1;
  return parts
    .map((part, index) =>
      index < keepFirst ? part : part.charAt(0).toUpperCase() + part.slice(1).toLowerCase(),
    )
    .join('');
}

function pathJoin(value: unknown, args: unknown[]): string {
  const parts = [...(Array.isArray(value) ? value : [value]), ...args].map((part) => str(part));
  let path = '';
  for (const part of parts) {
    if (part.startsWith('/') && path === '') path = part;
    else path = path === '' ? part : `${path.replace(/\/+$/, '')}/${part.replace(/^\/+/, '')}`;
  }
  return normalPath(path);
}

/** Python's posixpath.normpath. */
export function normalPath(path: string): string {
  if (path === '') return '.';
  const root = path.startsWith('/') ? (/^\/\/(?!\/)/.test(path) ? '//' : '/') : '';
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || (root === '' && (kept.length === 0 || kept.at(-1) === '..'))) kept.push(part);
    else kept.pop();
  }
  return root + kept.join('/') || '.';
}

function same(value: unknown): unknown {
  if (value instanceof Undefined) value.fail();
  return value;
}

/** Filters of Salt that would look at the node or the network: a template has functions for that. */
function unavailable(name: string, instead?: string): Filter {
  return () => {
    throw new JinjaError(
      `The filter "${name}" is not available: filters see nothing but their values.`,
      'unknown-filter',
      instead === undefined ? undefined : `Use ${instead}.`,
    );
  };
}

export const SALT_FILTERS: { readonly [name: string]: Filter } = {
  to_bool: toBool,
  exactly_n_true: (value, args, kwargs) => {
    const [amount] = bind('exactly_n_true', ['amount'], args, kwargs);
    return [...iterate(value)].filter(truthy).length === Number(amount ?? 1);
  },
  exactly_one_true: (value) => [...iterate(value)].filter(truthy).length === 1,
  quote: (value) => shellQuoted(str(value)),
  regex_escape: (value) => escapeRegex(str(value)),
  regex_search: groups('regex_search', false),
  regex_match: groups('regex_match', true),
  regex_replace: regexReplace,
  // Salt: the filters `json` and `yaml` sort the keys of dicts, `tojson` does not.
  json: (value, args, kwargs) => {
    const [sort, step] = bind('json', ['sort_keys', 'indent'], args, kwargs);
    return jsonText(dataOf(value, 'JSON'), { sortKeys: boolArg(sort, true), indent: indentArg(step) });
  },
  yaml: (value, args, kwargs) =>
    yamlFilter(value, boolArg(bind('yaml', ['flow_style'], args, kwargs)[0], true)),
  python: (value) => prettyText(value),
  yaml_encode: yamlEncode,
  yaml_dquote: (value) => doubleQuoted(str(value)),
  yaml_squote: (value) => singleQuoted(str(value)),
  dict_to_sls_yaml_params: (value, args, kwargs) => {
    const [flow] = bind('dict_to_sls_yaml_params', ['flow_style'], args, kwargs);
    if (!(value instanceof Map)) throw new JinjaError('dict_to_sls_yaml_params needs a dict');
    const list = Array.from(value, (pair) => new Map([pair]));
    return yamlFilter(list, boolArg(flow, false));
  },
  load_yaml: (value, _args, _kwargs, runtime) => runtime.parseYaml(str(value)),
  load_json: (value) => jsonIn(str(value)),
  load_text: (value) => str(value),
  to_num: toNum,
  to_str: same,
  to_bytes: same,
  to_unicode: same,
  json_encode_dict: same,
  json_encode_list: same,
  json_decode_dict: same,
  json_decode_list: same,
  human_to_bytes: humanToBytes,
  is_hex: (value) => typeof value === 'string' && parseInteger(value, 16) !== undefined,
  contains_whitespace: (value) => /[\s\x1c-\x1f\x85]/.test(str(value)),
  substring_in_list: (value, args) => {
    const [list] = bind('substring_in_list', ['list_to_search!'], args);
    return members(list).some((one) => str(one).includes(str(value)));
  },
  check_whitelist_blacklist: whitelisted,
  expr_match: (value, args) => expressionMatches(str(value), str(bind('expr_match', ['expr!'], args)[0])),
  to_snake_case: (value) =>
    str(value)
      .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toLowerCase(),
  to_camelcase: camel,
  path_join: pathJoin,
  strftime: (value, args, kwargs) =>
    formatTime(timeOf(value), str(bind('strftime', ['fmt'], args, kwargs)[0] ?? '%Y-%m-%d')),
  date_format: (value, args, kwargs) =>
    formatTime(timeOf(value), str(bind('date_format', ['fmt'], args, kwargs)[0] ?? '%Y-%m-%d')),
  which: unavailable('which', "salt['cmd.which']"),
  http_query: unavailable('http_query'),
  dns_check: unavailable('dns_check', "salt['dnsutil.A']"),
  list_files: unavailable('list_files', "salt['file.find']"),
  file_hashsum: unavailable('file_hashsum', "salt['file.get_hash']"),
  is_text_file: unavailable('is_text_file', "salt['file.read']"),
  is_binary_file: unavailable('is_binary_file', "salt['file.read']"),
  is_empty_file: unavailable('is_empty_file', "salt['file.stats']"),
  get_uid: unavailable('get_uid', "salt['user.info']"),
  json_query: unavailable('json_query', 'the filter "traverse", or "selectattr" and "map"'),
};
