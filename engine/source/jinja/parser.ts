/** Jinja's grammar, statement by statement and level by level, on nunjucks' parser. */
import lexer, { type Token } from 'nunjucks/src/lexer.js';
import nunjucks from 'nunjucks/src/parser.js';
import { didYouMean } from '../../core/diagnostic.ts';
import { float, int } from './kinds.ts';
import { JinjaLexer, type LexerOptions, SyntaxTrouble } from './lexer.ts';
import { type Node, Nodes } from './nodes.ts';

const constants = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
const products: { readonly [sign: string]: (typeof Nodes)[keyof typeof Nodes] } = {
  '*': Nodes.Mul,
  '/': Nodes.Div,
  '//': Nodes.FloorDiv,
  '%': Nodes.Mod,
};

/** Tag → what ends or continues it. */
const tags: { readonly [name: string]: string } = {
  autoescape: 'endautoescape',
  block: 'endblock',
  break: '',
  call: 'endcall',
  continue: '',
  do: '',
  extends: '',
  filter: 'endfilter',
  for: 'endfor',
  from: '',
  if: 'endif',
  import: '',
  import_json: '',
  import_text: '',
  import_yaml: '',
  include: '',
  load_json: 'endload',
  load_text: 'endload',
  load_yaml: 'endload',
  macro: 'endmacro',
  print: '',
  profile: 'endprofile',
  raw: 'endraw',
  set: 'endset',
  with: 'endwith',
};

export function parse(text: string, options: LexerOptions): Node {
  return new JinjaParser(new JinjaLexer(text, options)).parseTemplate();
}

// The offsets that nunjucks' parser hands on as `colno` are offsets in the text, see JinjaLexer.
class JinjaParser extends nunjucks.Parser {
  private readonly lexer: JinjaLexer;
  /** Tags that are open, outermost first. */
  private readonly open: Token[] = [];
  private loops = 0;
  private depth = 0;

  constructor(tokens: JinjaLexer) {
    super(tokens);
    this.lexer = tokens;
  }

  parseTemplate(): Node {
    return this.parseAsRoot();
  }

  /** Text, output and statements, up to the end of the file or a tag that `breakOnBlocks` names. */
  override parseNodes(): Node[] {
    const found: Node[] = [];
    for (let token = this.nextToken(); token !== null; token = this.nextToken()) {
      if (token.type === lexer.TOKEN_DATA) {
        found.push(new Nodes.TemplateData(0, token.colno, token.value));
      } else if (token.type === lexer.TOKEN_VARIABLE_START) {
        const printed = this.parseTuple();
        found.push(new Nodes.Output(0, token.colno, [printed]));
        this.need(lexer.TOKEN_VARIABLE_END, 'the end of the tag');
      } else {
        const node = this.parseStatement();
        if (node === null) break;
        found.push(node);
      }
    }
    return found;
  }

  // ------------------------------------------------------------ tokens

  private trouble(message: string, where: Token | null, hint?: string): SyntaxTrouble {
    if (where === null) return new SyntaxTrouble(message, this.lexer.text.length, 1, hint);
    const length = where.type === lexer.TOKEN_STRING ? 1 : where.value.length;
    return new SyntaxTrouble(message, where.colno, length, hint);
  }

  private unexpected(expected?: string): SyntaxTrouble {
    const token = this.peekToken();
    const found = describe(token);
    const message = expected ? `Expected ${expected}, found ${found}.` : `Unexpected ${found}.`;
    return this.trouble(message, token);
  }

  private at(type: string | undefined, value?: string): boolean {
    const token = this.peekToken();
    return token !== null && token.type === type && (value === undefined || token.value === value);
  }

  private atWord(value: string): boolean {
    return this.at(lexer.TOKEN_SYMBOL, value);
  }

  private take(type: string | undefined, value?: string): Token | undefined {
    return this.at(type, value) ? this.nextToken()! : undefined;
  }

  private takeSign(value: string): Token | undefined {
    return this.take(lexer.TOKEN_OPERATOR, value);
  }

