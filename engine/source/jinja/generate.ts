/** JavaScript from a parsed template: plain synchronous functions that note the place of everything they do. */
import { Float } from '../../core/value.ts';
import { SyntaxTrouble } from './lexer.ts';
import { children, mentions, type Node } from './nodes.ts';
import { Symbols } from './symbols.ts';

// In the generated code: R = the runtime's functions, t = this template, x = the rendering, c = the context,
// T = where this template's marks begin, s = the site at work (an index into t's table of places), o… = text
// made so far, m… = its marks: (offset in the text, what wrote it). An operation that may fail sets `s` in its
// last argument, after all other arguments were worked out.

/** What a scope of the template needs to know while its code is written. */
interface Frame {
  readonly symbols: Symbols;
  /** Assignments here are visible to blocks, includes and importers. */
  readonly toplevel: boolean;
  /** Suffix of the variables that receive the output. */
  readonly out: string;
  /** Output is dropped once the template extends another. */
  readonly extendable: boolean;
}

const binary: { readonly [typename: string]: string } = {
  Add: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
  FloorDiv: 'floordiv',
  Mod: 'modulo',
  Pow: 'pow',
};

const loopNumbers = new Set([
  'index',
  'index0',
  'revindex',
  'revindex0',
  'first',
  'last',
  'length',
  'depth',
  'depth0',
]);

/** The body of a function of `R` and `t`. */
export function generate(root: Node): string {
  return new Generator().template(root);
}

class Generator {
  private readonly lines: string[] = [];
  /** Offset and length of each site, by turns. */
  private readonly sites: number[] = [];
  private readonly siteOf = new Map<string, number>();
  /** Filters and tests by name → identifier. */
  private readonly used = new Map<string, string>();
  /** Constants that are made once. */
  private readonly constants: string[] = [];
  /** Filters and tests that must exist even if never reached: kind, name, site. */
  private readonly needed: [string, string, number][] = [];
  private readonly names = new Set<string>();
  private readonly blocks = new Map<string, Node>();
  private hasExtends = false;
  private counter = 0;
  private conditional = 0;

  private line(text: string): void {
    this.lines.push(text);
  }

  private unique(prefix: string): string {
    return prefix + ++this.counter;
  }

  private site(offset: number, end: number | undefined): number {
    const length = Math.max(1, (end ?? offset + 1) - offset);
    const key = `${offset}:${length}`;
    let site = this.siteOf.get(key);
    if (site === undefined) {
      site = this.sites.length / 2;
      this.sites.push(offset, length);
      this.siteOf.set(key, site);
    }
    return site;
  }

  private siteFor(node: Node): number {
    return this.site(node.colno, node.end);
  }

  // ------------------------------------------------------------ functions

  template(root: Node): string {
    this.findBlocks(root);
    this.hasExtends = contains(root, 'Extends');
    const symbols = new Symbols();
    const self = mentions(root, 'self') ? symbols.parameter('self') : undefined;
    symbols.analyse(root);
    this.line('const root = (x, c) => {');
    this.prologue('');
    if (this.hasExtends) this.line('let p;');
    this.enter(symbols);
    if (self) this.line(`let ${self} = x.self(c);`);
    this.body(root, { symbols, toplevel: true, out: '', extendable: this.hasExtends });
    if (this.hasExtends)
      this.line('if (p !== undefined) o += x.printed(x.made = undefined, m, o.length, T, x.parent(p, c));');
    this.epilogue('');
    this.line('};');
    this.line('const blocks = new Map();');
    for (const [name, node] of this.blocks) this.block(name, node);
    const head = [
      `const { ${helpers.join(', ')} } = R;`,
      ...[...this.used].map(([key, identifier]) => {
        const [kind, name] = key.split(' ') as [string, string];
        return `const ${identifier} = R.${kind}(${quote(name)});`;
      }),
      ...this.constants,
    ];
    const tail = `return { root, blocks, sites: ${JSON.stringify(this.sites)}, needed: ${JSON.stringify(this.needed)}, names: ${JSON.stringify([...this.names])} };`;
    return [...head, ...this.lines, tail].join('\n');
  }

