/** What the generated pages share: their first lines and a few turns of Markdown. */

export function page(title: string, source: string, lines: readonly string[]): string {
  const note = `<!-- Generated from ${source} by "npm run docs"; edit that instead. -->`;
  return `${[`# ${title}`, '', note, '', ...lines].join('\n').trimEnd()}\n`;
}

/** Text for a cell of a table: on one line, without ending the cell. */
export function cell(text: string): string {
  return text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
}

export function fence(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}${language}`, text.replace(/\n+$/, ''), ticks];
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** First letter in upper case, and a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const ended = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended.slice(0, 1).toUpperCase() + ended.slice(1);
}