  private need(type: string | undefined, expected: string, value?: string): Token {
    const token = this.take(type, value);
    if (!token) throw this.unexpected(expected);
    return token;
  }

  private needWord(word: string): void {
    this.need(lexer.TOKEN_SYMBOL, `"${word}"`, word);
  }

  private endTag(): void {
    this.need(lexer.TOKEN_BLOCK_END, 'the end of the tag');
  }

  /** Notes where a node that was just read ends. */
  private spanned(node: Node): Node {
    node.end = this.lastEnd;
    return node;
  }

  declare private peeked: Token | null;
  /** Offset after the last token consumed; the lexer may be one token ahead. */
  private lastEnd = 0;

  override nextToken(): Token | null {
    const token = this.peekToken();
    this.peeked = null;
    this.lastEnd = this.lexer.end;
    return token;
  }

  override peekToken(): Token | null {
    this.peeked ??= this.lexer.nextToken();
    return this.peeked;
  }

  override skipSymbol(value: string): boolean {
    return this.take(lexer.TOKEN_SYMBOL, value) !== undefined;
  }

  // ------------------------------------------------------------ statements

  override parseStatement(): Node | null {
    const token = this.peekToken();
    if (token === null || token.type !== lexer.TOKEN_SYMBOL) throw this.unexpected('the name of a tag');
    if (this.breakOnBlocks?.includes(token.value)) return null;
    const end = tags[token.value];
    if (end === undefined || !Object.hasOwn(tags, token.value)) throw this.unknownTag(token);
    this.nextToken();
    this.open.push(token);
    const node = this.spanned(this.statement(token));
    this.open.pop();
    return node;
  }

  private unknownTag(token: Token): SyntaxTrouble {
    const opened = this.open.at(-1);
    if (token.value.startsWith('end') || token.value === 'else' || token.value === 'elif') {
      const expected = this.breakOnBlocks?.map((word) => `"${word}"`).join(' or ');
      return this.trouble(
        opened && expected
          ? `Unexpected "${token.value}": the "${opened.value}" above needs ${expected} first.`
          : `Unexpected "${token.value}": there is no tag open that it could end or continue.`,
        token,
      );
    }
    const near = didYouMean(token.value, Object.keys(tags));
    return this.trouble(`There is no tag "${token.value}".`, token, near && `Did you mean "${near}"?`);
  }

  private statement(tag: Token): Node {
    const offset = tag.colno;
    switch (tag.value) {
      case 'if':
        return this.parseIf(offset);
      case 'for':
        return this.parseFor(offset);
      case 'set':
        return this.parseSet(offset);
      case 'with':
        return this.parseWith(offset);
      case 'macro':
        return this.parseMacro(offset);
      case 'call':
        return this.parseCall(offset);
      case 'filter': {
        const filter = this.parseFilterChain(undefined, true);
        this.endTag();
        return new Nodes.FilterBlock(0, offset, filter, this.body('endfilter'));
      }
      case 'block':
        return this.parseBlock(offset);
      case 'extends':
        return this.ended(new Nodes.Extends(0, offset, this.parseExpression()));
      case 'include':
        return this.parseInclude(offset);
      case 'import':
        return this.parseImport(offset);
      case 'import_yaml':
      case 'import_json':
      case 'import_text':
        return this.parseImport(offset, tag.value.slice('import_'.length));
      case 'from':
        return this.parseFrom(offset);
      case 'load_yaml':
      case 'load_json':
      case 'load_text': {
        this.needWord('as');
        const target = this.parseTarget();
        this.endTag();
        return new Nodes.Load(0, offset, tag.value.slice('load_'.length), target, this.body('endload'));
      }
      case 'profile':
        this.needWord('as');
        this.parseExpression();
        this.endTag();
        return this.body('endprofile');
      case 'autoescape':
        this.parseExpression();
        this.endTag();
        return new Nodes.Scope(0, offset, this.body('endautoescape'));
      case 'do':
        return this.ended(new Nodes.Do(0, offset, this.parseTuple()));
      case 'print': {
        const printed = [this.parseExpression()];
        while (this.take(lexer.TOKEN_COMMA)) printed.push(this.parseExpression());
        return this.ended(new Nodes.Output(0, offset, printed));
      }
      case 'break':
      case 'continue':
        if (this.loops === 0) throw this.trouble(`"${tag.value}" is only possible inside a loop.`, tag);
        return this.ended(tag.value === 'break' ? new Nodes.Break(0, offset) : new Nodes.Continue(0, offset));
      default:
        throw this.unknownTag(tag);
    }
  }

