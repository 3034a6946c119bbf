/** Several applications of firewall.ruleset on a node, one after the other. */
import type { Node } from './node.ts';
import { type AppliedState, applyState } from './state.ts';

export interface Job {
  readonly args: Record<string, unknown>;
  readonly dry?: boolean;
}

/** `failed` also tells why it was refused. */
export type Done = Omit<AppliedState, 'refused'>;

export async function runJobs(node: Node, jobs: readonly Job[]): Promise<Done[]> {
  const all: Done[] = [];
  for (const { args, dry = false } of jobs) {
    const { refused, failed, ...done } = await applyState(node, 'firewall.ruleset', args, { dry });
    all.push({ ...done, failed: refused ?? failed });
  }
  return all;
}
