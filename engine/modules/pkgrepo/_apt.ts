/** The package sources of apt on a node, and the steps that make one of them be as described, or be gone. */
import type { Reader } from '../../core/host.ts';
import { baseOf, join } from '../../core/path.ts';
import type { Change, Plan, Step } from '../../core/state.ts';
import { withComments } from './_comments.ts';
import {
  covers,
  differences,
  type Entry,
  type Located,
  sameRepository,
  singles,
  withoutPassword,
} from './_entry.ts';
import { formatOf, lineOf } from './_format.ts';
import { folderSteps, type Key, keySteps, missingAbove } from './_key.ts';
import { listsOf } from './_lists.ts';
import { contradictions, isDuplicate, overlapping } from './_overlap.ts';
import { fetchedTopic, fetchSteps, forgetStep, staleStep } from './_refresh.ts';
import { newFile, type TextFile, textFile } from './_text.ts';
import { folder, type Wanted } from './_wanted.ts';

export interface SourceFile extends TextFile {
  readonly entries: readonly Located[];
}

/** Every file that apt reads. */
export function sourceFiles(reader: Reader): SourceFile[] {
  const names = reader.list(folder) ?? [];
  const read = names.filter((name) => /^[A-Za-z0-9_.-]+\.(list|sources)$/.test(name));
  return ['/etc/apt/sources.list', ...read.map((name) => join(folder, name))].flatMap(
    (path) => sourceFile(path, reader) ?? [],
  );
}

export function sourceFile(path: string, reader: Reader): SourceFile | undefined {
  const file = textFile(path, reader);
  return file && { ...file, entries: formatOf(path).parse(file.text) };
}

export interface AptNow {
  readonly files: readonly SourceFile[];
  /** Files in which apt keeps what the repository says of itself. */
  readonly lists: readonly string[];
  /** Whether such a file is missing. */
  readonly listless: boolean;
  readonly missingFolders: readonly string[];
  readonly canFetch: boolean;
}

/** Where the repository goes: an equal entry is left where it is, unless the tree names the file. */
export function placeOf(wanted: Wanted, files: readonly SourceFile[]): string {
  if (wanted.named || wanted.own) return wanted.file;
  const there = files.find(({ entries }) =>
    entries.some(({ entry }) => entry.enabled && sameRepository(entry, wanted.entry)),
  );
  return there?.path ?? wanted.file;
}

export function readApt(wanted: Wanted, reader: Reader): AptNow {
  const files = sourceFiles(reader);
  const place = placeOf(wanted, files);
  const lists = listsOf(wanted.entry, reader);
  const other = files.some(({ path }) => path === place) ? undefined : sourceFile(place, reader);
  return {
    files: other ? [...files, other] : files,
    lists: lists.signed,
    listless: wanted.entry.enabled && !lists.all && !reader.recall(fetchedTopic).includes(place),
    missingFolders: missingAbove(place, reader),
    canFetch: !reader.rooted && reader.stat('/usr/bin/apt-get') !== undefined,
  };
}

export interface AptChoice {
  readonly refresh: boolean;
  /** Whether the file may hold nothing else. */
  readonly clean: boolean;
  readonly comments: readonly string[];
}

export function planApt(wanted: Wanted, key: Key | undefined, now: AptNow, choice: AptChoice): Plan {
  const path = placeOf(wanted, now.files);
  const file = now.files.find((one) => one.path === path) ?? { ...newFile(path), entries: [] };
  const elsewhere = now.files.filter((one) => one !== file);
  const brought = isBrought(wanted, now.files);
  const edit = brought
    ? { text: file.text, changes: [] }
    : commented(withEntry(file, wanted, choice.clean || wanted.own), wanted, path, choice.comments);
  const moved = elsewhere.flatMap((one) => withoutDuplicates(one, wanted.entry));
  const stepsOfKey = keySteps(key);
  const changed = edit.text !== file.text || moved.length > 0 || stepsOfKey.length > 0;
  const fetches = choice.refresh && now.canFetch && wanted.entry.enabled && (changed || now.listless);
  const steps: Step[] = [
    ...(fetches && changed ? now.lists.map(forgetStep) : []),
    ...folderSteps([
      ...(stepsOfKey.length > 0 ? key!.missingFolders : []),
      ...(edit.text !== file.text ? now.missingFolders : []),
    ]),
    ...stepsOfKey,
    ...writeSteps(file, edit.text, edit.changes),
    ...moved,
    ...(changed ? [staleStep()] : []),
    ...(fetches ? fetchSteps('apt', path, changed ? undefined : 'missing') : []),
  ];
  const warnings = [
    ...(key?.warnings ?? []),
    ...(brought ? [] : [...contradictions(wanted.entry, elsewhere), ...overlapping(wanted.entry, elsewhere)]),
  ];
  if (steps.length > 0) return { steps, warnings };
  return { steps, comment: `The package source is as it should be in ${path}`, warnings };
}

