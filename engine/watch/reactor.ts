/** What notices lead to: the rules of the pillar, and what holds where they say nothing (Salt: the reactor). */
import { type Diagnostic, didYouMean, Trouble } from '../core/diagnostic.ts';
import { fnmatch } from '../core/fnmatch.ts';
import { spanOf } from '../core/span.ts';
import { isDict, keyText, type Value } from '../core/value.ts';
import type { BeaconName, Notice } from '../core/watch.ts';
import { tagOf } from '../core/watch.ts';

/** What a rule leads to. */
export type Lead = 'highstate' | 'affected' | 'ignore' | { readonly apply: readonly string[] };

export interface Rule {
  readonly reaction: Lead;
  /** Seconds of quiet that are waited for. */
  readonly debounce: number;
  /** It is followed so often within so many seconds at most. */
  readonly limit?: { readonly times: number; readonly seconds: number };
}

/** Tag pattern → rule; the first that matches counts. */
export type Rules = readonly (readonly [pattern: string, rule: Partial<Rule>])[];

const keys = ['highstate', 'apply', 'only', 'ignore', 'debounce', 'limit'];

/**
 * From the pillar:
 *
 *     reactor:
 *       'health/web': {apply: [haproxy]}
 *       'files//etc/motd': {ignore: true}
 *       'srv/*': {only: affected, debounce: 2s, limit: 10/minute}
 *
 * Throws Trouble with all that is wrong.
 */
export function readRules(written: Value | undefined, beacons: readonly string[]): Rules {
  const diagnostics: Diagnostic[] = [];
  function wrong(message: string, hint?: string): undefined {
    diagnostics.push({
      code: 'bad-configuration',
      message: `In the pillar, ${message}.`,
      ...(hint && { hint }),
    });
    return undefined;
  }

  function leadOf(tag: string, rule: ReadonlyMap<Value, Value>): Lead | undefined {
    const leads: Lead[] = [];
    if (rule.get('highstate') === true) leads.push('highstate');
    if (rule.get('ignore') === true) leads.push('ignore');
    const only = rule.get('only');
    if (only === 'affected') leads.push('affected');
    else if (only !== undefined) wrong(`"reactor:${tag}:only" has to be "affected"`);
    const apply = rule.get('apply');
    if (apply !== undefined) {
      const names = Array.isArray(apply) ? apply : [apply];
      if (names.length > 0 && names.every((one) => typeof one === 'string')) leads.push({ apply: names });
      else wrong(`"reactor:${tag}:apply" has to be a list of SLS`);
    }
    if (leads.length > 1) wrong(`"reactor:${tag}" says more than one thing to do`);
    return leads[0];
  }

  function limitOf(tag: string, value: Value | undefined): Rule['limit'] | undefined {
    if (value === undefined) return undefined;
    const [, times, unit] = /^(\d+)\/(second|minute|hour|day)$/.exec(String(value)) ?? [];
    const seconds = { second: 1, minute: 60, hour: 3600, day: 86_400 }[unit ?? ''];
    if (!seconds || Number(times) === 0)
      return wrong(`"reactor:${tag}:limit" has to be like "10/minute"`, 'Or per second, hour, day.');
    return { times: Number(times), seconds };
  }

  function ruleOf(tag: string, rule: Value): Partial<Rule> {
    if (!isDict(rule)) return wrong(`"reactor:${tag}" has to be a mapping`) ?? {};
    for (const key of [...rule.keys()].map(keyText)) {
      if (keys.includes(key)) continue;
      const meant = didYouMean(key, keys);
      wrong(
        `"reactor:${tag}" has no key "${key}"`,
        meant ? `Did you mean "${meant}"?` : `It has ${keys.join(', ')}.`,
      );
    }
    const reaction = leadOf(tag, rule);
    const pause = rule.get('debounce');
    const debounce = pause === undefined ? undefined : spanOf(pause as string | number);
    if (pause !== undefined && debounce === undefined)
      wrong(`"reactor:${tag}:debounce" has to be a time`, 'Write 0.5, 2s or 1m.');
    const limit = limitOf(tag, rule.get('limit'));
    return {
      ...(reaction !== undefined && { reaction }),
      ...(debounce !== undefined && { debounce }),
      ...(limit && { limit }),
    };
  }

  if (written === undefined || written === null) return [];
  if (!isDict(written)) wrong('"reactor" has to be a mapping of tags, such as "health/*"');
  const rules = isDict(written)
    ? [...written].map(([key, rule]): [string, Partial<Rule>] => {
        const tag = keyText(key);
        const beacon = tag.split('/')[0]!;
        if (!/[*?[]/.test(beacon) && !beacons.includes(beacon)) {
          const meant = didYouMean(beacon, beacons);
          wrong(
            `"reactor:${tag}" matches no beacon`,
            meant ? `Did you mean "${meant}/…"?` : `There are ${beacons.join(', ')}.`,
          );
        }
        return [tag, ruleOf(tag, rule)];
      })
    : [];
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  return rules;
}

/** Tells the rule for a notice. What no rule says is as the beacon has it. */
export function createReactor(rules: Rules, standard: (notice: Notice) => Rule): (notice: Notice) => Rule {
  const matching = rules.map(([pattern, rule]) => ({ matches: fnmatch(pattern), rule }));
  /** One object for each rule, as their limits count by it. */
  const made = new Map<Partial<Rule>, Map<BeaconName, Rule>>();
  return (notice) => {
    const tag = tagOf(notice);
    const found = matching.find(({ matches }) => matches.test(tag));
    if (!found) return standard(notice);
    const kept = made.get(found.rule) ?? new Map<BeaconName, Rule>();
    made.set(found.rule, kept);
    const rule = kept.get(notice.beacon) ?? { ...standard(notice), ...found.rule };
    kept.set(notice.beacon, rule);
    return rule;
  };
}
