/** Looks for texts that should not be there in what runs and what was logged: command lines, the journal of systemd. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Finding } from '../core/secret.ts';
import { chunkSize, type Leak, mostLeaks, type SearchOptions } from './leaks.ts';

/** proc_pid_cmdline(5): everybody may read it. */
export function searchProcesses(find: SearchOptions['find']): { leaks: Leak[]; processes: number } {
  const leaks: Leak[] = [];
  let processes = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', '\n');
      processes++;
      const labels = new Map(find(words).map((finding) => [finding.label, finding]));
      if (labels.size === 0) continue;
      const where = readFileSync(`/proc/${name}/comm`, 'utf8').trim();
      for (const { path, label } of labels.values())
        leaks.push({ kind: 'process', where, pid: Number(name), secret: path, label });
    } catch {
      // It has ended.
    }
  }
  return { leaks, processes };
}

/** The newest entries of the journal, with all of their fields; `undefined` where there is none, or none to be read. */
export async function searchJournal({
  find,
  until,
}: SearchOptions): Promise<{ leaks: Leak[]; entries: number } | undefined> {
  const leaks: Leak[] = [];
  let entries = 0;
  let rest = '';
  function search(text: string): void {
    entries += text.split('\n\n').length - 1;
    for (const finding of find(text)) {
      const from = text.lastIndexOf('\n\n', finding.start) + 2;
      const to = text.indexOf('\n\n', finding.start);
      const entry = text.slice(from === 1 ? 0 : from, to === -1 ? undefined : to);
      if (leaks.length < mostLeaks) leaks.push(inEntry(entry, finding));
    }
  }
  const words = ['--no-pager', '--quiet', '--all', '--output=export', '--lines=300000'];
  const child = spawn('journalctl', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const decoder = new StringDecoder('utf8');
  const started = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
  });
  if (!started) return undefined;
  for await (const chunk of child.stdout) {
    rest += decoder.write(chunk as Buffer);
    if (Date.now() > until || leaks.length >= mostLeaks) break;
    const end = rest.lastIndexOf('\n\n') + 2;
    if (end === 1 || rest.length < chunkSize) continue;
    search(rest.slice(0, end));
    rest = rest.slice(end);
  }
  child.kill();
  search(`${rest.trimEnd()}\n\n`);
  return { leaks, entries };
}

/** https://systemd.io/JOURNAL_EXPORT_FORMATS: a field per line, an empty line between entries. */
function inEntry(entry: string, { path, label }: Finding): Leak {
  const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(entry)?.[1];
  const stamp = Number(field('__REALTIME_TIMESTAMP'));
  return {
    kind: 'journal',
    where: field('_SYSTEMD_UNIT') ?? field('SYSLOG_IDENTIFIER') ?? field('_COMM') ?? 'kernel',
    ...(stamp > 0 ? { time: new Date(stamp / 1000).toISOString() } : {}),
    secret: path,
    label,
  };
}