  private findBlocks(node: Node): void {
    if (node.typename === 'Block') {
      if (this.blocks.has(node.name)) {
        throw new SyntaxTrouble(`The block "${node.name}" is defined twice.`, node.colno, 5);
      }
      this.blocks.set(node.name, node);
    }
    for (const child of children(node)) this.findBlocks(child);
  }

  private prologue(out: string): void {
    this.line(`const T = x.begin(t); let s = 0, u, v, o${out} = ""; const m${out} = [];`);
    this.line('try {');
  }

  private epilogue(out: string): void {
    this.line('} catch (e) { throw x.failure(e, t, s); }');
    this.line(`return x.give(o${out}, m${out});`);
  }

  private block(name: string, node: Node): void {
    const symbols = new Symbols();
    const parameters: string[] = [];
    if (mentions(node.body, 'self')) parameters.push(`let ${symbols.parameter('self')} = x.self(c);`);
    if (mentions(node.body, 'super')) {
      parameters.push(`let ${symbols.parameter('super')} = x.super(c, ${quote(name)}, f);`);
    }
    symbols.analyse(node.body);
    this.line(`blocks.set(${quote(name)}, function f(x, c) {`);
    this.prologue('');
    this.enter(symbols);
    for (const parameter of parameters) this.line(parameter);
    this.body(node.body, { symbols, toplevel: false, out: '', extendable: false });
    this.epilogue('');
    this.line('});');
  }

  /** Declares the variables of a scope. */
  private enter(symbols: Symbols): void {
    for (const [identifier, load] of symbols.loads) {
      if (load.kind === 'resolve') this.line(`let ${identifier} = c.resolve(${quote(load.name)});`);
      else if (load.kind === 'alias') this.line(`let ${identifier} = ${load.of};`);
      else if (load.kind === 'nothing') this.line(`let ${identifier};`);
    }
  }

  private inner(frame: Frame, out = frame.out): Frame {
    return {
      symbols: new Symbols(frame.symbols),
      toplevel: false,
      out,
      extendable: frame.extendable && out === frame.out,
    };
  }

  // ------------------------------------------------------------ statements

  private body(node: Node, frame: Frame): void {
    for (const child of node.children as Node[]) this.statement(child, frame);
  }