  private ended(node: Node): Node {
    this.spanned(node);
    this.endTag();
    return node;
  }

  /** The statements up to one of these tags, whose name is left to be read. */
  private until(...names: string[]): Node {
    if (++this.depth > 200) throw this.unexpected('less deeply nested tags');
    const body = this.parseUntilBlocks(...names);
    this.depth--;
    if (this.peekToken() === null) {
      const opened = this.open.at(-1)!;
      const closer = names.at(-1)!;
      throw this.trouble(`"${opened.value}" is never closed.`, opened, `Close it with "{% ${closer} %}".`);
    }
    return body;
  }

  private body(name: string): Node {
    const body = this.until(name);
    this.nextToken();
    this.endTag();
    return body;
  }

  private inLoop<T>(read: () => T): T {
    this.loops++;
    const result = read();
    this.loops--;
    return result;
  }

  /** What is read here runs as a function of its own, which a loop outside cannot be left from. */
  private outsideLoops<T>(read: () => T): T {
    const loops = this.loops;
    this.loops = 0;
    const result = read();
    this.loops = loops;
    return result;
  }

  private parseIf(offset: number): Node {
    const condition = this.parseTuple({ noCondition: true });
    this.endTag();
    const body = this.until('elif', 'else', 'endif');
    const word = this.nextToken()!;
    let otherwise: Node | null = null;
    if (word.value === 'elif') otherwise = this.parseIf(word.colno);
    else {
      this.endTag();
      if (word.value === 'else') otherwise = this.body('endif');
    }
    return new Nodes.If(0, offset, condition, body, otherwise);
  }

  private parseFor(offset: number): Node {
    const target = this.inLoop(() => this.parseTarget({ endWord: 'in' }));
    this.needWord('in');
    const iterable = this.parseTuple({ noCondition: true, endWord: 'recursive' });
    const test = this.skipSymbol('if') ? this.parseExpression() : null;
    const recursive = this.skipSymbol('recursive');
    this.endTag();
    const body = this.inLoop(() => this.until('else', 'endfor'));
    const word = this.nextToken()!;
    this.endTag();
    const otherwise = word.value === 'else' ? this.body('endfor') : null;
    return new Nodes.For(0, offset, target, iterable, test, recursive, body, otherwise);
  }

  private parseSet(offset: number): Node {
    const target = this.parseTarget({ attributes: true });
    if (this.takeSign('=')) return this.ended(new Nodes.Set(0, offset, target, this.parseTuple()));
    const filter = this.parseFilterChain(undefined, false);
    if (!this.at(lexer.TOKEN_BLOCK_END)) throw this.unexpected('"=" or the end of the tag');
    this.endTag();
    const body = this.outsideLoops(() => this.body('endset'));
    return new Nodes.SetBlock(0, offset, target, filter ?? null, body);
  }

  private parseWith(offset: number): Node {
    const targets: Node[] = [];
    const values: Node[] = [];
    while (!this.at(lexer.TOKEN_BLOCK_END)) {
      if (targets.length > 0) this.need(lexer.TOKEN_COMMA, '","');
      targets.push(this.parseTarget());
      this.need(lexer.TOKEN_OPERATOR, '"="', '=');
      values.push(this.parseExpression());
    }
    this.endTag();
    return new Nodes.With(0, offset, targets, values, this.body('endwith'));
  }

  private parseMacro(offset: number): Node {
    const name = this.parseName();
    const { params, defaults } = this.parseParameters();
    this.endTag();
    const body = this.outsideLoops(() => this.body('endmacro'));
    return new Nodes.Macro(0, offset, name.value, params, defaults, body);
  }

