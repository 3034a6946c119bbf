/** Puts states into the order they run in: Salt's order, with what a state waits for pulled before it. */
import { type Runnable, requisiteKinds } from '../core/chunk.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { originIn } from '../core/high.ts';

/**
 * Salt runs in order and pulls a requirement forward only when its dependent's turn comes. What is pulled does
 * not depend on results, so the whole order is known beforehand, and circles are found here.
 */
export function runOrder(all: readonly Runnable[], diagnostics: Diagnostic[]): Runnable[] {
  const order: Runnable[] = [];
  const done = new Set<Runnable>();
  const open: { readonly runnable: Runnable; readonly waits: readonly Runnable[]; next: number }[] = [];
  const isOpen = new Set<Runnable>();
  function enter(runnable: Runnable): void {
    open.push({ runnable, waits: waitsFor(runnable), next: 0 });
    isOpen.add(runnable);
  }
  for (const start of all) {
    if (!done.has(start)) enter(start);
    while (open.length > 0) {
      const top = open.at(-1)!;
      const wait = top.waits[top.next++];
      if (wait === undefined) {
        open.pop();
        isOpen.delete(top.runnable);
        done.add(top.runnable);
        order.push(top.runnable);
      } else if (isOpen.has(wait)) {
        const from = open.findIndex(({ runnable }) => runnable === wait);
        diagnostics.push(cycle(open.slice(from).map(({ runnable }) => runnable)));
      } else if (!done.has(wait)) enter(wait);
    }
  }
  return order;
}

/** Everything that has to have run before a state's turn. */
function waitsFor(runnable: Runnable): readonly Runnable[] {
  if (runnable.prerequired.length === 0 && Object.keys(runnable.requisites).length === 0) return nothing;
  return [...new Set([...requirementsOf(runnable, new Set([runnable])), ...runnable.prerequired])];
}

const nothing: readonly Runnable[] = [];

/**
 * A state with a `prereq` does not wait for the state it names but looks at what that would do, so it waits for
 * what that waits for.
 */
function requirementsOf(runnable: Runnable, seen: Set<Runnable>): Runnable[] {
  return requisiteKinds.flatMap((kind) => {
    const targets = runnable.requisites[kind] ?? [];
    if (kind !== 'prereq') return targets;
    return targets.flatMap((target) => {
      if (seen.has(target)) return [];
      return requirementsOf(target, new Set([...seen, target])).filter((wait) => wait !== runnable);
    });
  });
}

/** A circle is shown whole, unless it is so long that nobody would read it. */
const longestShown = 12;

function cycle(circle: readonly Runnable[]): Diagnostic {
  const names = circle.map(({ chunk }) => `${chunk.state}: ${chunk.id}`);
  const [first, ...others] = circle.slice(0, longestShown).map(({ chunk }) => chunk);
  const left = circle.length - longestShown;
  const shown = left > 0 ? [...names.slice(0, longestShown), `… (${left} more)`] : names;
  const place = ({ declaration }: Runnable['chunk']) => originIn(declaration.sls, declaration.path, 'key');
  return {
    code: 'requisite-cycle',
    message:
      circle.length === 1
        ? `The state ${names[0]} requires itself.`
        : `These states wait for each other: ${[...shown, names[0]].join(' → ')}.`,
    origin: place(first!),
    hint: 'Remove one of the requisites.',
    related: others.map((chunk) => ({ message: `${chunk.state}: ${chunk.id}`, origin: place(chunk) })),
  };
}