  private statement(node: Node, frame: Frame): void {
    switch (node.typename) {
      case 'TemplateData':
        this.write(frame, [
          `m${frame.out}.push(o${frame.out}.length, T + ${node.colno * 2 + 1}); o${frame.out} += ${quote(node.value)};`,
        ]);
        return;
      case 'Output':
        this.write(
          frame,
          (node.children as Node[]).map((child) => this.print(child, frame)),
        );
        return;
      case 'NodeList':
        this.body(node, frame);
        return;
      case 'If':
        this.line(`if (${this.condition(node.cond, frame)}) {`);
        this.conditional++;
        this.body(node.body, { ...frame });
        if (node.else_) {
          this.line('} else {');
          if (node.else_.typename === 'If') this.statement(node.else_, frame);
          else this.body(node.else_, frame);
        }
        this.conditional--;
        this.line('}');
        return;
      case 'For':
        this.loop(node, frame);
        return;
      case 'Set':
        this.assign(node.target, this.value(node.value, frame), frame);
        return;
      case 'SetBlock': {
        const inner = this.capture(node.body, frame, node.filter);
        const text = `o${inner.out}`;
        this.assign(node.target, node.filter ? this.filter(node.filter, inner, text) : text, frame);
        this.line('}');
        return;
      }
      case 'Load': {
        const inner = this.capture(node.body, frame);
        const { out } = inner;
        this.assign(
          node.target,
          `x.read(${quote(node.kind)}, o${out}, m${out}, s = ${this.siteFor(node)})`,
          frame,
        );
        this.line('}');
        return;
      }
      case 'FilterBlock': {
        const inner = this.capture(node.body, frame, node.filter);
        const site = this.siteFor(node.filter);
        const text = `str(${this.filter(node.filter, inner, `o${inner.out}`)}, s = ${site})`;
        this.write(frame, [
          `m${frame.out}.push(o${frame.out}.length, T + ${site * 2}); o${frame.out} += ${text};`,
        ]);
        this.line('}');
        return;
      }
      case 'Scope': {
        const inner = this.inner(frame);
        inner.symbols.analyse(node.body);
        this.line('{');
        this.enter(inner.symbols);
        this.body(node.body, inner);
        this.line('}');
        return;
      }
      case 'With': {
        const inner = this.inner(frame);
        for (const target of node.targets) inner.symbols.target(target, 'parameter');
        inner.symbols.analyse(node.body);
        this.line('{');
        this.reserve(node.targets, inner);
        this.enter(inner.symbols);
        (node.targets as Node[]).forEach((target, index) => {
          this.assign(target, this.value(node.values[index], frame), inner);
        });
        this.body(node.body, inner);
        this.line('}');
        return;
      }
      case 'Macro': {
        this.line(`${frame.symbols.of(node.name)} = ${this.macro(node.name, node, frame)};`);
        this.publish(node.name, frame, !node.name.startsWith('_'));
        return;
      }
      case 'CallBlock': {
        const caller = this.macro('caller', node, frame);
        this.write(frame, [this.print(node.call, frame, caller)]);
        return;
      }
      case 'Do':
        this.line(`${this.value(node.value, frame)};`);
        return;
      case 'Break':
        this.line('break;');
        return;
      case 'Continue':
        this.line('continue;');
        return;
      case 'Block': {
        const context = node.scoped ? `c.derived(${this.locals(frame)})` : 'c';
        this.write(frame, [
          this.graft(
            frame,
            node,
            `x.block(${context}, ${quote(node.name)}, ${node.required}, s = ${this.siteFor(node)})`,
          ),
        ]);
        return;
      }
      case 'Extends':
        if (!frame.toplevel) {
          throw new SyntaxTrouble(
            '"extends" is only possible outside of loops, macros and blocks.',
            node.colno,
            7,
          );
        }
        this.line(
          `p = x.extend(t, c, p, ${this.value(node.template, frame)}, s = ${this.siteFor(node.template)});`,
        );
        return;
      case 'Include': {
        const locals = node.withContext ? this.locals(frame) : 'null';
        const template = this.value(node.template, frame);
        this.write(frame, [
          this.graft(
            frame,
            node.template,
            `x.include(t, c, ${template}, ${node.ignoreMissing}, ${node.withContext}, ${locals}, s = ${this.siteFor(node.template)})`,
          ),
        ]);
        return;
      }
      case 'Import': {
        const name = node.target.value;
        const module = this.module(node, frame);
        const made = node.load
          ? `x.readModule(${quote(node.load)}, ${module}, s = ${this.siteFor(node.template)})`
          : module;
        this.line(`${frame.symbols.of(name)} = ${made};`);
        this.names.add(name);
        // Salt: what import_yaml and its kind set is exported like any other assignment.
        this.publish(name, frame, node.load !== undefined && node.load !== null && !name.startsWith('_'));
        return;
      }
      case 'FromImport': {
        const module = this.unique('i');
        this.line(`const ${module} = ${this.module(node, frame)};`);
        for (const [name, alias] of node.names as [Node, Node][]) {
          this.line(
            `${frame.symbols.of(alias.value)} = x.imported(${module}, ${quote(name.value)}, t, ${this.siteFor(name)});`,
          );
          this.names.add(alias.value);
          this.publish(alias.value, frame, false);
        }
        return;
      }
    }
    throw new Error(`no code for ${node.typename}`);
  }

  private module(node: Node, frame: Frame): string {
    const locals = node.withContext ? this.locals(frame) : 'null';
    return `x.import(t, c, ${this.value(node.template, frame)}, ${node.withContext}, ${locals}, s = ${this.siteFor(node.template)})`;
  }

  /** Assigned names and their values, by turns. */
  private locals(frame: Frame): string {
    const pairs = [...frame.symbols.assigned()].map(([name, identifier]) => `${quote(name)}, ${identifier}`);
    return pairs.length === 0 ? 'null' : `[${pairs.join(', ')}]`;
  }

  private write(frame: Frame, statements: string[]): void {
    if (frame.extendable) this.line('if (p === undefined) {');
    for (const statement of statements) this.line(statement);
    if (frame.extendable) this.line('}');
  }

