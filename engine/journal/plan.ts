/** Saved plans: written as a whole or not at all, and read with care, as they may come from anywhere. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Plan, planFormat } from '../core/plan.ts';

/** Throws what the file system says. */
export function writePlan(file: string, plan: Plan): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    // What a plan shows of files is not for everybody.
    writeFileSync(temporary, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A sentence where it is no plan that this version understands. Throws what the file system says. */
export function readPlan(file: string): Plan | string {
  const text = readFileSync(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}`;
  }
  const plan = value as Partial<Plan> | null;
  if (plan === null || typeof plan !== 'object' || !('format' in plan)) return 'it is no plan of converge';
  if (plan.format !== planFormat)
    return `it was made by version ${String(plan.converge)}, which writes other plans`;
  return isSound(plan) ? plan : 'parts of it are missing';
}

function isSound(plan: Partial<Plan>): plan is Plan {
  const { node, undertaking, options, inputs, states } = plan;
  return (
    typeof node === 'string' &&
    isObject(undertaking) &&
    isUndertaking(undertaking) &&
    isObject(options) &&
    isObject(inputs) &&
    isObject(inputs.pillar) &&
    isObject(inputs.grains) &&
    Array.isArray(states) &&
    states.every(isObject)
  );
}

function isUndertaking(one: { readonly [key: string]: unknown }): boolean {
  const { verb, sls, fun, args } = one;
  if (verb === 'highstate') return true;
  if (verb === 'apply') return Array.isArray(sls) && sls.every((name) => typeof name === 'string');
  return verb === 'single' && typeof fun === 'string' && Array.isArray(args) && args.every(Array.isArray);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
