/** What the loop states share: a function of the templates is called until an expression about its answer holds. */
import type { Reached, Reader, Target, TemplateRequest } from '../../core/host.ts';
import type { Place, Plan } from '../../core/state.ts';
import { type Dict, fromPlain, isDict, type Value } from '../../core/value.ts';

export const nameProperty = {
  name: {
    type: 'string',
    pattern: '^\\w+\\.\\w+$',
    description: 'The function, as templates call it: `service.status`, `cmd.retcode`.',
  },
} as const;

export const pauseProperties = {
  period: {
    type: 'number',
    minimum: 0,
    maximum: 86_400,
    default: 1,
    description: 'Seconds between two calls.',
  },
  timeout: {
    type: 'number',
    minimum: 0,
    maximum: 604_800,
    default: 60,
    description: 'Seconds after which it has failed.',
  },
  backoff: {
    type: 'number',
    minimum: 1,
    maximum: 10,
    default: 1,
    description: 'How many times longer each pause is than the one before.',
  },
  max_period: {
    type: 'number',
    minimum: 0.05,
    maximum: 86_400,
    default: 60,
    description: 'Seconds a pause grows to at most by `backoff`.',
  },
} as const;

export interface Question {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Dict;
  /** An expression of Jinja about `m_ret`. */
  readonly condition: string;
  readonly variables?: { readonly [name: string]: Value };
}

export interface Now {
  readonly target: Extract<Target, { kind: 'template' }>;
  readonly found: Reached;
}

const met = 'met';
/** Seconds; functions that take longer have limits of their own. */
const attempt = 10;

export async function readLoop(question: Question, reader: Reader, place: Place): Promise<Now> {
  const target = { kind: 'template', request: requestOf(question, place), equals: met } as const;
  return { target, found: await reader.reach(target, attempt) };
}

function requestOf(
  { name, args, kwargs, condition, variables = {} }: Question,
  place: Place,
): TemplateRequest {
  // On lines of their own, so that a condition cannot end the tag it stands in unnoticed.
  const text = `{% set m_ret = salt[m_name](*m_args, **m_kwargs) %}{{ '${met}' if (
${condition}
) else m_name ~ ' gives ' ~ m_ret }}`;
  return {
    engine: 'jinja',
    source: { url: `condition of ${place.id}`, content: Buffer.from(text) },
    context: new Map<Value, Value>([
      ['m_name', name],
      ['m_args', fromPlain(args)],
      ['m_kwargs', kwargs],
      ...Object.entries(variables),
    ]),
    id: place.id,
    sls: place.sls,
    fresh: true,
  };
}

/** Named arguments as a dict, in the order and with the kinds of keys they were given. */
export function dictOf(kwargs: unknown): Dict {
  const dict = fromPlain(kwargs);
  return isDict(dict) ? dict : new Map();
}

interface Pauses {
  readonly period: number;
  readonly timeout: number;
  readonly backoff: number;
  readonly max_period: number;
  readonly init_wait?: number;
}

export function planLoop(
  { period, timeout, backoff, max_period, init_wait = 0 }: Pauses,
  { target, found }: Now,
  condition: string,
): Plan {
  if (found.reached) return { steps: [], comment: `Condition ${condition} was met` };
  const most = Math.max(period, max_period);
  return {
    comment: `Condition ${condition} is not met now: ${found.seen}.`,
    steps: [
      { effect: { kind: 'await', target, timeout, every: period, backoff, most, attempt, delay: init_wait } },
    ],
  };
}
