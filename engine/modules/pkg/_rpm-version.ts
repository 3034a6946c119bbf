/** Orders RPM package versions, `[epoch:]version[-release]`, by the rules of rpm-version(7). */

/**
 * Negative, zero or positive, as `a` is older than, equal to or newer than `b`.
 * Salt: where only one of the two names a release, releases are not compared.
 */
export function compareRpmVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    left.epoch - right.epoch ||
    compareSegments(left.version, right.version) ||
    (left.release === undefined || right.release === undefined
      ? 0
      : compareSegments(left.release, right.release))
  );
}

function split(text: string): { epoch: number; version: string; release: string | undefined } {
  const [, epoch = '0', version = '', release] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/s.exec(text)!;
  return { epoch: Number(epoch), version, release };
}

/** Runs of digits and runs of letters in turn, whatever parts them; a tilde before everything, a caret after the end. */
export function compareSegments(a: string, b: string): number {
  let [left, right] = [a, b];
  for (;;) {
    left = left.replace(/^[^A-Za-z0-9~^]+/, '');
    right = right.replace(/^[^A-Za-z0-9~^]+/, '');
    const [tildeA, tildeB] = [left.startsWith('~'), right.startsWith('~')];
    if (tildeA !== tildeB) return tildeA ? -1 : 1;
    const [caretA, caretB] = [left.startsWith('^'), right.startsWith('^')];
    if (caretA !== caretB) {
      // 1.0 < 1.0^git1 < 1.0.1
      if (caretA) return right === '' ? 1 : -1;
      return left === '' ? -1 : 1;
    }
    if (tildeA || caretA) {
      left = left.slice(1);
      right = right.slice(1);
      continue;
    }
    if (left === '' || right === '') return Math.sign(left.length - right.length);
    const digits = /^\d/.test(left);
    const run = digits ? /^\d*/ : /^[A-Za-z]*/;
    const [runA, runB] = [run.exec(left)![0], run.exec(right)![0]];
    // Digits are newer than letters.
    if (runB === '') return digits ? 1 : -1;
    const difference = digits ? compareDigits(runA, runB) : compareText(runA, runB);
    if (difference !== 0) return difference;
    left = left.slice(runA.length);
    right = right.slice(runB.length);
  }
}

/** Without turning them into numbers: dates and hashes in versions are longer than a number can hold. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareText(left, right);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
