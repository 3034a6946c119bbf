/** Keeps the memory of this process out of its core dumps. */
import { writeFileSync } from 'node:fs';

/** core(5): which memory a core dump of this process holds. */
export function forbidDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Not this kind of system, or not allowed: then there is nothing that could be done.
  }
}
