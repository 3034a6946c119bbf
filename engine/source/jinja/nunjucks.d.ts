/** The parts of nunjucks' inside that templates build on; it ships no types. */

declare module 'nunjucks/src/lexer.js' {
  export interface Token {
    type: string;
    value: string;
    lineno: number;
    colno: number;
  }
  const lexer: { readonly [name: `TOKEN_${string}`]: string };
  export default lexer;
}

declare module 'nunjucks/src/nodes.js' {
  const nodes: { readonly [name: string]: NodeClass };
  interface NodeClass {
    new (lineno: number, colno: number, ...fields: unknown[]): Node;
    extend(name: string, properties?: { fields: string[] }): NodeClass;
  }
  export interface Node {
    readonly typename: string;
    lineno: number;
    colno: number;
    // biome-ignore lint/suspicious/noExplicitAny: the fields differ by kind and nunjucks does not describe them
    [field: string]: any;
  }
  export default nodes;
}

declare module 'nunjucks/src/parser.js' {
  import type { Token } from 'nunjucks/src/lexer.js';
  import type { Node } from 'nunjucks/src/nodes.js';

  class Parser {
    constructor(tokens: { nextToken(): Token | null });
    breakOnBlocks: string[] | null;
    nextToken(): Token | null;
    peekToken(): Token | null;
    skipSymbol(value: string): boolean;
    parseNodes(): Node[];
    parseStatement(): Node | null;
    parseUntilBlocks(...names: string[]): Node;
    parseExpression(): Node;
    parseOr(): Node;
    parseAnd(): Node;
    parseNot(): Node;
    parseAsRoot(): Node;
  }
  const parser: { Parser: typeof Parser };
  export default parser;
}