  private print(node: Node, frame: Frame, caller?: string): string {
    const { out } = frame;
    const site = this.siteFor(node);
    if (node.typename === 'FunCall') {
      return this.graft(frame, node, `str(${this.call(node, frame, caller)}, s = ${site})`);
    }
    return `m${out}.push(o${out}.length, T + ${site * 2}); o${out} += str(${this.value(node, frame)}, s = ${site});`;
  }

  /** Prints text that may bring marks of its own: a macro's, a block's or another template's. */
  private graft(frame: Frame, node: Node, text: string): string {
    const { out } = frame;
    return `o${out} += x.printed(x.made = undefined, m${out}, o${out}.length, T + ${this.siteFor(node) * 2}, ${text});`;
  }

  /** Writes the body into variables of its own. The caller closes the block it opens. */
  private capture(body: Node, frame: Frame, filter?: Node): Frame {
    const out = this.unique('');
    const inner = this.inner(frame, out);
    inner.symbols.analyse(body, filter);
    this.line(`{ let o${out} = ""; const m${out} = [];`);
    this.enter(inner.symbols);
    this.body(body, inner);
    return inner;
  }

  private assign(target: Node, value: string, frame: Frame): void {
    switch (target.typename) {
      case 'Symbol': {
        const name = target.value as string;
        this.line(`${frame.symbols.of(name)} = ${value};`);
        this.names.add(name);
        this.publish(name, frame, !name.startsWith('_'));
        return;
      }
      case 'NamespaceTarget':
        this.line(
          `assignAttribute(${this.value(target.name, frame)}, ${quote(target.attribute)}, ${value}, s = ${this.siteFor(target)});`,
        );
        return;
    }
    const parts = this.unique('a');
    this.line(`const ${parts} = unpack(${value}, ${target.children.length}, s = ${this.siteFor(target)});`);
    (target.children as Node[]).forEach((child, index) => {
      this.assign(child, `${parts}[${index}]`, frame);
    });
  }

  private publish(name: string, frame: Frame, exported: boolean): void {
    if (frame.toplevel) this.line(`c.set(${quote(name)}, ${frame.symbols.of(name)}, ${exported});`);
  }

  /** Declares what is assigned to; a name may be written twice. */
  private reserve(targets: Node[], frame: Frame): void {
    const identifiers = new Set<string>();
    const gather = (target: Node): void => {
      if (target.typename === 'Symbol') identifiers.add(frame.symbols.of(target.value));
      else target.children.forEach(gather);
    };
    targets.forEach(gather);
    if (identifiers.size > 0) this.line(`let ${[...identifiers].join(', ')};`);
  }

  private loop(node: Node, frame: Frame): void {
    const out = node.recursive ? this.unique('') : frame.out;
    const inner = this.inner(frame, out);
    const extended = node.recursive || mentions(node.body, 'loop') || contains(node.body, 'Block');
    const loop = extended ? inner.symbols.parameter('loop') : undefined;
    inner.symbols.target(node.target, 'parameter');
    inner.symbols.analyse(node.body);
    const iterable = `iterate(${this.value(node.iter, frame)}, s = ${this.siteFor(node.iter)})`;
    const recursion = node.recursive ? this.unique('r') : 'undefined';
    if (node.recursive) {
      this.line(`const ${recursion} = (i, d) => { let o${out} = ""; const m${out} = [];`);
    } else this.line('{');
    const source = node.recursive ? 'i' : iterable;
    const empty = node.else_ ? this.unique('e') : undefined;
    if (empty) this.line(`let ${empty} = true;`);
    const item = this.unique('i');
    if (loop) {
      let members = source;
      if (node.test) {
        members = this.unique('f');
        this.line(`const ${members} = x.filtered(${source}, (${item}) => {`);
        this.loopTest(node, frame, item, 'return ');
        this.line('});');
      }
      const made = this.unique('g');
      this.line(`const ${made} = x.loop(${members}, ${node.recursive ? 'd' : '0'}, ${recursion});`);
      this.line(`while (${made}.next()) { const ${item} = ${made}.current; const ${loop} = ${made};`);
    } else {
      this.line(`for (const ${item} of ${source}) {`);
      if (node.test) this.loopTest(node, frame, item, 'if (!', ') continue;');
    }
    this.reserve([node.target], inner);
    this.enter(inner.symbols);
    this.assign(node.target, item, inner);
    this.body(node.body, inner);
    if (empty) this.line(`${empty} = false;`);
    this.line('}');
    if (empty) {
      const otherwise = this.inner(frame, out);
      otherwise.symbols.analyse(node.else_);
      this.line(`if (${empty}) {`);
      this.enter(otherwise.symbols);
      this.body(node.else_, otherwise);
      this.line('}');
    }
    if (!node.recursive) {
      this.line('}');
      return;
    }
    this.line(`return x.give(o${out}, m${out}); };`);
    this.write(frame, [this.graft(frame, node.iter, `${recursion}(${iterable}, 0)`)]);
  }

