/** Orders Debian package versions (Debian policy 5.6.12). */

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareDebVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    compareDigits(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

function split(version: string): { epoch: string; upstream: string; revision: string } {
  const epoch = /^\d+(?=:)/.exec(version)?.[0];
  const rest = epoch === undefined ? version : version.slice(epoch.length + 1);
  const hyphen = rest.lastIndexOf('-');
  const [upstream, revision] = hyphen < 0 ? [rest, ''] : [rest.slice(0, hyphen), rest.slice(hyphen + 1)];
  return { epoch: epoch ?? '0', upstream, revision };
}

/** Text and digits in turn; text by letters before others, and a tilde before everything, even the end. */
function comparePart(a: string, b: string): number {
  while (a !== '' || b !== '') {
    const [textA, textB] = [/^\D*/.exec(a)![0], /^\D*/.exec(b)![0]];
    for (let i = 0; i < Math.max(textA.length, textB.length); i++) {
      const difference = weight(textA[i]) - weight(textB[i]);
      if (difference !== 0) return difference;
    }
    a = a.slice(textA.length);
    b = b.slice(textB.length);
    const [digitsA, digitsB] = [/^\d*/.exec(a)![0], /^\d*/.exec(b)![0]];
    const difference = compareDigits(digitsA, digitsB);
    if (difference !== 0) return difference;
    a = a.slice(digitsA.length);
    b = b.slice(digitsB.length);
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

/** Without turning them into numbers: dates and hashes in versions are longer than a number can hold. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
