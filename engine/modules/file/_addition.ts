/** What file.append and file.prepend share: texts that are added to a file where they are missing. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common, Place, Plan } from '../../core/state.ts';
import { chunkSchema, chunksOf } from './_chunks.ts';
import { editSteps, findFile, showChangesProperty } from './_edit.ts';
import { makedirsProperty, parentSteps, parentsOf } from './_parents.ts';
import { textSourceProperties, textsOf } from './_texts.ts';

export const additionProperties = {
  text: chunkSchema,
  ...textSourceProperties,
  makedirs: makedirsProperty,
  show_changes: showChangesProperty,
} as const;

type Arguments = ArgumentsOf<typeof additionProperties> & Common;

export async function readAddition(args: Arguments, reader: Reader, place: Place) {
  const there = findFile(args.name, reader);
  const texts = await textsOf(args, there.path, reader, place);
  return { there, texts, parents: there.stat === undefined ? parentsOf(there.path, reader) : undefined };
}

/** `add` gives the new text of a file from its old one and the texts that it is to hold. */
export function planAddition(
  args: Arguments,
  now: Awaited<ReturnType<typeof readAddition>>,
  add: (text: string, chunks: readonly string[]) => string,
): Plan {
  if (now.texts !== undefined && 'refused' in now.texts) return now.texts;
  const chunks = now.texts ?? chunksOf(args.text);
  if (chunks === undefined)
    return { refused: 'There is no text to add.', hint: 'Give text, source or sources.', certain: true };
  const parents = now.parents ? parentSteps(now.parents, args.makedirs, {}) : [];
  if ('refused' in parents) return parents;
  const steps = editSteps({
    there: now.there,
    change: (text, own) => add(text, chunks.map(own)),
    showChanges: args.show_changes,
  });
  return 'refused' in steps ? steps : [...parents, ...steps];
}
