/** What a template prints for one expression. */
import { createTemplates } from '../../../engine/source/template.ts';
import { parseYaml } from '../../../engine/source/yaml.ts';

const templates = createTemplates({
  load: () => undefined,
  functions: new Map(),
  parseYaml: (text, file) => parseYaml(text, () => ({ file, line: 1, column: 1 })).value,
});

export async function renderExpression(expression: string): Promise<string> {
  const file = { file: expression, name: 'probe', text: `{{ ${expression} }}` };
  return (await templates.render(file, new Map())).text;
}
