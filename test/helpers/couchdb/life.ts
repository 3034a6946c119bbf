/** Tests of a state against the double: foretold, applied, quiet, damaged, healed. */
import { expect } from 'chai';
import type { AnyState } from '../../../engine/core/state.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import { type Applied, applyTo, planOf } from '../apply.ts';
import { subjectsOf } from '../state-tester.ts';
import { password, username } from './double.ts';
import type { DoubleNode } from './server.ts';

export function argsFor(node: DoubleNode, state: AnyState, more: object): Record<string, unknown> {
  const isOfUsers = 'admin_name' in state.properties;
  const login = isOfUsers ? { admin_name: username, admin_password: password } : { username, password };
  return { url: node.url, ...login, ...more };
}

export async function apply(node: DoubleNode, state: AnyState, more: object): Promise<Applied> {
  return await applyTo(createLocalHost(), state, argsFor(node, state, more));
}

/** A dry run that must come to the same as the real one, after which nothing is left to do. */
export async function expectDone(
  node: DoubleNode,
  state: AnyState,
  more: object,
  changes: readonly string[],
): Promise<Applied> {
  const before = node.asked.length;
  const overlay = createOverlay(createLocalHost());
  const foretold = await applyTo(overlay, state, argsFor(node, state, more));
  const sent = node.asked.slice(before).filter((line) => !line.startsWith('GET'));
  expect(sent, 'a dry run changes nothing').to.deep.equal([]);
  const done = await apply(node, state, more);
  expect(done.refused ?? done.failed).to.equal(undefined);
  expect(subjectsOf(done.steps)).to.deep.equal(changes);
  expect(foretold.steps, 'a dry run').to.deep.equal(done.steps);
  for (const one of [foretold, done]) {
    const left = one.again;
    expect('steps' in left! ? left.steps : left, 'what is left').to.deep.equal([]);
  }
  return done;
}

export async function expectQuiet(node: DoubleNode, state: AnyState, more: object): Promise<void> {
  await expectDone(node, state, more, []);
}

/** Nothing is done, and why: a refusal, or trouble when looking. */
export async function expectRefused(
  node: DoubleNode,
  state: AnyState,
  more: object,
  why: RegExp,
): Promise<void> {
  const before = node.asked.length;
  const said = await planOf(state, argsFor(node, state, more), createLocalHost()).then(
    ({ plan }) => ('refused' in plan ? plan.refused : JSON.stringify(plan)),
    (error: Error) => error.message,
  );
  expect(said).to.match(why);
  expect(node.asked.slice(before).filter((line) => !line.startsWith('GET'))).to.deep.equal([]);
}
