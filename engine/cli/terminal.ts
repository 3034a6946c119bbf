/** Reads what is typed at a terminal without showing it, or what is piped in. */
import type { ReadStream } from 'node:tty';
import { Trouble } from '../core/diagnostic.ts';

export async function readSecretly(
  prompt: string,
  stdin: NodeJS.ReadStream | ReadStream,
  stderr: { write(text: string): unknown },
): Promise<string> {
  if (!stdin.isTTY) {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
    return Buffer.concat(chunks).toString();
  }
  stderr.write(prompt);
  stdin.setRawMode(true);
  try {
    return await typedLine(stdin as ReadStream);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** Up to Enter. In raw mode the terminal leaves editing to us: rubbing out a character, the line; giving up. */
async function typedLine(stdin: ReadStream): Promise<string> {
  let typed: string[] = [];
  for await (const chunk of stdin) {
    for (const character of (chunk as Buffer).toString()) {
      if (character === '\r' || character === '\n' || character === '\x04') return typed.join('');
      if (character === '\x03') throw new Trouble([{ code: 'bad-argument', message: 'It was given up.' }]);
      if (character === '\x7f' || character === '\b') typed.pop();
      else if (character === '\x15') typed = [];
      else typed.push(character);
    }
  }
  return typed.join('');
}
