/** Functions of design documents: they run in a world of their own, into which and out of which come texts only. */
import { createContext, runInContext } from 'node:vm';
import { Refused } from './refused.ts';

/** Milliseconds, after which a function that does not end is ended. */
const timeout = 5000;

export class Sandbox {
  readonly #world = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });

  constructor() {
    runInContext(prelude, this.#world, { timeout });
  }

  /** Adds a function by a name; throws a SyntaxError of ours where it is none. */
  define(name: string, source: string): void {
    try {
      runInContext(`functions[${JSON.stringify(name)}] = (${source}\n)`, this.#world, { timeout });
    } catch (error) {
      throw new SyntaxError((error as Error).message);
    }
  }

  /** Calls `task` of the prelude. */
  call<T>(task: 'map' | 'validate' | 'reduce', ...told: readonly unknown[]): T {
    const input = JSON.stringify(JSON.stringify(told));
    try {
      return JSON.parse(runInContext(`tasks.${task}(...JSON.parse(${input}))`, this.#world, { timeout }));
    } catch (error) {
      throw new Refused(500, 'os_process_error', String((error as Error).message));
    }
  }
}

const prelude = `
const functions = Object.create(null);
let emitted = [];
function emit(key, value) { emitted.push([key === undefined ? null : key, value === undefined ? null : value]); }
function sum(values) { return values.reduce((one, other) => one + other, 0); }
function isArray(value) { return Array.isArray(value); }
function toJSON(value) { return JSON.stringify(value); }
function log() {}
const tasks = {
  map: (docs) => JSON.stringify(docs.map((doc) => {
    emitted = [];
    try { functions.map(doc); } catch { emitted = []; }
    return emitted;
  })),
  reduce: (keys, values, again) => {
    const made = functions.reduce(keys, values, again);
    return JSON.stringify(made === undefined ? null : made);
  },
  validate: (doc, before, asker, security) => {
    try { functions.validate(doc, before, asker, security); return 'null'; }
    catch (error) {
      if (error && error.forbidden !== undefined) return JSON.stringify({ forbidden: String(error.forbidden) });
      if (error && error.unauthorized !== undefined) return JSON.stringify({ unauthorized: String(error.unauthorized) });
      return JSON.stringify({ name: String(error && error.name), message: String(error && error.message) });
    }
  },
};
`;
