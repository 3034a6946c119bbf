/** The page of each state, from its definition, and their index. */
import type { Schema } from '../../engine/core/schema.ts';
import type { AnyState, Example } from '../../engine/core/state.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';
import { fence, page, sentence, table } from './page.ts';

export interface FoundState {
  readonly address: string;
  readonly definition: AnyState;
}

export function loadStates(): Promise<FoundState[]> {
  return Promise.all(
    listStates().map(async (address) => ({ address, definition: await loadState(address) })),
  );
}

export function statesIndex(states: readonly FoundState[]): string {
  const families = Map.groupBy(states, ({ address }) => address.split('.')[0]!);
  const lines = ['Every state with what holds after it was applied.', ''];
  for (const [family, members] of families) {
    lines.push(`## ${family}`, '');
    lines.push(
      ...table(
        ['State', 'Holds when'],
        members.map(({ address, definition }) => [`[${address}](${address}.md)`, definition.summary]),
      ),
      '',
    );
  }
  return page('States', 'engine/modules', lines);
}

export function statePage({ address, definition }: FoundState): string {
  const source = `engine/modules/${address.replace('.', '/')}.ts`;
  const lines = [sentence(definition.summary), ''];
  if (definition.description) lines.push(definition.description.trim(), '');
  lines.push('## Arguments', '', ...argumentTable(definition), '');
  if (definition.anyArguments) lines.push('Any other argument is accepted and means nothing.', '');
  lines.push(
    'Besides these every state takes requisites (`require`, `watch`, `onchanges`, …), conditions (`onlyif`, `unless`, …), `names`, `order`, `retry` and `failhard`.',
    '',
  );
  if (definition.examples.length > 0) lines.push('## Examples', '');
  for (const example of definition.examples) lines.push(...exampleLines(example));
  return page(address, source, lines);
}

function argumentTable(definition: AnyState): string[] {
  const properties: { readonly [name: string]: Schema } = definition.properties;
  const required: readonly string[] = definition.required ?? [];
  const all = 'name' in properties ? properties : { name: nameSchema, ...properties };
  return table(
    ['Argument', 'Value', 'Unless given', 'Meaning'],
    Object.entries(all).map(([name, schema]) => [
      `\`${name}\``,
      kindText(schema),
      name === 'name' ? 'the ID' : required.includes(name) ? '**required**' : defaultText(schema.default),
      schema.description ?? '',
    ]),
  );
}

const nameSchema: Schema = { type: 'string', description: 'What the state is about.' };

const kinds: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'mapping',
  null: 'none',
};

export function kindText(schema: Schema): string {
  if (schema.enum) return schema.enum.map(choiceText).join(', ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return 'anything';
  return types
    .map((type) =>
      type === 'array' && schema.items && (schema.items.type || schema.items.enum)
        ? `list (${kindText(schema.items)})`
        : kinds[type]!,
    )
    .join(', ');
}

function choiceText(value: unknown): string {
  if (value === null) return 'none';
  return value === '' ? '`""`' : `\`${value}\``;
}

export function defaultText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value === '') return choiceText(value);
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function exampleLines(example: Example): string[] {
  const lines = [`### ${sentence(example.title).replace(/\.$/, '')}`, '', ...fence('yaml', example.sls), ''];
  for (const [path, text] of Object.entries(example.files ?? {})) {
    lines.push(`with \`${path}\` in the file roots:`, '', ...fence('', text), '');
  }
  if (example.pillar) {
    lines.push('and this pillar:', '', ...fence('json', JSON.stringify(example.pillar, null, 2)), '');
  }
  return lines;
}
