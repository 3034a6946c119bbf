/** Salt's module `mine`: what nodes tell each other through a master. */
import { type FunctionModule, unavailable } from './context.ts';

const noMaster = 'there is no master that could keep a mine';

export const functions: FunctionModule = {
  // Salt: without a master the mine is empty, and formulas that may use it ask without a guard.
  get: () => new Map(),
  send: unavailable('mine.send', noMaster, 'the pillar'),
  update: unavailable('mine.update', noMaster, 'the pillar'),
};
