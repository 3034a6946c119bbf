/** The variables a file state gives its template beside Salt's own. */
import type { Reader } from '../../core/host.ts';
import { type Dict, fromPlain, isDict, type Value } from '../../core/value.ts';
import { merged } from './_merged.ts';

export const templateProperties = {
  template: {
    type: ['string', 'null'],
    enum: ['jinja', '', null],
    description:
      'Render the source (or contents) as a template before it is written. `jinja` is the one engine there is.',
  },
  context: {
    type: ['object', 'null'],
    ordered: true,
    description: 'Variables for the template. They win over `defaults`; dicts in both are merged.',
  },
  defaults: {
    type: ['object', 'null'],
    ordered: true,
    description: 'Variables for the template, where `context` has none of that name.',
  },
} as const;

export interface ContextArguments {
  readonly context?: unknown;
  readonly defaults?: unknown;
}

/** `defaults` with `context` over them, and what file.accumulated collected for the path as `accumulator`. */
export function contextOf(args: ContextArguments, path: string, reader: Reader): Dict {
  const context = merged(dictOf(args.defaults), dictOf(args.context));
  const accumulated = reader.recall(accumulatorTopic(path));
  if (accumulated.length > 0) context.set('accumulator', collected(accumulated));
  return context;
}

/** The topic under which file.accumulated remembers dicts {name: [texts]} for a file. */
export function accumulatorTopic(path: string): string {
  return `accumulator:${path}`;
}

/** Several dicts {name: [texts]} as one; a text appears once under each name. */
export function collected(left: readonly Value[]): Dict {
  const all: Dict = new Map();
  for (const one of left) {
    if (!isDict(one)) continue;
    for (const [name, texts] of one) {
      const list = (all.get(name) as Value[] | undefined) ?? [];
      for (const text of Array.isArray(texts) ? texts : [texts]) if (!list.includes(text)) list.push(text);
      all.set(name, list);
    }
  }
  return all;
}

function dictOf(value: unknown): Dict {
  if (value === undefined || value === null) return new Map();
  const dict = fromPlain(value);
  return isDict(dict) ? dict : new Map();
}
