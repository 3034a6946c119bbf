/** Whether a target of a top file or of `match.*` means this node. */
import { didYouMean } from '../core/diagnostic.ts';
import { fnmatch } from '../core/fnmatch.ts';
import { pythonRegex, RegexSyntax } from '../core/regex.ts';
import { inNetwork, parseAddress, parseNetwork } from './address.ts';
import { str } from './jinja/printing.ts';
import { traverse } from './traverse.ts';

/** A target that cannot be read. */
export class BadTarget extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export const TARGET_KINDS = [
  'compound',
  'glob',
  'pcre',
  'list',
  'grain',
  'grain_pcre',
  'pillar',
  'pillar_pcre',
  'pillar_exact',
  'ipcidr',
  'nodegroup',
  'range',
  'data',
] as const;

export interface Node {
  readonly id: string;
  readonly grains: ReadonlyMap<unknown, unknown>;
  readonly pillar: ReadonlyMap<unknown, unknown>;
  /** One of TARGET_KINDS. Salt: a target without a matcher is a compound expression. */
  readonly kind?: string;
  readonly delimiter?: string;
}

export function matches(target: string, node: Node): boolean {
  const kind = node.kind ?? 'compound';
  if (target.trim() === '') throw new BadTarget('The target is empty.');
  if (kind === 'compound') return compound(target, node);
  return simple(kind, target, node, node.delimiter ?? ':');
}

function simple(kind: string, target: string, node: Node, delimiter: string): boolean {
  switch (kind) {
    case 'glob':
      return fnmatch(target).test(node.id);
    case 'pcre':
      return regex(target).test(node.id);
    case 'list':
      return target.split(',').includes(node.id);
    case 'grain':
      return path(node.grains, target, delimiter, glob);
    case 'grain_pcre':
      return path(node.grains, target, delimiter, pcre);
    case 'pillar':
      return path(node.pillar, target, delimiter, glob);
    case 'pillar_pcre':
      return path(node.pillar, target, delimiter, pcre);
    case 'pillar_exact':
      return path(node.pillar, target, delimiter, (value, wanted) => value === wanted.toLowerCase());
    case 'ipcidr':
      return ipcidr(target, node);
    case 'nodegroup':
    case 'range':
    case 'data':
      throw new BadTarget(
        `A target of the kind "${kind}" needs a Salt master's configuration, which a single node has not.`,
        'Use a compound target, such as "G@roles:web or web*".',
      );
  }
  const near = didYouMean(kind, TARGET_KINDS);
  throw new BadTarget(
    `There is no way to match called "${kind}".`,
    near === undefined ? `Use one of ${TARGET_KINDS.slice(0, 10).join(', ')}.` : `Did you mean "${near}"?`,
  );
}

/** Anchored at the start only, as Python's `re.match`. */
function regex(pattern: string, ignoreCase = false): RegExp {
  try {
    return pythonRegex(`(?:${pattern})`, { sticky: true, ignoreCase });
  } catch (error) {
    if (!(error instanceof RegexSyntax)) throw error;
    const { message } = whyRefused(pattern, error);
    throw new BadTarget(`The regular expression "${pattern}" cannot be read: ${message}.`);
  }
}

/** The same trouble with its offset counted in what the user wrote. */
function whyRefused(pattern: string, wrapped: Error): Error {
  try {
    pythonRegex(pattern);
    return wrapped;
  } catch (error) {
    return error as Error;
  }
}

type Test = (value: string, wanted: string) => boolean;

function glob(value: string, wanted: string): boolean {
  return fnmatch(wanted.toLowerCase()).test(value);
}

function pcre(value: string, wanted: string): boolean {
  return regex(wanted.toLowerCase()).test(value);
}

function path(data: ReadonlyMap<unknown, unknown>, target: string, delimiter: string, test: Test): boolean {
  if (!target.includes(delimiter)) {
    throw new BadTarget(
      `The target "${target}" has no value to compare with.`,
      `Write "key${delimiter}value", with "${delimiter}*" for any value.`,
    );
  }
  return subdict(data, target, delimiter, (value, wanted) => test(str(value).toLowerCase(), wanted));
}

type ValueTest = (value: unknown, wanted: string) => boolean;

