/** Tells whether the version of a package meets what a tree asks for. */
import { fnmatch, isPattern } from '../../core/fnmatch.ts';

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export type Compare = (a: string, b: string) => number;

export function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

export interface Condition {
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
  /** With `=` and `!=` it may be a shell pattern. */
  readonly version: string;
}

/** `>=2.4,<2.9` as conditions that must all hold; a bare version is one that must be equal. */
export function conditionsOf(wanted: string): readonly Condition[] {
  return wanted.split(',').map((part) => {
    const [, sign = '', version = ''] = /^\s*(==|!=|<=|>=|<<|>>|<|>|=)?\s*(.*?)\s*$/s.exec(part)!;
    const operator = { '': '=', '==': '=', '<<': '<', '>>': '>' }[sign] ?? sign;
    return { operator: operator as Condition['operator'], version };
  });
}

/** The one version that is asked for; undefined where several would do. */
export function exactly(wanted: string): string | undefined {
  const [only, ...more] = conditionsOf(wanted);
  return more.length === 0 && only?.operator === '=' && !isPattern(only.version) ? only.version : undefined;
}

/**
 * Salt: an epoch that the wanted version does not name is ignored, unless `ignore_epoch` says otherwise.
 */
export function satisfies(version: string, wanted: string, compare: Compare, ignoreEpoch?: boolean): boolean {
  return conditionsOf(wanted).every((condition) => {
    const ignore = ignoreEpoch ?? !/^\d+:/.test(condition.version);
    const left = ignore ? withoutEpoch(version) : version;
    const right = ignore ? withoutEpoch(condition.version) : condition.version;
    if (isPattern(right)) return fnmatch(right).test(left) === (condition.operator === '=');
    return orders[condition.operator](compare(left, right));
  });
}

const orders: { readonly [operator in Condition['operator']]: (order: number) => boolean } = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};
