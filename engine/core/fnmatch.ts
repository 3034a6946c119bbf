/** Shell-style patterns as Python's fnmatch reads them: `*`, `?`, `[seq]`, `[!seq]`; case matters. */

const known = new Map<string, RegExp>();

/** The whole text must match. A `[` that is never closed stands for itself. */
export function fnmatch(pattern: string): RegExp {
  let regex = known.get(pattern);
  if (regex === undefined) {
    regex = translate(pattern);
    if (known.size > 1000) known.clear();
    known.set(pattern, regex);
  }
  return regex;
}

/** True where the pattern holds wildcards, so that it may name more than one thing. */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

function translate(pattern: string): RegExp {
  const characters = Array.from(pattern);
  let source = '';
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === '*') {
      if (characters[i + 1] !== '*') source += '.*';
    } else if (character === '?') source += '.';
    else if (character === '[') {
      let end = i + 1;
      if (characters[end] === '!') end++;
      if (characters[end] === ']') end++;
      while (end < characters.length && characters[end] !== ']') end++;
      if (end >= characters.length) source += '\\[';
      else {
        source += set(characters.slice(i + 1, end));
        i = end;
      }
    } else source += escaped(character);
  }
  return new RegExp(`^${source}$`, 'su');
}

function set(members: string[]): string {
  const negated = members[0] === '!';
  const list = negated ? members.slice(1) : members;
  let body = '';
  for (let i = 0; i < list.length; i++) {
    const low = list[i]!;
    const high = list[i + 2];
    if (list[i + 1] !== '-' || high === undefined) body += escaped(low);
    else {
      // An empty range such as [b-a] holds nothing.
      if (low.codePointAt(0)! <= high.codePointAt(0)!) body += `${escaped(low)}-${escaped(high)}`;
      i += 2;
    }
  }
  if (body === '') return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${body}]`;
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character)
    ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    : character;
}
