/** What an effect touches: paths, units, and what is beyond undoing. */
import type { Effect, ExecEffect, FileEffect, Settled } from '../core/host.ts';
import type { Keeper, Note } from '../core/undo.ts';
import type { Files } from './files.ts';

/** A path that an effect changes, and how much of it. */
export interface Touch {
  readonly path: string;
  /** `tree`: all below it goes with it. */
  readonly part: 'all' | 'attributes' | 'tree' | { readonly record: string };
  /** Where a tree goes to. */
  readonly to?: string;
  /** The bytes it will have, where they are known. */
  readonly content?: Buffer;
}

type Look = Pick<Files, 'stat' | 'resolve'>;

/** What the kernel shows as files is set by commands; a copy of it could not be put back. */
const kernel = /^\/(?:proc|sys)\//;

const ofFiles: ReadonlySet<Effect['kind']> = new Set<FileEffect['kind']>([
  'write',
  'directory',
  'link',
  'copy',
  'move',
  'remove',
  'attributes',
  'node',
]);

export function isOfFiles(effect: Effect): effect is FileEffect {
  return ofFiles.has(effect.kind);
}

export function touchesOf(effect: FileEffect | ExecEffect, look: Look): Touch[] {
  const { path } = effect as { path: string };
  switch (effect.kind) {
    case 'write': {
      const real = effect.follow ? look.resolve(path) : path;
      const beside = effect.backup && 'suffix' in effect.backup ? path + effect.backup.suffix : undefined;
      return [
        { path: real, part: 'all', content: effect.content },
        ...(beside === undefined ? [] : [{ path: beside, part: 'all' } as const]),
      ];
    }
    case 'directory':
      return [{ path, part: look.stat(path)?.kind === 'directory' ? 'attributes' : 'all' }];
    case 'attributes':
      return [{ path: effect.follow ? look.resolve(path) : path, part: 'attributes' }];
    case 'move':
      return [{ path: effect.from, part: 'tree', to: path }];
    case 'remove':
      return [{ path, part: 'tree' }];
    case 'exec':
      return (effect.settles ?? []).flatMap((settled): Touch[] => {
        if (settled.about === 'record') return [{ path: settled.file, part: { record: settled.key } }];
        if (settled.about !== 'file' || kernel.test(settled.effect.path)) return [];
        // A command may write in its own way what is foretold as bytes.
        return touchesOf(settled.effect, look).map(({ content: _, ...touch }) => touch);
      });
    default:
      return [{ path, part: 'all' }];
  }
}

/** Units whose state a command settles. */
export function unitsOf({ settles = [] }: ExecEffect): string[] {
  return settles.flatMap((one) =>
    one.about === 'unit' && (one.active ?? one.enabled) !== undefined ? [one.name] : [],
  );
}

/** The way back, where the command knows one, or what will stay. */
export function notesOfCommand(effect: ExecEffect, keeper: Pick<Keeper, 'keep'>): Note[] {
  const { command, undo, settles = [], foreseen } = effect;
  if (undo) {
    const both = { back: commandData(undo), forth: commandData(command) };
    const object = keeper.keep(Buffer.from(JSON.stringify(both)));
    return [{ about: 'command', label: labelOf(undo.argv), object }];
  }
  const packages = settles.flatMap((one) => (one.about === 'package' ? [sentenceOf(one)] : []));
  if (packages.length > 0) return packages.map((what) => ({ about: 'lost', what }));
  if (foreseen && !settles.some(isBeyondFiles)) return [];
  return [{ about: 'lost', what: `What "${labelOf(command.argv)}" did is not undone.` }];
}

/** Bytes would not survive JSON. */
function commandData({ stdin, ...command }: ExecEffect['command']): object {
  if (stdin === undefined) return command;
  return { ...command, stdin: Buffer.from(stdin).toString('base64') };
}

function isBeyondFiles(settled: Settled): boolean {
  return (
    settled.about === 'answer' ||
    settled.about === 'request' ||
    (settled.about === 'file' && kernel.test(settled.effect.path))
  );
}

function sentenceOf({ name, version, held }: Extract<Settled, { about: 'package' }>): string {
  if (version === null) return `The package ${name} was removed, and is not installed again.`;
  if (held !== undefined) return `The package ${name} was ${held ? 'held' : 'released'}, and stays so.`;
  return `The package ${name} was installed or changed (${version}), and stays so.`;
}

function labelOf(argv: readonly string[]): string {
  const text = argv.join(' ').replace(/\s+/g, ' ').trim();
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