  private parseCall(offset: number): Node {
    const { params, defaults } = this.at(lexer.TOKEN_LEFT_PAREN)
      ? this.parseParameters()
      : { params: [], defaults: [] };
    const call = this.parseExpression();
    if (call.typename !== 'FunCall') {
      throw new SyntaxTrouble('Expected a call such as "macro()" here.', call.colno);
    }
    this.endTag();
    const body = this.outsideLoops(() => this.body('endcall'));
    return new Nodes.CallBlock(0, offset, call, params, defaults, body);
  }

  private parseParameters(): { params: Node[]; defaults: Node[] } {
    const params: Node[] = [];
    const defaults: Node[] = [];
    this.need(lexer.TOKEN_LEFT_PAREN, '"("');
    while (!this.at(lexer.TOKEN_RIGHT_PAREN)) {
      if (params.length > 0) this.need(lexer.TOKEN_COMMA, '","');
      const name = this.parseName();
      if (this.takeSign('=')) defaults.push(this.parseExpression());
      else if (defaults.length > 0) {
        throw new SyntaxTrouble(
          `The parameter "${name.value}" needs a default, because one before it has one.`,
          name.colno,
          name.value.length,
        );
      }
      if (params.some((one) => one.value === name.value)) {
        throw new SyntaxTrouble(
          `The parameter "${name.value}" is there twice.`,
          name.colno,
          name.value.length,
        );
      }
      params.push(name);
    }
    this.nextToken();
    return { params, defaults };
  }

  private parseBlock(offset: number): Node {
    const name = this.need(lexer.TOKEN_SYMBOL, 'the name of the block').value;
    if (this.at(lexer.TOKEN_OPERATOR, '-')) throw this.unexpected('a name without hyphens');
    const scoped = this.skipSymbol('scoped');
    const required = this.skipSymbol('required');
    this.endTag();
    const body = this.outsideLoops(() => this.until('endblock'));
    this.nextToken();
    this.skipSymbol(name);
    this.endTag();
    return new Nodes.Block(0, offset, name, body, scoped, required);
  }

  private parseInclude(offset: number): Node {
    const template = this.parseExpression();
    let ignoreMissing = false;
    if (this.atWord('ignore')) {
      this.nextToken();
      this.needWord('missing');
      ignoreMissing = true;
    }
    const withContext = this.parseContext() ?? true;
    return this.ended(new Nodes.Include(0, offset, template, ignoreMissing, withContext));
  }

  private parseContext(): boolean | undefined {
    if (!this.atWord('with') && !this.atWord('without')) return undefined;
    if (!this.lexer.looksAt(/\s*context\b/y)) return undefined;
    const word = this.nextToken()!;
    this.nextToken();
    return word.value === 'with';
  }

  private parseImport(offset: number, load?: string): Node {
    const template = this.parseExpression();
    this.needWord('as');
    const target = this.parseName();
    const withContext = this.parseContext() ?? false;
    return this.ended(new Nodes.Import(0, offset, template, target, withContext, load));
  }

  private parseFrom(offset: number): Node {
    const template = this.parseExpression();
    this.needWord('import');
    const names: [Node, Node][] = [];
    let withContext: boolean | undefined;
    while (this.at(lexer.TOKEN_SYMBOL)) {
      if (names.length > 0) {
        withContext = this.parseContext();
        if (withContext !== undefined) break;
      }
      const name = this.parseName();
      if (name.value.startsWith('_')) {
        throw new SyntaxTrouble(
          'A name that begins with an underscore cannot be imported.',
          name.colno,
          name.value.length,
        );
      }
      names.push([name, this.skipSymbol('as') ? this.parseName() : name]);
      withContext = this.parseContext();
      if (withContext !== undefined || !this.take(lexer.TOKEN_COMMA)) break;
    }
    if (names.length === 0) throw this.unexpected('a name to import');
    return this.ended(new Nodes.FromImport(0, offset, template, names, withContext ?? false));
  }

  // ------------------------------------------------------------ targets

