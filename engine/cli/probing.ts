/** Asks the probes of a tree until all of them succeed at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Confirmation, nameOf, type Probe } from '../core/confirm.ts';
import type { Reader } from '../core/host.ts';
import { durationText } from '../report/summary.ts';

export interface Term {
  /** Milliseconds since the epoch, shortly before which it ends. */
  readonly deadline: number;
  /** Whether the answer still matters. */
  readonly isOpen: () => boolean;
}

/** Milliseconds before the deadline at which they are asked no longer. */
const margin = 500;

export interface Answer {
  readonly answer: 'all' | 'silent' | 'settled';
  /** Who answered, or what those who did not have said, as a phrase. */
  readonly asked: string;
}

/** Asks all probes again and again until they succeed in one round, or the time is over. */
export async function ask(
  { probes, timeout = Number.POSITIVE_INFINITY, interval }: Confirmation,
  host: Pick<Reader, 'reach'>,
  { deadline, isOpen }: Term,
): Promise<Answer> {
  const begin = performance.now();
  // At least one look, however little time is left.
  const end = begin + Math.max(0, Math.min(timeout * 1000, deadline - margin - Date.now()));
  const left = () => end - performance.now();
  for (;;) {
    const looks = await Promise.all(probes.map((probe) => look(probe, host, Math.max(left(), 100) / 1000)));
    const failures = looks.filter(({ reached }) => !reached);
    if (failures.length === 0) {
      const count = probes.length === 1 ? 'its probe succeeds' : `its ${probes.length} probes succeed`;
      return { answer: 'all', asked: count };
    }
    if (!isOpen()) return { answer: 'settled', asked: '' };
    if (left() <= 0) {
      const seen = failures.map(({ probe, seen }) => `${nameOf(probe)}: ${seen}`).join('; ');
      return {
        answer: 'silent',
        asked: `no answer from all probes within ${durationText(performance.now() - begin)} (${seen})`,
      };
    }
    await pause(Math.min(interval * 1000, left()));
  }
}

async function look(probe: Probe, host: Pick<Reader, 'reach'>, seconds: number) {
  return { probe, ...(await host.reach(probe.target, Math.min(probe.timeout, seconds))) };
}