/** Every way to split the expression into a path and a value is tried, the shortest path first. */
function subdict(
  data: ReadonlyMap<unknown, unknown>,
  expression: string,
  delimiter: string,
  test: ValueTest,
): boolean {
  const parts = expression.split(delimiter);
  for (let count = 1; count < parts.length; count++) {
    const wanted = parts.slice(count).join(delimiter);
    const found = traverse(data, parts.slice(0, count).join(delimiter), delimiter);
    if (found === undefined || (found instanceof Map && found.size === 0)) continue;
    if (found instanceof Map) {
      if (inDict(found, wanted, test)) return true;
    } else if (Array.isArray(found)) {
      for (const member of found) {
        if (member instanceof Map ? inDict(member, wanted, test) : test(member, wanted)) return true;
      }
    } else if (test(found, wanted)) return true;
  }
  return false;
}

/** Salt: below the first level the delimiter is always a colon, and `*:` looks into every branch. */
function inDict(dict: ReadonlyMap<unknown, unknown>, expression: string, test: ValueTest): boolean {
  const anywhere = expression.startsWith('*:');
  const wanted = anywhere ? expression.slice(2) : expression;
  if (wanted === '*' || dict.has(wanted) || subdict(dict, wanted, ':', test)) return true;
  if (!anywhere) return false;
  for (const [key, member] of dict) {
    if (test(key, wanted)) return true;
    if (member instanceof Map) {
      if (inDict(member, wanted, test)) return true;
    } else if (Array.isArray(member)) {
      if (member.some((one) => test(one, wanted))) return true;
    } else if (test(member, wanted)) return true;
  }
  return false;
}

function ipcidr(target: string, node: Node): boolean {
  const address = parseAddress(target);
  const network = address === undefined ? parseNetwork(target) : undefined;
  const version = address?.version ?? network?.version;
  if (version === undefined) {
    throw new BadTarget(
      `"${target}" is neither an IP address nor a network.`,
      'Write an address, or a network without host bits such as 10.0.0.0/8.',
    );
  }
  const own = node.grains.get(`ipv${version}`);
  if (!Array.isArray(own)) return false;
  return own.some((text) => {
    const one = parseAddress(str(text));
    if (one === undefined) return false;
    return address === undefined ? inNetwork(one, network!) : one.value === address.value;
  });
}

const ENGINES: { readonly [letter: string]: string } = {
  G: 'grain',
  P: 'grain_pcre',
  I: 'pillar',
  J: 'pillar_pcre',
  L: 'list',
  E: 'pcre',
  S: 'ipcidr',
  N: 'nodegroup',
  R: 'range',
};

/** Recursive descent over words: `or` binds loosest, then `and`, then `not`. */
function compound(expression: string, node: Node): boolean {
  const words = expression.trim().split(/\s+/);
  let position = 0;
  const bad = (message: string, hint?: string): never => {
    throw new BadTarget(`${message} in the target "${expression}".`, hint);
  };
  function either(): boolean {
    let result = both();
    while (words[position] === 'or') {
      position++;
      const right = both();
      result ||= right;
    }
    return result;
  }
  function both(): boolean {
    let result = one();
    // Salt: "a not b" means "a and not b".
    while (words[position] === 'and' || words[position] === 'not') {
      if (words[position] === 'and') position++;
      const right = one();
      result &&= right;
    }
    return result;
  }
  function one(): boolean {
    const word = words[position++];
    switch (word) {
      case undefined:
        return bad('Something is missing at the end');
      case 'not':
        return !one();
      case '(': {
        const result = either();
        if (words[position++] !== ')') bad('A parenthesis is not closed');
        return result;
      }
      case 'and':
      case 'or':
      case ')':
        return bad(`"${word}" stands where a target was expected`);
    }
    return operand(word, node);
  }
  const result = either();
  if (position < words.length) {
    bad(
      `"${words[position]}" stands where "and" or "or" was expected`,
      'Join targets by "and", "or" and "not"; a list of IDs is written L@a,b.',
    );
  }
  return result;
}

function operand(word: string, node: Node): boolean {
  const explicit = /^(?:([GPIJ])(.)?|([LESNR]))@(.+)$/.exec(word);
  if (explicit) {
    const [, letter, delimiter, other, pattern] = explicit;
    return simple(ENGINES[letter ?? other!]!, pattern!, node, delimiter ?? ':');
  }
  if (/^[A-Za-z].?@/.test(word) && /^[A-Z]/.test(word)) {
    throw new BadTarget(`There is no way to match called "${word.slice(0, word.indexOf('@') + 1)}".`);
  }
  if (word.startsWith('(') || word.endsWith(')')) {
    throw new BadTarget(
      `"${word}" would be the pattern of an ID with a parenthesis in it.`,
      'Put spaces around parentheses.',
    );
  }
  return fnmatch(word).test(node.id);
}
