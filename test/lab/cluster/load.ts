/** A steady load from outside, and what of it was lost in a certain time. */
import { checkout, type Node } from '../node.ts';
import { type Asked, log } from './asking.ts';

export interface Account {
  readonly asked: number;
  readonly lost: readonly Asked[];
  /** Seconds between the first request that was lost and the end of the last one. */
  readonly outage: number;
  /** Serial numbers of the certificates that were shown, in the order of their coming. */
  readonly serials: readonly string[];
}

export async function startLoad(from: Node, host: string, address: string): Promise<void> {
  const file = `${checkout}/test/lab/cluster/asking.ts`;
  await from.must(['systemd-run', '-q', '--unit=load', '/usr/local/bin/node', file, host, address]);
  await from.until(`grep -q serial ${log}`, { seconds: 20 });
}

/** Of all requests that began then or later, in milliseconds since 1970. */
export async function accountSince(from: Node, since: number): Promise<Account> {
  const lines = (await from.must(['cat', log])).trimEnd().split('\n');
  const all = lines.map((line) => JSON.parse(line) as Asked).filter(({ at }) => at >= since);
  const lost = all.filter(({ trouble }) => trouble !== undefined);
  const first = Math.min(...lost.map(({ at }) => at));
  const last = Math.max(...lost.map(({ at, took }) => at + took));
  return {
    asked: all.length,
    lost,
    outage: lost.length === 0 ? 0 : (last - first) / 1000,
    serials: [...new Set(all.flatMap(({ serial }) => serial ?? []))],
  };
}