  private parseName(): Node {
    const token = this.need(lexer.TOKEN_SYMBOL, 'a name');
    if (constants.has(token.value)) throw this.trouble(`"${token.value}" cannot be assigned to.`, token);
    return this.spanned(new Nodes.Symbol(0, token.colno, token.value));
  }

  /** What is assigned to: a name, several, or (in `set`) an attribute of a namespace. */
  private parseTarget(how: { endWord?: string; attributes?: boolean } = {}): Node {
    const target = this.parseSeveral(how.endWord, () => {
      if (how.attributes && this.at(lexer.TOKEN_SYMBOL) && this.lexer.looksAt(/\s*\./y)) {
        const name = this.parseName();
        this.nextToken();
        const attribute = this.need(lexer.TOKEN_SYMBOL, 'the name of an attribute');
        return this.spanned(new Nodes.NamespaceTarget(0, name.colno, name, attribute.value));
      }
      return this.parsePrimary();
    });
    this.checkTarget(target);
    return target;
  }

  private checkTarget(target: Node): void {
    if (target.typename === 'Group' || target.typename === 'Array') {
      for (const one of target.children) this.checkTarget(one);
    } else if (target.typename === 'Symbol' && target.value === 'loop' && this.loops > 0) {
      throw new SyntaxTrouble('Inside a loop, "loop" cannot be assigned to.', target.colno, length(target));
    } else if (target.typename !== 'Symbol' && target.typename !== 'NamespaceTarget') {
      throw new SyntaxTrouble('This cannot be assigned to: only names can.', target.colno, length(target));
    }
  }

  // ------------------------------------------------------------ expressions

  /** Jinja's `parse_tuple`: one expression, or several separated by commas. */
  private parseTuple(how: { noCondition?: boolean; endWord?: string; parenthesised?: boolean } = {}): Node {
    const read = () => (how.noCondition ? this.parseOr() : this.parseExpression());
    return this.parseSeveral(how.endWord, read, how.parenthesised);
  }

  private parseSeveral(endWord: string | undefined, read: () => Node, mayBeEmpty = false): Node {
    const offset = this.peekToken()?.colno ?? 0;
    const members: Node[] = [];
    let several = false;
    while (!this.atTupleEnd(endWord)) {
      members.push(read());
      if (!this.take(lexer.TOKEN_COMMA)) break;
      several = true;
    }
    if (!several && members.length === 1) return members[0]!;
    if (!several && !mayBeEmpty) throw this.unexpected('an expression');
    return this.spanned(new Nodes.Group(0, offset, members));
  }

  private atTupleEnd(endWord?: string): boolean {
    return (
      this.at(lexer.TOKEN_VARIABLE_END) ||
      this.at(lexer.TOKEN_BLOCK_END) ||
      this.at(lexer.TOKEN_RIGHT_PAREN) ||
      (endWord !== undefined && this.atWord(endWord))
    );
  }

  override parseExpression(): Node {
    if (++this.depth > 200) throw this.unexpected('a less deeply nested expression');
    let node = this.parseOr();
    while (this.skipSymbol('if')) {
      const condition = this.parseOr();
      const otherwise = this.skipSymbol('else') ? this.parseExpression() : null;
      node = this.spanned(new Nodes.InlineIf(0, node.colno, condition, node, otherwise));
    }
    this.depth--;
    return node;
  }

  override parseOr(): Node {
    let node = this.parseAnd();
    while (this.skipSymbol('or')) node = this.spanned(new Nodes.Or(0, node.colno, node, this.parseAnd()));
    return node;
  }

  override parseAnd(): Node {
    let node = this.parseNot();
    while (this.skipSymbol('and')) node = this.spanned(new Nodes.And(0, node.colno, node, this.parseNot()));
    return node;
  }

  override parseNot(): Node {
    const token = this.take(lexer.TOKEN_SYMBOL, 'not');
    if (!token) return this.parseCompare();
    if (++this.depth > 200) throw this.unexpected('a less deeply nested expression');
    const node = this.spanned(new Nodes.Not(0, token.colno, this.parseNot()));
    this.depth--;
    return node;
  }

