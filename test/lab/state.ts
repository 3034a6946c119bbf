/** Applies one state on a node by the real host, so that a test sees its steps rather than a report of them. */
import { ask } from './companion.ts';
import { compiled } from './converge.ts';
import { checkout, type Node } from './node.ts';

export interface AppliedState {
  /** Why the plan was refused. */
  readonly refused?: string;
  /** Why a step failed, and what the state makes of the output. */
  readonly failed?: string;
  readonly explained?: string;
  readonly comment?: string;
  readonly warnings: readonly string[];
  /** subject → [old, new]. */
  readonly changes: { readonly [subject: string]: readonly unknown[] };
  /** The commands of the steps, for the few tests that care. */
  readonly commands: readonly string[];
  /** Every process that was started, for looks and steps. */
  readonly processes: readonly string[];
  /** Subjects of what is left to do afterwards, or why that cannot be told. */
  readonly left?: readonly string[] | string;
}

export async function applyState(
  node: Node,
  state: string,
  args: Record<string, unknown>,
  { dry = false }: { dry?: boolean } = {},
): Promise<AppliedState> {
  const argv = ['node', `${checkout}/test/lab/state-inside.ts`];
  const env = { NODE_COMPILE_CACHE: compiled };
  return JSON.parse(await ask(node, argv, JSON.stringify({ state, args, dry }), { env, timeout: 120 }));
}
