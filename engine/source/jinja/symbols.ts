/** Which scope each name of a template belongs to, as Jinja decides it before anything runs. */
import { children, type Node } from './nodes.ts';

/** How a scope's variable begins: given by the caller, from the context, from an outer scope, or not at all. */
export type Load =
  | { readonly kind: 'parameter' }
  | { readonly kind: 'resolve'; readonly name: string }
  | { readonly kind: 'alias'; readonly of: string }
  | { readonly kind: 'nothing' };

/** The names of one scope. A variable's identifier in the generated code tells its scope's depth and its name. */
export class Symbols {
  readonly parent: Symbols | undefined;
  private readonly level: number;
  private readonly identifiers = new Map<string, string>();
  readonly loads = new Map<string, Load>();
  private readonly stored = new Set<string>();

  constructor(parent?: Symbols) {
    this.parent = parent;
    this.level = parent ? parent.level + 1 : 0;
  }

  /** The identifier of a name in this scope or one outside it. */
  find(name: string): string | undefined {
    return this.identifiers.get(name) ?? this.parent?.find(name);
  }

  /** The same for a name that the analysis has seen. */
  of(name: string): string {
    return this.find(name)!;
  }

  private define(name: string, load: Load): string {
    const identifier = `l${this.level}_${name}`;
    this.identifiers.set(name, identifier);
    this.loads.set(identifier, load);
    return identifier;
  }

  parameter(name: string): string {
    this.stored.add(name);
    return this.define(name, { kind: 'parameter' });
  }

  load(name: string): void {
    if (this.find(name) === undefined) this.define(name, { kind: 'resolve', name });
  }

  store(name: string): void {
    this.stored.add(name);
    if (this.identifiers.has(name)) return;
    const outer = this.parent?.find(name);
    this.define(name, outer === undefined ? { kind: 'nothing' } : { kind: 'alias', of: outer });
  }

  /** What only some branches of an `if` assign may still be the outer value afterwards. */
  private storeInBranches(branches: Symbols[]): void {
    const assigned = new Set<string>();
    for (const branch of branches) {
      for (const name of branch.stored) if (!this.stored.has(name)) assigned.add(name);
    }
    for (const branch of branches) {
      for (const [name, identifier] of branch.identifiers) this.identifiers.set(name, identifier);
      for (const [identifier, load] of branch.loads) this.loads.set(identifier, load);
      for (const name of branch.stored) this.stored.add(name);
    }
    for (const name of assigned) {
      const outer = this.parent?.find(name);
      this.loads.set(
        this.of(name),
        outer === undefined ? { kind: 'resolve', name } : { kind: 'alias', of: outer },
      );
    }
  }

  private branch(): Symbols {
    const copy = new Symbols(this.parent);
    for (const [name, identifier] of this.identifiers) copy.identifiers.set(name, identifier);
    for (const [identifier, load] of this.loads) copy.loads.set(identifier, load);
    for (const name of this.stored) copy.stored.add(name);
    return copy;
  }

  /** Names assigned here and outside, with their identifiers: what a template included here sees. */
  assigned(): Map<string, string> {
    const found = new Map<string, string>();
    for (let scope: Symbols | undefined = this; scope; scope = scope.parent) {
      for (const name of scope.stored) if (!found.has(name)) found.set(name, this.of(name));
    }
    return found;
  }

  /** Notes all names that these nodes use in this scope itself. Scopes within are analysed in their turn. */
  analyse(...nodes: (Node | null | undefined)[]): void {
    for (const node of nodes) if (node) this.visit(node);
  }

  /** Notes what is assigned to. */
  target(node: Node, as: 'store' | 'parameter' = 'store'): void {
    if (node.typename === 'Symbol') this[as](node.value);
    else if (node.typename === 'NamespaceTarget') this.load(node.name.value);
    else for (const child of node.children) this.target(child, as);
  }

  private visit(node: Node): void {
    switch (node.typename) {
      case 'Symbol':
        this.load(node.value);
        return;
      case 'Filter':
      case 'Test':
        // The name of a filter is no variable.
        this.analyse(node.target, node.args);
        return;
      case 'If': {
        this.visit(node.cond);
        const body = this.branch();
        body.visit(node.body);
        const otherwise = this.branch();
        otherwise.analyse(node.else_);
        this.storeInBranches([body, otherwise]);
        return;
      }
      case 'For':
        this.visit(node.iter);
        return;
      case 'Set':
        this.visit(node.value);
        this.target(node.target);
        return;
      case 'SetBlock':
      case 'Load':
        this.target(node.target);
        return;
      case 'With':
        this.analyse(...node.values);
        return;
      case 'FilterBlock':
        this.visit(node.filter);
        return;
      case 'Macro':
        this.store(node.name);
        return;
      case 'CallBlock':
        this.visit(node.call);
        return;
      case 'Import':
        this.visit(node.template);
        this.store(node.target.value);
        return;
      case 'FromImport':
        this.visit(node.template);
        for (const [, alias] of node.names) this.store(alias.value);
        return;
      case 'Block':
      case 'Scope':
        return;
    }
    for (const child of children(node)) this.visit(child);
  }
}
