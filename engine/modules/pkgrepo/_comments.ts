/** Comment lines that stand with a repository in its file. */
import type { Change } from '../../core/state.ts';

export interface Commented {
  readonly text: string;
  readonly changes: readonly Change[];
}

/** The text with the comments it lacks, put before the line `at`. */
export function withComments(text: string, comments: readonly string[], at: number): Commented {
  const lines = text.split('\n');
  const there = new Set(lines.filter((line) => /^\s*#/.test(line)).map(plain));
  const missing = comments.filter((comment) => !there.has(plain(comment)));
  if (missing.length === 0) return { text, changes: [] };
  lines.splice(at, 0, ...missing.map((comment) => `# ${plain(comment)}`));
  return {
    text: lines.join('\n'),
    changes: missing.map((comment) => ({ subject: 'comment', new: plain(comment) })),
  };
}

function plain(comment: string): string {
  return comment.replace(/^[\s#]+/, '').trim();
}

/** As lists have them; a text of several lines is several comments. */
export function commentsOf(comments: string | readonly string[] | undefined): string[] {
  return [comments ?? []].flat().flatMap((one) => one.split(/[\r\n]+/).filter((line) => plain(line) !== ''));
}