  /** The `if` of a loop, in a scope of its own that knows the loop's targets. */
  private loopTest(node: Node, frame: Frame, item: string, before: string, after = ';'): void {
    const test = this.inner(frame);
    test.symbols.target(node.target, 'parameter');
    test.symbols.analyse(node.test);
    this.line('{');
    this.reserve([node.target], test);
    this.enter(test.symbols);
    this.assign(node.target, item, test);
    this.line(`${before}${this.condition(node.test, test)}${after}`);
    this.line('}');
  }

  /** An expression that makes the macro. */
  private macro(name: string, node: Node, frame: Frame): string {
    const out = this.unique('');
    const inner = this.inner(frame, out);
    const params = (node.params as Node[]).map((param) => param.value as string);
    const used = (word: string) =>
      !params.includes(word) && (mentions(node.body, word) || mentions(node.defaults, word));
    const special = { caller: used('caller'), kwargs: used('kwargs'), varargs: used('varargs') };
    const identifiers = params.map((param) => inner.symbols.parameter(param));
    for (const word of ['caller', 'kwargs', 'varargs'] as const) {
      identifiers.push(special[word] ? inner.symbols.parameter(word) : this.unique('n'));
    }
    inner.symbols.analyse(...node.defaults, node.body);
    const written = this.lines.length;
    this.prologue(out);
    this.enter(inner.symbols);
    (node.params as Node[]).forEach((param, index) => {
      const identifier = identifiers[index]!;
      const fallback = node.defaults[index - (params.length - node.defaults.length)];
      const value = fallback
        ? this.value(fallback, inner)
        : `x.notGiven(${quote(param.value)}, t, ${this.siteFor(param)})`;
      this.line(`if (${identifier} === undefined) ${identifier} = ${value};`);
    });
    this.body(node.body, inner);
    this.epilogue(out);
    const code = this.lines.splice(written).join('\n');
    const flags = (special.caller ? 1 : 0) | (special.kwargs ? 2 : 0) | (special.varargs ? 4 : 0);
    // A parameter named "caller" takes the caller too.
    return `x.macro(${quote(name)}, ${JSON.stringify(params)}, ${flags}, (${identifiers.join(', ')}) => {\n${code}\n})`;
  }

  // ------------------------------------------------------------ expressions

  private condition(node: Node, frame: Frame): string {
    const value = this.value(node, frame);
    return isBoolean(node) ? value : `truthy(${value}, s = ${this.siteFor(node)})`;
  }

