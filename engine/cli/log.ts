/** What the program says about itself while it works, on stderr, as far as was asked for. */
import { visibleLine } from '../report/visible.ts';
import { logLevels } from './options.ts';

type Level = (typeof logLevels)[number];

export type Log = (level: Exclude<Level, 'quiet'>, message: string) => void;

/** `limit` is the last level of `logLevels` that is told. */
export function createLog(limit: string, stderr: { write(text: string): void }): Log {
  const told = logLevels.indexOf(limit as Level);
  return (level, message) => {
    if (logLevels.indexOf(level) <= told) stderr.write(`${level}: ${visibleLine(message)}\n`);
  };
}