  private parseCompare(): Node {
    const first = this.parseSum();
    const operands: Node[] = [];
    while (true) {
      const token = this.peekToken();
      let type: string;
      if (token !== null && token.type === lexer.TOKEN_OPERATOR && comparisons.has(token.value))
        type = token.value;
      else if (this.atWord('in')) type = 'in';
      else if (this.atWord('not') && this.lexer.looksAt(/\s*in\b/y)) {
        this.nextToken();
        type = 'not in';
      } else break;
      this.nextToken();
      operands.push(new Nodes.CompareOperand(0, token!.colno, this.parseSum(), type));
    }
    if (operands.length === 0) return first;
    return this.spanned(new Nodes.Compare(0, first.colno, first, operands));
  }

  private parseSum(): Node {
    let node = this.parseJoin();
    while (true) {
      if (this.takeSign('+')) node = this.spanned(new Nodes.Add(0, node.colno, node, this.parseJoin()));
      else if (this.takeSign('-')) node = this.spanned(new Nodes.Sub(0, node.colno, node, this.parseJoin()));
      else return node;
    }
  }

  private parseJoin(): Node {
    const first = this.parseProduct();
    if (!this.at(lexer.TOKEN_TILDE)) return first;
    const parts = [first];
    while (this.take(lexer.TOKEN_TILDE)) parts.push(this.parseProduct());
    return this.spanned(new Nodes.Concat(0, first.colno, parts));
  }

  private parseProduct(): Node {
    let node = this.parsePower();
    while (true) {
      const token = this.peekToken();
      const kind = token !== null && token.type === lexer.TOKEN_OPERATOR ? products[token.value] : undefined;
      if (!kind) return node;
      this.nextToken();
      node = this.spanned(new kind(0, node.colno, node, this.parsePower()));
    }
  }

  private parsePower(): Node {
    let node = this.parseUnary();
    while (this.takeSign('**')) node = this.spanned(new Nodes.Pow(0, node.colno, node, this.parseUnary()));
    return node;
  }

  private parseUnary(withFilters = true): Node {
    let node: Node;
    const sign = this.takeSign('-') ?? this.takeSign('+');
    if (sign) {
      if (++this.depth > 200) throw this.unexpected('a less deeply nested expression');
      const operand = this.parseUnary(false);
      this.depth--;
      node = new (sign.value === '-' ? Nodes.Neg : Nodes.Pos)(0, sign.colno, operand);
      this.spanned(node);
    } else node = this.parsePrimary();
    node = this.parsePostfix(node);
    return withFilters ? this.parseFilterChain(node, false)! : node;
  }

  private parsePrimary(): Node {
    const token = this.peekToken();
    if (token === null) throw this.unexpected('an expression');
    const offset = token.colno;
    switch (token.type) {
      case lexer.TOKEN_SYMBOL: {
        this.nextToken();
        const constant = constants.get(token.value);
        if (constant !== undefined) return this.spanned(new Nodes.Literal(0, offset, constant));
        return this.spanned(new Nodes.Symbol(0, offset, token.value));
      }
      case lexer.TOKEN_STRING: {
        let text = '';
        while (this.at(lexer.TOKEN_STRING)) text += this.nextToken()!.value;
        return this.spanned(new Nodes.Literal(0, offset, text));
      }
      case lexer.TOKEN_INT:
        this.nextToken();
        return this.spanned(new Nodes.Literal(0, offset, int(BigInt(token.value.replaceAll('_', '')))));
      case lexer.TOKEN_FLOAT:
        this.nextToken();
        return this.spanned(new Nodes.Literal(0, offset, float(Number(token.value.replaceAll('_', '')))));
      case lexer.TOKEN_LEFT_PAREN: {
        this.nextToken();
        if (++this.depth > 200) throw this.unexpected('a less deeply nested expression');
        const node = this.parseTuple({ parenthesised: true });
        this.depth--;
        this.need(lexer.TOKEN_RIGHT_PAREN, '")"');
        return node;
      }
      case lexer.TOKEN_LEFT_BRACKET:
        return this.parseList(offset);
      case lexer.TOKEN_LEFT_CURLY:
        return this.parseDict(offset);
    }
    throw this.unexpected('an expression');
  }

