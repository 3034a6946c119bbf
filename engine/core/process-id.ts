/** Which process is meant: a number is used again, with when it was started it means one. */

export interface ProcessId {
  readonly pid: number;
  /** In ticks since boot: field 22 of /proc/PID/stat, proc(5). */
  readonly started: string;
}

/** `stat`: the text of its /proc/PID/stat. Undefined where there is none, or only what is left of one that ended. */
export function processIdOf(pid: number, stat: string): ProcessId | undefined {
  // The name in brackets may hold anything.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return started === undefined || state === 'Z' ? undefined : { pid, started };
}

export function isProcessId(value: unknown): value is ProcessId {
  const { pid, started } = (value ?? {}) as Partial<ProcessId>;
  return Number.isInteger(pid) && typeof started === 'string';
}
