/** What decides that a run may stay: probes of the tree, which all have to succeed at once. */
import type { Target } from './host.ts';

export interface Probe {
  readonly target: Target;
  /** Seconds that one look may take. */
  readonly timeout: number;
}

export interface Confirmation {
  readonly probes: readonly Probe[];
  /** Seconds to ask for; undefined: until the run would be taken back anyway. */
  readonly timeout?: number;
  /** Seconds between two rounds. */
  readonly interval: number;
}

/** How a probe is named in messages. */
export function nameOf({ target }: Probe): string {
  switch (target.kind) {
    case 'tcp':
      return `tcp ${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
    case 'http':
      return `http ${target.url}`;
    case 'certificate':
      return `certificate ${target.name} at ${target.host}:${target.port}`;
    case 'command':
      return `command "${target.command.argv.join(' ')}"`;
    case 'template':
      return `template ${target.request.source.url}`;
  }
}
