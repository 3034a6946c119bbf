/** The files that a certificate goes into: as they are, and the steps that make them as they should be. */
import { type AcmeFile, acmeContent } from '../../core/acme.ts';
import { HostTrouble, type Reader, type Stat, type WriteEffect } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { modeOf } from './_arguments.ts';
import { belongs, type Chain, chainOf, described, keyIn } from './_chain.ts';

export interface FileArguments {
  readonly name: string;
  readonly key_file?: string;
  readonly chain_file?: string;
  readonly user?: string | number;
  readonly group?: string | number;
  readonly mode: string | number;
  readonly makedirs: boolean;
}

export interface Output extends AcmeFile {
  readonly mode: number;
  readonly stat?: Stat;
  readonly content?: Buffer;
  /** What its owner and group are to be, where that is told. */
  readonly uid?: number;
  readonly gid?: number;
}

export function outputsOf(args: FileArguments, keyPem: string, reader: Reader): readonly Output[] | Refusal {
  const withKey = modeOf(args.mode);
  if (!(withKey <= 0o777))
    return {
      refused: `"${args.mode}" are no permissions.`,
      hint: 'Write octal digits: 0640.',
      certain: true,
    };
  const files: Pick<AcmeFile, 'path' | 'before' | 'certificates' | 'mode'>[] = [];
  if (args.key_file === undefined) {
    files.push({ path: args.name, before: keyPem, certificates: 'all', mode: withKey });
  } else {
    files.push({ path: args.key_file, before: keyPem, certificates: 'none', mode: withKey });
    files.push({ path: args.name, before: '', certificates: 'all', mode: 0o644 });
  }
  if (args.chain_file !== undefined)
    files.push({ path: args.chain_file, before: '', certificates: 'issuers', mode: 0o644 });
  const paths = files.map(({ path }) => path);
  if (new Set(paths).size < paths.length)
    return { refused: 'Two of the files are the same.', hint: 'Give each its own path.', certain: true };
  const owner = ownerOf(args, reader);
  if ('refused' in owner) return owner;
  const outputs: Output[] = [];
  for (const file of files) {
    const stat = reader.stat(file.path);
    if (stat && stat.kind !== 'file')
      return { refused: `${file.path} is no file.`, hint: 'Move it away, or choose another path.' };
    const folder = parentOf(file.path);
    if (!args.makedirs && reader.stat(reader.resolve(folder))?.kind !== 'directory')
      return { refused: `There is no folder ${folder}.`, hint: 'Make it first, or set `makedirs`.' };
    const content = stat && reader.content(file.path);
    outputs.push({
      ...file,
      ...owner,
      mode: file.mode!,
      ...(stat ? { stat } : {}),
      ...(content ? { content } : {}),
    });
  }
  return outputs;
}

type Owner = Pick<Output, 'user' | 'group' | 'uid' | 'gid'>;

function ownerOf({ user, group }: FileArguments, reader: Reader): Owner | Refusal {
  const uid = user === undefined ? undefined : reader.user(user)?.uid;
  const gid = group === undefined ? undefined : reader.group(group)?.gid;
  if (user !== undefined && uid === undefined)
    return {
      refused: `There is no user "${user}".`,
      hint: 'Make the user first, by user.present or a package.',
    };
  if (group !== undefined && gid === undefined)
    return {
      refused: `There is no group "${group}".`,
      hint: 'Make the group first, by group.present or a package.',
    };
  return {
    ...(user === undefined ? {} : { user, uid: uid! }),
    ...(group === undefined ? {} : { group, gid: gid! }),
  };
}

/** What a server that reads them would have, if they belong together. */
export function inService(outputs: readonly Output[]): Chain | undefined {
  const texts = outputs.map(({ content }) => content?.toString() ?? '');
  const chain = texts.map(chainOf).find((one) => one !== undefined);
  const key = texts.map(keyIn).find((one) => one !== undefined);
  return chain && key && belongs(chain, key) ? chain : undefined;
}

/** Folders that are missing above a path, the topmost first. */
export function foldersAbove(path: string, reader: Pick<Reader, 'stat'>): string[] {
  const folder = parentOf(path);
  if (folder === path || reader.stat(folder)) return [];
  return [...foldersAbove(folder, reader), folder];
}

export function folderSteps(folders: Iterable<string>, mode: number): Step[] {
  return [...new Set(folders)].map((path) => ({
    change: { subject: path, new: 'directory' },
    effect: { kind: 'directory', path, mode },
  }));
}

/** With this chain in them; without one only owner and permissions are looked at. */
export function outputSteps(outputs: readonly Output[], chain: Chain | undefined): Step[] {
  return outputs.flatMap((output) => {
    const wanted = chain && acmeContent(output, chain.pems);
    return wanted && !output.content?.equals(wanted)
      ? [writeStep(output, wanted, chain)]
      : attributeSteps(output);
  });
}

function writeStep(output: Output, content: Buffer, chain: Chain): Step {
  const { path, user, group, mode, content: now } = output;
  const old = now && chainOf(now.toString());
  const before = now === undefined ? undefined : old ? described(old) : 'something else';
  const after = described(chain);
  const what =
    output.certificates === 'none' ? { old: now ? 'another key' : undefined, new: 'the key' } : undefined;
  const change = what ?? {
    old: before,
    new: before === after ? `${after}, with all that belongs to it` : after,
  };
  const effect: WriteEffect = {
    kind: 'write',
    path,
    content,
    mode,
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
  };
  return { change: { subject: path, ...change }, effect };
}

function attributeSteps({ path, stat, user, group, mode, uid, gid }: Output): Step[] {
  if (stat === undefined) return [];
  const changes: Change[] = [];
  if (uid !== undefined && uid !== stat.uid)
    changes.push({ subject: `owner of ${path}`, old: stat.uid, new: user });
  if (gid !== undefined && gid !== stat.gid)
    changes.push({ subject: `group of ${path}`, old: stat.gid, new: group });
  if (mode !== stat.mode)
    changes.push({ subject: `mode of ${path}`, old: octal(stat.mode), new: octal(mode) });
  const [change, ...also] = changes;
  if (change === undefined) return [];
  return [{ change, also, effect: { kind: 'attributes', path, user, group, mode } }];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The text of a file of our own; '' where there is none, or it is no file. */
export function ownText(path: string, reader: Reader): string {
  if (reader.stat(path)?.kind !== 'file') return '';
  try {
    return reader.content(path)?.toString() ?? '';
  } catch (error) {
    // Only root reads it: somebody else, in a dry run, sees as much as there is to be seen.
    if (error instanceof HostTrouble) return '';
    throw error;
  }
}
