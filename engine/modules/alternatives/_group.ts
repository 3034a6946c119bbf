/** A link group of update-alternatives(1): what its administrative file says, and what commands make of it. */

export interface Alternative {
  readonly path: string;
  /** As the file has it: with a family (`@jdk@`) before it or a service after it on RPM systems. */
  readonly rank: string;
  readonly priority: number;
  /** Paths of the slaves by their names; none where this alternative has nothing for a slave. */
  readonly slaves: ReadonlyMap<string, string>;
}

export interface Group {
  readonly name: string;
  readonly mode: 'auto' | 'manual';
  /** Where the alternative is used: /usr/bin/editor. */
  readonly link: string;
  /** Name → link. */
  readonly slaves: ReadonlyMap<string, string>;
  readonly alternatives: readonly Alternative[];
  /** The chosen alternative; undefined where the link leads nowhere, or to something else. */
  readonly current: string | undefined;
}

/**
 * Both implementations, dpkg's and that of RPM systems, write: mode, link, name and link of every slave, an empty
 * line; and for every alternative its path, its priority, and a line for each slave.
 */
export function parseGroup(name: string, text: string, current: string | undefined): Group | undefined {
  const lines = text.split('\n');
  const [mode, link] = lines;
  if ((mode !== 'auto' && mode !== 'manual') || !link) return undefined;
  let at = 2;
  const slaves = new Map<string, string>();
  for (; lines[at]; at += 2) slaves.set(lines[at]!, lines[at + 1] ?? '');
  const alternatives: Alternative[] = [];
  for (at++; lines[at]; ) {
    const path = lines[at++]!;
    const rank = lines[at++] ?? '';
    const own = new Map<string, string>();
    for (const slave of slaves.keys()) {
      const its = lines[at++] ?? '';
      if (its !== '') own.set(slave, its);
    }
    const priority = Number(/^(?:@[^@]*@)?(-?\d+)/.exec(rank)?.[1]);
    alternatives.push({ path, rank, priority, slaves: own });
  }
  return { name, mode, link, slaves, alternatives, current };
}

export function groupText({ mode, link, slaves, alternatives }: Group): string {
  const lines = [mode, link, ...[...slaves].flat(), ''];
  for (const { path, rank, slaves: own } of alternatives)
    lines.push(path, rank, ...[...slaves.keys()].map((name) => own.get(name) ?? ''));
  return [...lines, '', ''].join('\n');
}

function best({ alternatives }: Pick<Group, 'alternatives'>): string | undefined {
  let found: Alternative | undefined;
  for (const one of alternatives) if (!found || one.priority > found.priority) found = one;
  return found?.path;
}

/** What is chosen where nobody chose. */
export function chosen(group: Group): string | undefined {
  const isThere = group.alternatives.some(({ path }) => path === group.current);
  return group.mode === 'auto' || !isThere ? best(group) : group.current;
}

export interface Wanted {
  readonly path: string;
  readonly priority: number;
  readonly link: string;
  readonly slaves: readonly { readonly name: string; readonly link: string; readonly path: string }[];
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) =>
  a < b ? -1 : a > b ? 1 : 0;

/** After `--install`. */
export function installed(name: string, group: Group | undefined, wanted: Wanted): Group {
  const slaves = new Map([
    ...(group?.slaves ?? []),
    ...wanted.slaves.map((one) => [one.name, one.link] as const),
  ]);
  const alternative: Alternative = {
    path: wanted.path,
    rank: String(wanted.priority),
    priority: wanted.priority,
    slaves: new Map(wanted.slaves.map((one) => [one.name, one.path])),
  };
  const alternatives = [
    ...(group?.alternatives ?? []).filter(({ path }) => path !== wanted.path),
    alternative,
  ];
  const after: Group = {
    name,
    mode: group?.mode ?? 'auto',
    link: wanted.link,
    slaves: new Map([...slaves].sort(byName)),
    alternatives: alternatives.sort((a, b) => byName([a.path], [b.path])),
    current: group?.current,
  };
  return { ...after, current: chosen(after) };
}

/** After `--remove`: undefined where nothing is left. A choice that is taken away is made anew, automatically. */
export function without(group: Group, path: string): Group | undefined {
  const alternatives = group.alternatives.filter((one) => one.path !== path);
  if (alternatives.length === 0) return undefined;
  const mode = group.current === path ? 'auto' : group.mode;
  const used = new Set(alternatives.flatMap(({ slaves }) => [...slaves.keys()]));
  const slaves = new Map([...group.slaves].filter(([name]) => used.has(name)));
  const after = { ...group, mode, slaves, alternatives };
  return { ...after, current: chosen(after) };
}