  private value(node: Node, frame: Frame): string {
    switch (node.typename) {
      case 'Literal':
        return this.literal(node.value);
      case 'Symbol':
        return this.name(node, frame);
      case 'LookupVal':
        return this.lookup(node, frame);
      case 'FunCall':
        return this.call(node, frame);
      case 'Filter':
        return this.filter(node, frame);
      case 'Test':
        return this.test(node, frame);
      case 'InlineIf': {
        const condition = this.condition(node.cond, frame);
        this.conditional++;
        const body = this.value(node.body, frame);
        const otherwise = node.else_ ? this.value(node.else_, frame) : `x.noElse(t, ${this.siteFor(node)})`;
        this.conditional--;
        return `(${condition} ? ${body} : ${otherwise})`;
      }
      case 'Not':
        return `!${this.condition(node.target, frame)}`;
      case 'And':
      case 'Or': {
        if (isBoolean(node)) {
          const sign = node.typename === 'And' ? '&&' : '||';
          return `(${this.condition(node.left, frame)} ${sign} ${this.condition(node.right, frame)})`;
        }
        const test = `truthy(u = ${this.value(node.left, frame)}, s = ${this.siteFor(node.left)})`;
        const right = this.value(node.right, frame);
        return node.typename === 'And' ? `(${test} ? ${right} : u)` : `(${test} ? u : ${right})`;
      }
      case 'Neg':
        return `neg(${this.value(node.target, frame)}, s = ${this.siteFor(node)})`;
      case 'Pos':
        return `pos(${this.value(node.target, frame)}, s = ${this.siteFor(node)})`;
      case 'Concat': {
        const parts = (node.parts as Node[]).map(
          (part) => `str(${this.value(part, frame)}, s = ${this.siteFor(part)})`,
        );
        return `(${parts.join(' + ')})`;
      }
      case 'Compare':
        return this.compare(node, frame);
      case 'Array':
        return `[${this.values(node.children, frame)}]`;
      case 'Group':
        return `tuple(${this.values(node.children, frame)})`;
      case 'Dict': {
        const pairs = (node.children as Node[]).map(
          (pair) => `[${this.value(pair.key, frame)}, ${this.value(pair.value, frame)}]`,
        );
        const plain = (node.children as Node[]).every(
          (pair) => typeof pair.key.value === 'string' && pair.key.typename === 'Literal',
        );
        return plain
          ? `new Map([${pairs.join(', ')}])`
          : `dict([${pairs.join(', ')}], s = ${this.siteFor(node)})`;
      }
      case 'Slice':
        throw new SyntaxTrouble('A slice is only possible alone between brackets.', node.colno);
    }
    const operation = binary[node.typename];
    if (operation === undefined) throw new Error(`no code for ${node.typename}`);
    return `${operation}(${this.value(node.left, frame)}, ${this.value(node.right, frame)}, s = ${this.siteFor(node)})`;
  }

  private values(nodes: Node[], frame: Frame): string {
    return nodes.map((node) => this.value(node, frame)).join(', ');
  }

  private literal(value: unknown): string {
    if (typeof value === 'string') return quote(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Float) {
      const identifier = this.unique('k');
      this.constants.push(`const ${identifier} = R.float(${value.value});`);
      return identifier;
    }
    return String(value);
  }

  private name(node: Node, frame: Frame): string {
    const identifier = frame.symbols.of(node.value);
    return `(${identifier} !== undefined ? ${identifier} : x.missing(c, ${quote(node.value)}, t, ${this.siteFor(node)}))`;
  }

  private lookup(node: Node, frame: Frame): string {
    const { target, val } = node;
    const object = this.value(target, frame);
    const site = `s = ${this.siteFor(val)}`;
    if (val.typename === 'Slice') {
      const parts = [val.start, val.stop, val.step].map((part) => (part ? this.value(part, frame) : 'null'));
      return `slice(${object}, ${parts.join(', ')}, s = ${this.siteFor(node)})`;
    }
    if (!node.dotted) return `item(${object}, ${this.value(val, frame)}, t, ${site})`;
    // The scope decides at compile time whether `loop` is the loop's.
    const loop = target.typename === 'Symbol' && target.value === 'loop' && loopNumbers.has(val.value);
    if (loop) return `loopNumber(${object}, ${quote(val.value)}, t, ${site})`;
    return `attribute(${object}, ${quote(val.value)}, t, ${site})`;
  }

  private call(node: Node, frame: Frame, caller?: string): string {
    const callee = node.name as Node;
    const args = this.args(node.args, frame, caller);
    const site = this.siteFor(callee);
    if (callee.typename === 'LookupVal' && callee.dotted) {
      return `x.callMethod(${this.value(callee.target, frame)}, ${quote(callee.val.value)}, ${args}, t, s = ${site})`;
    }
    return `x.call(${this.value(callee, frame)}, ${args}, s = ${site})`;
  }

