/** Nodes of templates: nunjucks' own and those that Jinja and Salt have beside them. */
import nodes, { type Node } from 'nunjucks/src/nodes.js';

export type { Node };

function define(name: string, ...fields: string[]) {
  return nodes.Node!.extend(name, { fields });
}

/** `colno` of every node is its offset in the text; `end` (where set) the offset after it. */
export const Nodes = {
  Root: nodes.Root!,
  NodeList: nodes.NodeList!,
  Output: nodes.Output!,
  TemplateData: nodes.TemplateData!,
  Literal: nodes.Literal!,
  Symbol: nodes.Symbol!,
  /** A tuple. */
  Group: nodes.Group!,
  List: nodes.Array!,
  Dict: nodes.Dict!,
  Pair: nodes.Pair!,
  /** `dotted` tells a.b from a['b']. */
  LookupVal: define('LookupVal', 'target', 'val', 'dotted'),
  Slice: define('Slice', 'start', 'stop', 'step'),
  FunCall: define('FunCall', 'name', 'args'),
  /** Arguments of a call: `list` and `named` (Pairs), and what follows `*` and `**`. */
  Arguments: define('Arguments', 'list', 'named', 'rest', 'namedRest'),
  /** `target` is undefined in a filter block. */
  Filter: define('Filter', 'name', 'target', 'args'),
  Test: define('Test', 'name', 'target', 'args'),
  InlineIf: nodes.InlineIf!,
  Not: nodes.Not!,
  Neg: nodes.Neg!,
  Pos: nodes.Pos!,
  And: nodes.And!,
  Or: nodes.Or!,
  Add: nodes.Add!,
  Sub: nodes.Sub!,
  Mul: nodes.Mul!,
  Div: nodes.Div!,
  FloorDiv: nodes.FloorDiv!,
  Mod: nodes.Mod!,
  Pow: nodes.Pow!,
  Concat: define('Concat', 'parts'),
  Compare: nodes.Compare!,
  CompareOperand: nodes.CompareOperand!,

  If: nodes.If!,
  For: define('For', 'target', 'iter', 'test', 'recursive', 'body', 'else_'),
  Set: define('Set', 'target', 'value'),
  SetBlock: define('SetBlock', 'target', 'filter', 'body'),
  NamespaceTarget: define('NamespaceTarget', 'name', 'attribute'),
  With: define('With', 'targets', 'values', 'body'),
  FilterBlock: define('FilterBlock', 'filter', 'body'),
  Macro: define('Macro', 'name', 'params', 'defaults', 'body'),
  CallBlock: define('CallBlock', 'call', 'params', 'defaults', 'body'),
  Do: define('Do', 'value'),
  Break: define('Break'),
  Continue: define('Continue'),
  Scope: define('Scope', 'body'),
  Block: define('Block', 'name', 'body', 'scoped', 'required'),
  Extends: define('Extends', 'template'),
  Include: define('Include', 'template', 'ignoreMissing', 'withContext'),
  /** `load`: undefined, or how Salt reads the rendered file: yaml, json or text. */
  Import: define('Import', 'template', 'target', 'withContext', 'load'),
  FromImport: define('FromImport', 'template', 'names', 'withContext'),
  /** Salt's `{% load_yaml as x %}` and its kind. */
  Load: define('Load', 'kind', 'target', 'body'),
};

/** The nodes a field holds, in the order they are written. */
export function children(node: Node): Node[] {
  const found: Node[] = [];
  for (const value of Object.values(node)) collect(value, found);
  return found;
}

function collect(value: unknown, found: Node[]): void {
  if (Array.isArray(value)) for (const member of value) collect(member, found);
  else if (value !== null && typeof value === 'object' && 'typename' in value) found.push(value as Node);
}

/** Whether a name is used anywhere below. */
export function mentions(node: Node | Node[], name: string): boolean {
  const all = Array.isArray(node) ? node : children(node);
  return all.some((child) => (child.typename === 'Symbol' && child.value === name) || mentions(child, name));
}
