/** Reads XML as strictly as the standard has it: whatever is malformed throws. */
import { SaxesParser } from 'saxes';

export interface Node {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly Node[];
  /** Its own, without that of its children. */
  readonly text: string;
}

interface Building {
  name: string;
  attributes: { [name: string]: string };
  children: Building[];
  text: string;
}

export function parseXml(document: string): Node {
  const parser = new SaxesParser();
  const top: Building = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const node = {
      name,
      attributes: { ...attributes } as { [name: string]: string },
      children: [],
      text: '',
    };
    open.at(-1)!.children.push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    open.at(-1)!.text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(document).close();
  return top.children[0]!;
}