  /** Positional arguments and named ones. */
  private args(node: Node | null, frame: Frame, caller?: string): string {
    const list = node ? (node.list as Node[]).map((one) => this.value(one, frame)) : [];
    if (node?.rest) list.push(`...members(${this.value(node.rest, frame)}, s = ${this.siteFor(node.rest)})`);
    const named = node
      ? (node.named as Node[]).map((pair) => `[${quote(pair.key)}]: ${this.value(pair.value, frame)}`)
      : [];
    if (node?.namedRest) {
      named.push(`...keywords(${this.value(node.namedRest, frame)}, s = ${this.siteFor(node.namedRest)})`);
    }
    if (caller) named.push(`caller: ${caller}`);
    return `[${list.join(', ')}], ${named.length === 0 ? 'none' : `{ __proto__: null, ${named.join(', ')} }`}`;
  }

  private use(kind: 'filter' | 'test', node: Node): string {
    const name = node.value as string;
    if (this.conditional === 0) this.needed.push([kind, name, this.siteFor(node)]);
    const key = `${kind} ${name}`;
    let identifier = this.used.get(key);
    if (identifier === undefined) {
      identifier = this.unique(kind === 'filter' ? 'F' : 'Q');
      this.used.set(key, identifier);
    }
    return identifier;
  }

  private filter(node: Node, frame: Frame, text?: string): string {
    const target = node.target ? this.filterTarget(node.target, frame, text) : text!;
    const identifier = this.use('filter', node.name);
    return `${identifier}(${target}, ${this.args(node.args, frame)}, x, s = ${this.siteFor(node.name)})`;
  }

  /** In a chain that filters a block's text, the innermost filter receives the text. */
  private filterTarget(target: Node, frame: Frame, text?: string): string {
    return text !== undefined && target.typename === 'Filter'
      ? this.filter(target, frame, text)
      : this.value(target, frame);
  }

  private test(node: Node, frame: Frame): string {
    const name = node.name.value as string;
    if ((name === 'defined' || name === 'undefined') && !node.args) {
      const wanted = name === 'defined';
      if (node.target.typename === 'Symbol') {
        const identifier = frame.symbols.of(node.target.value);
        return wanted ? `isDefined(${identifier})` : `!isDefined(${identifier})`;
      }
      return `${wanted ? '' : '!'}isDefined(${this.value(node.target, frame)})`;
    }
    const identifier = this.use('test', node.name);
    return `${identifier}(${this.value(node.target, frame)}, ${this.args(node.args, frame)}, x, s = ${this.siteFor(node.name)})`;
  }

  private compare(node: Node, frame: Frame): string {
    const operands = node.ops as Node[];
    let left = this.value(node.expr, frame);
    const links = operands.map((operand, index) => {
      const last = index === operands.length - 1;
      const right = last ? this.value(operand.expr, frame) : `v = ${this.value(operand.expr, frame)}`;
      const link = this.comparison(operand.type, left, right, this.siteFor(node));
      left = 'v';
      return link;
    });
    return links.length === 1 ? links[0]! : `(${links.join(' && ')})`;
  }

  private comparison(sign: string, left: string, right: string, site: number): string {
    switch (sign) {
      case '==':
        return `equals(${left}, ${right}, s = ${site})`;
      case '!=':
        return `!equals(${left}, ${right}, s = ${site})`;
      case 'in':
        return `inside(${left}, ${right}, s = ${site})`;
      case 'not in':
        return `!inside(${left}, ${right}, s = ${site})`;
    }
    return `(compare(${left}, ${right}, "${sign}", s = ${site}) ${sign} 0)`;
  }
}

/** What the generated code takes from `R`. */
const helpers = [
  'add',
  'assignAttribute',
  'attribute',
  'compare',
  'dict',
  'div',
  'equals',
  'floordiv',
  'inside',
  'isDefined',
  'item',
  'iterate',
  'keywords',
  'loopNumber',
  'members',
  'modulo',
  'mul',
  'neg',
  'none',
  'pos',
  'pow',
  'slice',
  'str',
  'sub',
  'truthy',
  'tuple',
  'unpack',
];

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Whether the code of an expression gives JavaScript's true or false. */
function isBoolean(node: Node): boolean {
  switch (node.typename) {
    case 'Compare':
    case 'Not':
    case 'Test':
      return true;
    case 'Literal':
      return typeof node.value === 'boolean';
    case 'And':
    case 'Or':
      return isBoolean(node.left) && isBoolean(node.right);
  }
  return false;
}

function contains(node: Node, typename: string): boolean {
  return node.typename === typename || children(node).some((child) => contains(child, typename));
}
