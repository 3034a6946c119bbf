/** Questions at the terminal; of secrets nothing is shown. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Trouble } from './trouble.ts';

/** Whether there is anybody to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true;
}

export async function ask(question: string, { unseen = false } = {}): Promise<string> {
  let isMuted = false;
  const output = new Writable({
    write(chunk, encoding, done) {
      if (!isMuted) process.stderr.write(chunk, encoding as BufferEncoding);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      // Without a listener readline would swallow Ctrl-C, and a closed terminal would leave the question open for ever.
      reader.once('SIGINT', () => reject(new Trouble('Interrupted; run it again to go on.')));
      reader.once('close', () => reject(new Trouble('The input ended; run it again to go on.')));
      const answer = reader.question(`${question}: `);
      isMuted = unseen;
      answer.then((text) => resolve(text.trim()), reject);
    });
  } finally {
    isMuted = false;
    if (unseen) process.stderr.write('\n');
    reader.close();
  }
}

export async function confirmed(question: string): Promise<boolean> {
  if (!canAsk()) throw new Trouble('There is nobody to ask.', 'Run it on a terminal, or with --yes.');
  return /^y(es)?$/i.test(await ask(`${question} (y/n)`));
}
