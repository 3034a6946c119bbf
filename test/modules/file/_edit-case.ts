/** Cases of the states that edit a file, as rows: what is asked for, the text before, the text after. */
import type { StateCase } from '../../helpers/state-tester.ts';

/** Title, arguments, text before, text after (undefined: as before; a pattern: refused). */
export type EditRow = readonly [string, Record<string, unknown>, string, (string | RegExp)?];

/** Of the file `/conf`; `backup` says whether the old text has to lie in `/conf.bak` afterwards. */
export function editCase([title, args, before, after]: EditRow, backup?: 'kept' | 'none'): StateCase {
  const beside: { [path: string]: string | null } =
    backup === undefined ? {} : { '/conf.bak': backup === 'kept' ? before : null };
  return {
    title,
    args: { name: '/conf', ...args },
    host: { files: { '/conf': before } },
    expects:
      after === undefined
        ? { changes: [] }
        : typeof after === 'string'
          ? { changes: ['content'], files: { '/conf': after, ...beside } }
          : { refused: after },
  };
}
