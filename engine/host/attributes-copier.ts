/** A shell that stays and starts cp(1) for us: to start a program from a process as large as ours takes several times as long. */
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { O_RDONLY, O_RDWR, O_NONBLOCK } = fs.constants;

/** Milliseconds for which a shell that does not hold its end of the pipe is waited for. */
const patience = 1000;
/** Milliseconds between two looks at whether it has answered. */
const beat = 0.1;

/** Reads a pair of paths, answers with what cp said and an empty line, which no message of it is. */
const script = `exec < "$1" > "$2" 2>&1
while IFS= read -r from && IFS= read -r to; do
  cp -P --attributes-only --preserve="$3" -- "$from" "$to"
  echo
done`;

export interface AttributesCopier {
  /** What cp said; undefined where nobody answers, and nobody will. */
  copy(from: string, to: string): string | undefined;
}

/**
 * Undefined where there can be none. The shell ends with us, as the only writer of its pipe.
 *
 * Node has no way to wait for one pipe without going on with everything else, so it is looked at again and again.
 */
export function createAttributesCopier(what: string): AttributesCopier | undefined {
  let folder: string | undefined;
  try {
    folder = fs.mkdtempSync(join(tmpdir(), 'converge-'));
    const [asks, answers] = [join(folder, 'asks'), join(folder, 'answers')];
    if (spawnSync('mkfifo', ['-m', '600', asks, answers], { stdio: 'ignore' }).status !== 0) return undefined;
    const input = fs.openSync(asks, O_RDWR | O_NONBLOCK);
    const output = fs.openSync(answers, O_RDONLY | O_NONBLOCK);
    const shell = spawn('/bin/sh', ['-c', script, 'sh', asks, answers, what], {
      stdio: 'ignore',
      // Ctrl-C is for us.
      detached: true,
      env: { ...process.env, LC_ALL: 'C' },
    });
    shell.on('error', () => {});
    shell.unref();
    // It has opened both when it answers for the first time.
    const copier = copierOf(input, output);
    return copier.copy(asks, asks) === undefined ? undefined : copier;
  } catch {
    return undefined;
  } finally {
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  }
}

function copierOf(input: number, output: number): AttributesCopier {
  const buffer = Buffer.alloc(4096);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  function answer(): string | undefined {
    let text = '';
    let alone = performance.now();
    for (;;) {
      try {
        const size = fs.readSync(output, buffer);
        text += buffer.toString('utf8', 0, size);
        if (text === '\n' || text.endsWith('\n\n')) return text.trim();
        // Nobody holds the other end: it has not come yet, or is gone.
        if (size === 0 && performance.now() - alone > patience) return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return undefined;
        alone = performance.now();
      }
      Atomics.wait(clock, 0, 0, beat);
    }
  }
  return {
    copy(from, to) {
      // Up to PIPE_BUF (pipe(7)) it is written as a whole or not at all.
      const question = Buffer.from(`${from}\n${to}\n`);
      if (question.length > 4096) return undefined;
      try {
        fs.writeSync(input, question);
      } catch {
        return undefined;
      }
      return answer();
    },
  };
}
