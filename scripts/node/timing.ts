/** How long a bootstrap took, and what of it. */

/** Seconds since the epoch, as the shell has noted them. */
function noted(name: string): number | undefined {
  const seconds = Number(process.env[name]);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}

/** `converging` is when the highstate began, in milliseconds since the epoch. */
export function timing(converging: number): string {
  const began = noted('CONVERGE_BEGAN');
  const ready = noted('CONVERGE_READY');
  if (began === undefined || ready === undefined) return '';
  const now = Date.now() / 1000;
  const spans = [now - began, ready - began, now - converging / 1000].map(Math.round);
  return `\nThat took ${spans[0]} s: ${spans[1]} to bring the tree and the engine, ${spans[2]} to converge.\n`;
}
