/** What notices lead to: the rules of the pillar, and what holds where they say nothing (Salt: the reactor). */
import { fnmatch } from '../core/fnmatch.ts';
import { spanOf } from '../core/span.ts';
import { type BeaconName, type Notice, tagOf } from '../core/watch.ts';

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

/** A rule as the pillar has it. */
export interface WrittenRule {
  readonly highstate?: true;
  readonly only?: 'affected';
  readonly ignore?: true;
  readonly apply?: string | readonly string[];
  readonly debounce?: string | number;
  readonly limit?: string;
}

const span = { type: ['string', 'number'], pattern: '^[0-9]', minimum: 0 } as const;
const units = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

/** JSON Schema of `reactor` in the pillar. */
export function reactorSchema(beacons: readonly string[]): object {
  return {
    type: 'object',
    description: 'Pattern of tags, such as `health/*` → what they lead to.',
    patternProperties: {
      [`^(${beacons.join('|')}|[^/]*[*?[].*)(/|$)`]: {
        type: 'object',
        properties: {
          highstate: { const: true, description: 'All that the top file gives this node.' },
          only: { const: 'affected', description: 'States that looked at it, and what depends on them.' },
          ignore: { const: true, description: 'Nothing.' },
          apply: {
            anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
            description: 'These SLS.',
          },
          debounce: { ...span, description: 'Quiet that is waited for.' },
          limit: {
            type: 'string',
            pattern: `^[1-9][0-9]*/(${Object.keys(units).join('|')})$`,
            description: 'How often at most: `10/minute`.',
          },
        },
        additionalProperties: false,
        // Two of them would contradict each other.
        allOf: ['highstate', 'only', 'ignore', 'apply'].flatMap((one, index, all) =>
          all.slice(index + 1).map((other) => ({ not: { required: [one, other] } })),
        ),
      },
    },
    additionalProperties: false,
  };
}

/** The settings were held against the schema before. */
export function rulesOf(written: Readonly<Record<string, WrittenRule>>): Rules {
  return Object.entries(written).map(([pattern, rule]) => {
    const [, times, unit] = /^(\d+)\/(\w+)$/.exec(rule.limit ?? '') ?? [];
    const reaction = leadOf(rule);
    return [
      pattern,
      {
        ...(reaction && { reaction }),
        ...(rule.debounce !== undefined && { debounce: spanOf(rule.debounce) ?? 0 }),
        ...(times && { limit: { times: Number(times), seconds: units[unit as keyof typeof units] } }),
      },
    ];
  });
}

function leadOf({ highstate, only, ignore, apply }: WrittenRule): Lead | undefined {
  if (highstate) return 'highstate';
  if (ignore) return 'ignore';
  if (apply !== undefined) return { apply: typeof apply === 'string' ? [apply] : apply };
  return only;
}

/** Tells the rule for a notice; what no rule says is as `standard` has it. */
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
