/** What every reporter is: it hears of all that happens in a run, and writes what its reader wants to know. */
import type { Event } from '../core/event.ts';

export interface Reporter {
  handle(event: Event): void;
  /** Writes what was held back. `run-finished` does so by itself; a run that breaks off has to ask. */
  flush(): void;
}