  private parseList(offset: number): Node {
    this.nextToken();
    const members: Node[] = [];
    while (!this.at(lexer.TOKEN_RIGHT_BRACKET)) {
      if (members.length > 0) this.need(lexer.TOKEN_COMMA, '"," or "]"');
      if (this.at(lexer.TOKEN_RIGHT_BRACKET)) break;
      members.push(this.parseExpression());
    }
    this.nextToken();
    return this.spanned(new Nodes.List(0, offset, members));
  }

  private parseDict(offset: number): Node {
    this.nextToken();
    const members: Node[] = [];
    while (!this.at(lexer.TOKEN_RIGHT_CURLY)) {
      if (members.length > 0) this.need(lexer.TOKEN_COMMA, '"," or "}"');
      if (this.at(lexer.TOKEN_RIGHT_CURLY)) break;
      const key = this.parseExpression();
      this.need(lexer.TOKEN_COLON, '":"');
      members.push(new Nodes.Pair(0, key.colno, key, this.parseExpression()));
    }
    this.nextToken();
    return this.spanned(new Nodes.Dict(0, offset, members));
  }

  private parsePostfix(start: Node): Node {
    let node = start;
    while (true) {
      if (this.takeSign('.')) {
        const name = this.take(lexer.TOKEN_SYMBOL) ?? this.take(lexer.TOKEN_INT);
        if (!name) throw this.unexpected('a name or a number');
        const dotted = name.type === lexer.TOKEN_SYMBOL;
        const key = this.spanned(
          new Nodes.Literal(0, name.colno, dotted ? name.value : int(BigInt(name.value.replaceAll('_', '')))),
        );
        node = this.spanned(new Nodes.LookupVal(0, node.colno, node, key, dotted));
      } else if (this.at(lexer.TOKEN_LEFT_BRACKET)) {
        const key = this.parseSubscript();
        node = this.spanned(new Nodes.LookupVal(0, node.colno, node, key, false));
      } else if (this.at(lexer.TOKEN_LEFT_PAREN)) {
        node = this.spanned(new Nodes.FunCall(0, node.colno, node, this.parseArguments()));
      } else return node;
    }
  }

  private parseSubscript(): Node {
    const bracket = this.nextToken()!;
    const parts: Node[] = [];
    while (!this.at(lexer.TOKEN_RIGHT_BRACKET)) {
      if (parts.length > 0) this.need(lexer.TOKEN_COMMA, '"," or "]"');
      parts.push(this.parseSubscriptPart());
    }
    if (parts.length === 0) throw this.unexpected('an index or a key');
    this.nextToken();
    return parts.length === 1 ? parts[0]! : this.spanned(new Nodes.Group(0, bracket.colno, parts));
  }

  private parseSubscriptPart(): Node {
    const offset = this.peekToken()?.colno ?? 0;
    const atEnd = () => this.at(lexer.TOKEN_RIGHT_BRACKET) || this.at(lexer.TOKEN_COMMA);
    const start = this.at(lexer.TOKEN_COLON) ? null : this.parseExpression();
    if (start && !this.at(lexer.TOKEN_COLON)) return start;
    this.nextToken();
    const stop = atEnd() || this.at(lexer.TOKEN_COLON) ? null : this.parseExpression();
    const step = this.take(lexer.TOKEN_COLON) && !atEnd() ? this.parseExpression() : null;
    return this.spanned(new Nodes.Slice(0, offset, start, stop, step));
  }

