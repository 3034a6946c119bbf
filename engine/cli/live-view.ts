/** What a watch in the foreground shows on a terminal between its runs: one line that is gone before anything else is printed. */
import { createProgress } from '../report/progress.ts';
import { visibleLine } from '../report/visible.ts';
import { throughStream } from './discretion.ts';
import type { Stream, Streams } from './main.ts';

export interface LiveView {
  /** What is to be written to, so that the line is never in the way. */
  readonly streams: Streams;
  show(line: string): void;
  clear(): void;
}

export function liveView(streams: Streams): LiveView {
  const { stdout, stderr } = streams;
  const terminal = stderr.isTTY
    ? { write: (text: string) => stderr.write(text), columns: stderr.columns ?? 80 }
    : undefined;
  const line = createProgress(terminal, () => {});
  function behind(stream: Stream): Stream {
    return throughStream(stream, (text) => {
      line.clear();
      stream.write(text);
    });
  }
  return {
    streams: terminal ? { ...streams, stdout: behind(stdout), stderr: behind(stderr) } : streams,
    show: (text) => line.show(visibleLine(text)),
    clear: line.clear,
  };
}
