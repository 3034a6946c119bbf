/** Several applications of firewall.ruleset on a node, without starting Node.js for each. */
import { compiled } from './converge.ts';
import { checkout, type Node } from './node.ts';

export interface Job {
  readonly args: Record<string, unknown>;
  readonly dry?: boolean;
}

export interface Done {
  /** Why it was refused, or failed. */
  readonly failed?: string;
  /** subject → [old, new]. */
  readonly changes: { readonly [subject: string]: readonly unknown[] };
  /** Subjects of what is left to do afterwards. */
  readonly left?: readonly string[];
  readonly processes: readonly string[];
}

export async function runJobs(node: Node, jobs: readonly Job[]): Promise<Done[]> {
  const argv = ['node', `${checkout}/test/lab/firewall-inside.ts`];
  const stdin = JSON.stringify(jobs);
  return JSON.parse(await node.must(argv, { stdin, timeout: 150, env: { NODE_COMPILE_CACHE: compiled } }));
}
