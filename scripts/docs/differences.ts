/** The page of differences from Salt, from what the engine's sources say after "Unlike Salt:". */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { page } from './page.ts';

const tag = 'Unlike Salt:';

/** Folder below engine/ → heading. */
const headings: readonly (readonly [folder: RegExp, heading: string])[] = [
  [/^cli\//, 'Command line'],
  [/^source\/jinja\//, 'Templates'],
  [/^source\/grains/, 'Grains'],
  [/^source\//, 'Files, pillar and targets'],
  [/^compile\//, 'States, requisites and order'],
  [/^(converge|core|journal)\//, 'Running'],
  [/^host\//, 'Changing the host'],
];

export function differencesPage(top: string): string {
  const groups = Map.groupBy(differences(top), ({ heading }) => heading);
  const intro = join(top, 'docs/differences.intro.md');
  const lines = existsSync(intro) ? [readFileSync(intro, 'utf8').trim(), ''] : [];
  for (const heading of [...groups.keys()].sort(byOrder)) {
    lines.push(`## ${heading}`, '', ...groups.get(heading)!.map(({ text }) => `- ${text}`), '');
  }
  return page('Differences from Salt', 'docs/differences.intro.md and the sources', lines);
}

export interface Difference {
  readonly file: string;
  readonly heading: string;
  readonly text: string;
}

export function differences(top: string): Difference[] {
  return globSync('engine/**/*.ts', { cwd: top })
    .sort()
    .flatMap((file) => {
      const heading = headingOf(file.slice('engine/'.length));
      return tagged(readFileSync(join(top, file), 'utf8')).map((text) => ({ file, heading, text }));
    });
}

/** What follows each tag: to the end of its comment or paragraph, or to the next tag. */
export function tagged(source: string): string[] {
  const lines = source.split('\n');
  return lines.flatMap((line, index) => {
    const start = line.indexOf(tag);
    // The tag in quotes is about the tag.
    if (start < 0 || /^["'`]/.test(line.slice(start + tag.length))) return [];
    const before = line.slice(0, start);
    const inComment = /^\s*(\/\/|\/?\*)/.test(before);
    const words = [line.slice(start + tag.length)];
    for (const next of lines.slice(index + 1)) {
      if (ends(words.at(-1)!, inComment)) break;
      const content = inComment ? /^\s*(?:\/\/|\*(?!\/))\s?(.*)$/.exec(next)?.[1] : next;
      if (content === undefined || content.trim() === '' || /\b(Unlike )?Salt: |^@/.test(content)) break;
      words.push(content);
    }
    const text = words
      .map((word) => clean(word, inComment))
      .join(' ')
      .replace(/\s+/g, ' ')
      .trim();
    return text === '' ? [] : [capitalised(text)];
  });
}

/** Names such as file.managed stay as they are. */
function capitalised(text: string): string {
  return /^\w+\.\w/.test(text) ? text : text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Whether a comment or a string ends on this line. */
function ends(line: string, inComment: boolean): boolean {
  return inComment ? line.includes('*/') : /(?<!\\)[`'"][,;)\s]*$/.test(line);
}

function clean(line: string, inComment: boolean): string {
  const text = inComment ? line.replace(/\*\/.*$/, '') : line.replace(/(?<!\\)[`'"][,;)\s]*$/, '');
  return text.replaceAll('\\`', '`').replaceAll("\\'", "'").trim();
}

function headingOf(path: string): string {
  const family = /^modules\/([^/]+)\//.exec(path)?.[1];
  if (family) return `The ${family} states`;
  return headings.find(([folder]) => folder.test(path))?.[1] ?? 'Other';
}

function byOrder(a: string, b: string): number {
  const place = (heading: string) => {
    const index = headings.findIndex(([, one]) => one === heading);
    return index < 0 ? headings.length : index;
  };
  return place(a) - place(b) || (a < b ? -1 : 1);
}
