/** Turns the argument schema of a state into a check; the installed form replaces this by checks made at build time. */
import { createRequire } from 'node:module';
import type { Properties } from '../core/schema.ts';

/** What ajv says of one mistake: a JSON pointer to the value and the rule it breaks. */
export interface Violation {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: { readonly [name: string]: unknown };
  readonly message?: string;
}

/** True where the arguments match; otherwise `errors` holds all violations. */
export interface Validator {
  (args: unknown): boolean;
  errors?: readonly Violation[] | null;
}

/** The part of a state definition that says which arguments it takes. */
interface Arguments {
  readonly properties: Properties;
  readonly required?: readonly string[];
  readonly anyArguments?: boolean;
}

/** The JSON Schema of the arguments object of a state. */
export function schemaOf({ properties, required = [], anyArguments = false }: Arguments): object {
  return {
    type: 'object',
    properties: { name: { type: 'string' }, ...properties },
    required: [...required],
    additionalProperties: anyArguments,
  };
}

export const ajvOptions = { allErrors: true, strict: false, allowUnionTypes: true, validateFormats: false };

// biome-ignore lint/suspicious/noExplicitAny: loaded on demand, its types would load with it
let ajv: any;

/** `address` tells the build which check to put here; in development it is not needed. */
export function validatorFor(_address: string, definition: Arguments): Validator {
  if (!ajv) {
    const { Ajv } = createRequire(import.meta.url)('ajv');
    ajv = new Ajv(ajvOptions);
  }
  return ajv.compile(schemaOf(definition));
}
