/** How much each copy of a range has, so that an empty one is told from one that is filled. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import { look, type Server } from './_server.ts';
import { copyPath, type ShardMap } from './_shards.ts';

export interface Copies {
  readonly map: ShardMap;
  readonly range: string;
  /** Documents in the copy of each node that answers. */
  readonly counts: ReadonlyMap<string, number>;
}

export async function lookAtCopies(
  reader: Reader,
  server: Server,
  { map, range, nodes }: { map: ShardMap; range: string; nodes: readonly string[] },
): Promise<Copies> {
  const counts = new Map<string, number>();
  for (const node of nodes.filter((one) => map.ranges[range]?.includes(one))) {
    const { status, data } = await look(reader, server, copyPath(map, range, node));
    // A copy that the map only just names has no file yet.
    const count = status === 404 ? 0 : data.doc_count;
    if (typeof count !== 'number')
      throw new HostTrouble(`${node} does not tell what it has of ${map.database}.`);
    counts.set(node, count);
  }
  return { map, range, counts };
}

/** The most that any copy has, but that of one node; undefined where no other answers. */
export function mostOf({ counts }: Copies, but: string): number | undefined {
  const others = [...counts].filter(([node]) => node !== but).map(([, count]) => count);
  return others.length === 0 ? undefined : Math.max(...others);
}

/** A regular expression that finds whole numbers that are not smaller. */
export function atLeast(least: number): string {
  const digits = String(least);
  const longer = `[1-9]\\d{${digits.length},}`;
  const larger = [...digits].map((digit, index) => {
    const rest = digits.length - index - 1;
    return digit === '9' ? [] : [`${digits.slice(0, index)}[${Number(digit) + 1}-9]\\d{${rest}}`];
  });
  return `(?:${[digits, ...larger.flat(), longer].join('|')})(?!\\d)`;
}
