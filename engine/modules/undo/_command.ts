/** Runs the command by which another one said it can be undone. It is no state of trees: `rollback` is made of it. */
import { createHash } from 'node:crypto';
import type { Command } from '../../core/host.ts';
import { defineState } from '../../core/state.ts';

export const commandBack = defineState({
  summary: 'what a command changed is undone by another one',
  properties: {
    object: { type: 'string', description: 'File with the command, as JSON.' },
    hash: { type: 'string', description: 'SHA-256 of its bytes.' },
  },
  required: ['object', 'hash'],
  examples: [],
  repeats: true,
  read({ object, hash }, reader): Command | string {
    const bytes = reader.content(object);
    if (bytes === undefined) return 'it is no longer kept';
    if (createHash('sha256').update(bytes).digest('hex') !== hash) return 'what was kept is damaged';
    const { stdin, ...command } = JSON.parse(bytes.toString()) as Command & { readonly stdin?: string };
    return stdin === undefined ? command : { ...command, stdin: Buffer.from(stdin, 'base64') };
  },
  plan({ name }, command) {
    if (typeof command === 'string') return { refused: `It cannot be run: ${command}.`, certain: true };
    // All that is known of it is that it changes something which is no file.
    const settles = [{ about: 'answer', command, stdout: '' }] as const;
    return [
      { change: { subject: name, new: 'run' }, effect: { kind: 'exec', command, settles, foreseen: true } },
    ];
  },
});
