/** JSON Schema of a state's arguments, and the TypeScript type that follows from it. */

/** The part of JSON Schema that argument schemas use. */
export interface Schema {
  readonly type?: TypeName | readonly TypeName[];
  readonly description?: string;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  /** Ours: the state receives the dict as a Map, in the order and with the kinds of keys the user wrote. */
  readonly ordered?: boolean;
}

type TypeName = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';

type OfName<S extends Schema, N> = N extends 'string'
  ? string
  : N extends 'integer' | 'number'
    ? number
    : N extends 'boolean'
      ? boolean
      : N extends 'null'
        ? null
        : N extends 'array'
          ? S['items'] extends Schema
            ? Of<S['items']>[]
            : unknown[]
          : N extends 'object'
            ? S['ordered'] extends true
              ? Map<unknown, unknown>
              : S['properties'] extends Properties
                ? ArgumentsOf<
                    S['properties'],
                    S['required'] extends readonly string[] ? S['required'][number] : never
                  >
                : { [key: string]: unknown }
            : never;

/** The TypeScript type of the values a schema accepts. */
export type Of<S extends Schema> = S['enum'] extends readonly (infer E)[]
  ? E
  : S['type'] extends readonly (infer N)[]
    ? OfName<S, N>
    : S['type'] extends string
      ? OfName<S, S['type']>
      : unknown;

export interface Properties {
  readonly [name: string]: Schema;
}

/** The arguments object of a set of properties: required ones (and those with a default) are always there. */
export type ArgumentsOf<P extends Properties, R extends string = never> = 0 extends 1 & P
  ? // biome-ignore lint/suspicious/noExplicitAny: the arguments of AnyState, whose properties are any
    any
  : {
      [K in keyof P as K extends R ? K : P[K] extends { default: unknown } ? K : never]: Of<P[K]>;
    } & {
      [K in keyof P as K extends R ? never : P[K] extends { default: unknown } ? never : K]?: Of<P[K]>;
    };
