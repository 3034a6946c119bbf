/** The life of a state on a node: foretold, applied, quiet, damaged, healed, removed. */
import { expect } from 'chai';
import type { Node } from './node.ts';
import { type AppliedState, applyState } from './state.ts';

export interface Call {
  readonly state: string;
  readonly args: Record<string, unknown>;
  /** A script that succeeds only where the state holds, by tools that know nothing of converge. */
  readonly check: string;
}

export interface Life extends Call {
  /** Subjects of the changes of the first application, in order. */
  readonly changes: readonly string[];
  /** Changes by hand what the state describes; then `check` fails and the state heals it. */
  readonly damage: string;
  /** The state that takes it away again, where there is one. */
  readonly absent?: Call;
}

/** Everything a state promises, on a real node. Returns what the first application came to. */
export async function expectLife(node: Node, life: Life): Promise<AppliedState> {
  const done = await expectApplied(node, life, life.changes);
  await node.must(life.damage);
  expect((await node.run(life.check)).status, `${life.state}: the damage shows`).to.not.equal(0);
  const healed = await applied(node, life);
  expect(Object.keys(healed.changes), `${life.state} heals`).to.not.deep.equal([]);
  await node.must(life.check);
  if (life.absent) await expectApplied(node, life.absent);
  return done;
}

/** Foretold as it is done, done at once, and nothing to do afterwards. */
export async function expectApplied(
  node: Node,
  call: Call,
  changes?: readonly string[],
): Promise<AppliedState> {
  const foretold = await applyState(node, call.state, call.args, { dry: true });
  const done = await applied(node, call);
  expect(foretold.changes, `${call.state} in a dry run`).to.deep.equal(done.changes);
  if (changes) expect(Object.keys(done.changes), call.state).to.deep.equal(changes);
  else expect(Object.keys(done.changes), call.state).to.not.deep.equal([]);
  await node.must(call.check);
  const again = await applyState(node, call.state, call.args);
  expect(again.changes, `${call.state} again`).to.deep.equal({});
  return done;
}

async function applied(node: Node, { state, args }: Call): Promise<AppliedState> {
  const done = await applyState(node, state, args);
  const title = `${state} ${JSON.stringify(args)}`;
  expect(done.failed ?? done.refused, `${title}: ${done.explained ?? ''}`).to.equal(undefined);
  expect(done.left, `${title}: what is left`).to.deep.equal([]);
  return done;
}
