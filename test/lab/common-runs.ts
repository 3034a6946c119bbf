/** Runs of the tree states/common on a node, and what they have to come to. */
import { expect } from 'chai';
import { address, type Converged, type Result } from './converge.ts';
import { checkout, type Node } from './node.ts';

export const options = ['--templates', `${checkout}/templates`];

export interface Given {
  /** Pillar below `common`. */
  readonly common?: object;
  /** Other pillar. */
  readonly pillar?: object;
  readonly verb?: readonly string[];
  readonly test?: boolean;
}

/** Without the watch, which would run in between. */
export function run(on: Node, { common = {}, pillar = {}, ...rest }: Given = {}): Promise<Converged> {
  return on.converge(undefined, {
    options,
    pillar: { domain: 'example.org', common: { schedule: { watch: false }, ...common }, ...pillar },
    ...rest,
  });
}

export function comments({ results, stderr }: Converged): string {
  const told = results
    .filter(({ verdict }) => verdict !== 'unchanged')
    .map((one) => `${address(one)}: ${one.verdict}: ${one.comment}`);
  return `${stderr}${told.join('\n')}`;
}

export function expectGood(done: Converged): void {
  expect([done.status, done.errors, done.failed], comments(done)).to.deep.equal([0, [], []]);
  expect(done.results, comments(done)).to.not.have.length(0);
}

/** What a dry run says it does not know, it may leave open; and packages bring what it cannot know. */
export function expectForetold(dry: Converged, real: Converged): void {
  for (const one of [dry, real]) expectGood(one);
  expect(dry.results.map(address)).to.deep.equal(real.results.map(address));
  for (const [index, before] of dry.results.entries()) {
    const after = real.results[index]!;
    if (before.verdict === 'unknown' || before.state === 'pkg') continue;
    // What a command does is its own affair; that it runs is not.
    const told = (one: Result) =>
      one.state === 'cmd'
        ? one.verdict.endsWith('change') || one.verdict === 'changed'
        : Object.keys(one.changes);
    expect(told(before), address(before)).to.deep.equal(told(after));
  }
}

export function expectNothing(done: Converged): void {
  expectGood(done);
  expect(done.changed, comments(done)).to.deep.equal([]);
}
