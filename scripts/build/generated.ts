/** The two files of the engine that look around at run time, written anew with all they would find. */
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { ajvOptions, schemaOf } from '../../engine/compile/validator.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';

const standaloneCode = createRequire(import.meta.url)('ajv/dist/standalone').default;

/** Stands for engine/modules/find.ts: every state with a lazy import. A state brings its check of arguments along. */
export function stateTable(): string {
  const rows = listStates().map((address) => {
    const file = `./${address.replace('.', '/')}.ts`;
    return `  '${address}': async () => (checks['${address}'] = (await import('check:${address}')).default, import('${file}')),`;
  });
  return `import { checks } from '../compile/validator.ts';
const table = {
${rows.join('\n')}
};
export function listStates() { return Object.keys(table); }
export async function loadState(address) { return (await table[address]()).default; }
`;
}

/** Stands for engine/compile/validator.ts: what ajv would have made of the schemas. */
export const validators = `export const checks = {};
export function validatorFor(address) { return checks[address]; }
`;

/** The check of one state's arguments, as source text. */
export async function checkOf(address: string): Promise<string> {
  const ajv = new Ajv({ ...ajvOptions, code: { source: true, optimize: 2 } });
  return standaloneCode(ajv, ajv.compile(bare(schemaOf(await loadState(address)))));
}

/** Without its descriptions, of which the code would hold a copy. */
function bare(schema: object): object {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === 'description' && typeof value === 'string' ? undefined : value,
    ),
  );
}
