/** What is swapped to, as /proc/swaps tells it, and how a dry run changes that. */
import { asBytes } from '../../core/byte-text.ts';
import type { Reader, Settled } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';
import { escaped, unescaped } from './_mounts.ts';

const swapsFile = '/proc/swaps';

export interface Swap {
  /** Text is latin1. */
  readonly path: string;
  readonly type: string;
  readonly kibibytes: number;
  readonly priority: number;
}

export function readSwaps(reader: Reader): Swap[] {
  const text = reader.rooted ? '' : (reader.content(swapsFile)?.toString('latin1') ?? '');
  return text.split('\n').flatMap((line) => {
    const [path, type, size, , priority] = line.split(/\s+/);
    if (!path?.startsWith('/')) return [];
    return [{ path: unescaped(path), type: type!, kibibytes: Number(size), priority: Number(priority) }];
  });
}

export function swapAt(swaps: readonly Swap[], path: string): Swap | undefined {
  return swaps.find((swap) => swap.path === asBytes(path));
}

export function settleSwaps(swaps: readonly Swap[]): Settled {
  const lines = swaps.map(
    (swap) => `${escaped(swap.path)} ${swap.type} ${swap.kibibytes} 0 ${swap.priority}\n`,
  );
  const content = Buffer.from(`Filename Type Size Used Priority\n${lines.join('')}`, 'latin1');
  return { about: 'file', effect: { kind: 'write', path: swapsFile, content } };
}

const units: { readonly [unit: string]: number } = { K: 1, M: 1 << 10, G: 1 << 20, T: 1 << 30 };

/** `512M`, `2G`, `1.5GiB`, or a number of bytes; undefined for what is no size. */
export function kibibytesOf(size: string | number): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:i?B)?|B?)$/i.exec(String(size).trim()) ?? [];
  if (number === undefined) return undefined;
  const kibibytes = unit ? Number(number) * units[unit.toUpperCase()]! : Number(number) / 1024;
  // A page of memory, and the least that mkswap takes are ten of them.
  return Number.isInteger(kibibytes) && kibibytes % 4 === 0 && kibibytes >= 40 ? kibibytes : undefined;
}

/** The first page of a swap file (of up to 64 KiB) is not swapped to. */
export function isSize(swap: Swap, kibibytes: number): boolean {
  return swap.kibibytes <= kibibytes && kibibytes - swap.kibibytes <= 64;
}

export function swapoff(path: string, others: readonly Swap[], active: Swap): Step {
  return {
    change: { subject: `${active.kibibytes} KiB of swap in ${path}`, old: 'in use' },
    effect: {
      kind: 'exec',
      command: { argv: ['swapoff', '--', path] },
      settles: [settleSwaps(others)],
      foreseen: true,
    },
  };
}
