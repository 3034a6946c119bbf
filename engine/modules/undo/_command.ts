/** Runs the command by which another one said it can be undone. It is no state of trees: `rollback` is made of it. */
import { createHash } from 'node:crypto';
import type { Command } from '../../core/host.ts';
import { defineState } from '../../core/state.ts';

/** The way back, and what it takes back. */
interface Both {
  readonly back: Command;
  readonly forth: Command;
}

export const commandBack = defineState({
  summary: 'what a command changed is undone by another one',
  properties: {
    object: { type: 'string', description: 'File with the command, as JSON.' },
    hash: { type: 'string', description: 'SHA-256 of its bytes.' },
  },
  required: ['object', 'hash'],
  examples: [],
  repeats: true,
  read({ object, hash }, reader): Both | string {
    const bytes = reader.content(object);
    if (bytes === undefined) return 'it is no longer kept';
    if (createHash('sha256').update(bytes).digest('hex') !== hash) return 'what was kept is damaged';
    const { back, forth } = JSON.parse(bytes.toString()) as { readonly back: Kept; readonly forth: Kept };
    return { back: commandOf(back), forth: commandOf(forth) };
  },
  plan({ name }, both) {
    if (typeof both === 'string') return { refused: `It cannot be run: ${both}.`, certain: true };
    const { back, forth } = both;
    return [
      {
        change: { subject: name, new: 'run' },
        effect: { kind: 'exec', command: back, undo: forth, foreseen: true },
      },
    ];
  },
});

/** Bytes do not survive JSON. */
type Kept = Omit<Command, 'stdin'> & { readonly stdin?: string };

function commandOf({ stdin, ...command }: Kept): Command {
  return stdin === undefined ? command : { ...command, stdin: Buffer.from(stdin, 'base64') };
}