/** Whether an entry that says more than this repository brings it already (two suites in one stanza). */
function isBrought({ entry, named, own }: Wanted, files: readonly SourceFile[]): boolean {
  if (named || own || !entry.enabled) return false;
  return files.some(({ entries }) => entries.some((one) => one.entry.enabled && covers(one.entry, entry)));
}

function withEntry(file: SourceFile, { entry, own }: Wanted, alone: boolean): Edited {
  const format = formatOf(file.path);
  const parts = file.path.endsWith('.sources') ? [entry] : singles(entry);
  const changes: Change[] = [];
  let text = file.text;
  const kept: Entry[] = [];
  for (const part of parts) {
    const entries = format.parse(text);
    const free = entries.filter((one) => !kept.some((other) => differences(one.entry, other).length === 0));
    const old =
      free.find((one) => differences(one.entry, part).length === 0) ??
      free.find((one) => sameRepository(one.entry, part)) ??
      // In a file of its own an entry is this one, even if it has another suite now.
      (own && entries.length === parts.length ? free[0] : undefined);
    const differing = differences(old?.entry, part);
    if (differing.length > 0) {
      text = format.put(text, part, old);
      changes.push(...(old ? differing : [{ subject: 'repository', new: withoutPassword(lineOf(part)) }]));
    }
    kept.push(part);
  }
  const strange = (one: Located) =>
    !kept.some((part) => differences(one.entry, part).length === 0) &&
    (alone || kept.some((part) => isDuplicate(one.entry, part)));
  for (let gone = format.parse(text).find(strange); gone; gone = format.parse(text).find(strange)) {
    text = format.drop(text, gone);
    changes.push(removed(gone.entry));
  }
  return { text, changes };
}

function commented(edited: Edited, { entry }: Wanted, path: string, comments: readonly string[]): Edited {
  if (comments.length === 0) return edited;
  const parts = [entry, ...singles(entry)];
  const place = formatOf(path)
    .parse(edited.text)
    .find((one) => parts.some((part) => differences(one.entry, part).length === 0));
  const { text, changes } = withComments(edited.text, comments, place?.from ?? 0);
  return { text, changes: [...edited.changes, ...changes] };
}

interface Edited {
  readonly text: string;
  readonly changes: readonly Change[];
}

/** apt complains of a repository that two files describe, and gives up where they name different keys. */
function withoutDuplicates(file: SourceFile, entry: Entry): Step[] {
  const format = formatOf(file.path);
  let text = file.text;
  const changes: Change[] = [];
  for (const part of [entry, ...singles(entry)]) {
    const duplicate = (one: Located) => isDuplicate(one.entry, part);
    for (let gone = format.parse(text).find(duplicate); gone; gone = format.parse(text).find(duplicate)) {
      text = format.drop(text, gone);
      changes.push(removed(gone.entry, file.path));
    }
  }
  return writeSteps(file, text, changes);
}

export function removed(entry: Entry, path?: string): Change {
  return { subject: path ?? 'repository', old: withoutPassword(lineOf(entry)) };
}

/** A file of which nothing is left goes, but for the one every Debian has. */
export function writeSteps(file: SourceFile, text: string, changes: readonly Change[]): Step[] {
  if (text === file.text) return [];
  const [change, ...also] = changes;
  const { path } = file;
  const gone = text.trim() === '' && baseOf(path) !== 'sources.list';
  const isNew = file.text === '';
  return [
    {
      ...(change && { change }),
      ...(also.length > 0 && { also }),
      effect: gone
        ? { kind: 'remove', path }
        : {
            kind: 'write',
            path,
            content: Buffer.from(text, file.encoding),
            follow: true,
            ...(isNew && { mode: 0o644 }),
          },
    },
  ];
}