  private parseArguments(): Node {
    const paren = this.nextToken()!;
    const list: Node[] = [];
    const named: Node[] = [];
    let rest: Node | null = null;
    let namedRest: Node | null = null;
    let first = true;
    while (!this.at(lexer.TOKEN_RIGHT_PAREN)) {
      if (!first) {
        this.need(lexer.TOKEN_COMMA, '"," or ")"');
        if (this.at(lexer.TOKEN_RIGHT_PAREN)) break;
      }
      first = false;
      const token = this.peekToken();
      if (this.takeSign('*')) {
        if (rest || namedRest) throw this.trouble('Only one "*" argument is possible, before "**".', token);
        rest = this.parseExpression();
      } else if (this.takeSign('**')) {
        if (namedRest) throw this.trouble('Only one "**" argument is possible.', token);
        namedRest = this.parseExpression();
      } else if (token !== null && token.type === lexer.TOKEN_SYMBOL && this.lexer.looksAt(/\s*=(?!=)/y)) {
        if (namedRest) throw this.trouble('A named argument cannot follow "**".', token);
        this.nextToken();
        this.nextToken();
        named.push(new Nodes.Pair(0, token.colno, token.value, this.parseExpression()));
      } else {
        if (rest || namedRest || named.length > 0) {
          throw this.trouble('An argument without a name cannot follow a named one.', token);
        }
        list.push(this.parseExpression());
      }
    }
    this.nextToken();
    return new Nodes.Arguments(0, paren.colno, list, named, rest, namedRest);
  }

  /** Filters, tests and calls of what they return. `target` is undefined in blocks that filter their body. */
  private parseFilterChain(target: Node | undefined, inline: boolean): Node | undefined {
    let node = target;
    let start = inline;
    while (true) {
      if (start || this.take(lexer.TOKEN_PIPE)) {
        start = false;
        const name = this.parseDottedName('the name of a filter');
        const args = this.at(lexer.TOKEN_LEFT_PAREN) ? this.parseArguments() : null;
        node = this.spanned(new Nodes.Filter(0, (node ?? name).colno, name, node ?? null, args));
      } else if (node && target && this.skipSymbol('is')) node = this.parseTest(node);
      else if (node && target && this.at(lexer.TOKEN_LEFT_PAREN)) {
        node = this.spanned(new Nodes.FunCall(0, node.colno, node, this.parseArguments()));
      } else return node;
    }
  }

  private parseDottedName(expected: string): Node {
    const token = this.need(lexer.TOKEN_SYMBOL, expected);
    let name = token.value;
    while (this.takeSign('.')) name += `.${this.need(lexer.TOKEN_SYMBOL, expected).value}`;
    return this.spanned(new Nodes.Symbol(0, token.colno, name));
  }

  private parseTest(target: Node): Node {
    const negated = this.skipSymbol('not');
    const name = this.parseDottedName('the name of a test');
    let args: Node | null = null;
    if (this.at(lexer.TOKEN_LEFT_PAREN)) args = this.parseArguments();
    else if (this.atTestArgument()) {
      if (this.atWord('is')) throw this.trouble('Tests cannot be chained with "is".', this.peekToken());
      const argument = this.parsePostfix(this.parsePrimary());
      args = new Nodes.Arguments(0, argument.colno, [argument], [], null, null);
    }
    const test = this.spanned(new Nodes.Test(0, target.colno, name, target, args));
    return negated ? this.spanned(new Nodes.Not(0, target.colno, test)) : test;
  }

  private atTestArgument(): boolean {
    const token = this.peekToken();
    if (token === null) return false;
    switch (token.type) {
      case lexer.TOKEN_SYMBOL:
        return token.value !== 'else' && token.value !== 'or' && token.value !== 'and';
      case lexer.TOKEN_STRING:
      case lexer.TOKEN_INT:
      case lexer.TOKEN_FLOAT:
      case lexer.TOKEN_LEFT_PAREN:
      case lexer.TOKEN_LEFT_BRACKET:
      case lexer.TOKEN_LEFT_CURLY:
        return true;
    }
    return false;
  }
}

function length(node: Node): number {
  return Math.max(1, (node.end ?? node.colno + 1) - node.colno);
}

function describe(token: Token | null): string {
  if (token === null) return 'the end of the file';
  switch (token.type) {
    case lexer.TOKEN_BLOCK_END:
    case lexer.TOKEN_VARIABLE_END:
      return 'the end of the tag';
    case lexer.TOKEN_STRING:
      return 'a string';
  }
  return `"${token.value}"`;
}
