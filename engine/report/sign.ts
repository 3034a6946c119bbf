/** Which sign and colour stand before a state, and whether a reader wants to hear of it at all. */
import type { ChunkResult, Verdict } from '../core/event.ts';
import type { Change } from '../core/state.ts';
import type { Paint, Palette } from './colour.ts';

/** Whether a state is worth a reader's time who only wants to know what is new. */
export function isEventful(result: ChunkResult): boolean {
  return (result.verdict !== 'unchanged' && result.verdict !== 'skipped') || result.warnings.length > 0;
}

const signs: { readonly [verdict in Verdict]: readonly [unicode: string, ascii: string] } = {
  unchanged: ['✓', '='],
  changed: ['~', '~'],
  'would-change': ['~', '~'],
  unknown: ['?', '?'],
  failed: ['!', '!'],
  skipped: ['·', '.'],
};

export function signOf(
  result: ChunkResult,
  unicode: boolean,
  paint: Palette,
): { sign: string; colour: Paint } {
  const sign = signs[result.verdict][unicode ? 0 : 1];
  switch (result.verdict) {
    case 'unchanged':
      return { sign, colour: paint.green };
    case 'changed':
    case 'would-change':
      return { sign: changeSign(result) ?? sign, colour: paint.yellow };
    case 'unknown':
      return { sign, colour: paint.cyan };
    case 'failed':
      return { sign, colour: paint.red };
    case 'skipped':
      return { sign, colour: paint.dim };
  }
}

/** Whether it is no difference of the host but what a command said: there is nothing old to compare with. */
export function isReported(change: Change, result: ChunkResult): boolean {
  return change.old === undefined && result.changes[change.subject] === change.new;
}

/** `+` where all is new, `-` where all is gone. */
function changeSign(result: ChunkResult): string | undefined {
  const differences = result.differences.filter((change) => !isReported(change, result));
  if (differences.length === 0) return undefined;
  if (differences.every((change) => change.old === undefined && change.new !== undefined)) return '+';
  if (differences.every((change) => change.new === undefined && change.old !== undefined)) return '-';
  return undefined;
}
