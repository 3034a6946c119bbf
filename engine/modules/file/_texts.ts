/** The rendered sources whose text file.append, file.prepend and file.blockreplace put into a file. */
import { isUtf8 } from 'node:buffer';
import type { Reader } from '../../core/host.ts';
import type { Place, Refusal } from '../../core/state.ts';
import { type ContextArguments, contextOf, templateProperties } from './_context.ts';
import { chooseSource, type SourceArguments, sourceProperties } from './_source.ts';

export const textSourceProperties = {
  source: {
    ...sourceProperties.source,
    description: `A file whose text is used. ${sourceProperties.source.description}`,
  },
  source_hash: sourceProperties.source_hash,
  sources: {
    type: ['array', 'null'],
    description: 'Several files instead of one `source`; the text of each is used.',
  },
  source_hashes: {
    type: ['array', 'null'],
    items: { type: ['string', 'null'] },
    description: 'The hashes of `sources`, in the same order.',
  },
  ...templateProperties,
  template: {
    ...templateProperties.template,
    default: 'jinja',
    description: 'How sources are rendered; empty: they are taken as they are.',
  },
} as const;

interface TextArguments extends ContextArguments {
  readonly source?: unknown;
  readonly source_hash?: string | null;
  readonly source_hash_name?: string | null;
  readonly skip_verify?: boolean;
  readonly sources?: readonly unknown[] | null;
  readonly source_hashes?: readonly (string | null)[] | null;
  readonly template: string | null;
}

/** The text of each source; undefined where none is given. */
export async function textsOf(
  args: TextArguments,
  path: string,
  reader: Reader,
  place: Place,
): Promise<string[] | Refusal | undefined> {
  const single = args.source !== undefined && args.source !== null && args.source !== '';
  const several = args.sources ?? [];
  if (single && several.length > 0)
    return { refused: 'Only one of source and sources can be given.', certain: true };
  const wanted: readonly SourceArguments[] = single
    ? [args]
    : several.map((source, index) => ({ source, source_hash: args.source_hashes?.[index] ?? null }));
  if (wanted.length === 0) return undefined;
  const texts: string[] = [];
  for (const one of wanted) {
    const source = await chooseSource(one, path, reader);
    if (source === 'same') continue;
    if ('refused' in source) return source;
    if (!isUtf8(source.content)) return { refused: `${source.url} is not UTF-8 text.` };
    if (!args.template) {
      texts.push(source.content.toString());
      continue;
    }
    const context = contextOf(args, path, reader);
    const request = { engine: args.template, source, context, id: place.id, sls: place.sls };
    texts.push((await reader.render(request)).text);
  }
  return texts;
}
