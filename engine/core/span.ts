/** Spans of time as users write them: `30s`, `15m`, `1h 30m`, or seconds as a number. */

const units: { readonly [unit: string]: number } = {
  ms: 0.001,
  ...named(1, 's', 'sec', 'secs', 'second', 'seconds'),
  ...named(60, 'm', 'min', 'mins', 'minute', 'minutes'),
  ...named(3600, 'h', 'hr', 'hrs', 'hour', 'hours'),
  ...named(86_400, 'd', 'day', 'days'),
  ...named(604_800, 'w', 'week', 'weeks'),
};

/** Seconds; undefined where it is no span. Text that is a bare number means seconds, too. */
export function spanOf(written: string | number): number | undefined {
  if (typeof written === 'number') return Number.isFinite(written) && written >= 0 ? written : undefined;
  const text = written.trim();
  if (/^\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  let seconds = 0;
  let rest = text;
  do {
    const [whole, number, unit] = /^(\d{1,15}(?:\.\d{1,15})?) *([a-z]+)\s*/.exec(rest) ?? [];
    const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (whole === undefined || factor === undefined) return undefined;
    // 0.2 s is 200 ms, not 0.2000…1 s.
    seconds += Math.round(Number(number) * factor * 1e6) / 1e6;
    rest = rest.slice(whole.length);
  } while (rest !== '');
  return seconds;
}

/** A span in a few words, as users write it: `15m`, `1h 30m`. */
export function spanText(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's']) {
    const count = Math.floor(rest / units[unit]!);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * units[unit]!;
  }
  // What is smaller than that hardly matters.
  return parts.slice(0, 2).join(' ') || '0s';
}

function named(factor: number, ...names: readonly string[]): { readonly [unit: string]: number } {
  return Object.fromEntries(names.map((name) => [name, factor]));
}
