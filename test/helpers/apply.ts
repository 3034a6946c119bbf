/** Plans and applies one state on a host, as the engine does, for tests that need no compiler. */
import { Ajv } from 'ajv';
import type { Host, Outcome, Performed, Reader } from '../../engine/core/host.ts';
import type { Properties, Schema } from '../../engine/core/schema.ts';
import { type AnyState, isRefusal, type Plan, type Step, stepsOf } from '../../engine/core/state.ts';
import { fromPlain } from '../../engine/core/value.ts';

const ajv = new Ajv({ allowUnionTypes: true, strictRequired: false, strictTypes: false });
ajv.addKeyword('ordered');

/** Arguments as a state receives them: checked against its schema, defaults filled in, `ordered` dicts as Maps. */
// biome-ignore lint/suspicious/noExplicitAny: as AnyState
export function argumentsOf(definition: AnyState, args: Record<string, unknown>): any {
  const properties: Properties = definition.properties;
  const given: Record<string, unknown> = { name: 'the-id' };
  for (const [key, value] of Object.entries(args))
    if (value !== null || takesNull(properties[key])) given[key] = value;
  for (const [key, schema] of Object.entries(properties)) {
    if (schema.default !== undefined) given[key] ??= structuredClone(schema.default);
  }
  const valid = ajv.validate(
    {
      type: 'object',
      properties: { name: { type: 'string' }, ...properties },
      required: definition.required ?? [],
      additionalProperties: definition.anyArguments ?? false,
    },
    given,
  );
  if (!valid) throw new Error(`the arguments are refused: ${ajv.errorsText()}`);
  for (const [key, schema] of Object.entries(properties)) {
    const value = given[key];
    if (!schema.ordered || typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    given[key] = fromPlain(value);
  }
  return given;
}

/** As in SLS: null means "not given" unless the argument takes null. */
function takesNull(schema: Schema | undefined): boolean {
  return schema === undefined || [schema.type ?? 'null'].flat().includes('null');
}

const place = { id: 'the-id', sls: 'the.sls' };

export async function planOf(
  definition: AnyState,
  args: Record<string, unknown>,
  host: Reader,
): Promise<{ readonly plan: Plan; readonly now: unknown }> {
  const checked = argumentsOf(definition, args);
  const now = await definition.read(checked, host, place);
  return { plan: definition.plan(checked, now), now };
}

export interface Applied {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  /** Of the steps that were tried; the last one may have failed. */
  readonly performed: readonly Performed[];
  readonly refused?: string;
  readonly failed?: string;
  readonly outcome?: Outcome;
  /** Planned again after everything was performed; undefined where that was not reached. */
  readonly again?: Plan;
}

/** Read, plan, perform, and plan again unless the state `repeats`. */
export async function applyTo(
  host: Host,
  definition: AnyState,
  args: Record<string, unknown>,
): Promise<Applied> {
  const { plan } = await planOf(definition, args, host);
  if (isRefusal(plan)) return { plan, steps: [], performed: [], refused: plan.refused };
  const steps = stepsOf(plan);
  const performed: Performed[] = [];
  let outcome: Outcome | undefined;
  for (const { effect } of steps) {
    const result = await host.perform(effect);
    performed.push(result);
    if ('outcome' in result && result.outcome) outcome = result.outcome;
    if (result.became === 'failed') return { plan, steps, performed, failed: result.reason, outcome };
  }
  if (definition.repeats) return { plan, steps, performed, outcome };
  return { plan, steps, performed, outcome, again: (await planOf(definition, args, host)).plan };
}
